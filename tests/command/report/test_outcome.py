"""The outcome counts what the record and the truth say: who was found, how far off, and which goals were missed."""

from collections.abc import Iterable
from typing import Any

from command.bus.codec import encode_value
from command.eyes import Eyes
from command.report.goals import judge
from command.report.outcome import Outcome, compute
from command.report.truth import Truth
from command.store.record import Event
from missions.model import Find
from perception.model import Contact, ContactState, Covariance
from world.ids import ContactId, OperatorId, VehicleId
from world.position import Enu, Geodetic, LocalFrame
from world.time import Instant

FRAME = LocalFrame(Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=750))
AT = Instant(mono_ns=0, utc_ns=0)


def place(east_m: float, north_m: float) -> Geodetic:
    return FRAME.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=0))


def contact(name: str, at: Geodetic) -> Contact:
    return Contact(
        id=ContactId(name),
        state=ContactState.CONFIRMED,
        position=at,
        covariance=Covariance(ee_m2=1, en_m2=0, nn_m2=1),
        probability=0.9,
        looks=3,
        seen_by=(VehicleId("U01"), VehicleId("U02")),
        first_seen=AT,
        last_seen=AT,
    )


def found(name: str, at: Geodetic) -> list[tuple[str, Any]]:
    find = Find(contact=ContactId(name), position=at, by=OperatorId("ann"), at=AT)
    return [("perception/contact", contact(name, at)), ("mission/find", find)]


def outcome(values: Iterable[tuple[str, Any]], people: tuple[Enu, ...]) -> Outcome:
    events = [
        Event(seq=n, at=AT, topic=topic, payload=encode_value(topic, value), hash=b"")
        for n, (topic, value) in enumerate(values, 1)
    ]
    truth = Truth(people=people, min_separation_m=None, closest_pair=None, landed=(), lost=(), state_hash="")
    return compute(
        scenario="s", seed=1, eyes=Eyes.MODEL, events=events, progress=None, truth=truth, frame=FRAME
    )


PEOPLE = (Enu(east_m=0, north_m=0, up_m=0), Enu(east_m=6, north_m=0, up_m=0))


def test_each_person_is_found_once() -> None:
    result = outcome([*found("a", place(1, 0)), *found("b", place(5, 0))], PEOPLE)
    assert (result.found, result.false_finds) == (2, 0)
    assert result.position_error_m is not None
    assert abs(result.position_error_m - 1.0) < 0.01


def test_two_finds_of_one_person_are_one_find_and_one_false() -> None:
    result = outcome([*found("a", place(1, 0)), *found("b", place(1.5, 0))], PEOPLE[:1])
    assert (result.found, result.false_finds) == (1, 1)


def test_a_find_far_from_everybody_is_false_and_misses_goals() -> None:
    result = outcome(found("a", place(100, 0)), PEOPLE)
    assert (result.found, result.false_finds) == (0, 1)
    missed = [goal.name for goal in judge(result) if not goal.is_met]
    assert missed == ["everyone found", "no false finds", "area searched", "mission ended"]


def test_digest_changes_with_any_event() -> None:
    one, other = found("a", place(1, 0)), found("a", place(1.001, 0))
    assert outcome(one, PEOPLE).digest == outcome(one, PEOPLE).digest
    assert outcome(one, PEOPLE).digest != outcome(other, PEOPLE).digest
