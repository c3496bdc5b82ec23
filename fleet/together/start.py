"""Many routes started at one instant: each told early by half its round trip; how near they came, by their reports."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fleet.commands import Ack, AckResult, Command, Verb
from fleet.model import FlightMode, LinkReport, VehicleState
from fleet.together.giver import Giver
from world.bus import Bus
from world.ids import Digest, OperatorId, VehicleId
from world.time import NS_PER_S, Clock, Instant

LOOK_EVERY_S = 0.01
SEEN_WITHIN_S = 6.0
LATE_MS = 50.0
ROUND_TRIPS_TO_REPORT = 0.5
"""From the change of mode: the HEARTBEAT, asked for with the order itself, down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReport:
    """Who started when, in ms after the common instant, by the vehicles' own reports of their mode."""

    starts: Instant
    acks: Mapping[VehicleId, Ack]
    after_ms: Mapping[VehicleId, float] = field(default_factory=dict)

    @property
    def spread_ms(self) -> float | None:
        """Between the first and the last; None when fewer than two were seen to start."""
        seen = self.after_ms.values()
        return max(seen) - min(seen) if len(self.after_ms) > 1 else None

    @property
    def late_ms(self) -> dict[VehicleId, float]:
        """Who came later after the first than is good, and by how much."""
        first = min(self.after_ms.values(), default=0.0)
        return {vehicle: ms - first for vehicle, ms in self.after_ms.items() if ms - first > LATE_MS}


class RoundTrips:
    """Newest known round trip of each vehicle's primary path, from `fleet/links`."""

    def __init__(self, bus: Bus) -> None:
        self._rtt_s: dict[VehicleId, float] = {}
        bus.subscribe("fleet/links", self._on_links)

    def of(self, vehicle: VehicleId) -> float:
        """Seconds; 0 while nothing was measured."""
        return self._rtt_s.get(vehicle, 0.0)

    def _on_links(self, report: LinkReport) -> None:
        for path in report.paths:
            if path.is_primary and path.rtt_ms is not None:
                self._rtt_s[report.vehicle] = path.rtt_ms / 1000.0


class Starter:
    """`state_of` gives a vehicle's state at this moment: `fleet/state` comes too seldom to measure by."""

    def __init__(
        self, *, clock: Clock, giver: Giver, round_trips: RoundTrips, state_of: Callable[[VehicleId], VehicleState]
    ) -> None:
        self._clock, self._giver = clock, giver
        self._round_trips, self._state_of = round_trips, state_of

    async def start(
        self, vehicles: Sequence[VehicleId], by: OperatorId, digest: Digest | None, starts: Instant, deadline: Instant
    ) -> StartReport:
        """Those that are armed and hold a route; the others are refused, each with its reason."""
        commands = {
            vehicle: self._giver.command(vehicle, Verb.START_ROUTE, by, deadline, plan_digest=digest)
            for vehicle in vehicles
        }
        acks = {vehicle: ack for vehicle in vehicles if (ack := self._unfit(commands[vehicle])) is not None}
        fit = [vehicle for vehicle in vehicles if vehicle not in acks]
        rtt_s = {vehicle: self._round_trips.of(vehicle) for vehicle in fit}
        sent: dict[VehicleId, Instant] = {}
        seeing = asyncio.ensure_future(self._see(fit, starts, sent, rtt_s))
        gathering = [asyncio.ensure_future(self._give(commands[v], starts, rtt_s[v], sent)) for v in fit]
        try:
            for ack in await asyncio.gather(*gathering):
                acks[ack.vehicle] = ack
            after_ms = await seeing
        finally:
            for task in (seeing, *gathering):
                task.cancel()
        return StartReport(starts=starts, acks=acks, after_ms=after_ms)

    def _unfit(self, command: Command) -> Ack | None:
        state = self._state_of(command.vehicle)
        why = None
        if state.is_armed is not True:
            why = "it is not armed: whoever arms only now starts late"
        elif not state.mission_count:
            why = "no route is loaded"
        return None if why is None else self._giver.ack(command, AckResult.REFUSED_BY_GUARD, why)

    async def _give(self, command: Command, starts: Instant, rtt_s: float, sent: dict[VehicleId, Instant]) -> Ack:
        await self._clock.sleep_until(starts.mono_ns - round(rtt_s / 2.0 * NS_PER_S))
        sent[command.vehicle] = self._clock.now()
        return (await self._giver.give_all([command]))[command.vehicle]

    async def _see(
        self, vehicles: Sequence[VehicleId], starts: Instant, sent: Mapping[VehicleId, Instant],
        rtt_s: Mapping[VehicleId, float],
    ) -> dict[VehicleId, float]:
        """When each was in its route: before its report by the ways that took, and not before it can have heard us."""
        left, after_ms = set(vehicles), dict[VehicleId, float]()
        end = starts.plus_s(SEEN_WITHIN_S)
        while left and self._clock.now().mono_ns < end.mono_ns:
            now = self._clock.now()
            for vehicle in [v for v in left if v in sent and self._state_of(v).mode is FlightMode.AUTO]:
                left.discard(vehicle)
                trip_ns = round(rtt_s[vehicle] * NS_PER_S)
                heard_ns = sent[vehicle].mono_ns + trip_ns // 2
                began_ns = max(now.mono_ns - round(ROUND_TRIPS_TO_REPORT * trip_ns), heard_ns)
                after_ms[vehicle] = (began_ns - starts.mono_ns) / 1e6
            await self._clock.sleep(LOOK_EVERY_S)
        return after_ms
