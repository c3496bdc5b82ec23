"""Together: orders to many vehicles at once, given through the same desks and the same guard as orders to one."""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from fleet.authority import Authority
from fleet.commands import Ack, Command, Verb
from fleet.model import VehicleState
from fleet.together.circles import Circles
from fleet.together.circuit import Pad, departures
from fleet.together.conductor import Conductor
from fleet.together.convoy import Convoy, End
from fleet.together.formation import Formation, FormationReport, Shape
from fleet.together.giver import Giver, OnAck
from fleet.together.halts import Halts
from fleet.together.homing import Homing, manner_of
from fleet.together.kinds import PLANE_GAIT, PLANES
from fleet.together.lanes import Lanes, Top, lift_plans
from fleet.together.latch import GuardLatch, Latch
from fleet.together.sight import FLIES, Sight
from fleet.together.spacing import Way
from fleet.together.start import RoundTrips, Starter, StartReport
from fleet.together.traveller import Leg, Plan
from world.bus import Bus
from world.ids import Digest, OperatorId, VehicleId
from world.position import Enu, LocalFrame
from world.terrain import OutsideTerrain, Terrain
from world.time import Clock, Instant

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
        self._circles = Circles(clock=clock, conductor=self._conductor)
        self._homing = Homing(
            clock=clock, conductor=self._conductor, giver=self.giver, lanes=self._lanes, top=self._top,
            circles=self._circles,
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
        """In lanes: each copter to a layer of its own over its pad, when those before it have climbed clear; planes
        one after another along their axis, to circles beside it. Robots are armed where they are.
        """
        lanes = self._lanes if lowest_m is None else replace(self._lanes, lowest_m=lowest_m)
        ends, pads, runways = dict[VehicleId, End](), dict[VehicleId, Enu](), dict[VehicleId, Pad]()
        robots: list[Plan] = []
        sights = self._conductor.sights()
        for vehicle in self._chosen(vehicles):
            sight = sights.get(vehicle)
            fault = _stays_down(sight)
            if fault is not None or sight is None or sight.at is None:
                ends[vehicle] = End.unfit(fault or "its position is unknown")
            elif sight.state.kind not in FLIES:
                arming = Leg(verb=Verb.ARM, end=sight.at)
                robots.append(Plan(vehicle=vehicle, legs=(arming,), after=(frozenset(),)))
            elif sight.state.kind != "plane":
                pads[vehicle] = sight.at
            elif sight.state.heading_deg is None:
                ends[vehicle] = End.unfit("its heading is unknown, and with it where it takes off to")
            else:
                runways[vehicle] = Pad(sight.at, math.radians(sight.state.heading_deg))
        plans, refused = lift_plans(pads, lanes)
        ends |= {vehicle: End.unfit(reason) for vehicle, reason in refused.items()}
        lifts = self._conductor.conduct(Convoy(plans, self._lanes.spacing), by, deadline, digest)
        readying = self._conductor.conduct(Convoy(robots, self._lanes.spacing, frozenset()), by, deadline, digest)
        for part in await asyncio.gather(lifts, readying, self._depart(runways, by, deadline, digest)):
            ends |= part
        return ends

    async def _depart(
        self, runways: Mapping[VehicleId, Pad], by: OperatorId, deadline: Instant, digest: Digest | None
    ) -> dict[VehicleId, End]:
        plans = departures(runways, PLANE_GAIT.flat_m_s)
        ends = await self._conductor.conduct(Convoy(plans, PLANES), by, deadline, digest)
        self._circles.note(ends, {plan.vehicle: plan.legs[-1].end for plan in plans})
        return ends

    async def land(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant,
        pads: Mapping[VehicleId, Enu] | None = None,
    ) -> dict[VehicleId, End]:
        """In lanes: a stack over the pads (by default their homes), then one after another where pads are near."""
        return await self._homing.run(self._chosen(vehicles), by, deadline, Verb.LAND, pads or {})

    async def return_together(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant
    ) -> dict[VehicleId, End]:
        """Return heights apart are set and verified first; then over the pads layer by layer, then down in lanes."""
        return await self._homing.run(self._chosen(vehicles), by, deadline, Verb.RETURN, {})

    async def start(
        self, vehicles: Sequence[VehicleId] | None, by: OperatorId, digest: Digest | None, starts: Instant,
        deadline: Instant,
    ) -> StartReport:
        """Loaded routes of armed vehicles, at one instant."""
        return await self._starter.start(self._chosen(vehicles), by, digest, starts, deadline)

    async def form(
        self, shape: Shape, vehicles: Sequence[VehicleId] | None, by: OperatorId, deadline: Instant
    ) -> FormationReport:
        """A formation of those in the air, until the deadline or a stop. Raises SlotsTooNear, AlreadyBusy."""
        formation = Formation(
            clock=self._clock, conductor=self._conductor, circles=self._circles,
            manner_of=lambda kind: manner_of(kind, self._conductor, self._lanes, self._top),
            tell=lambda alarm: self._bus.publish("alarm", alarm),
        )
        return await formation.run(shape, self._chosen(vehicles), by, deadline)

    def break_off(self, vehicles: Sequence[VehicleId] | None, why: str) -> None:
        """No more legs for these; they stay where their last leg ends."""
        self._conductor.break_off(self._chosen(vehicles), why)

    def _chosen(self, vehicles: Sequence[VehicleId] | None) -> tuple[VehicleId, ...]:
        return self.vehicles if vehicles is None else tuple(dict.fromkeys(vehicles))


def _stays_down(sight: Sight | None) -> str | None:
    """Why a vehicle does not take off, or None."""
    if sight is None:
        return "it is not in the fleet's state"
    if not sight.is_heard:
        return "its link is lost"
    if sight.is_aloft:
        return "it is in the air already"
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
