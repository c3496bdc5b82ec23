"""Plans of ways for swarms: whoever is late, nobody meets; the checker, which shares no code, finds the same least."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.commands import Verb
from fleet.together.check import Itinerary, judged
from fleet.together.convoy import Convoy
from fleet.together.lanes import Lanes, plans_of
from fleet.together.motion import Piece, least_timed
from fleet.together.spacing import Spacing, Way
from fleet.together.weave import Errand, Gait, weave
from tests.support.swarm import HEIGHT_M, SHAPES, ends, entering, homing, itineraries, over, pads, shape
from tests.support.toy_convoy import Toy, ToyFleet
from world.ids import VehicleId
from world.position import Enu

SPACING = Spacing()
A, B, C = VehicleId("A"), VehicleId("B"), VehicleId("C")


def at(east_m: float, north_m: float, up_m: float = HEIGHT_M) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=up_m)


def straight(errand: Errand) -> list[tuple[Enu, ...]]:
    return [(errand.at, errand.to)]


@settings(max_examples=8, deadline=None)
@given(st.integers(2, 20), st.sampled_from(SHAPES), st.integers(0, 100), st.integers(100, 200))
def test_everybody_enters_and_comes_home_and_the_checker_agrees(count: int, name: str, seed: int, far_m: int) -> None:
    homes = pads(count, seed)
    there = entering(over(homes, seed), shape(name, count), at(20.0, far_m))
    back = homing(ends(there), homes)
    for plan in (there, back):
        assert not plan.left
        verdict = judged(itineraries(plan), SPACING.layer_m)
        assert verdict.faults == ()
        assert verdict.least_m >= SPACING.apart_m - 1e-6
        assert verdict.least_m >= plan.proven.apart_m - 1e-6, "the plan promises no more than the checker finds"
        assert plan.timed.apart_m >= plan.proven.apart_m - 1e-6


def test_a_hundred_find_their_ways_there_and_home() -> None:
    homes = pads(100, 1)
    there = entering(over(homes, 1), shape("grid", 100), at(0.0, 150.0))
    back = homing(ends(there), homes)
    for plan, within_s in ((there, 700.0), (back, 700.0)):
        assert not plan.left
        assert plan.proven.apart_m >= SPACING.apart_m - 1e-6
        assert plan.makespan_s < within_s


@pytest.mark.deep
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("seed", range(0, 100, 5))
def test_swarms_of_every_size(name: str, seed: int) -> None:
    count = 2 + seed
    homes = pads(count, seed)
    there = entering(over(homes, seed), shape(name, count), at(0.0, 150.0))
    back = homing(ends(there), homes)
    for plan in (there, back):
        assert not plan.left
        verdict = judged(itineraries(plan), SPACING.layer_m)
        assert verdict.faults == ()
        assert verdict.least_m >= SPACING.apart_m - 1e-6


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 100), st.sampled_from(SHAPES))
def test_whoever_flies_how_slowly_nobody_comes_near(seed: int, name: str) -> None:
    rng, homes = np.random.default_rng(seed), pads(10, seed)
    start = over(homes, seed)
    plan = entering(start, shape(name, 10), at(20.0, 100.0))
    fleet = ToyFleet({
        v: Toy(at=start[v], home=homes[v], is_armed=True, slow=float(rng.choice([1.0, 1.0, 0.6, 0.25]))) for v in start
    })
    convoy = Convoy(plans_of(plan, Lanes(), Verb.GO_TO), SPACING)
    fleet.run(convoy, 3000.0)
    assert convoy.is_over
    assert all(end.is_done for end in convoy.ends().values()), convoy.ends()
    assert fleet.least_m >= SPACING.apart_m - 1.0


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 100))
def test_who_is_lost_lets_the_others_end_and_be_planned_anew(seed: int) -> None:
    rng, homes = np.random.default_rng(seed), pads(12, seed)
    start = over(homes, seed)
    lost = VehicleId(f"U{1 + int(rng.integers(12)):03d}")
    plan = entering(start, shape("grid", 12), at(0.0, 140.0))
    fleet = ToyFleet({v: Toy(at=start[v], home=homes[v], is_armed=True) for v in start})
    fleet.toys[lost].silent_from_s = float(rng.uniform(0.0, 100.0))
    convoy = Convoy(plans_of(plan, Lanes(), Verb.GO_TO), SPACING)
    fleet.run(convoy, 1000.0)
    assert convoy.is_over, "those who wait for one that will not come are told so"
    for vehicle, end in convoy.ends().items():
        assert end.is_done or vehicle == lost or lost in end.reason or "goes before" in end.reason
    assert fleet.least_m >= SPACING.horizontal_m


def test_those_far_apart_go_at_once_and_straight_and_arrive_together() -> None:
    errands = [Errand(A, at(0, 0), at(0, 60)), Errand(B, at(40, 0), at(60, 90)), Errand(C, at(80, 0), at(120, 60))]
    plan = weave(errands, lambda errand: [], SPACING, Gait())
    assert plan.is_straight
    assert not plan.left
    assert len({strand.ends_s for strand in plan.strands}) == 1
    assert plan.timed.apart_m >= 40.0 / math.sqrt(2.0), "what CAPT promises for these starts and ends"
    assert judged(itineraries(plan), SPACING.layer_m).least_m >= SPACING.berth_m - 1e-6


def test_who_cannot_get_past_is_named_and_not_sent() -> None:
    errands = [Errand(A, at(0, 0), at(0, 60)), Errand(B, at(0, 60), at(0, 0))]
    plan = weave(errands, straight, SPACING, Gait(), straight=False)
    assert plan.left == (A, B)
    past = weave([errands[0]], straight, SPACING, Gait(), [Way(at(-50, 30), at(50, 30))])
    assert past.left == (A,)


def test_the_checker_finds_what_is_wrong_with_a_plan() -> None:
    crossing = {"a": [(0.0, 0.0, 9.0), (100.0, 0.0, 9.0)], "b": [(50.0, -50.0, 9.0), (50.0, 50.0, 9.0)]}
    free = {name: Itinerary(points=points, after=[frozenset()]) for name, points in crossing.items()}
    assert judged(free, 5.0).least_m == 0.0
    waits = free | {"b": Itinerary(points=crossing["b"], after=[frozenset({("a", 0)})])}
    assert judged(waits, 5.0).least_m == pytest.approx(50.0)
    cycle = {"a": Itinerary(points=crossing["a"], after=[frozenset({("b", 0)})]), "b": waits["b"]}
    assert "cycle" in judged(cycle, 5.0).faults[0]
    stray = {"a": Itinerary(points=crossing["a"], after=[frozenset({("z", 0)})])}
    assert "not in the plan" in judged(stray, 5.0).faults[0]
    slanted = {"a": [(0.0, 0.0, 0.0), (100.0, 0.0, 100.0)], "b": [(90.0, 3.0, 10.0), (90.0, 3.0, 11.0)]}
    apart_m = judged({n: Itinerary(points=p, after=[frozenset()]) for n, p in slanted.items()}, 5.0).least_m
    assert apart_m == pytest.approx(math.hypot(90.0 - 16.0, 3.0)), "within a layer of 11 m it is at 16 m at most"


coordinate = st.integers(-60, 60).map(float)
spot = st.builds(at, coordinate, coordinate, st.sampled_from([0.0, 3.0, 20.0]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(spot, min_size=3, max_size=3), min_size=2, max_size=4))
def test_least_distance_by_the_clock_is_never_undercut_by_samples(paths: list[list[Enu]]) -> None:
    flown = [[Piece(p[0], p[1], 0.0, 3.0 + k), Piece(p[1], p[2], 3.0 + k, 10.0)] for k, p in enumerate(paths)]
    exact = least_timed(flown, 5.0).apart_m
    sampled = math.inf
    for s in np.linspace(0.0, 10.0, 400):
        spots = [_at(path, float(s)) for path in flown]
        for k, a in enumerate(spots):
            for b in spots[k + 1:]:
                if abs(a[2] - b[2]) < 5.0:
                    sampled = min(sampled, math.hypot(a[0] - b[0], a[1] - b[1]))
    assert exact <= sampled + 1e-9
    assert sampled <= exact + 4.0 or math.isinf(sampled)


def _at(path: list[Piece], s: float) -> tuple[float, float, float]:
    piece = path[0] if s < path[0].end_s else path[1]
    share = (s - piece.start_s) / (piece.end_s - piece.start_s)
    a, b = piece.start, piece.end
    return (
        a.east_m + share * (b.east_m - a.east_m), a.north_m + share * (b.north_m - a.north_m),
        a.up_m + share * (b.up_m - a.up_m),
    )
