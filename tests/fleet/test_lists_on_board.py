"""Fences and rally points through service and guard, over bytes, on every kind: on board, in force, asked for."""

from typing import Any

import pytest

from fleet.commands import AckResult, FenceArea, Verb
from fleet.inquiries import Answer, Inquiry, Question
from sim.vehicles.spec import Kind
from tests.fleet.test_flight import Field, at, fly
from tests.sim.support import spec
from tests.support.fleet_bench import PILOT
from world.ids import CommandId

CORNERS = tuple(at(east, north, 0.0) for east, north in ((-850, -850), (850, -850), (850, 850), (-850, 850)))
FENCE = (
    FenceArea(is_inclusion=True, corners=CORNERS),
    FenceArea(is_inclusion=False, centre=at(300.0, 300.0, 0.0), radius_m=25.0),
)


async def asked(place: Field, vehicle: Any, question: Question) -> dict[str, Any]:
    inquiry = Inquiry(
        id=CommandId(f"q{question}"), vehicle=vehicle, question=question, asked_by=PILOT,
        deadline=place.clock.now().plus_s(30.0),
    )
    place.bus.publish("fleet/inquiry", inquiry)

    def ends() -> list[Answer]:
        answers: list[Answer] = place.bus.of("fleet/answer")
        return [each for each in answers if each.inquiry == inquiry.id and each.is_final]

    await place.until(lambda: ends() != [], 31.0)
    assert ends()[0].result is AckResult.ACCEPTED, ends()[0].reason
    return ends()[0].value


@pytest.mark.parametrize("kind", [Kind.COPTER, Kind.ROVER, Kind.SUB, Kind.PLANE, Kind.BOAT])
def test_a_fence_goes_on_board_through_the_guard_and_is_there_when_asked(kind: Kind) -> None:
    made = spec(kind)

    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(made.id).is_ready, 60.0)
        await place.done(made.id, Verb.UPLOAD_FENCE, fence=FENCE)
        fence = await asked(place, made.id, Question.FENCE)
        assert [area["is_inclusion"] for area in fence["areas"]] == [True, False]
        assert fence["areas"][1]["radius_m"] == pytest.approx(25.0)
        wide = (FenceArea(is_inclusion=True, centre=at(0.0, 0.0, 0.0), radius_m=5000.0),)
        assert (await place.give(made.id, Verb.UPLOAD_FENCE, fence=wide)).result is AckResult.REFUSED_BY_GUARD

    fly([made], scene)


def test_rally_points_go_on_board_through_the_guard() -> None:
    made = spec(Kind.COPTER)

    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(made.id).is_ready, 60.0)
        await place.done(made.id, Verb.UPLOAD_RALLY, rally=(at(60.0, 40.0, 40.4), at(-60.0, 40.0, 50.0)))
        rally = await asked(place, made.id, Question.RALLY)
        assert len(rally["points"]) == 2
        assert all(point["is_above_home"] for point in rally["points"])
        await place.done(made.id, Verb.UPLOAD_RALLY, rally=())
        assert (await asked(place, made.id, Question.MISSION))["items"] == []

    fly([made], scene)
