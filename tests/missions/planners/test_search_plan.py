"""The plan of the demo area: balanced, low over the ground, apart, with patrols; and clear words when there can be
none."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import shapely

from fleet.model import VehicleKind
from missions.model import Plan
from missions.planners.errors import AreaInvalid, EnduranceExceeded, NoSearchers, TerrainMissing
from missions.planners.search_plan import plan_search
from tests.support.search_area import demo_intent, frame, mountain

TERRAIN, FRAME = mountain(), frame()
INTENT = demo_intent(TERRAIN, FRAME, with_robots=True)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_search(INTENT, TERRAIN, FRAME)


def test_eight_vehicles_end_together_within_thirteen_minutes(plan: Plan) -> None:
    ends = sorted(task.start_delay_s + task.duration_s for task in plan.tasks if task.what == "search")
    assert ends[-1] < 770.0
    assert ends[2] > 0.95 * ends[-1]
    assert 0.0 < plan.makespan_bound_s <= plan.makespan_s


def test_photographed_legs_keep_their_height_over_the_ground(plan: Plan) -> None:
    for task in plan.tasks:
        points = [FRAME.to_enu(point.position) for point in task.route.points]
        trigger_m = 0.0
        for k in range(len(points) - 1):
            wanted = task.route.points[k].trigger_distance_m
            trigger_m = trigger_m if wanted is None else wanted
            if trigger_m and task.what == "search":
                s = np.linspace(0.0, 1.0, 20)
                a, b = points[k], points[k + 1]
                ground = TERRAIN.heights_at(
                    a.east_m + s * (b.east_m - a.east_m), a.north_m + s * (b.north_m - a.north_m)
                )
                height = a.up_m + s * (b.up_m - a.up_m) - ground
                assert np.abs(height - INTENT.height_agl_m).max() <= 5.0


def test_ways_home_that_may_cross_have_their_own_return_heights(plan: Plan) -> None:
    homes = {offer.vehicle: FRAME.to_enu(offer.home) for offer in INTENT.offers}
    flown = [(task, homes[task.vehicle]) for task in plan.tasks if task.return_height_m is not None]
    assert len(flown) == 8
    levels = [home.up_m + (task.return_height_m or 0.0) for task, home in flown]
    hulls = []
    for task, home in flown:
        points = [home, *(FRAME.to_enu(point.position) for point in task.route.points)]
        hulls.append(shapely.MultiPoint([(at.east_m, at.north_m) for at in points]).convex_hull)
    crossing = [(a, b) for a, b in itertools.combinations(range(8), 2) if hulls[a].intersects(hulls[b])]
    assert len(crossing) > 8
    assert min(abs(levels[a] - levels[b]) for a, b in crossing) >= INTENT.min_separation_m - 1e-6


def test_robots_drive_there_and_back(plan: Plan) -> None:
    patrols = {task.vehicle: task for task in plan.tasks if task.what == "patrol"}
    assert set(patrols) == {"G01", "W01"}
    for offer in INTENT.offers:
        if offer.kind is not VehicleKind.COPTER:
            last = patrols[offer.vehicle].route.points[-1].position
            assert last.lat_deg == pytest.approx(offer.home.lat_deg, abs=1e-7)
            assert patrols[offer.vehicle].route.take_off_height_m is None


TWO_COPTERS = demo_intent(TERRAIN, FRAME, copters=2)


def test_an_area_that_crosses_itself_is_refused() -> None:
    a, b, c, d = INTENT.area[:4]
    with pytest.raises(AreaInvalid, match="not simple"):
        plan_search(replace(TWO_COPTERS, area=(a, c, b, d)), TERRAIN, FRAME)


def test_a_fleet_without_cameras_is_refused() -> None:
    blind = tuple(replace(offer, camera_hfov_deg=None) for offer in INTENT.offers[:2])
    with pytest.raises(NoSearchers):
        plan_search(replace(TWO_COPTERS, offers=blind), TERRAIN, FRAME)


def test_too_little_energy_is_said() -> None:
    weak = tuple(replace(offer, endurance_s=300.0) for offer in INTENT.offers[:2])
    with pytest.raises(EnduranceExceeded):
        plan_search(replace(TWO_COPTERS, offers=weak), TERRAIN, FRAME)


def test_an_area_beyond_the_terrain_is_refused() -> None:
    small = mountain(half_m=400.0)
    with pytest.raises(TerrainMissing):
        plan_search(TWO_COPTERS, small, FRAME)
