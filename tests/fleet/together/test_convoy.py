"""Whatever the pads, and whoever fails: nobody comes nearer than the separation, and everything ends."""

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import Verb
from fleet.together.convoy import GONE_S, Convoy
from fleet.together.lanes import Lanes, lift_plans, plans_of, routes_by_layers
from fleet.together.spacing import Spacing
from fleet.together.weave import Errand, Gait, Routes, weave
from tests.support.toy_convoy import Toy, ToyFleet
from world.ids import VehicleId
from world.position import Enu

EXACT = Spacing(slack_m=0.0, slack_up_m=0.0)
LANES = Lanes(spacing=EXACT)
APART_M = EXACT.horizontal_m - 1e-6

metres = st.floats(-40.0, 40.0).map(lambda value: round(value, 1))
pad = st.builds(lambda e, n, u: Enu(east_m=e, north_m=n, up_m=u), metres, metres, st.sampled_from([0.0, 0.0, 3.0]))
fate = st.sampled_from(["well", "well", "well", "refuses", "lost", "dies", "slow"])


def fleet_of(pads: list[Enu], fates: list[str], when_s: list[float]) -> ToyFleet:
    toys = {}
    for k, (at, what, s) in enumerate(zip(pads, fates, when_s, strict=True), 1):
        toys[VehicleId(f"U{k:02d}")] = Toy(
            at=at, home=at, refuses=what == "refuses", silent_from_s=s if what in ("lost", "dies") else math.inf,
            dies_when_silent=what == "dies", slow=0.3 if what == "slow" else 1.0,
        )
    return ToyFleet(toys)


def crowd(least: int, most: int) -> st.SearchStrategy[ToyFleet]:
    return st.integers(least, most).flatmap(lambda n: st.builds(
        fleet_of, st.lists(pad, min_size=n, max_size=n), st.lists(fate, min_size=n, max_size=n),
        st.lists(st.floats(0.0, 60.0), min_size=n, max_size=n),
    ))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(crowd(2, 9))
def test_take_off_in_lanes_keeps_everybody_apart_and_ends(fleet: ToyFleet) -> None:
    plans, refused = lift_plans({v: toy.at for v, toy in fleet.toys.items()}, LANES)
    convoy = Convoy(plans, EXACT)
    fleet.run(convoy, 600.0 + GONE_S)
    assert fleet.least_m >= APART_M
    is_all_heard = all(math.isinf(toy.silent_from_s) for toy in fleet.toys.values())
    assert convoy.is_over or not is_all_heard, convoy.ends()
    for vehicle, end in convoy.ends().items():
        toy = fleet.toys[vehicle]
        assert end.is_done or end.reason
        is_well = not toy.refuses and math.isinf(toy.silent_from_s)
        if is_well and all(not t.refuses and math.isinf(t.silent_from_s) for t in fleet.toys.values()):
            assert end.is_done
    assert set(refused).isdisjoint(convoy.vehicles)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(crowd(2, 7))
def test_coming_home_from_anywhere_keeps_everybody_apart(fleet: ToyFleet) -> None:
    """They stand spread over an area, well apart, and go to pads that may be near or the same."""
    spread = _spread(len(fleet.toys))
    for toy, at in zip(fleet.toys.values(), spread, strict=True):
        toy.at, toy.is_armed, toy.refuses = at, True, False
    left = {v: Errand(v, toy.at, toy.home, lands=True) for v, toy in fleet.toys.items()}
    for _ in range(4):
        plan = weave(list(left.values()), _routes(list(left.values()), LANES), EXACT, Gait())
        convoy = Convoy(plans_of(plan, LANES, Verb.RETURN), EXACT)
        fleet.run(convoy, 500.0)
        still = {v for v, end in convoy.ends().items() if not end.is_done} | set(plan.left)
        left = {v: errand._replace(at=fleet.toys[v].at) for v, errand in left.items()
                if v in still and fleet.toys[v].is_up and math.isinf(fleet.toys[v].silent_from_s)}
        if not left:
            break
    assert fleet.least_m >= APART_M


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(2, 9), st.permutations(range(9)))
def test_everybody_reaches_a_slot_whoever_goes_where(count: int, order: list[int]) -> None:
    spots = _spread(count)
    toys = {
        VehicleId(f"U{k:02d}"): Toy(at=at, home=Enu(east_m=at.east_m, north_m=at.north_m, up_m=0.0), is_armed=True)
        for k, at in enumerate(spots)
    }
    fleet = ToyFleet(toys)
    chosen = [k for k in order if k < count]
    lanes = Lanes(spacing=EXACT, lowest_m=EXACT.lane_m, highest_m=400.0)
    goals = [Enu(east_m=15.0 * k, north_m=20.0, up_m=40.0) for k in chosen]
    errands = [Errand(v, toy.at, goal) for (v, toy), goal in zip(toys.items(), goals, strict=True)]
    plan = weave(errands, _routes(errands, lanes), EXACT, Gait())
    assert not plan.left
    convoy = Convoy(plans_of(plan, lanes, Verb.GO_TO), EXACT)
    fleet.run(convoy, 900.0)
    assert fleet.least_m >= APART_M
    assert all(end.is_done for end in convoy.ends().values()), convoy.ends()


def _routes(errands: list[Errand], lanes: Lanes) -> Routes:
    return routes_by_layers(lanes, errands, {errand.vehicle: 0.0 for errand in errands}, None)


def _spread(count: int) -> list[Enu]:
    """A grid of 14 m, at heights that differ."""
    return [Enu(east_m=14.0 * (k % 4), north_m=14.0 * (k // 4), up_m=20.0 + 3.0 * (k % 5)) for k in range(count)]
