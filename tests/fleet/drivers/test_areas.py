"""Fences and rally points on board: what was sent is what is there, or the answer is no. Over bad links, too."""

from dataclasses import replace
from struct import pack, unpack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import AckResult, FenceArea
from fleet.drivers.mavlink.areas import BadArea, digest, fence_answer, fence_items, rally_items
from fleet.drivers.mavlink.fences import put_fence, put_rally, read_fence, read_mission, read_rally
from fleet.drivers.mavlink.items import Item
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.mission import Download, Upload
from fleet.drivers.mavlink.step import Outgoing, Programme, Run, Talk, perform
from fleet.model import AutopilotKind
from fleet.wire.enums import MissionType
from sim.vehicles.spec import Kind
from tests.fleet.drivers.test_fold import NOW, frame, known
from tests.sim.support import FRAME, spec
from tests.support.conversation import KINDS, Conversation, of_kind
from tests.support.rough_channel import Roughness
from world.position import Enu, Geodetic


def at(east_m: float, north_m: float, up_m: float = 0.0) -> Geodetic:
    return FRAME.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=up_m))


def ring(half_m: float, *, is_inclusion: bool = True) -> FenceArea:
    corners = tuple(at(x * half_m, y * half_m) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)))
    return FenceArea(is_inclusion=is_inclusion, corners=corners)


def circle(radius_m: float, *, is_inclusion: bool = False) -> FenceArea:
    return FenceArea(is_inclusion=is_inclusion, centre=at(40, 40), radius_m=radius_m)


FENCE = (ring(400.0), ring(20.0, is_inclusion=False), circle(12.3))
RALLY = (at(50, 0, 30.2), at(-50, 10, 40.0))


def answer(conversation: Conversation, reading: Any) -> dict[str, Any]:
    """What a question is answered."""
    found: list[dict[str, Any]] = []

    def ask(reading: Any) -> Programme:
        found.append((yield from reading))

    run = conversation.perform(ask(reading))
    assert run.result is AckResult.ACCEPTED, run.reason
    return found[0]


def on_board(items: Any) -> int:
    """Digest of what a vehicle truly holds."""
    return digest([
        Item(command=i.command, frame=i.frame, params=(i.p1, i.p2, i.p3, i.p4), x=i.lat_e7, y=i.lon_e7, z=i.alt_m)
        for i in items
    ])


def ready(kind: Kind = Kind.COPTER, how: Roughness | None = None) -> Conversation:
    conversation = Conversation(spec(kind), how) if how is not None else of_kind(kind)
    me = {f"param{k}": 0.0 for k in range(3, 8)} | {"target_system": conversation.spec.sysid, "target_component": 1}
    for message in (242, 1):
        for _ in range(8):
            conversation.say("COMMAND_LONG", command=511, confirmation=0, **me | {"param1": message, "param2": 1e6})
    conversation.until(lambda: conversation.known.state.home is not None, 60.0)
    return conversation


@pytest.mark.parametrize("kind", KINDS)
def test_a_fence_is_on_board_in_force_and_read_back(kind: Kind) -> None:
    conversation = ready(kind)
    run = conversation.perform(put_fence(conversation.talk, FENCE))
    assert run.result is AckResult.ACCEPTED, run.reason
    assert conversation.ship.parameters["FENCE_ENABLE"] == 1
    read = answer(conversation, read_fence(conversation.talk))
    assert [area["is_inclusion"] for area in read["areas"]] == [True, False, False]
    assert read["areas"][2]["radius_m"] == pytest.approx(12.3)
    assert read["areas"][0]["corners"][0] == pytest.approx([FENCE[0].corners[0].lat_deg, FENCE[0].corners[0].lon_deg])
    assert read["hash"] == digest(fence_items(FENCE))


def test_no_areas_take_the_fence_away() -> None:
    conversation = ready()
    conversation.perform(put_fence(conversation.talk, FENCE))
    assert conversation.perform(put_fence(conversation.talk, ())).result is AckResult.ACCEPTED
    assert conversation.ship.fence_items == []
    assert answer(conversation, read_fence(conversation.talk)) == {"areas": [], "hash": digest(())}


def test_rally_points_are_whole_metres_above_home_and_never_lower() -> None:
    conversation = ready()
    run = conversation.perform(put_rally(conversation.talk, RALLY))
    assert run.result is AckResult.ACCEPTED, run.reason
    read = answer(conversation, read_rally(conversation.talk))
    home = conversation.known.state.home
    assert home is not None
    for point, wanted in zip(read["points"], RALLY, strict=True):
        assert point["is_above_home"]
        assert 0.0 <= point["height_m"] - (wanted.height_m - home.height_m) < 1.0
    assert conversation.perform(put_rally(conversation.talk, ())).result is AckResult.ACCEPTED
    assert conversation.ship.rally_items == []


def test_rally_points_wait_for_a_home() -> None:
    conversation = Conversation()
    run = conversation.perform(put_rally(conversation.talk, RALLY))
    assert "home of the vehicle is not known" in run.reason


def test_a_mission_is_read_item_by_item() -> None:
    conversation = ready()
    items = (Item(command=16), Item(command=22, frame=3, z=20.0), Item(command=16, frame=3, x=354900000, y=1128500000))
    conversation.perform(perform(Upload(conversation.talk, items)))
    read = answer(conversation, read_mission(conversation.talk))
    assert [each["name"] for each in read["items"]] == ["nav_waypoint", "nav_takeoff", "nav_waypoint"]
    assert read["items"][2]["lat_deg"] == pytest.approx(35.49)


def test_a_fence_that_its_parameters_leave_out_is_not_called_in_force() -> None:
    conversation = Conversation(spec(parameters={"FENCE_TYPE": 3.0}))
    run = conversation.perform(put_fence(conversation.talk, FENCE))
    assert run.result is AckResult.REFUSED_BY_VEHICLE
    assert "set it to 7" in run.reason


@pytest.mark.parametrize("area", [
    FenceArea(is_inclusion=True, corners=(at(0, 0), at(1, 0))),
    FenceArea(is_inclusion=True, corners=tuple(at(k, k) for k in range(256))),
    FenceArea(is_inclusion=True),
    FenceArea(is_inclusion=True, centre=at(0, 0)),
    FenceArea(is_inclusion=True, centre=at(0, 0), radius_m=0.0),
    FenceArea(is_inclusion=True, centre=at(0, 0), radius_m=float("nan")),
    FenceArea(is_inclusion=True, corners=ring(5.0).corners, centre=at(0, 0), radius_m=5.0),
    FenceArea(is_inclusion=True, centre=Geodetic(lat_deg=91.0, lon_deg=0.0, height_m=0.0), radius_m=5.0),
])
def test_areas_that_no_autopilot_can_hold_are_not_sent(area: FenceArea) -> None:
    conversation = Conversation()
    run = conversation.perform(put_fence(conversation.talk, (area,)))
    assert run.result is AckResult.REFUSED_BY_VEHICLE
    assert conversation.sent == []


PLACES = st.builds(at, st.floats(-5e3, 5e3), st.floats(-5e3, 5e3))
AREAS = st.one_of(
    st.builds(FenceArea, is_inclusion=st.booleans(), corners=st.lists(PLACES, min_size=3, max_size=9).map(tuple)),
    st.builds(FenceArea, is_inclusion=st.booleans(), centre=PLACES, radius_m=st.floats(0.1, 5e3)),
)


@given(st.lists(AREAS, max_size=5), st.integers(-4, 4), st.integers(-4, 4))
def test_the_digest_forgives_what_autopilots_change_and_nothing_else(areas: list[FenceArea], dx: int, dy: int) -> None:
    items = fence_items(areas)
    back = [replace(item, x=item.x + dx, y=item.y + dy, frame=3) for item in items]
    assert digest(back) == digest(items)
    for k in range(len(items)):
        moved = [replace(item, x=item.x + (10 if n == k else 0)) for n, item in enumerate(items)]
        assert digest(moved) != digest(items)
    assert len(fence_answer(items)["areas"]) == len(areas)
    if items:
        assert digest(items[:-1]) != digest(items)


def test_a_fence_on_board_that_makes_no_areas_is_said_to_be_so() -> None:
    items = fence_items((ring(5.0),))
    with pytest.raises(BadArea, match="fewer"):
        fence_answer(items[:-1])


ROUGH = st.builds(
    Roughness, seed=st.integers(0, 2**16), lost=st.sampled_from([0.0, 0.1, 0.3]), repeated=st.sampled_from([0.0, 0.3]),
    delay_s=st.sampled_from([0.0, 0.1, 0.5]),
)
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(ROUGH, st.lists(st.sampled_from([FENCE, FENCE[:1], (), FENCE[1:]]), min_size=1, max_size=3))
def test_over_a_bad_link_a_yes_is_always_true(how: Roughness, wishes: list[tuple[FenceArea, ...]]) -> None:
    conversation = ready(how=how)
    for wish in wishes:
        run = conversation.perform(put_fence(conversation.talk, wish), within_s=400.0)
        assert run.result is not None
        if run.result is AckResult.ACCEPTED:
            assert on_board(conversation.ship.fence_items) == digest(fence_items(wish))
            assert not wish or conversation.ship.parameters["FENCE_ENABLE"] == 1


@SLOW
@given(ROUGH)
def test_over_a_bad_link_rally_points_are_there_or_the_answer_is_no(how: Roughness) -> None:
    conversation = ready(how=how)
    run = conversation.perform(put_rally(conversation.talk, RALLY), within_s=400.0)
    home = conversation.known.state.home
    assert home is not None
    assert run.result is not None
    if run.result is AckResult.ACCEPTED:
        assert on_board(conversation.ship.rally_items) == digest(rally_items(RALLY, home))


def test_a_bad_link_of_the_worst_kind_still_carries_a_fence() -> None:
    """30 % lost both ways, 0.5 s late, repeated and reordered: most uploads get through."""
    results = [
        conversation.perform(put_fence(conversation.talk, FENCE), within_s=400.0).result
        for seed in range(10)
        for conversation in [ready(how=Roughness(seed=seed, lost=0.3, repeated=0.3, delay_s=0.5))]
    ]
    assert results.count(AckResult.ACCEPTED) >= 8, results


def px4() -> Known:
    here = known()
    return replace(here, vitals=replace(here.vitals, autopilot=AutopilotKind.PX4))


def downloading(talk: Talk) -> Programme:
    yield from perform(Download(talk, MissionType.FENCE))


def asked(outgoing: list[Outgoing]) -> list[tuple[str, Any]]:
    return [(each.name, each.fields.get("seq")) for each in outgoing]


def test_px4_is_read_one_item_at_a_time_and_from_the_start_when_it_breaks_off() -> None:
    here = px4()
    talk = Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None)
    run = Run(downloading(talk))
    assert asked(run.begin(here, NOW)) == [("MISSION_REQUEST_LIST", None)]
    to_us = {"target_system": 255, "target_component": 190, "mission_type": 1}
    assert asked(run.hear(frame("MISSION_COUNT", count=4, **to_us), here, NOW)) == [("MISSION_REQUEST_INT", 0)]
    broken_off = frame("MISSION_ACK", type=1, **to_us)
    assert asked(run.hear(broken_off, here, NOW)) == [("MISSION_REQUEST_LIST", None)]
    for _ in range(5):
        run.hear(frame("MISSION_COUNT", count=4, **to_us), here, NOW)
        run.hear(broken_off, here, NOW)
    assert "breaks off when its fence is read: error" in run.reason


@pytest.mark.parametrize(("action", "result"), [(3, AckResult.ACCEPTED), (0, AckResult.REFUSED_BY_VEHICLE)])
def test_a_fence_on_px4_is_in_force_when_its_action_says_so(action: int, result: AckResult) -> None:
    """PX4 puts the bytes of an integer into the float of PARAM_VALUE."""
    here = px4()
    run = Run(put_fence(Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None), FENCE[2:]))
    run.begin(here, NOW)
    to_us = {"target_system": 255, "target_component": 190, "mission_type": 1}
    (sent,) = run.hear(frame("MISSION_REQUEST_INT", seq=0, **to_us), here, NOW)
    run.hear(frame("MISSION_ACK", type=0, **to_us), here, NOW)
    run.hear(frame("MISSION_COUNT", count=1, **to_us), here, NOW)
    back = {k: v for k, v in sent.fields.items() if k not in to_us}
    asking = run.hear(frame("MISSION_ITEM_INT", **back, **to_us), here, NOW)
    assert [each.fields.get("param_id") for each in asking if each.name == "PARAM_REQUEST_READ"] == ["GF_ACTION"]
    value = unpack("<f", pack("<i", action))[0]
    run.hear(
        frame("PARAM_VALUE", param_id="GF_ACTION", param_value=value, param_type=6, param_count=1, param_index=0),
        here, NOW,
    )
    assert run.result is result
