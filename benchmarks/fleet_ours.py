"""`bench fleet`, our side: the fleet service on real sockets, vehicles taken in as they answer."""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks.machine import RATES_HZ, percentile
from command.timing.clock import LoopClock
from command.timing.heap import settle_heap
from fleet.adoption import Adoption
from fleet.authority import Authority
from fleet.commands import Ack, AckResult, Command, Verb
from fleet.guard import Fence, Guard, Site
from fleet.links.address import Address, LinkSpec
from fleet.links.open_links import open_links
from fleet.model import FleetState, LinkState, VehicleProfile, VehicleState
from fleet.roster import Roster
from fleet.service import FleetConfig, FleetService
from fleet.switchboard import Switchboard
from fleet.together.giver import Giver
from fleet.together.halts import Halts
from fleet.together.latch import Latch
from fleet.wire.warm_up import compile_loops
from world.ids import OperatorId
from world.position import Geodetic, LocalFrame
from world.terrain import Terrain
from world.time import Clock

PILOT = OperatorId("pilot")
ACK_WITHIN_S = 10.0
PRESSES = 7


class Bus:
    """In process; keeps what is measured."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._handlers: dict[str, list[Callable[[Any], None]]] = {}
        self.ages_ms: list[float] = []
        self.silent: set[str] = set()
        self.profiled: set[str] = set()
        self.newest: FleetState | None = None
        self.acks: dict[str, tuple[Ack, float]] = {}
        self.is_steady = False
        self.has_changed = asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something published to make it true."""
        while not holds():
            self.has_changed.clear()
            await self.has_changed.wait()

    def publish(self, topic: str, value: Any) -> None:
        for handler in self._handlers.get(topic, ()):
            handler(value)
        if isinstance(value, FleetState):
            self._look(value)
        elif isinstance(value, VehicleProfile):
            self.profiled.add(value.vehicle)
        elif isinstance(value, Ack):
            self.acks.setdefault(value.command, (value, time.monotonic()))  # it is told again to who asks again
            self.has_changed.set()

    def subscribe(self, topic: str, handler: Callable[[Any], None]) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    def _look(self, state: FleetState) -> None:
        self.newest = state
        self.has_changed.set()
        if self.is_steady:
            now = self._clock.now()
            self.ages_ms += [1000.0 * vehicle.heard.age_s(now) for vehicle in state.vehicles]
            self.silent |= {vehicle.vehicle for vehicle in state.vehicles if vehicle.link is not LinkState.FRESH}


def is_connected(vehicle: VehicleState) -> bool:
    """All that a pilot needs to see before arming, beside failsafes read back (`Bus.profiled`)."""
    known = (vehicle.position, vehicle.attitude, vehicle.battery_pct, vehicle.home, vehicle.is_landed)
    return vehicle.link is LinkState.FRESH and vehicle.is_ready and None not in known


async def main(vehicles: int, steady_s: int, ports: list[int]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))
    bus = Bus(clock)
    specs = [
        LinkSpec(name=f"net{number}", address=Address.parse(f"udpin:127.0.0.1:{port}"), adopts=True)
        for number, port in enumerate(ports)
    ]
    authority = Authority(commanders=[PILOT])
    board = Switchboard(lambda link, peer, data: links.send(link, peer, data), specs)
    guard = Guard(send=board.carry, authority=authority, vehicles={}, site=site())
    service = FleetService(
        bus=bus, clock=clock, roster=Roster([]), guard=guard, board=board, authority=authority,
        config=FleetConfig(rates_hz=RATES_HZ),
    )
    board.on_stranger = Adoption(service, guard).meet
    started = time.monotonic()
    links = await open_links(specs, clock, received=service.receive, changed=service.link_changed)
    tasks = [asyncio.ensure_future(links.run()), asyncio.ensure_future(service.run())]
    await connected(bus, vehicles)
    figures: dict[str, Any] = {"connect_all_s": round(time.monotonic() - started, 2)}
    figures |= await steady(bus, board, steady_s)
    figures |= await command_all(bus, service, authority, clock)
    for task in tasks:
        task.cancel()
    return figures


async def connected(bus: Bus, vehicles: int) -> None:
    def are_all() -> bool:
        known = () if bus.newest is None else bus.newest.vehicles
        return len(bus.profiled) == vehicles and sum([is_connected(vehicle) for vehicle in known]) == vehicles

    await bus.until(are_all)


async def steady(bus: Bus, board: Switchboard, steady_s: int) -> dict[str, Any]:
    assert bus.newest is not None
    frames = frames_of(bus, board)
    bus.is_steady = True
    wall, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(steady_s)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    bus.is_steady = False
    return {
        "cores": round(cpu / wall, 3),
        "messages_s": round((frames_of(bus, board) - frames) / wall),
        "silent": len(bus.silent),
        "state_age_p99_ms": round(percentile(bus.ages_ms, 99), 1),
    }


def frames_of(bus: Bus, board: Switchboard) -> int:
    assert bus.newest is not None
    return sum([path.quality.frames for vehicle in bus.newest.vehicles for path in board.paths(vehicle.vehicle)])


async def command_all(bus: Bus, service: FleetService, authority: Authority, clock: Clock) -> dict[str, Any]:
    """HOLD and RETURN to everybody in turns, as a stop goes; an ack means that the vehicle showed the mode.

    All times count from the press of the button, as on the other sides. Medians of the presses, and the worst.
    """
    assert bus.newest is not None
    latch, left = Latch(), list[float]()

    def hand_over(command: Command) -> None:
        service.submit(command)
        left.append(time.monotonic())

    giver = Giver(bus=bus, clock=clock, latch=latch, name="bench", hand_over=hand_over)
    halts = Halts(
        clock=clock, giver=giver, latch=latch, authority=authority, guard=None, break_off=lambda vehicles, reason: None
    )
    vehicles = [vehicle.vehicle for vehicle in bus.newest.vehicles]
    presses: list[dict[str, float]] = []
    for press in range(PRESSES):
        bus.acks.clear()
        pressed = time.monotonic()
        verb = Verb.RETURN if press % 2 else Verb.HOLD
        ends = await halts.all(verb, vehicles, PILOT, clock.now().plus_s(ACK_WITHIN_S))
        latencies_ms = [1000.0 * (at - pressed) for _, at in bus.acks.values()]
        presses.append({
            "acks_true": sum([ack.result is AckResult.ACCEPTED for ack in ends.values()]),
            "ack_p50_ms": percentile(latencies_ms, 50), "ack_p99_ms": percentile(latencies_ms, 99),
            "ordered_all_ms": 1000.0 * (left[-1] - pressed),
        })
        await asyncio.sleep(1.0)
    figures = {key: round(median(press[key] for press in presses), 1) for key in presses[0]}
    worst = {"ack_p99_worst_ms": round(max(press["ack_p99_ms"] for press in presses), 1)}
    return figures | worst | {"presses": PRESSES, "acks_true": min(press["acks_true"] for press in presses)}


def site() -> Site:
    """Flat ground, a fence of 20 km."""
    frame = LocalFrame(Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=900.0))
    terrain = Terrain(west_m=-12000.0, south_m=-12000.0, cell_m=1000.0, heights_m=np.zeros((25, 25), np.float32))
    corners = tuple(
        Geodetic(lat_deg=35.49 + north, lon_deg=112.85 + east, height_m=900.0)
        for east, north in ((-0.1, -0.09), (0.1, -0.09), (0.1, 0.09), (-0.1, 0.09))
    )
    return Site(frame=frame, terrain=terrain, fence=Fence(inclusion=corners))


if __name__ == "__main__":
    compile_loops()
    settle_heap()
    print(json.dumps(asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), [int(port) for port in sys.argv[3:]]))))
