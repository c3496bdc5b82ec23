"""Routes become items, items point back at route points, and what is read back is compared with tolerance only."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.commands import Route, RoutePoint
from fleet.drivers.mavlink.items import Item, difference, mission_of
from fleet.wire.enums import MavFrame
from tests.support.fleet_bench import at, route
from world.position import Geodetic

HOME = at(0.0, 0.0, 0.0)
WP, RTL, TAKE_OFF, SPEED, TRIGGER = 16, 20, 22, 178, 206


def point(speed: float | None = None, trigger: float | None = None, hold_s: float = 0.0) -> RoutePoint:
    return RoutePoint(position=at(10.0, 20.0, 40.0), speed_m_s=speed, trigger_distance_m=trigger, hold_s=hold_s)


def commands(wanted: Route, *, frame: MavFrame = MavFrame.GLOBAL, with_take_off: bool = True) -> list[int]:
    return [item.command for item in mission_of(wanted, HOME, frame=frame, with_take_off=with_take_off).items]


def test_order_of_items_and_their_points() -> None:
    wanted = Route(points=(point(6.0), point(None, 8.0), point(4.0, 0.0)), take_off_height_m=25.0)
    mission = mission_of(wanted, HOME, frame=MavFrame.GLOBAL, with_take_off=True)
    assert [item.command for item in mission.items] == [WP, TAKE_OFF, SPEED, WP, WP, TRIGGER, SPEED, WP, TRIGGER, RTL]
    assert mission.point_of == (0, 0, 0, 0, 1, 1, 2, 2, 2, 3)
    assert mission.points == 3
    assert mission.first_nav == 1
    assert mission.point_index(None) is None
    assert mission.point_index(10) is None
    assert mission.point_index(7) == 2


def test_what_is_left_out() -> None:
    wanted = Route(points=(point(),), take_off_height_m=25.0, returns_at_end=False)
    assert commands(wanted) == [WP, TAKE_OFF, WP]
    assert commands(wanted, with_take_off=False) == [WP, WP]
    assert commands(replace(wanted, take_off_height_m=None)) == [WP, WP]


def test_a_start_in_the_middle_takes_speed_and_trigger_along() -> None:
    wanted = Route(points=(point(6.0), point(None, 8.0), point(), point(), point(None, 0.0)), start_index=3)
    mission = mission_of(wanted, HOME, frame=MavFrame.GLOBAL, with_take_off=False)
    assert [item.command for item in mission.items] == [WP, TRIGGER, SPEED, WP, WP, TRIGGER, RTL]
    assert mission.items[1].params[0] == 8.0
    assert mission.items[2].params[1] == 6.0
    assert mission.point_of == (0, 3, 3, 3, 4, 4, 5)
    assert mission.first_nav == 3


def test_heights_by_frame_and_whole_seconds_of_hold() -> None:
    wanted = Route(points=(point(hold_s=2.2),))
    absolute = mission_of(wanted, HOME, frame=MavFrame.GLOBAL, with_take_off=False).items[1]
    relative = mission_of(wanted, HOME, frame=MavFrame.GLOBAL_RELATIVE_ALT, with_take_off=False).items[1]
    assert (absolute.z, relative.z) == (790.0, 40.0)
    assert absolute.params[0] == 3.0


SHORT = Route(points=(point(6.0, 8.0, 3.0), point()), take_off_height_m=25.0)
ITEMS = mission_of(SHORT, HOME, frame=MavFrame.GLOBAL, with_take_off=True).items


def changed(seq: int, item: Item) -> list[Item]:
    return [item if k == seq else each for k, each in enumerate(ITEMS)]


def test_what_real_autopilots_change_is_no_difference() -> None:
    assert difference(ITEMS, ITEMS) is None
    assert difference(ITEMS, changed(0, Item(command=WP, x=1, y=2, z=3.0))) is None
    waypoint = ITEMS[3]
    nearly = replace(waypoint, x=waypoint.x + 1, y=waypoint.y - 1, z=waypoint.z + 0.01, frame=MavFrame.GLOBAL_INT)
    assert difference(ITEMS, changed(3, nearly)) is None
    assert difference(ITEMS, changed(2, replace(ITEMS[2], params=(1.0, 6.0, 0.0, 0.0)))) is None
    above = mission_of(Route(points=(point(),)), HOME, frame=MavFrame.GLOBAL_RELATIVE_ALT, with_take_off=False).items
    back = [replace(item, frame=6) if item.frame == 3 else item for item in above]
    assert difference(above, back) is None


@pytest.mark.parametrize(
    ("seq", "change"),
    [
        (3, {"x": ITEMS[3].x + 3}), (3, {"y": ITEMS[3].y - 3}), (3, {"z": ITEMS[3].z + 0.2}), (3, {"frame": 3}),
        (3, {"frame": 99}), (3, {"params": (4.0, 0.0, 0.0, 0.0)}), (3, {"command": 17}), (1, {"z": 26.0}),
        (1, {"frame": 0}), (2, {"params": (1.0, 7.0, -1.0, 0.0)}), (2, {"params": (1.0, float("nan"), -1.0, 0.0)}),
        (4, {"params": (9.0, 0.0, 0.0, 0.0)}),
    ],
)
def test_what_would_fly_differently_is_one(seq: int, change: dict[str, Any]) -> None:
    found = difference(ITEMS, changed(seq, replace(ITEMS[seq], **change)))
    assert found is not None
    assert f"mission item {seq} " in found


def test_a_shorter_or_longer_list_is_a_difference() -> None:
    assert difference(ITEMS, ITEMS[:-1]) == "6 mission items read back, 7 sent"
    assert difference(ITEMS, [*ITEMS, ITEMS[-1]]) == "8 mission items read back, 7 sent"


points = st.builds(
    RoutePoint,
    position=st.builds(
        Geodetic, lat_deg=st.floats(-80, 80), lon_deg=st.floats(-179, 179), height_m=st.floats(-50, 5000)
    ),
    speed_m_s=st.none() | st.floats(0.5, 15.0),
    hold_s=st.floats(0.0, 60.0),
    trigger_distance_m=st.none() | st.floats(0.0, 50.0),
)


@given(st.lists(points, min_size=1, max_size=20), st.data())
def test_every_point_has_its_item_and_every_item_its_point(places: list[RoutePoint], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(places) - 1))
    wanted = Route(points=tuple(places), start_index=start, take_off_height_m=20.0)
    mission = mission_of(wanted, HOME, frame=MavFrame.GLOBAL, with_take_off=data.draw(st.booleans()))
    assert len(mission.items) == len(mission.point_of)
    assert list(mission.point_of[1:]) == sorted(mission.point_of[1:])
    flown = [k for item, k in zip(mission.items[1:], mission.point_of[1:], strict=True) if item.command == WP]
    assert flown == list(range(start, len(places)))
    for item, k in zip(mission.items[1:], mission.point_of[1:], strict=True):
        if item.command == WP:
            assert item.x == round(places[k].position.lat_deg * 1e7)


def test_the_bench_route_is_what_it_says() -> None:
    assert commands(route(2)) == [WP, TAKE_OFF, SPEED, WP, SPEED, WP, RTL]
