"""The fleet service: vehicles' bytes in, fleet state, images and alarms out; commands in, verified acks out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fleet.authority import Authority, LeaseTaken
from fleet.commands import Ack, AckResult, Command, Lease
from fleet.guard import Guard
from fleet.link import FleetLink, LinkCounters
from fleet.model import Alarm, FleetState, Severity
from fleet.outlet import Outlet
from fleet.roster import Roster
from fleet.session import Session
from world.bus import Bus
from world.ids import CommandId, Digest, VehicleId
from world.time import NS_PER_S, Clock, Instant

REMEMBERED_COMMANDS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig:
    """Rates of the service. At k times real time a vehicle's failsafe needs k heartbeats a wall second."""

    state_hz: float = 5.0
    heartbeat_hz: float = 1.0
    tick_hz: float = 10.0
    alarm_hz: float = 1.0


class Approved(Protocol):
    """What the fleet reads of a mission's approval."""

    @property
    def digest(self) -> Digest: ...


class _Ledger(Outlet):
    """Remembers commands by id, so that a repeated one is answered and never run twice."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self._ends: dict[CommandId, Ack | None] = {}

    def is_new(self, command: Command) -> bool:
        """False for a known one, whose ack, if it has ended, is told again."""
        if command.id not in self._ends:
            self._ends[command.id] = None
            while len(self._ends) > REMEMBERED_COMMANDS:
                del self._ends[next(iter(self._ends))]
            return True
        end = self._ends[command.id]
        if end is not None:
            super().ack(end)
        return False

    def ack(self, ack: Ack) -> None:
        if ack.command in self._ends:
            self._ends[ack.command] = ack
        super().ack(ack)


class FleetService:
    """All vehicles of a roster. The composition calls `receive` with each vehicle's bytes and runs `run`."""

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        roster: Roster,
        guard: Guard,
        authority: Authority,
        config: FleetConfig | None = None,
    ) -> None:
        self._clock, self._guard, self._authority = clock, guard, authority
        self._config = config or FleetConfig()
        self._outlet = _Ledger(bus)
        self._link = FleetLink(roster, guard)
        now = clock.now()
        self._sessions = {
            entry.vehicle: Session(
                entry, link=self._link, guard=guard, authority=authority, outlet=self._outlet, now=now
            )
            for entry in roster
        }
        bus.subscribe("fleet/command", self._on_command)
        bus.subscribe("fleet/lease", self._on_lease)
        bus.subscribe("mission/approval", self._on_approval)

    def receive(self, vehicle: VehicleId, data: bytes) -> None:
        """Bytes that arrived on a vehicle's line."""
        self._sessions[vehicle].receive(data, self._clock.now())

    def counters(self, vehicle: VehicleId) -> LinkCounters:
        return self._link.counters(vehicle)

    def state(self) -> FleetState:
        now = self._clock.now()
        return FleetState(at=now, vehicles=tuple(session.state(now) for session in self._sessions.values()))

    async def run(self) -> None:
        """Serve until cancelled."""
        for session in self._sessions.values():
            for lens in session.entry.lenses:
                self._outlet.lens(lens)
        async with asyncio.TaskGroup() as tasks:
            for session in self._sessions.values():
                tasks.create_task(self._every(self._config.heartbeat_hz, session.heartbeat))
                tasks.create_task(self._every(self._config.tick_hz, session.tick))
            tasks.create_task(self._every(self._config.state_hz, lambda now: self._outlet.state(self.state())))
            tasks.create_task(self._every(self._config.alarm_hz, self._tell_alarms))

    async def _every(self, rate_hz: float, act: Callable[[Instant], None]) -> None:
        period_ns = round(NS_PER_S / rate_hz)
        due_ns = self._clock.now().mono_ns
        while True:
            act(self._clock.now())
            # a late turn is not made up for
            due_ns = max(due_ns + period_ns, self._clock.now().mono_ns)
            await self._clock.sleep_until(due_ns)

    def _tell_alarms(self, now: Instant) -> None:
        for session in self._sessions.values():
            for alarm in session.alarms(now):
                self._outlet.alarm(alarm)

    def _on_command(self, command: Command) -> None:
        if not self._outlet.is_new(command):
            return
        now = self._clock.now()
        session = self._sessions.get(command.vehicle)
        if session is not None:
            session.submit(command, now)
            return
        self._outlet.ack(Ack(
            command=command.id,
            vehicle=command.vehicle,
            verb=command.verb,
            result=AckResult.UNKNOWN_VEHICLE,
            reason=f"{command.vehicle} is not in the roster",
            at=now,
        ))

    def _on_approval(self, approval: Approved) -> None:
        self._guard.approve(approval.digest)

    def _on_lease(self, lease: Lease) -> None:
        now = self._clock.now()
        try:
            self._authority.grant(lease, now)
        except LeaseTaken as taken:
            self._outlet.alarm(Alarm(
                key=f"{lease.vehicle}/lease_refused/{lease.holder}",
                severity=Severity.ADVISORY,
                vehicle=lease.vehicle,
                text=f"Lease refused: {taken}",
                text_zh=f"{lease.vehicle}：{lease.holder} 的控制权申请被拒绝",
                at=now,
                is_active=True,
            ))
