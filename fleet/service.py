"""The fleet service: vehicles' bytes in, fleet state, images and alarms out; commands in, verified acks out."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fleet.authority import Authority, LeaseTaken
from fleet.commands import Ack, AckResult, Command, Lease
from fleet.drivers.mavlink.parameter_cache import ParameterCache
from fleet.guard import Guard
from fleet.inquiries import Answer, Inquiry
from fleet.leases import LeaseAct, LeaseRequest
from fleet.link_health import LinkHealth
from fleet.model import Alarm, FleetState, Severity
from fleet.outlet import Outlet
from fleet.roster import Roster, RosterEntry
from fleet.rounds import Rounds
from fleet.session import Around, Session
from fleet.signature_health import SignatureHealth
from fleet.switchboard import Switchboard
from fleet.vehicle_keys import KeyStore, NoKeys, VehicleKeys
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
    rates_hz: Mapping[str, float] = field(default_factory=dict)
    """Messages to ask of every vehicle at other rates than its driver's: less, where many share a link or a core."""


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
    """All vehicles of a roster. The composition calls `receive` with what links bring and runs `run`.

    `board` is where the guard's frames leave by: `Guard(send=board.carry, ...)`.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        roster: Roster,
        guard: Guard,
        board: Switchboard,
        authority: Authority,
        config: FleetConfig | None = None,
        parameters: ParameterCache | None = None,
        keys: KeyStore | None = None,
    ) -> None:
        """`keys`: where the signing keys are that vehicles may be given."""
        self._clock, self._guard, self._authority, self._board = clock, guard, authority, board
        self._config = config or FleetConfig()
        self._outlet = _Ledger(bus)
        self._keys = keys or NoKeys()
        self._around = Around(
            board=board, guard=guard, authority=authority, outlet=self._outlet,
            parameters=parameters if parameters is not None else ParameterCache(), keys_of=self.keys_of,
            rates_hz=self._config.rates_hz,
        )
        now = clock.now()
        self._held_before: set[VehicleId] = set()
        self._sessions: dict[VehicleId, Session] = {}
        self._in_turn: list[Session] = []
        self._is_running = False
        self._link_health = LinkHealth(now)
        self._signature_health = SignatureHealth()
        for entry in roster:
            self.take_in(entry)
        bus.subscribe("fleet/command", self.submit)
        bus.subscribe("fleet/inquiry", self._on_inquiry)
        bus.subscribe("fleet/lease", self._on_lease)
        bus.subscribe("fleet/lease_request", self._on_lease_request)
        bus.subscribe("mission/approval", self._on_approval)

    def take_in(self, entry: RosterEntry) -> None:
        """One more vehicle, from now on."""
        session = Session(entry, self._around, self._clock.now())
        self._sessions[entry.vehicle] = session
        self._in_turn.append(session)
        if entry.vehicle in self._held_before:
            session.keep_hold(self._clock.now())
        if self._is_running:
            self._tell_lenses(entry)

    def keep_holds(self, vehicles: Iterable[VehicleId]) -> None:
        """Safety pilots had these when an earlier run ended; some may be taken in later."""
        self._held_before |= set(vehicles)
        for session in self._in_turn:
            if session.entry.vehicle in self._held_before:
                session.keep_hold(self._clock.now())

    def receive(self, link: str, data: bytes, peer: str = "") -> None:
        """Bytes that came on a link; a vehicle with a line of its own is its link's name."""
        self._board.receive(link, data, peer, self._clock.now())

    def link_changed(self, link: str, reason: str | None) -> None:
        """A link works, or says why it does not."""
        self._link_health.changed(link, reason)

    def keys_of(self, vehicle: VehicleId) -> VehicleKeys:
        """Signing keys as this vehicle's commands see them."""
        return VehicleKeys(vehicle, self._board, self._keys)

    def session(self, vehicle: VehicleId) -> Session:
        return self._sessions[vehicle]

    def state(self) -> FleetState:
        now = self._clock.now()
        return FleetState(at=now, vehicles=tuple([session.state(now) for session in self._in_turn]))

    async def run(self) -> None:
        """Serve until cancelled."""
        config, members, self._is_running = self._config, self._in_turn, True
        for session in members:
            self._tell_lenses(session.entry)
        async with asyncio.TaskGroup() as tasks:
            for rate_hz, slots, act in (
                (config.heartbeat_hz, 20, Session.heartbeat),
                (config.tick_hz, 4, Session.tick),
                (config.alarm_hz, 10, self._tell_health),
            ):
                rounds = Rounds(members, rate_hz=rate_hz, slots=slots, act=act)
                tasks.create_task(rounds.run(self._clock))
            tasks.create_task(self._every(config.state_hz, lambda now: self._outlet.state(self.state())))
            tasks.create_task(self._every(config.alarm_hz, self._tell_links))

    async def _every(self, rate_hz: float, act: Callable[[Instant], None]) -> None:
        period_ns = round(NS_PER_S / rate_hz)
        due_ns = self._clock.now().mono_ns
        while True:
            act(self._clock.now())
            # a late turn is not made up for
            due_ns = max(due_ns + period_ns, self._clock.now().mono_ns)
            await self._clock.sleep_until(due_ns)

    def _tell_lenses(self, entry: RosterEntry) -> None:
        for lens in entry.lenses:
            self._outlet.lens(lens)

    def _tell_health(self, session: Session, now: Instant) -> None:
        for alarm in session.alarms(now):
            self._outlet.alarm(alarm)
        session.tell_profile(now)
        self._outlet.links(session.links(now))

    def _tell_links(self, now: Instant) -> None:
        seals = self._board.seals
        for alarm in (
            *self._link_health.look(self._board.noise(), now),
            *self._signature_health.look(seals.refused(), seals.fault(), now),
        ):
            self._outlet.alarm(alarm)
        for event in self._authority.tick(now):
            self._outlet.lease(event)

    def submit(self, command: Command) -> None:
        """Carry out a command, or answer it again: the same id is never carried out twice."""
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

    def _on_inquiry(self, inquiry: Inquiry) -> None:
        now = self._clock.now()
        session = self._sessions.get(inquiry.vehicle)
        if session is not None:
            session.ask(inquiry, now)
            return
        self._outlet.answer(Answer(
            inquiry=inquiry.id, vehicle=inquiry.vehicle, question=inquiry.question, is_final=True, at=now,
            result=AckResult.UNKNOWN_VEHICLE, reason=f"{inquiry.vehicle} is not in the roster",
        ))

    def _on_lease_request(self, request: LeaseRequest) -> None:
        for event in self._authority.request(request, self._clock.now()):
            self._outlet.lease(event)
        is_taken = request.act is LeaseAct.PRE_EMPT and request.payload is None
        session = self._sessions.get(request.vehicle)
        if session is not None and is_taken and self._authority.is_commander(request.by):
            session.take_back(self._clock.now())  # from a safety pilot, too, unless his radio is still in its mode

    def _on_approval(self, approval: Approved) -> None:
        self._guard.approve(approval.digest)

    def _on_lease(self, lease: Lease) -> None:
        now = self._clock.now()
        try:
            for event in self._authority.grant(lease, now):
                self._outlet.lease(event)
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
