"""Winds, landing places, and whether the battery lasts."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.authority import Authority
from fleet.commands import Command, RoutePoint, Verb
from fleet.guard import LIMITS, Circle, Fence, Guard, GuardedVehicle, Site, Wind
from fleet.guard.energy import Around, WindBook, left_s, shortage, to_landing_s, way_s
from fleet.model import VehicleKind
from tests.fleet.guard.test_commands import NOW, command, flying, refused, refused_as, state, up, verdict
from tests.support.fleet_bench import APPROVED, COMMANDER, FRAME, at, route, square
from world.ids import VehicleId
from world.position import Enu
from world.terrain import Terrain

U01 = VehicleId("U01")
COPTER = LIMITS[VehicleKind.COPTER]
FLAT = Terrain(west_m=-1000.0, south_m=-1000.0, cell_m=10.0, heights_m=np.zeros((201, 201), np.float32))


def enu(east_m: float, north_m: float, up_m: float = 40.0) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=up_m)


def site(*, landings: tuple[tuple[float, float, float], ...] = (), worst_wind_m_s: float = 5.0, **fence: Any) -> Site:
    return Site(
        frame=FRAME, terrain=FLAT, fence=Fence(inclusion=square(800.0), **fence),
        landings=tuple(at(*place) for place in landings), worst_wind_m_s=worst_wind_m_s,
    )


def around(wind: Wind | None = None, **rest: Any) -> Around:
    fields: dict[str, Any] = {"site": site(), "limits": COPTER, "home": enu(0, 0, 0)} | rest
    return Around(wind=wind, **fields)


def made(at_site: Site) -> Guard:
    guard = Guard(
        send=lambda vehicle, data: None, authority=Authority(commanders=[COMMANDER]), site=at_site,
        vehicles={U01: GuardedVehicle(sysid=1, limits=COPTER)},
    )
    guard.approve(APPROVED)
    return guard


# time against wind


def test_an_unknown_wind_blows_against_every_way() -> None:
    for end in (enu(70, 0), enu(-70, 0), enu(0, 70)):
        assert way_s(enu(0, 0), end, 7.0, around()) == pytest.approx(10.0), "12 - 5 m/s leaves the cruise"
        assert way_s(enu(0, 0), end, 7.0, around(site=site(worst_wind_m_s=8.5))) == pytest.approx(20.0)
        assert math.isinf(way_s(enu(0, 0), end, 7.0, around(site=site(worst_wind_m_s=12.0))))


def test_a_measured_wind_slows_ways_against_and_across_it() -> None:
    east = Wind(east_m_s=5.0, north_m_s=0.0)  # counted as 6.5
    assert way_s(enu(0, 0), enu(100, 0), 20.0, around(east)) == pytest.approx(100.0 / 12.0), "a tail wind gives nothing"
    assert way_s(enu(0, 0), enu(-100, 0), 20.0, around(east)) == pytest.approx(100.0 / 5.5)
    across = 100.0 / math.sqrt(12.0**2 - 6.5**2)
    assert way_s(enu(0, 0), enu(0, 100), 20.0, around(east)) == pytest.approx(across)
    assert way_s(enu(0, 0), enu(0, -100), 20.0, around(east)) == pytest.approx(across)
    north = Wind(east_m_s=0.0, north_m_s=5.0)
    assert way_s(enu(0, 0), enu(0, -100), 20.0, around(north)) == pytest.approx(100.0 / 5.5)
    assert way_s(enu(0, 0), enu(0, 100), 20.0, around(north)) == pytest.approx(100.0 / 12.0)
    assert way_s(enu(0, 0), enu(3, 4), 1.0, around(north)) == pytest.approx(5.0)
    slanted = Wind(east_m_s=3.0, north_m_s=4.0)
    assert way_s(enu(0, 0), enu(-30, -40), 20.0, around(slanted)) == pytest.approx(50.0 / 5.5)
    assert way_s(enu(0, 0), enu(40, -30), 20.0, around(slanted)) == pytest.approx(50.0 / math.sqrt(144.0 - 42.25))
    storm = Wind(east_m_s=20.0, north_m_s=0.0)
    assert math.isinf(way_s(enu(0, 0), enu(-10, 0), 7.0, around(storm)))
    assert math.isinf(way_s(enu(0, 0), enu(0, 10), 7.0, around(storm))), "blown aside"
    assert way_s(enu(0, 0, 0), enu(0, 0, 24), 20.0, around(storm)) == pytest.approx(2.0), "straight up is no way"
    assert way_s(enu(0, 0), enu(0, 0), 7.0, around(storm)) == 0.0


def test_a_way_is_as_long_wherever_it_begins() -> None:
    slanted = around(Wind(east_m_s=3.0, north_m_s=-5.0))
    for east_m, north_m in ((300.0, 0.0), (0.0, 300.0), (-250.0, 170.0)):
        for end in (enu(40, -30), enu(-40, -30), enu(0, 50), enu(-50, 0)):
            there = enu(east_m + end.east_m, north_m + end.north_m)
            expected = way_s(enu(0, 0), end, 20.0, slanted)
            assert way_s(enu(east_m, north_m), there, 20.0, slanted) == pytest.approx(expected)
    assert way_s(enu(0, 0), enu(1, 0), 7.0, around()) == pytest.approx(1.0 / 7.0)
    blown = around(site=site(worst_wind_m_s=12.0))
    assert way_s(enu(0, 0), enu(0, 0), 7.0, blown) == 0.0, "who is there needs no way"


def test_wind_does_not_slow_what_it_does_not_push() -> None:
    rover = LIMITS[VehicleKind.ROVER]
    storm = Wind(east_m_s=20.0, north_m_s=0.0)
    assert way_s(enu(0, 0), enu(-8, 0), 0.8, around(storm, limits=rover)) == pytest.approx(10.0)


@given(st.floats(-8.0, 8.0), st.floats(-8.0, 8.0), st.floats(0.0, 6.28))
def test_no_wind_makes_a_way_shorter(east_m_s: float, north_m_s: float, course: float) -> None:
    end = enu(100 * math.sin(course), 100 * math.cos(course))
    calm = way_s(enu(0, 0), end, 7.0, around(Wind(east_m_s=0.0, north_m_s=0.0)))
    assert way_s(enu(0, 0), end, 7.0, around(Wind(east_m_s=east_m_s, north_m_s=north_m_s))) >= calm - 1e-9


def test_measurements_are_the_vehicles_own_first_and_grow_old() -> None:
    book, own, general = WindBook(), Wind(east_m_s=1.0, north_m_s=0.0), Wind(east_m_s=2.0, north_m_s=0.0)
    assert book.wind(U01, NOW) is None
    book.note(None, general, NOW.plus_s(500.0))
    book.note(U01, own, NOW)
    assert book.wind(U01, NOW.plus_s(900.0)) == own
    assert book.wind(U01, NOW.plus_s(901.0)) == general
    assert book.wind(VehicleId("U02"), NOW.plus_s(501.0)) == general
    assert book.wind(U01, NOW.plus_s(1401.0)) is None
    book.note(U01, Wind(east_m_s=math.nan, north_m_s=0.0), NOW.plus_s(1400.0))
    book.note(U01, Wind(east_m_s=0.0, north_m_s=math.inf), NOW.plus_s(1400.0))
    assert book.wind(U01, NOW.plus_s(1401.0)) is None


# where to land


def test_the_nearest_landing_place_counts_if_a_straight_way_leads_there() -> None:
    assert to_landing_s(enu(0, 700, 0), around()) == pytest.approx(100.0)
    near = around(site=site(landings=((0, 630, 0), (0, 500, 0))))
    assert to_landing_s(enu(0, 700, 0), near) == pytest.approx(10.0)
    assert to_landing_s(enu(0, 70, 0), near) == pytest.approx(10.0), "home is nearer"
    rally = around(rally=(enu(0, 686, 0),))
    assert to_landing_s(enu(0, 700, 0), rally) == pytest.approx(2.0)
    wall = square(20.0, (0.0, 660.0))
    behind = around(site=site(landings=((0, 630, 0), (0, 740, 0)), exclusions=(wall,)))
    assert to_landing_s(enu(0, 700, 0), behind) == pytest.approx(40.0 / 7.0)
    beside = around(site=site(landings=((0, 690, 0),), exclusions=(square(20.0, (20.5, 695.0)),)))
    assert to_landing_s(enu(0, 700, 0), beside) == pytest.approx(10.0 / 7.0), "half a metre off a zone is off it"
    shut = around(site=site(landings=((0, 630, 0),), exclusions=(wall,)))
    assert to_landing_s(enu(0, 700, 0), shut) == pytest.approx(100.0), "home counts always: autopilots return there"


def test_the_battery_must_last_above_its_reserve() -> None:
    assert left_s(25.0, COPTER) == pytest.approx(150.0)
    assert shortage(150.0, state(battery_pct=25.0), COPTER) is None
    assert shortage(150.1, state(battery_pct=25.0), COPTER) == (
        "the way and the return take 150 s; the battery lasts 150 s above its reserve"
    )
    assert str(shortage(1.0, state(battery_pct=5.0), COPTER)).endswith("the battery lasts 0 s above its reserve")
    assert shortage(math.inf, state(), COPTER) == (
        "it makes no way against the wind; the battery lasts 1125 s above its reserve"
    )
    assert shortage(1.0, state(battery_pct=math.nan), COPTER) is not None
    assert shortage(0.0, state(battery_pct=None), COPTER) == "the battery of the vehicle is unknown"


# in commands


def test_wind_refuses_a_way_that_calm_air_allows() -> None:
    guard = made(site())
    asked = command(Verb.GO_TO, by=COMMANDER, position=at(0, 700, 40))
    seen = flying(battery_pct=30.0)
    assert guard.admit(asked, seen, NOW) is None
    guard.note_wind(None, Wind(east_m_s=0.0, north_m_s=-6.0), NOW)
    assert "the way and the return take 267 s; the battery lasts 225 s" in str(guard.admit(asked, seen, NOW))
    guard.note_wind(U01, Wind(east_m_s=0.0, north_m_s=0.0), NOW)
    assert guard.admit(asked, seen, NOW) is None
    guard.note_wind(U01, Wind(east_m_s=0.0, north_m_s=-12.0), NOW)
    assert "it makes no way against the wind" in str(guard.admit(asked, seen, NOW))


def test_a_wind_measured_by_one_vehicle_is_not_that_of_another() -> None:
    guard = made(site())
    asked = command(Verb.GO_TO, by=COMMANDER, position=at(0, 700, 40))
    guard.note_wind(VehicleId("U02"), Wind(east_m_s=0.0, north_m_s=-12.0), NOW)
    assert guard.admit(asked, flying(battery_pct=30.0), NOW) is None


def test_every_point_of_a_route_must_reach_a_landing() -> None:
    far = up((0, 760, 40), returns_at_end=False)
    assert verdict(command(Verb.UPLOAD_ROUTE, route=far), flying(battery_pct=30.0)) is None
    refused("take 217 s; the battery lasts 210 s", command(Verb.UPLOAD_ROUTE, route=far), flying(battery_pct=29.0))
    there_and_back = up((0, 760, 40), (0, 20, 40), returns_at_end=False)
    points = (replace(there_and_back.points[0], hold_s=0.0), there_and_back.points[1])
    asked = command(Verb.UPLOAD_ROUTE, route=replace(there_and_back, points=points))
    refused("take 221 s", asked, flying(battery_pct=29.0))
    guard = made(site(landings=((0, 740, 40),)))
    one_way = command(Verb.UPLOAD_ROUTE, by=COMMANDER, route=far)
    assert guard.admit(one_way, flying(battery_pct=23.0), NOW) is None, "it may land at the far end"
    waiting = replace(far, points=(RoutePoint(position=at(0, 760, 40), hold_s=30.0),))
    assert guard.admit(replace(one_way, route=waiting), flying(battery_pct=24.0), NOW) is not None


def test_the_worst_point_of_a_route_counts_not_its_end() -> None:
    wall = square(20.0, (0.0, 660.0))
    guard = made(site(landings=((60, 600, 40),), exclusions=(wall,)))
    # from the first point only home can be reached straight (100 s), from the second the landing place
    asked = command(Verb.UPLOAD_ROUTE, by=COMMANDER, route=up((0, 700, 40), (100, 700, 40), returns_at_end=False))
    seen = flying(position=at(100, 690, 40))
    assert guard.admit(asked, replace(seen, battery_pct=15.0 + 7.8), NOW) is None
    assert "take 115 s" in str(guard.admit(asked, replace(seen, battery_pct=15.0 + 7.6), NOW))


def test_a_take_off_counts_its_climb() -> None:
    tight = replace(COPTER, endurance_s=100.0, reserve_pct=0.0)
    asked = command(Verb.TAKE_OFF, height_m=70.0)  # 35 s up at 2 m/s, which is 35 s of way, and 10 s home
    assert verdict(asked, state(battery_pct=81.0), limits=tight) is None
    refused("take 80 s", asked, state(battery_pct=79.0), limits=tight)


def test_a_start_is_judged_anew_by_the_battery_of_then() -> None:
    guard = made(site())
    upload = command(Verb.UPLOAD_ROUTE, by=COMMANDER, route=up((0, 700, 40)))
    start = command(Verb.START_ROUTE, by=COMMANDER)
    assert guard.admit(upload, state(), NOW) is None
    guard.close(U01, is_done=True)
    assert guard.admit(start, state(battery_pct=40.0), NOW) is None
    assert "the way and the return take" in str(guard.admit(start, state(battery_pct=25.0), NOW))
    assert guard.admit(start, state(position=None), NOW) == (
        "start_route of U01 is refused: the position of the vehicle is unknown."
    )
    under_way = flying(position=at(0, 600, 40), battery_pct=22.0)
    assert guard.admit(start, under_way, NOW) is None, "only what is left counts once it flies"
    assert "take 86 s; the battery lasts 75 s" in str(guard.admit(start, replace(under_way, battery_pct=20.0), NOW))


@pytest.mark.parametrize("asked", [command(Verb.SET_SPEED, speed_m_s=5.0), command(Verb.LOOK_AT, heading_deg=9.0)])
def test_who_must_land_is_not_kept_up(asked: Command) -> None:
    far = flying(position=at(0, 700, 0), battery_pct=21.0)
    refused("take 100 s; the battery lasts 90 s", asked, far)
    assert verdict(asked, replace(far, battery_pct=22.0)) is None
    assert verdict(asked, state(battery_pct=1.0)) is None, "at rest nothing is used up"
    refused_as("the position of the vehicle is unknown", asked, flying(position=None))


def test_rally_points_on_board_count_again_and_again() -> None:
    guard = made(site())
    seen, asked = flying(battery_pct=25.0), command(Verb.GO_TO, by=COMMANDER, position=at(0, 760, 40))
    assert guard.admit(command(Verb.UPLOAD_RALLY, by=COMMANDER, rally=(at(0, 700, 40),)), seen, NOW) is None
    guard.close(U01, is_done=True)
    for _ in range(2):
        assert guard.admit(asked, seen, NOW) is None
    assert guard.admit(command(Verb.UPLOAD_RALLY, by=COMMANDER, rally=(at(0, 100, 40),)), seen, NOW) is None
    assert guard.admit(asked, seen, NOW) is not None, "what was there may be overwritten by now"


def test_rally_points_on_board_are_landing_places_once_they_are_read_back() -> None:
    guard = made(site())
    asked = command(Verb.GO_TO, by=COMMANDER, position=at(0, 760, 40))
    seen = flying(battery_pct=25.0)
    assert guard.admit(asked, seen, NOW) is not None
    rally = command(Verb.UPLOAD_RALLY, by=COMMANDER, rally=(at(0, 700, 40),))
    for is_done in (False, True):
        assert guard.admit(rally, seen, NOW) is None
        guard.close(U01, is_done=is_done)
        assert (guard.admit(asked, seen, NOW) is None) == is_done
        guard.close(U01, is_done=True)
    assert guard.admit(rally, seen, NOW) is None
    assert guard.admit(asked, seen, NOW) is not None, "old and new ones may be mixed"
    guard.admit(command(Verb.UPLOAD_RALLY, by=COMMANDER), seen, NOW)


def test_a_route_without_a_plan_is_nothing_to_start() -> None:
    circle = Circle(centre=at(0, 0, 0), radius_m=800.0)
    guard = made(Site(frame=FRAME, terrain=FLAT, fence=Fence(inclusion=circle)))
    assert guard.admit(command(Verb.UPLOAD_ROUTE, by=COMMANDER, route=route()), state(), NOW) is None
