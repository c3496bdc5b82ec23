"""Routes of many begin at one instant, however far away each vehicle is in time."""

import random
from typing import Any

import pytest

from fleet.commands import AckResult, Route, RoutePoint, Verb
from fleet.drivers.mavlink.timesync import EVERY_S, WINDOW
from fleet.model import FlightMode
from tests.sim.support import FRAME
from tests.support.fleet_bench import APPROVED, COMMANDER
from tests.support.together_bench import Channel, TogetherBench, copters, grid, play
from world.ids import VehicleId
from world.position import Enu

AUTO = 3
MEASURED_S = 1.5 * WINDOW * EVERY_S
"""Until round trips of before do not count any more."""


async def loaded_and_armed(bench: TogetherBench) -> None:
    """Everybody holds a route of its own and is armed."""
    deadline = bench.in_s(60.0)
    homes = {state.vehicle: state.home for state in bench.fleet.state().vehicles}
    commands = []
    for vehicle, home in homes.items():
        assert home is not None
        pad = FRAME.to_enu(home)
        goal = FRAME.to_geodetic(Enu(east_m=pad.east_m, north_m=pad.north_m + 60.0, up_m=30.0))
        route = Route(points=(RoutePoint(position=goal, speed_m_s=5.0),), take_off_height_m=20.0)
        commands.append(bench.together.giver.command(
            vehicle, Verb.UPLOAD_ROUTE, COMMANDER, deadline, plan_digest=APPROVED, route=route
        ))
    acks = await bench.together.give_all(commands)
    assert all(ack.result is AckResult.ACCEPTED for ack in acks.values()), acks
    await bench.all_done(Verb.ARM)
    await bench.clock.sleep(0.5)


def watch_truth(bench: TogetherBench) -> dict[VehicleId, int]:
    """Instants at which the autopilots themselves changed to their routes."""
    changed: dict[VehicleId, int] = {}
    receive = bench.sim.receive

    def noting(vehicle: VehicleId, data: bytes) -> None:
        receive(vehicle, data)
        if bench.sim.machine(vehicle).mind()[0] == AUTO and vehicle not in changed:
            changed[vehicle] = bench.clock.now().mono_ns

    bench.hear_by(noting)
    return changed


def start(
    count: int, *, delays_s: tuple[float, float], farther_s: float = 0.0, seed: int = 3, **options: Any
) -> Any:
    """The fleet measures the round trips itself. `farther_s`: the first vehicle's link is slower from now on."""
    async def scene(bench: TogetherBench) -> Any:
        dice = random.Random(seed)
        for vehicle in bench.together.vehicles:
            delay_s = dice.uniform(*delays_s)
            bench.channels[vehicle] = Channel(delay_s=(delay_s, delay_s))
        changed = watch_truth(bench)
        await bench.clock.sleep(MEASURED_S)
        await loaded_and_armed(bench)
        first = next(iter(bench.together.vehicles))
        if farther_s:
            bench.channels[first] = Channel(delay_s=(farther_s, farther_s))
        starts = bench.in_s(1.0)
        report = await bench.together.start(None, COMMANDER, APPROVED, starts, bench.in_s(40.0))
        truth_ms = {vehicle: (at_ns - starts.mono_ns) / 1e6 for vehicle, at_ns in changed.items()}
        assert {bench.fleet.session(v).state(bench.clock.now()).mode for v in report.acks} == {FlightMode.AUTO}
        return report, truth_ms

    return play(copters(grid(count, 20.0)), scene, **options)


def test_vehicles_at_different_distances_start_within_50_ms() -> None:
    report, truth_ms = start(12, delays_s=(0.01, 0.25))
    assert len(truth_ms) == 12
    assert max(truth_ms.values()) - min(truth_ms.values()) <= 50.0
    assert max(abs(ms) for ms in truth_ms.values()) <= 25.0
    assert report.spread_ms is not None
    assert report.spread_ms <= 50.0
    assert report.late_ms == {}


def test_a_vehicle_that_is_late_is_named_with_its_delay() -> None:
    """A link that has just become slower than its measured round trip."""
    report, truth_ms = start(6, delays_s=(0.02, 0.05), farther_s=0.4)
    late = {v for v, ms in truth_ms.items() if ms - min(truth_ms.values()) > 150.0}
    assert late
    assert late <= set(report.late_ms)
    assert set(report.acks) == set(truth_ms)


def test_who_is_not_armed_or_has_no_route_is_told_so_and_does_not_start() -> None:
    async def scene(bench: TogetherBench) -> None:
        report = await bench.together.start(None, COMMANDER, APPROVED, bench.in_s(0.5), bench.in_s(20.0))
        assert {ack.result for ack in report.acks.values()} == {AckResult.REFUSED_BY_GUARD}
        assert all("not armed" in ack.reason for ack in report.acks.values())
        assert report.spread_ms is None

    play(copters(grid(2, 20.0)), scene)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_stop_before_the_instant_lets_nobody_start(seed: int) -> None:
    async def scene(bench: TogetherBench) -> None:
        await loaded_and_armed(bench)
        starting = bench.tasks.create_task(
            bench.together.start(None, COMMANDER, APPROVED, bench.in_s(2.0), bench.in_s(20.0))
        )
        await bench.clock.sleep(1.0)
        await bench.together.halt(Verb.STOP, None, COMMANDER, bench.in_s(10.0))
        report = await starting
        assert {ack.result for ack in report.acks.values()} == {AckResult.REFUSED_BY_GUARD}
        assert not bench.sim.airborne().size

    play(copters(grid(4, 20.0)), scene, seed=seed)
