"""Many simulated autopilots, their fleet and Together over it, in virtual time; separations measured from the truth."""

import asyncio
import itertools
import math
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from fleet.authority import Authority
from fleet.commands import Ack, AckResult, Verb
from fleet.guard import LIMITS, Fence, Guard, GuardedVehicle, Site
from fleet.model import VehicleKind
from fleet.roster import Roster, RosterEntry
from fleet.service import FleetService
from fleet.switchboard import Switchboard
from fleet.together.together import Together
from sim.engine.weather import Weather
from sim.service import CALM, SimService
from sim.vehicles.spec import Kind, VehicleSpec
from tests.sim.support import FRAME, flat_terrain
from tests.support.fleet_bench import APPROVED, COMMANDER, RecordingBus
from tests.support.virtual_time import VirtualClock, VirtualLoop, run_virtually
from world.ids import VehicleId
from world.position import Enu, Geodetic
from world.time import Instant

LAYER_M = 5.0
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Of every vehicle, both ways: share lost, and delay one way (least, most)."""

    lost: float = 0.0
    delay_s: tuple[float, float] = (0.0, 0.0)


@dataclass(slots=True)
class Measured:
    """Least distance on the ground between two in the air that are less than a layer apart in height."""

    layer_m: float = LAYER_M
    least_m: float = math.inf
    pair: tuple[VehicleId, VehicleId] | None = None

    def take(self, sim: SimService) -> None:
        rows = sim.airborne()
        if len(rows) < 2:
            return
        at = sim.engine.columns.pos[rows]
        flat_m = np.hypot(*(at[:, None, :2] - at[None, :, :2]).transpose(2, 0, 1))
        is_level = np.abs(at[:, None, 2] - at[None, :, 2]) < self.layer_m
        pairs = np.where(np.triu(is_level, 1), flat_m, math.inf)
        k = int(pairs.argmin())
        if pairs.flat[k] < self.least_m:
            self.least_m = float(pairs.flat[k])
            i, j = divmod(k, len(rows))
            self.pair = (sim.machines[rows[i]].id, sim.machines[rows[j]].id)


@dataclass(slots=True)
class TogetherBench:
    """Everything a test touches."""

    clock: VirtualClock
    bus: RecordingBus
    fleet: FleetService
    sim: SimService
    together: Together
    authority: Authority
    channels: dict[VehicleId, Channel]
    tasks: asyncio.TaskGroup
    hear_by: Callable[[Callable[[VehicleId, bytes], None]], None]
    """What vehicles receive goes by this function from now on."""
    measured: Measured = field(default_factory=Measured)
    on_look: Callable[[], None] = lambda: None

    def in_s(self, seconds: float) -> Instant:
        return self.clock.now().plus_s(seconds)

    def truth_at(self, vehicle: VehicleId) -> npt.NDArray[np.float64]:
        row = next(k for k, machine in enumerate(self.sim.machines) if machine.id == vehicle)
        return np.asarray(self.sim.engine.columns.pos[row])

    def cut(self, vehicle: VehicleId) -> None:
        """Its link is dead from now on."""
        self.channels[vehicle] = Channel(lost=1.0)

    async def look(self) -> None:
        while True:
            self.measured.take(self.sim)
            self.on_look()
            await self.clock.sleep(LOOK_EVERY_S)

    async def settled(self, within_s: float = 40.0) -> None:
        """Everybody is heard and ready."""
        end = self.in_s(within_s)
        while not all(state.is_ready and state.home is not None for state in self.fleet.state().vehicles):
            assert self.clock.now().mono_ns < end.mono_ns, "the fleet was not ready in time"
            await self.clock.sleep(0.2)
        await self.clock.sleep(0.3)

    async def all_done(self, verb: Verb, **rest: Any) -> dict[VehicleId, Ack]:
        """One command to everybody, accepted by all."""
        deadline = self.in_s(rest.pop("within_s", 60.0))
        acks = await self.together.give_all(
            self.together.giver.command(vehicle, verb, COMMANDER, deadline, plan_digest=APPROVED, **rest)
            for vehicle in self.together.vehicles
        )
        assert all(ack.result is AckResult.ACCEPTED for ack in acks.values()), acks
        return acks


def copters(pads: Sequence[tuple[float, float]], **changes: Any) -> list[VehicleSpec]:
    """One per pad, booted and ready."""
    plain = VehicleSpec(
        id=VehicleId("U"), sysid=1, kind=Kind.COPTER, booted_s=60.0, refuses_first_arm=0.0,
        home=Enu(east_m=0.0, north_m=0.0, up_m=0.0),
    )
    return [
        replace(
            plain, id=VehicleId(f"U{k:02d}"), sysid=k, home=Enu(east_m=east_m, north_m=north_m, up_m=0.0), **changes
        )
        for k, (east_m, north_m) in enumerate(pads, 1)
    ]


def grid(count: int, step_m: float) -> list[tuple[float, float]]:
    side = math.ceil(math.sqrt(count))
    return [(step_m * (k % side), step_m * (k // side)) for k in range(count)]


@asynccontextmanager
async def together_bench(
    specs: Sequence[VehicleSpec], *, channel: Channel | None = None, seed: int = 5, weather: Weather = CALM,
    **options: Any,
) -> AsyncIterator[TogetherBench]:
    """COMMANDER may command everything; the plan APPROVED is approved."""
    loop = asyncio.get_running_loop()
    clock, bus, terrain, dice = VirtualClock(loop), RecordingBus(), flat_terrain(), random.Random(seed)
    receivers: list[Callable[[VehicleId, bytes], None]] = []
    channels = {made.id: channel or Channel() for made in specs}

    def carried(vehicle: VehicleId, deliver: Callable[[], object]) -> None:
        how = channels[vehicle]
        if how.lost and dice.random() < how.lost:
            return
        delay_s = dice.uniform(*how.delay_s)
        if delay_s:
            loop.call_later(delay_s, deliver)
        else:
            loop.call_soon(deliver)

    def down(link: str, peer: str, data: bytes) -> None:
        carried(VehicleId(link), lambda: receivers[-1](VehicleId(link), data))

    def up(vehicle: VehicleId, data: bytes) -> None:
        carried(vehicle, partial(fleet.receive, vehicle, data))

    authority = Authority(commanders=[COMMANDER])
    board = Switchboard(down)
    guard = Guard(
        send=board.carry, authority=authority,
        vehicles={m.id: GuardedVehicle(sysid=m.sysid, limits=LIMITS[VehicleKind(m.kind.value)]) for m in specs},
        site=Site(frame=FRAME, terrain=terrain, fence=Fence(inclusion=_square(1500.0))),
    )
    guard.approve(APPROVED)
    roster = Roster([RosterEntry(vehicle=m.id, kind=VehicleKind(m.kind.value), sysid=m.sysid) for m in specs])
    fleet = FleetService(bus=bus, clock=clock, roster=roster, guard=guard, board=board, authority=authority)
    together = Together(
        bus=bus, clock=clock, authority=authority, frame=FRAME,
        state_of=lambda vehicle: fleet.session(vehicle).state(clock.now()), **options,
    )
    sim = SimService(clock=clock, specs=specs, terrain=terrain, frame=FRAME, seed=seed, send=up, weather=weather)
    receivers.append(sim.receive)
    async with asyncio.TaskGroup() as tasks:
        bench = TogetherBench(clock, bus, fleet, sim, together, authority, channels, tasks, receivers.append)
        running = [tasks.create_task(work) for work in (fleet.run(), sim.run(), bench.look())]
        await bench.settled()
        yield bench
        for task in running:
            task.cancel()


def _square(half_m: float) -> tuple[Geodetic, ...]:
    corners = itertools.product((-half_m, half_m), repeat=2)
    sw, nw, se, ne = (FRAME.to_geodetic(Enu(east_m=e, north_m=n, up_m=0.0)) for e, n in corners)
    return sw, se, ne, nw


def play(
    specs: Sequence[VehicleSpec], scene: Callable[[TogetherBench], Coroutine[Any, Any, Any]], **options: Any
) -> Any:
    """A scene with a fleet, in virtual time; what the scene gives back."""

    async def main() -> Any:
        async with together_bench(specs, **options) as bench:
            return await scene(bench)

    return run_virtually(VirtualLoop(), main())
