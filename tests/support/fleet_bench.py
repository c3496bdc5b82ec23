"""A fleet service with scripted vehicles behind it, in virtual time: what tests of commands and acks stand on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from fleet.authority import Authority
from fleet.commands import Ack, AckResult, Command, Lease, Route, RoutePoint, Verb
from fleet.guard import LIMITS, Fence, Guard, GuardedVehicle, Site
from fleet.links.address import LinkSpec
from fleet.model import VehicleKind
from fleet.roster import Roster, RosterEntry
from fleet.service import FleetService
from fleet.switchboard import Switchboard
from fleet.wire.enums import MavType
from tests.support.scripted_autopilot import HOME, Script, ScriptedAutopilot
from tests.support.scripted_px4 import ScriptedPx4
from tests.support.virtual_time import VirtualClock, VirtualLoop, run_virtually
from world.ids import CommandId, Digest, OperatorId, VehicleId
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Terrain

T = TypeVar("T")
PILOT, COMMANDER, STRANGER = OperatorId("pilot"), OperatorId("commander"), OperatorId("stranger")
APPROVED = Digest("a" * 64)
ONE_COPTER = RosterEntry(vehicle=VehicleId("U01"), kind=VehicleKind.COPTER, sysid=1)
FRAME = LocalFrame(Geodetic(lat_deg=HOME[0], lon_deg=HOME[1], height_m=HOME[2]))
AUTO_OF = {
    VehicleKind.COPTER: 3, VehicleKind.ROVER: 10, VehicleKind.SUB: 3, VehicleKind.PLANE: 10, VehicleKind.BOAT: 10
}
TYPE_OF = {
    VehicleKind.COPTER: MavType.QUADROTOR, VehicleKind.ROVER: MavType.GROUND_ROVER, VehicleKind.SUB: MavType.SUBMARINE,
    VehicleKind.PLANE: MavType.FIXED_WING, VehicleKind.BOAT: MavType.SURFACE_BOAT,
}


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time."""
    result: T = run_virtually(VirtualLoop(), main)
    return result


def at(east_m: float, north_m: float, up_m: float) -> Geodetic:
    return FRAME.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=up_m))


def square(half_m: float, centre_m: tuple[float, float] = (0.0, 0.0)) -> tuple[Geodetic, ...]:
    e, n = centre_m
    return tuple(at(e + sx * half_m, n + sy * half_m, 0.0) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)))


def flat_site(fence: Fence | None = None) -> Site:
    heights = np.zeros((201, 201), np.float32)
    terrain = Terrain(west_m=-1000.0, south_m=-1000.0, cell_m=10.0, heights_m=heights)
    return Site(frame=FRAME, terrain=terrain, fence=fence or Fence(inclusion=square(800.0)))


def route(points: int = 4, **changes: Any) -> Route:
    """A way over flat ground; `changes` replace fields of Route."""
    places = (at(30.0 * k % 500, 40.0 + 20.0 * k % 500, 40.0) for k in range(points))
    plain = Route(points=tuple(RoutePoint(position=p, speed_m_s=6.0) for p in places), take_off_height_m=30.0)
    return replace(plain, **changes)


class RecordingBus:
    """Delivers at once and remembers what was published."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self._handlers: dict[str, list[Callable[[Any], None]]] = {}

    def publish(self, topic: str, value: Any) -> None:
        self.told.append((topic, value))
        for handler in self._handlers.get(topic, []):
            handler(value)

    def subscribe(self, topic: str, handler: Callable[[Any], None]) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    def of(self, topic: str) -> list[Any]:
        return [value for name, value in self.told if name == topic]


@dataclass(slots=True)
class FleetBench:
    """Everything a test touches."""

    clock: VirtualClock
    bus: RecordingBus
    service: FleetService
    board: Switchboard
    guard: Guard
    authority: Authority
    peers: dict[VehicleId, ScriptedAutopilot]
    px4: dict[VehicleId, ScriptedPx4] = field(default_factory=dict)
    commands: int = field(default=0)

    def command(
        self, verb: Verb, vehicle: str = "U01", *, by: OperatorId = PILOT, in_s: float = 60.0, **rest: Any
    ) -> Command:
        self.commands += 1
        fields = {"plan_digest": APPROVED} | rest
        return Command(
            id=CommandId(f"c{self.commands}"), vehicle=VehicleId(vehicle), verb=verb, issued_by=by,
            deadline=self.clock.now().plus_s(in_s), **fields,
        )

    def give(self, verb: Verb, vehicle: str = "U01", **rest: Any) -> Command:
        command = self.command(verb, vehicle, **rest)
        self.bus.publish("fleet/command", command)
        return command

    def acks(self, command: Command) -> list[Ack]:
        return [ack for ack in self.bus.of("fleet/ack") if ack.command == command.id]

    async def ack(self, command: Command) -> Ack:
        """The end of a command; fails when it never comes."""
        for _ in range(3000):
            acks = self.acks(command)
            if acks:
                return acks[0]
            await self.clock.sleep(0.1)
        raise AssertionError(f"no ack of {command.verb}")

    async def done(self, verb: Verb, vehicle: str = "U01", **rest: Any) -> Ack:
        """Give a command and see it accepted."""
        ack = await self.ack(self.give(verb, vehicle, **rest))
        assert ack.result is AckResult.ACCEPTED, ack
        return ack

    def state(self, vehicle: str = "U01") -> Any:
        return next(state for state in self.service.state().vehicles if state.vehicle == vehicle)


Channel = Callable[[Callable[[bytes], None]], Callable[[bytes], None]]


def _soon(loop: asyncio.AbstractEventLoop, deliver: Callable[[bytes], None], data: bytes) -> None:
    loop.call_soon(deliver, data)


def _to_all(
    loop: asyncio.AbstractEventLoop, ways: Sequence[Callable[[bytes], None]], data: bytes
) -> None:
    for deliver in ways:
        loop.call_soon(deliver, data)


def _received(service: FleetService, link: str, peer: str, data: bytes) -> None:
    service.receive(link, data, peer)


def perfect(deliver: Callable[[bytes], None]) -> Callable[[bytes], None]:
    return deliver


@asynccontextmanager
async def fleet_bench(
    script: Script | None = None,
    *,
    entries: Sequence[RosterEntry] = (ONE_COPTER,),
    is_px4: bool = False,
    channel: Channel = perfect,
    channels: Mapping[str, Channel] | None = None,
    links: Sequence[LinkSpec] = (),
    settle_s: float = 6.0,
) -> AsyncIterator[FleetBench]:
    """A running service with one scripted vehicle per entry, leased to PILOT, after `settle_s` of telemetry.

    `channels` by link where they differ; a vehicle with several ways speaks on all of them.
    """
    loop = asyncio.get_running_loop()
    clock, bus = VirtualClock(loop), RecordingBus()
    peers: dict[VehicleId, ScriptedAutopilot] = {}
    px4: dict[VehicleId, ScriptedPx4] = {}
    down: dict[tuple[str, str], Callable[[bytes], None]] = {}
    authority = Authority(commanders=[COMMANDER])
    board = Switchboard(lambda link, peer, data: down[link, peer](data), links)
    guard = Guard(
        send=board.carry,
        authority=authority,
        vehicles={e.vehicle: GuardedVehicle(sysid=e.sysid, limits=LIMITS[e.kind]) for e in entries},
        site=flat_site(),
    )
    guard.approve(APPROVED)
    service = FleetService(
        bus=bus, clock=clock, roster=Roster(entries), guard=guard, board=board, authority=authority
    )
    for entry in entries:
        ways = {(way.link, way.peer or ""): (channels or {}).get(way.link, channel) for way in entry.ways}
        upward = [made(partial(_received, service, *way)) for way, made in ways.items()]
        peer: ScriptedAutopilot | ScriptedPx4
        if is_px4:
            peer = px4[entry.vehicle] = ScriptedPx4(
                entry.sysid, partial(_to_all, loop, upward), kind=TYPE_OF[entry.kind]
            )
        else:
            peer = peers[entry.vehicle] = ScriptedAutopilot(
                entry.sysid, partial(_to_all, loop, upward), kind=TYPE_OF[entry.kind], auto=AUTO_OF[entry.kind],
                script=script or Script(),
            )
        down |= {way: partial(_soon, loop, made(peer.hear)) for way, made in ways.items()}
        lease = Lease(vehicle=entry.vehicle, holder=PILOT, expires=clock.now().plus_s(3600.0))
        authority.grant(lease, clock.now())

    async def live(peer: ScriptedAutopilot | ScriptedPx4) -> None:
        while True:
            peer.tick(0.2)
            await clock.sleep(0.2)

    async with asyncio.TaskGroup() as tasks:
        lives = [*map(live, peers.values()), *map(live, px4.values())]
        running = [tasks.create_task(service.run()), *(tasks.create_task(one) for one in lives)]
        await clock.sleep(settle_s)
        yield FleetBench(clock, bus, service, board, guard, authority, peers, px4)
        for task in running:
            task.cancel()
