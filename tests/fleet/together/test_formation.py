"""Formations: slots without crossing ways, kept within metres, members that leave are noticed, a stop ends it."""

import asyncio
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.commands import Verb
from fleet.group import LossPolicy, Slot
from fleet.model import FlightMode
from fleet.together.formation import FormationReport, Shape
from fleet.together.slots import Pose, SlotsTooNear, assigned, check_apart, places, steps
from fleet.together.spacing import Spacing, Way, clashes
from tests.support.fleet_bench import APPROVED, COMMANDER
from tests.support.together_bench import TogetherBench, copters, grid, play
from world.ids import VehicleId
from world.position import Enu

SPACING = Spacing()
WEDGE = tuple(Slot(east_m=18.0 * k, north_m=-18.0 * abs(k)) for k in (0, -1, 1, -2, 2))


def at(east_m: float, north_m: float, up_m: float = 40.0) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=up_m)


@given(st.integers(2, 12))
def test_straight_ways_into_slots_do_not_cross(count: int) -> None:
    rng = np.random.default_rng(count)
    start = [at(*rng.uniform(-50, 50, 2)) for _ in range(count)]
    goals = [at(*rng.uniform(-50, 50, 2)) for _ in range(count)]
    chosen = assigned(start, goals)
    assert sorted(chosen) == list(range(count))

    def squares(order: list[int]) -> float:
        return sum(
            (a.east_m - goals[k].east_m) ** 2 + (a.north_m - goals[k].north_m) ** 2
            for a, k in zip(start, order, strict=True)
        )

    for i in range(count):
        for j in range(i):
            swapped = list(chosen)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            assert squares(chosen) <= squares(swapped) + 1e-6


corner = st.tuples(st.integers(-80, 80), st.integers(-80, 80)).map(lambda p: at(*p))


@settings(max_examples=30, deadline=None)
@given(st.lists(corner, min_size=1, max_size=4), st.booleans())
def test_no_step_of_a_way_lets_one_meet_another_however_late_it_comes(anchors: list[Enu], turns: bool) -> None:
    poses = steps(WEDGE, anchors, SPACING, turns=turns)

    assert math.dist(
        (poses[-1].anchor.east_m, poses[-1].anchor.north_m), (anchors[-1].east_m, anchors[-1].north_m)
    ) < 1e-6
    for before, after in pairwise(poses):
        ways = [Way(a, b) for a, b in zip(places(WEDGE, before), places(WEDGE, after), strict=True)]
        for k, way in enumerate(ways):
            others = np.array([other.row() for j, other in enumerate(ways) if j != k])
            assert not clashes(way, others, SPACING).any()


def test_a_heading_turns_the_slots_clockwise() -> None:
    (place,) = places([Slot(east_m=0.0, north_m=10.0)], Pose(at(0.0, 0.0), math.pi / 2.0))
    assert (place.east_m, place.north_m) == pytest.approx((10.0, 0.0))


def test_slots_that_are_too_near_are_refused_with_the_distance_needed() -> None:
    with pytest.raises(SlotsTooNear, match="17 m"):
        check_apart([Slot(east_m=0.0, north_m=0.0), Slot(east_m=16.0, north_m=0.0)], SPACING)
    check_apart([Slot(east_m=0.0, north_m=0.0), Slot(east_m=0.0, north_m=0.0, up_m=8.5)], SPACING)


async def formed(bench: TogetherBench, shape: Shape, within_s: float) -> "asyncio.Task[FormationReport]":
    ends = await bench.together.take_off(None, COMMANDER, APPROVED, bench.in_s(200.0))
    assert all(end.is_done for end in ends.values()), ends
    return bench.tasks.create_task(bench.together.form(shape, None, COMMANDER, bench.in_s(within_s)))


def off_m(bench: TogetherBench, slots: list[Enu]) -> list[float]:
    """How far true positions are from the nearest of these places."""
    return [
        min(math.dist(bench.truth_at(v), (s.east_m, s.north_m, s.up_m)) for s in slots)
        for v in bench.together.vehicles
    ]


def test_a_wedge_forms_goes_its_way_and_stops() -> None:
    async def scene(bench: TogetherBench) -> None:
        shape = Shape(slots=WEDGE, anchors=(at(30.0, 120.0), at(30.0, 134.0)))
        forming = await formed(bench, shape, 300.0)
        await bench.clock.sleep(220.0)
        end = places(WEDGE, Pose(shape.anchors[-1]))
        assert max(off_m(bench, end)) < 4.0, off_m(bench, end)
        await bench.together.halt(Verb.STOP, None, COMMANDER, bench.in_s(10.0))
        report = await forming
        assert all(end.is_done for end in report.ends.values()), report
        assert {state.mode for state in bench.fleet.state().vehicles} == {FlightMode.HOLD}
        assert bench.measured.least_m >= 10.0, bench.measured

    play(copters(grid(5, 14.0)), scene)


@pytest.mark.parametrize("policy", list(LossPolicy))
def test_one_that_leaves_is_noticed_and_its_slot_left_or_closed(policy: LossPolicy) -> None:
    async def scene(bench: TogetherBench) -> None:
        slots = tuple(Slot(east_m=20.0 * k, north_m=0.0) for k in range(3))
        forming = await formed(bench, Shape(slots=slots, anchors=(at(0.0, 40.0),), on_loss=policy), 330.0)
        await bench.clock.sleep(130.0)
        leaver = _in_slot(bench, at(0.0, 40.0))
        await bench.together.give_all([
            bench.together.giver.command(leaver, Verb.RETURN, COMMANDER, bench.in_s(10.0))
        ])
        report = await forming
        assert [gone.vehicle for gone in report.departures] == [leaver]
        alarms = [alarm for alarm in bench.bus.of("alarm") if alarm.key == f"{leaver}/left_formation"]
        assert len(alarms) == 1
        place = at(0.0, 40.0) if policy is LossPolicy.CLOSE else at(40.0, 40.0)
        assert _in_slot(bench, place) != leaver
        assert bench.measured.least_m >= 10.0, bench.measured

    play(copters(grid(3, 20.0)), scene)


def _in_slot(bench: TogetherBench, place: Enu) -> VehicleId:
    """Who stands there."""
    found = [v for v in bench.together.vehicles
             if math.dist(bench.truth_at(v), (place.east_m, place.north_m, place.up_m)) < 4.0]
    assert len(found) == 1, found
    return found[0]
