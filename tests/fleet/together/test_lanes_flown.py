"""Lanes flown by simulated autopilots: separation by the truth, with losses, refusals, deaths and silence."""

import math

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fleet.commands import AckResult
from fleet.together.convoy import End
from sim.service import Failure
from tests.support.fleet_bench import APPROVED, COMMANDER
from tests.support.together_bench import Channel, Measured, TogetherBench, copters, grid, play
from world.ids import VehicleId

APART_M = 10.0
ROUGH = Channel(lost=0.3, delay_s=(0.0, 0.5))

pads = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=6, unique=True
).map(lambda cells: [(7.0 * e, 7.0 * n) for e, n in cells])


async def lift(bench: TogetherBench, within_s: float = 300.0) -> dict[VehicleId, End]:
    return await bench.together.take_off(None, COMMANDER, APPROVED, bench.in_s(within_s))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pads, st.integers(0, 2**16), st.sampled_from(["none", "refuses", "dies"]))
@example(  # pads as far apart as ways must be, seen now a little farther and now a little nearer
    layout=[(0.0, 0.0), (35.0, 14.0), (0.0, 7.0), (0.0, 14.0), (35.0, 0.0), (28.0, 0.0)], seed=65536, failure="none"
)
def test_take_off_keeps_the_separation_over_any_pads(
    layout: list[tuple[float, float]], seed: int, failure: str
) -> None:
    async def scene(bench: TogetherBench) -> None:
        victim = bench.together.vehicles[-1]
        if failure == "dies":
            bench.sim.fail(victim, Failure.MOTOR)
        elif failure == "refuses":
            bench.sim.machine(victim).drain(5.0)
            await bench.clock.sleep(3.0)
        ends = await lift(bench, 260.0)
        assert bench.measured.least_m >= APART_M, bench.measured
        if failure == "none":
            assert all(end.is_done for end in ends.values()), ends
        else:
            assert all(end.is_done or end.reason for end in ends.values())

    play(copters(layout, refuses_first_arm=0.3), scene, seed=seed)


def test_twelve_lift_and_come_home_over_a_bad_link() -> None:
    async def scene(bench: TogetherBench) -> None:
        for vehicle in bench.together.vehicles:
            bench.channels[vehicle] = ROUGH
        ends = await lift(bench)
        assert all(end.is_done for end in ends.values()), ends
        assert bench.measured.least_m >= APART_M, bench.measured
        bench.measured = Measured()
        ends = await bench.together.return_together(None, COMMANDER, bench.in_s(500.0))
        assert all(end.is_done for end in ends.values()), ends
        assert bench.measured.least_m >= APART_M, bench.measured
        assert not bench.sim.airborne().size

    play(copters(grid(12, 12.0)), scene, seed=11)


def test_one_that_dies_in_its_climb_keeps_its_lane_and_the_far_ones_go_on() -> None:
    async def scene(bench: TogetherBench) -> None:
        dead: list[VehicleId] = []

        def die() -> None:
            for vehicle in pair:
                if not dead and bench.truth_at(vehicle)[2] > 6.0:
                    dead.append(vehicle)
                    bench.sim.fail(vehicle, Failure.MOTOR)

        *pair, far = bench.together.vehicles
        bench.on_look = die
        ends = await lift(bench, 90.0)
        (first,) = dead
        near = next(vehicle for vehicle in pair if vehicle != first)
        assert not ends[first].is_done
        assert not ends[near].is_done, "nobody knows where the first one is"
        assert first in ends[near].reason
        assert ends[far].is_done
        assert bench.measured.least_m >= APART_M

    play(copters([(0.0, 0.0), (6.0, 0.0), (60.0, 0.0)]), scene)


def test_one_that_refuses_to_arm_lets_its_neighbours_go_by_another_order() -> None:
    async def scene(bench: TogetherBench) -> None:
        refuser = bench.together.vehicles[0]
        bench.sim.machine(refuser).drain(5.0)
        await bench.clock.sleep(3.0)
        ends = await lift(bench, 200.0)
        assert not ends[refuser].is_done
        assert ends[refuser].result is not AckResult.ACCEPTED
        assert all(end.is_done for vehicle, end in ends.items() if vehicle != refuser), ends
        assert bench.measured.least_m >= APART_M

    play(copters(grid(4, 6.0)), scene)


def test_one_whose_link_is_lost_keeps_its_place_and_the_others_come_home() -> None:
    async def scene(bench: TogetherBench) -> None:
        assert all(end.is_done for end in (await lift(bench)).values())
        lost = bench.together.vehicles[0]
        bench.cut(lost)
        await bench.clock.sleep(8.0)
        ends = await bench.together.return_together(None, COMMANDER, bench.in_s(600.0))
        assert not ends[lost].is_done
        assert "link is lost" in ends[lost].reason
        assert all(end.is_done for vehicle, end in ends.items() if vehicle != lost), ends
        assert bench.measured.least_m >= APART_M

    play(copters(grid(4, 30.0)), scene)


def test_landing_on_one_pad_waits_for_it_to_be_cleared() -> None:
    async def scene(bench: TogetherBench) -> None:
        assert all(end.is_done for end in (await lift(bench)).values())
        pad = next(sight.home for sight in bench.together.sights().values() if sight.home is not None)
        shared = dict.fromkeys(bench.together.vehicles, pad)
        ends = await bench.together.land(None, COMMANDER, bench.in_s(160.0), shared)
        landed = [vehicle for vehicle, end in ends.items() if end.is_done]
        assert len(landed) == 1
        (other,) = set(ends) - set(landed)
        assert f"{landed[0]} stands on the pad" in ends[other].reason
        assert math.isinf(bench.measured.least_m) or bench.measured.least_m >= APART_M

    play(copters([(0.0, 0.0), (30.0, 0.0)]), scene)


@pytest.mark.parametrize("count", [40])
def test_more_over_one_place_than_layers_are_told_so(count: int) -> None:
    async def scene(bench: TogetherBench) -> None:
        ends = await bench.together.take_off(None, COMMANDER, APPROVED, bench.in_s(0.5))
        assert any("no free layer" in end.reason for end in ends.values())

    play(copters(grid(count, 1.0)), scene)
