"""Together: orders to many vehicles at once, given through the same desks and the same guard as orders to one."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from fleet.authority import Authority
from fleet.commands import Ack, AckResult, Command, Verb
from fleet.model import VehicleState
from fleet.together.conductor import Conductor
from fleet.together.convoy import Convoy, End
from fleet.together.formation import Formation, FormationReport, Shape
from fleet.together.giver import Giver, OnAck
from fleet.together.halts import Halts
from fleet.together.lanes import Lanes, Shift, Top, home_plans, lift_plans, waves
from fleet.together.latch import GuardLatch, Latch
from fleet.together.sight import HOVERS, Sight
from fleet.together.spacing import Way
from fleet.together.start import RoundTrips, Starter, StartReport
from world.bus import Bus
from world.ids import Digest, OperatorId, VehicleId
from world.position import Enu, LocalFrame
from world.terrain import OutsideTerrain, Terrain
from world.time import Clock, Instant

HEIGHT_WITHIN_S = 15.0
HEIGHT_TRIES = 3
_GROUND_EVERY_M = 10.0


class Together:
    """One for a fleet. It hears `fleet/state`, `fleet/ack` and `fleet/links`, and gives commands.

    `hand_over` brings a command to the fleet service before it is recorded, `state_of` tells a vehicle's state now,
    `guard` is latched with every fleet-wide stop.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        authority: Authority,
        frame: LocalFrame,
        state_of: Callable[[VehicleId], VehicleState],
        hand_over: Callable[[Command], None] | None = None,
        guard: GuardLatch | None = None,
        terrain: Terrain | None = None,
        lanes: Lanes | None = None,
        name: str = "together",
    ) -> None:
        self._bus, self._clock, self._lanes = bus, clock, lanes or Lanes()
        self._top: Top | None = None if terrain is None else lambda way: highest_m(way, terrain)
        self._latch = Latch()
        self.giver = Giver(bus=bus, clock=clock, latch=self._latch, name=name, hand_over=hand_over)
        self._conductor = Conductor(bus=bus, clock=clock, giver=self.giver, frame=frame)
        self._halts = Halts(
            clock=clock, giver=self.giver, latch=self._latch, authority=authority, guard=guard,
            break_off=self._conductor.break_off,
        )
        self._starter = Starter(clock=clock, giver=self.giver, round_trips=RoundTrips(bus), state_of=state_of)

    @property
    def vehicles(self) -> tuple[VehicleId, ...]:
        """All of the fleet, as in its newest state."""
        return self._conductor.vehicles

    def sights(self) -> dict[VehicleId, Sight]:
        """Everybody in plane metres, as in the newest state."""
        return self._conductor.sights()

    def is_latched(self, vehicle: VehicleId) -> bool:
        return self._latch.holds(vehicle)

    async def give_all(
        self, commands: Iterable[Command], on_late: OnAck = lambda ack: None
    ) -> dict[VehicleId, Ack]:
        """Any commands to different vehicles, and everybody's end. Raises ToldTwice."""
        return await self.giver.give_all(commands, on_late)

    async def halt(
        self, verb: Verb, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant,
        on_late: OnAck = lambda ack: None,
    ) -> dict[VehicleId, Ack]:
        """STOP, HOLD, RETURN or LAND for these, or (None) for all. A STOP stays until `release`."""
        return await self._halts.all(verb, self._chosen(vehicles), by, deadline, on_late)

    def release(self, vehicles: Sequence[VehicleId] | None, by: OperatorId) -> str | None:
        """A commander lets them (None: all) move again; or one sentence why not."""
        return self._halts.release(vehicles, by)

    def keep_stopped(self, vehicles: Iterable[VehicleId], by: OperatorId, at: Instant) -> None:
        """A stop of an earlier run that nobody released. The guard is told apart."""
        self._latch.close(vehicles, by, at)

    async def kill(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant, *, held_s: float | None
    ) -> dict[VehicleId, Ack]:
        """Motors of one vehicle off. Raises KillRefused."""
        return await self._halts.kill(vehicles, by, deadline, held_s)

    async def take_off(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, digest: Digest | None, deadline: Instant,
        *, lowest_m: float | None = None,
    ) -> dict[VehicleId, End]:
        """In lanes: each to a layer of its own over its pad, when those before it have climbed clear."""
        lanes = self._lanes if lowest_m is None else replace(self._lanes, lowest_m=lowest_m)
        ends, pads = dict[VehicleId, End](), dict[VehicleId, Enu]()
        sights = self._conductor.sights()
        for vehicle in self._chosen(vehicles):
            sight = sights.get(vehicle)
            fault = _unfit(sight, is_aloft=False)
            if fault is not None or sight is None or sight.at is None:
                ends[vehicle] = End.unfit(fault or "its position is unknown")
            else:
                pads[vehicle] = sight.at
        plans, refused = lift_plans(pads, lanes)
        ends |= {vehicle: End.unfit(reason) for vehicle, reason in refused.items()}
        return ends | await self._conductor.conduct(Convoy(plans, self._lanes.spacing), by, deadline, digest)

    async def land(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant,
        pads: Mapping[VehicleId, Enu] | None = None,
    ) -> dict[VehicleId, End]:
        """In lanes: a stack over the pads (by default their homes), then one after another where pads are near."""
        return await self._bring_home(self._chosen(vehicles), by, deadline, Verb.LAND, pads or {})

    async def return_together(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant
    ) -> dict[VehicleId, End]:
        """Return heights apart are set and verified first; then over the pads layer by layer, then down in lanes."""
        return await self._bring_home(self._chosen(vehicles), by, deadline, Verb.RETURN, {})

    async def start(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, digest: Digest | None, starts: Instant,
        deadline: Instant,
    ) -> StartReport:
        """Loaded routes of armed vehicles, at one instant."""
        return await self._starter.start(self._chosen(vehicles), by, digest, starts, deadline)

    async def form(
        self, shape: Shape, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant
    ) -> FormationReport:
        """A formation of those in the air, until the deadline or a stop. Raises SlotsTooNear, NoRoom, AlreadyBusy."""
        formation = Formation(
            clock=self._clock, conductor=self._conductor, lanes=self._lanes, top=self._top,
            tell=lambda alarm: self._bus.publish("alarm", alarm),
        )
        return await formation.run(shape, self._chosen(vehicles), by, deadline)

    def break_off(self, vehicles: Sequence[VehicleId] | None, why: str) -> None:
        """No more legs for these; they stay where their last leg ends."""
        self._conductor.break_off(self._chosen(vehicles), why)

    def _chosen(self, vehicles: Sequence[VehicleId] | None) -> tuple[VehicleId, ...]:
        return self.vehicles if vehicles is None else tuple(dict.fromkeys(vehicles))

    async def _bring_home(
        self, vehicles: Sequence[VehicleId], by: OperatorId, deadline: Instant, last: Verb,
        pads: Mapping[VehicleId, Enu],
    ) -> dict[VehicleId, End]:
        ends: dict[VehicleId, End] = {}
        left = list(vehicles)
        while left and self._clock.now().mono_ns < deadline.mono_ns:
            shifts, unfit = self._shifts(left, pads)
            ends |= unfit
            if not shifts:
                break
            wave = waves(shifts, self._lanes, self._top)[0]
            refused = await self._set_return_heights(wave, by) if last is Verb.RETURN else {}
            known = {shift.vehicle for shift, _ in wave if shift.vehicle not in refused and last is Verb.RETURN}
            plans = home_plans(wave, self._lanes, last, known)
            ends |= await self._conductor.conduct(Convoy(plans, self._lanes.spacing), by, deadline)
            for vehicle, reason in refused.items():
                ends[vehicle] = replace(ends[vehicle], reason=f"{ends[vehicle].reason} (return height: {reason})")
            gone = {plan.vehicle for plan in plans}
            if any(self.is_latched(vehicle) for vehicle in gone):
                break
            left = [shift.vehicle for shift in shifts if shift.vehicle not in gone]
        return {v: ends.get(v, End.unfit("its turn did not come in time")) for v in vehicles}

    def _shifts(
        self, vehicles: Sequence[VehicleId], pads: Mapping[VehicleId, Enu]
    ) -> tuple[list[Shift], dict[VehicleId, End]]:
        shifts, unfit = [], {}
        sights = self._conductor.sights()
        for vehicle in vehicles:
            sight = sights.get(vehicle)
            fault = _unfit(sight, is_aloft=True)
            pad = pads.get(vehicle) or (None if sight is None else sight.home)
            if fault is not None or sight is None or sight.at is None or pad is None:
                unfit[vehicle] = End.unfit(fault or "its home is not known")
            else:
                shifts.append(Shift(vehicle, sight.at, pad, pad.up_m))
        return shifts, unfit

    async def _set_return_heights(self, wave: Sequence[tuple[Shift, float]], by: OperatorId) -> dict[VehicleId, str]:
        """So that whoever loses its link comes home on its own layer; who did not take it, and why."""
        wanted_m = {shift.vehicle: up_m - shift.to.up_m for shift, up_m in wave}
        refused: dict[VehicleId, str] = {}
        for _ in range(HEIGHT_TRIES):
            deadline = self._clock.now().plus_s(HEIGHT_WITHIN_S)
            acks = await self.giver.give_all(
                self.giver.command(vehicle, Verb.SET_RETURN_HEIGHT, by, deadline, height_m=height_m)
                for vehicle, height_m in wanted_m.items()
            )
            refused = {v: ack.reason for v, ack in acks.items() if ack.result is not AckResult.ACCEPTED}
            wanted_m = {vehicle: wanted_m[vehicle] for vehicle in refused}
            if not refused:
                break
        return refused


def _unfit(sight: Sight | None, *, is_aloft: bool) -> str | None:
    """Why a vehicle takes no part, or None."""
    if sight is None:
        return "it is not in the fleet's state"
    if not sight.is_heard:
        return "its link is lost"
    if sight.state.kind not in HOVERS:
        return f"a {sight.state.kind} cannot stand in a lane: order it by itself"
    if sight.is_aloft is not is_aloft:
        return "it is not in the air" if is_aloft else "it is in the air already"
    return None if sight.at is not None else "its position is unknown"


def highest_m(way: Way, terrain: Terrain) -> float:
    """Highest ground under a way; beyond the known terrain, its higher end."""
    a, b = way
    count = 1 + math.ceil(math.hypot(b.east_m - a.east_m, b.north_m - a.north_m) / _GROUND_EVERY_M)
    try:
        heights = terrain.heights_at(
            np.linspace(a.east_m, b.east_m, count + 1), np.linspace(a.north_m, b.north_m, count + 1)
        )
    except OutsideTerrain:
        return max(a.up_m, b.up_m)
    return float(heights.max())
