"""Every kind without a search camera gets the route drawn for it, where it belongs: ground, water, air."""

from dataclasses import replace

import pytest

from fleet.guard import LIMITS
from fleet.model import VehicleKind
from missions.model import PatrolRequest, VehicleOffer
from missions.planners.errors import UnknownPatroller
from missions.planners.patrol import PLANE_ABOVE_GROUND_M, Patrol, patrols_of
from tests.support.search_area import demo_intent, frame, mountain, robot
from world.position import Enu

TERRAIN, FRAME = mountain(), frame()
DRAWN = ((200.0, 0.0), (200.0, 300.0), (-100.0, 300.0))


def ground(east_m: float, north_m: float, above_m: float = 0.0) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=TERRAIN.height_m(east_m, north_m) + above_m)


def patrolled(kind: VehicleKind, points: tuple[Enu, ...], home: Enu) -> Patrol:
    offer: VehicleOffer = robot("X01", kind, home, FRAME, speed_m_s=5.0)
    request = PatrolRequest(vehicle=offer.vehicle, points=tuple(FRAME.to_geodetic(point) for point in points))
    intent = demo_intent(TERRAIN, FRAME, copters=1)
    changed = replace(intent, offers=(*intent.offers, offer), patrols=(request,))
    (patrol,) = patrols_of(changed, TERRAIN, FRAME)
    return patrol


def test_a_plane_flies_above_the_ground_and_comes_back() -> None:
    home = ground(0.0, 0.0)
    patrol = patrolled(VehicleKind.PLANE, tuple(ground(*at) for at in DRAWN), home)
    limits = LIMITS[VehicleKind.PLANE]
    assert limits.min_agl_m is not None
    assert limits.max_agl_m is not None
    route = patrol.route
    assert route.take_off_height_m == PLANE_ABOVE_GROUND_M
    assert route.returns_at_end, "it cannot wait at the end"
    for point in route.points:
        at = FRAME.to_enu(point.position)
        assert limits.min_agl_m < at.up_m - TERRAIN.height_m(at.east_m, at.north_m) < limits.max_agl_m


def test_a_boat_stays_on_the_water_it_was_drawn_on() -> None:
    water = [Enu(east_m=east, north_m=north, up_m=33.0) for east, north in DRAWN]
    patrol = patrolled(VehicleKind.BOAT, tuple(water), Enu(east_m=0.0, north_m=0.0, up_m=33.0))
    heights = [FRAME.to_enu(point.position).up_m for point in patrol.route.points]
    assert heights == pytest.approx([33.0] * len(heights), abs=1e-6)
    assert len(heights) == 2 * len(DRAWN), "out by the points drawn, and the same way back"
    assert not patrol.route.returns_at_end


def test_a_rover_follows_the_ground_and_a_copter_is_for_searching() -> None:
    home = ground(0.0, 0.0)
    patrol = patrolled(VehicleKind.ROVER, tuple(ground(*at) for at in DRAWN), home)
    for point in patrol.route.points:
        at = FRAME.to_enu(point.position)
        assert at.up_m == pytest.approx(TERRAIN.height_m(at.east_m, at.north_m), abs=1e-3)
    with pytest.raises(UnknownPatroller):
        patrolled(VehicleKind.COPTER, (ground(50.0, 0.0),), home)
