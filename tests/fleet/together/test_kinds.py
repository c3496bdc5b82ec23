"""Kinds that are no copters: berths, depths and circles. Plans, judged by the checker, and who is told what."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.commands import Verb
from fleet.group import Slot
from fleet.together.check import judged
from fleet.together.circuit import Pad, departures, landings, stacks
from fleet.together.formation import Shape
from fleet.together.kinds import PLANES, ROVERS, SUBS, planes, rovers, subs, surfacing
from fleet.together.passage import Manner
from fleet.together.slots import assigned
from fleet.together.spacing import Way, clashes, standing
from fleet.together.weave import Errand, Weave, weave
from sim.vehicles.spec import Kind
from tests.support.fleet_bench import APPROVED, COMMANDER
from tests.support.swarm import itineraries, shape
from tests.support.together_bench import TogetherBench, copters, play
from world.ids import VehicleId
from world.position import Enu

NAMES = [VehicleId(f"V{k:02d}") for k in range(60)]


def spots(places: list[tuple[float, float]], up_m: float = 0.0) -> list[Enu]:
    return [Enu(east_m=e, north_m=n, up_m=up_m) for e, n in places]


def planned(manner: Manner, errands: list[Errand]) -> Weave:
    return weave(
        errands, manner.routes(errands), manner.lanes.spacing, manner.gait, straight=manner.straight,
        parked_m=manner.parked_m,
    )


def matched(at: list[Enu], to: list[Enu], **how: bool) -> list[Errand]:
    return [Errand(NAMES[k], a, to[j], **how) for k, (a, j) in enumerate(zip(at, assigned(at, to), strict=True))]


@settings(max_examples=8, deadline=None)
@given(st.integers(2, 8), st.sampled_from(["line", "column", "grid"]), st.booleans())
def test_rovers_leave_dense_berths_and_come_back_into_them(count: int, name: str, is_boat: bool) -> None:
    manner = rovers(is_boat)
    berths = spots([(6.0 * k, 0.0) for k in range(count)])
    slots = spots([(s.east_m, s.north_m + 60.0) for s in shape(name, count)])
    out = planned(manner, matched(berths, slots, is_parked=True))
    assert not out.left
    back = planned(manner, [
        Errand(s.vehicle, s.points[-1], s.errand.at, lands=True) for s in out.strands
    ])
    assert not back.left
    for plan in (out, back):
        verdict = judged(itineraries(plan), manner.lanes.spacing.layer_m)
        assert verdict.faults == ()
        assert verdict.least_m >= manner.lanes.spacing.apart_m - 1e-6


@settings(max_examples=8, deadline=None)
@given(st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 4)), min_size=2, max_size=8, unique=True
))
def test_submarines_come_up_apart_wherever_they_are(cells: list[tuple[int, int, int]]) -> None:
    at = {NAMES[k]: Enu(east_m=9.0 * e, north_m=9.0 * n, up_m=-6.0 * d) for k, (e, n, d) in enumerate(cells)}
    goals = surfacing(at, dict.fromkeys(at, 0.0))
    assert set(goals) == set(at)
    tops = list(goals.values())
    for k, a in enumerate(tops):
        for b in tops[k + 1:]:
            assert math.hypot(a.east_m - b.east_m, a.north_m - b.north_m) >= SUBS.berth_m - 1e-6
    plan = planned(subs(), [Errand(v, at[v], goals[v], lands=True) for v in at])
    verdict = judged(itineraries(plan), SUBS.layer_m)
    assert verdict.faults == ()
    sent = [at[s.vehicle] for s in plan.strands]
    starts_apart = all(
        abs(a.up_m - b.up_m) >= SUBS.layer_m or math.hypot(a.east_m - b.east_m, a.north_m - b.north_m) >= SUBS.apart_m
        for k, a in enumerate(sent) for b in sent[k + 1:]
    )
    assert verdict.least_m >= SUBS.horizontal_m or not starts_apart


@pytest.mark.parametrize("count", [2, 6, 17])
def test_planes_depart_past_nobodys_circle_and_circle_apart(count: int) -> None:
    pads = {NAMES[k]: Pad(Enu(east_m=12.0 * k, north_m=0.0, up_m=0.0), 0.0) for k in range(count)}
    plans = departures(pads, 15.0)
    assert [plan.after and plan.after[0] for plan in plans] == [
        frozenset(), *(frozenset({(plan.vehicle, 0)}) for plan in plans[:-1])
    ]
    taken: list[Way] = []
    for plan in plans:
        top, circle = plan.legs[0].end, plan.legs[1].end
        for way in (Way(pads[plan.vehicle].at, top), Way(top, circle)):
            rows = np.array([held.row() for held in taken]).reshape(-1, 6)
            assert not clashes(way, rows, PLANES).any(), plan
        taken.append(standing(circle))


@settings(max_examples=6, deadline=None)
@given(st.integers(2, 12))
def test_planes_come_to_circles_over_their_homes(count: int) -> None:
    home = Enu(east_m=0.0, north_m=0.0, up_m=0.0)
    at = stacks(Enu(east_m=0.0, north_m=1000.0, up_m=0.0), count)
    manner = planes({})
    plan = planned(manner, matched(at, stacks(home, count)))
    assert not plan.left
    assert judged(itineraries(plan), PLANES.layer_m).least_m >= PLANES.apart_m - 1e-6


def test_planes_land_one_after_another_the_lowest_first() -> None:
    at = {NAMES[k]: Enu(east_m=0.0, north_m=0.0, up_m=up_m) for k, up_m in enumerate((70.0, 40.0, 100.0))}
    plans = landings(at, {v: Enu(east_m=0.0, north_m=0.0, up_m=0.0) for v in at})
    assert [plan.vehicle for plan in plans] == [NAMES[1], NAMES[0], NAMES[2]]
    assert [plan.legs[0].verb for plan in plans] == [Verb.LAND] * 3
    assert plans[2].after == (frozenset({(NAMES[0], 0)}),)


def test_rovers_drive_out_of_their_berths_and_home() -> None:
    async def scene(bench: TogetherBench) -> None:
        together = bench.together
        armed = await together.take_off(None, COMMANDER, APPROVED, bench.in_s(30.0))
        assert all(end.is_done for end in armed.values()), armed
        wanted = Shape(slots=(Slot(east_m=0.0, north_m=0.0), Slot(east_m=15.0, north_m=0.0)), anchors=(
            Enu(east_m=-5.0, north_m=30.0, up_m=0.0),
        ))
        forming = bench.tasks.create_task(together.form(wanted, None, COMMANDER, bench.in_s(120.0)))
        report = await forming
        assert all(end.is_done for end in report.ends.values()), report
        assert report.weaves[0].proven.apart_m >= ROVERS.horizontal_m
        home = await together.return_together(None, COMMANDER, bench.in_s(120.0))
        assert all(end.is_done for end in home.values()), home
        for vehicle, pad in zip(together.vehicles, ((0.0, 0.0), (5.0, 0.0)), strict=True):
            assert math.dist(bench.truth_at(vehicle)[:2], pad) < 5.0

    play(copters([(0.0, 0.0), (5.0, 0.0)], kind=Kind.ROVER), scene)


def test_a_plane_on_the_ground_takes_no_part_and_is_told_so() -> None:
    async def scene(bench: TogetherBench) -> None:
        there = Enu(east_m=0.0, north_m=300.0, up_m=60.0)
        shape_ = Shape(slots=(Slot(east_m=0.0, north_m=0.0),), anchors=(there, there))
        report = await bench.together.form(shape_, None, COMMANDER, bench.in_s(5.0))
        assert "not in the air" in report.ends[bench.together.vehicles[0]].reason

    play(copters([(0.0, 0.0)], kind=Kind.PLANE), scene)
