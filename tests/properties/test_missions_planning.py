"""What holds for plans over any area: coverage, bound, separation, equality; checked by means of their own."""

import math

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.model import VehicleKind
from missions.model import Plan, SearchIntent
from missions.planners.camera import camera_of
from missions.planners.digest import is_genuine
from missions.planners.search_plan import plan_search
from tests.support.search_area import copter, demo_intent, frame, mountain
from world.position import Enu

FRAME = frame()
TERRAINS = {seed: mountain(seed, relief_m=relief_m) for seed, relief_m in ((1, 20.0), (2, 80.0), (3, 120.0))}


@st.composite
def intents(draw: st.DrawFn) -> tuple[int, SearchIntent]:
    """Star-shaped, mostly concave areas of 0.02 to 0.5 km2, one to six vehicles, pads anywhere around."""
    seed = draw(st.sampled_from(sorted(TERRAINS)))
    radii = draw(st.lists(st.floats(90.0, 420.0), min_size=4, max_size=9))
    area = [
        (r * math.cos(2 * math.pi * k / len(radii)), r * math.sin(2 * math.pi * k / len(radii)))
        for k, r in enumerate(radii)
    ]
    pads = draw(st.sampled_from([(-40.0, -700.0), (600.0, 100.0), (-20.0, 10.0), (-700.0, 600.0)]))
    terrain = TERRAINS[seed]
    offers = tuple(copter(k, terrain, FRAME, pads=pads) for k in range(draw(st.integers(1, 6))))
    intent = demo_intent(terrain, FRAME, copters=1)
    corners = tuple(FRAME.to_geodetic(Enu(east_m=e, north_m=n, up_m=0.0)) for e, n in area)
    fields = {"area": corners, "offers": offers}
    return seed, SearchIntent(**{name: fields.get(name, getattr(intent, name)) for name in intent.__dataclass_fields__})


def planned(case: tuple[int, SearchIntent]) -> Plan:
    """None of these areas is refused."""
    return plan_search(case[1], TERRAINS[case[0]], FRAME)


def looks_by_images(plan: Plan, intent: SearchIntent) -> np.ndarray:
    """Images one by one along every route, first one trigger distance after the trigger is set: no planner code but
    the lens."""
    camera = camera_of(next(offer for offer in intent.offers if offer.kind is VehicleKind.COPTER))
    assert camera is not None
    cells = np.array([[c.centre.east_m, c.centre.north_m, c.centre.up_m] for c in plan.cells])
    counts = np.zeros(len(cells), int)
    for task in plan.tasks:
        points = [FRAME.to_enu(point.position) for point in task.route.points]
        trigger_m, since_m = 0.0, 0.0
        for k in range(len(points) - 1):
            wanted = task.route.points[k].trigger_distance_m
            if wanted is not None:
                trigger_m, since_m = wanted, 0.0
            a, b = points[k], points[k + 1]
            length_m = math.hypot(b.east_m - a.east_m, b.north_m - a.north_m)
            at_m = trigger_m - since_m
            while trigger_m and at_m <= length_m:
                s = at_m / length_m
                at = np.array([[a.east_m, a.north_m, a.up_m]]) + s * np.array(
                    [[b.east_m - a.east_m, b.north_m - a.north_m, b.up_m - a.up_m]]
                )
                heading = np.array([math.atan2(b.east_m - a.east_m, b.north_m - a.north_m)])
                counts += camera.sees(at, heading, cells)[0]
                at_m += trigger_m
            since_m = (since_m + length_m) % trigger_m if trigger_m else 0.0
    return counts


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(intents())
def test_plans_cover_keep_apart_and_respect_the_bound(case: tuple[int, SearchIntent]) -> None:
    plan = planned(case)
    intent = case[1]
    assert looks_by_images(plan, intent).min() >= intent.min_looks
    assert 0.0 <= plan.makespan_bound_s <= plan.makespan_s
    assert plan.min_separation_m >= intent.min_separation_m
    assert sorted(index for task in plan.tasks for index in task.cells) == list(range(len(plan.cells)))
    for task in plan.tasks:
        assert all(plan.cells[index].owner == task.vehicle for index in task.cells)


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(intents())
def test_equal_intents_give_equal_plans(case: tuple[int, SearchIntent]) -> None:
    plan = planned(case)
    assert plan == planned(case)
    assert is_genuine(plan)
