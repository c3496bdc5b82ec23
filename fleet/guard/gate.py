"""The gate, only holder of the raw send: admits commands one per vehicle, lets frames out only under that permit."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from fleet.authority import Authority
from fleet.commands import ALWAYS_THROUGH, Command, Route, Verb
from fleet.guard.energy import Around, Wind
from fleet.guard.failsafes import NEEDS_FAILSAFES, failsafe_fault
from fleet.guard.frames import frame_fault
from fleet.guard.guest_gate import GuestGate
from fleet.guard.kills import Kills
from fleet.guard.latch import FleetStop
from fleet.guard.limits import VehicleLimits
from fleet.guard.notes import Declared, Notes, payload_of
from fleet.guard.outbound import Outbound
from fleet.guard.payloads import makes_safe, needs_approval
from fleet.guard.rules import BESIDE_A_PILOT, NEEDS_APPROVAL, UNCHECKED, Case, fault_of, moves
from fleet.guard.space import EquipmentClass, Site
from fleet.guard.watch import Concern, concerns
from fleet.model import AutopilotKind, FailsafeCause, FailsafeSetting, VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.frame import DatagramParser
from world.ids import Digest, OperatorId, VehicleId
from world.time import Instant

Send = Callable[[VehicleId, bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedVehicle:
    """A vehicle the guard answers for: its system id, its bounds, what it is built for."""

    sysid: int
    limits: VehicleLimits
    equipment: EquipmentClass = EquipmentClass.NONE
    needs_failsafes: bool = False
    """Motors start only once its failsafes were read back and answer every cause."""
    accepts_none: frozenset[FailsafeCause] = frozenset()
    """Causes that it need not answer: accepted in writing by who runs the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Permit:
    """The command under way and the state it was judged on."""

    command: Command
    state: VehicleState


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnBoard:
    """A route as it was read back, and the plan it belongs to."""

    digest: Digest
    route: Route | None


class Guard:
    """Admits commands and lets frames out. Every refusal is one sentence; None means let through."""

    def __init__(
        self, *, send: Send, authority: Authority, vehicles: Mapping[VehicleId, GuardedVehicle], site: Site
    ) -> None:
        self._send = send
        self._authority = authority
        self._vehicles = dict(vehicles)
        self._site = site
        self._parser, self._decoder = DatagramParser(), Decoder()
        self._approved: set[Digest] = set()
        self._permits: dict[VehicleId, _Permit] = {}
        self._cleared: dict[VehicleId, _OnBoard] = {}
        self._notes = Notes()
        self._stop = FleetStop()
        self._kills = Kills()
        self.refused_frames = 0
        self.guests = GuestGate(
            send=send, authority=authority, bounds=self._bounds, judge=partial(self._fault, is_answered_for=True),
            forget=lambda vehicle: self._cleared.pop(vehicle, None),
        )

    # what it is told

    def enrol(self, vehicle: VehicleId, guarded: GuardedVehicle) -> None:
        """One more vehicle to answer for."""
        self._vehicles[vehicle] = guarded

    def needs_failsafes(self, vehicle: VehicleId) -> bool:
        """Whether its motors start only with declared failsafes."""
        return self._vehicles[vehicle].needs_failsafes

    def rebound(self, vehicle: VehicleId, limits: VehicleLimits) -> None:
        """Other bounds for a known vehicle, as when its firmware turns out to be another."""
        self._vehicles[vehicle] = replace(self._vehicles[vehicle], limits=limits)

    def approve(self, digest: Digest) -> None:
        """People have answered for the plan with this digest."""
        self._approved.add(digest)

    def note_wind(self, where: VehicleId | None, wind: Wind, now: Instant) -> None:
        """A wind was measured by a vehicle, or for the whole site (None)."""
        self._notes.winds.note(where, wind, now)

    def note_temperature(self, vehicle: VehicleId, inside_c: float) -> None:
        """How hot a vehicle is inside."""
        self._notes.inside_c[vehicle] = inside_c

    def note_autopilot(self, vehicle: VehicleId, autopilot: AutopilotKind | None) -> None:
        """Whose firmware it is: it decides how parameters are carried."""
        self._notes.autopilots[vehicle] = autopilot

    def declare(self, vehicle: VehicleId, settings: tuple[FailsafeSetting, ...], now: Instant) -> None:
        """Its failsafes as they were read back from on board; an older reading never replaces a newer one."""
        declared = self._notes.failsafes.get(vehicle)
        if declared is None or declared.at.mono_ns <= now.mono_ns:
            self._notes.failsafes[vehicle] = Declared(settings=settings, at=now)

    def watch(self, state: VehicleState, now: Instant) -> list[Concern]:
        """Look at a state, as often as one comes. Reports only; frames that move wait while a pilot flies by radio."""
        self._notes.by_radio[state.vehicle] = state.has_safety_pilot
        vehicle = self._vehicles.get(state.vehicle)
        if vehicle is None:
            return []
        return concerns(state, self._around(state, vehicle, now), self._notes.inside_c.get(state.vehicle), now)

    # the fleet's stop

    def latch(self, scope: Iterable[VehicleId] | None, by: OperatorId, now: Instant) -> str | None:
        """Nothing that moves is admitted for these vehicles (None: all that `by` may command) until released.

        The sentence names those that `by` may not stop; the others are stopped all the same.
        """
        may = [vehicle for vehicle in self._vehicles if self._authority.may_command(by, vehicle, now)]
        chosen = may if scope is None else list(scope)
        foreign = [vehicle for vehicle in chosen if vehicle not in may]
        self._stop.latch((vehicle for vehicle in chosen if vehicle in may), by)
        if foreign or not chosen:
            return f"{by} may not stop {', '.join(foreign) or 'any vehicle'}."
        return None

    def release(self, by: OperatorId, now: Instant, scope: Iterable[VehicleId] | None = None) -> str | None:
        """A commander lets these vehicles (None: all) move again."""
        if not self._authority.is_commander(by):
            return f"{by} is no commander and cannot release the fleet's stop."
        self._stop.release(scope)
        return None

    def keep_stopped(self, vehicles: Iterable[VehicleId], by: OperatorId) -> None:
        """A stop of an earlier run that nobody released; also of vehicles that are not known again yet."""
        self._stop.latch(vehicles, by)

    def is_latched(self, vehicle: VehicleId) -> bool:
        return self._stop.holds(vehicle)

    # commands

    def admit(self, command: Command, state: VehicleState, now: Instant) -> str | None:
        """Judge a command; when it may go, its frames may leave until `close` or its deadline."""
        fault = self._fault(command, state, now)
        if fault is not None:
            return fault
        self._permits[command.vehicle] = _Permit(command=command, state=state)
        if command.verb is Verb.UPLOAD_ROUTE:
            # until it is verified on board, old and new items may be mixed there
            self._cleared.pop(command.vehicle, None)
            self.guests.forget(command.vehicle)
        if command.verb is Verb.UPLOAD_RALLY:
            self._notes.rally.pop(command.vehicle, None)
        return None

    def judge(self, command: Command, state: VehicleState, now: Instant) -> str | None:
        """What `admit` would say, with nothing admitted."""
        return self._fault(command, state, now)

    def _fault(
        self, command: Command, state: VehicleState, now: Instant, *, is_answered_for: bool = False
    ) -> str | None:
        """`is_answered_for`: no plan's approval is asked of a guest; whoever opened his share has answered for it."""
        vehicle = self._vehicles.get(command.vehicle)
        if vehicle is None:
            return f"{command.vehicle} is not in the guard's table."
        fault = self._lease_fault(command, now)
        if fault is not None or command.verb in ALWAYS_THROUGH:
            return fault
        if state.vehicle != command.vehicle:
            return f"{command.verb} of {command.vehicle} is refused: the state is that of {state.vehicle}."
        fault = self._hold_fault(command, state, now)
        fault = fault or (None if is_answered_for else self._approval_fault(command, state))
        fault = fault or self._failsafe_fault(command, vehicle) or fault_of(self._case(command, state, vehicle, now))
        return None if fault is None else f"{command.verb} of {command.vehicle} is refused: {fault}."

    def _bounds(self, vehicle: VehicleId) -> tuple[int, VehicleLimits] | None:
        guarded = self._vehicles.get(vehicle)
        return None if guarded is None else (guarded.sysid, guarded.limits)

    def _lease_fault(self, command: Command, now: Instant) -> str | None:
        payload = payload_of(command)
        if self._authority.may_command(command.issued_by, command.vehicle, now, payload):
            return None
        if makes_safe(command) and self._authority.may_command(command.issued_by, command.vehicle, now):
            return None  # who answers for the vehicle may end what its payloads do, whoever holds them
        operator = None if payload is None else self._authority.holder(command.vehicle, now, payload)
        if operator is not None:
            return f"{command.issued_by} does not hold the lease of {payload} of {command.vehicle}; {operator} does."
        holder = self._authority.holder(command.vehicle, now) or "nobody"
        return f"{command.issued_by} does not hold the lease of {command.vehicle}; {holder} does."

    def _hold_fault(self, command: Command, state: VehicleState, now: Instant) -> str | None:
        """Who stopped the fleet, who flies by radio, how a kill was pressed."""
        if command.verb is Verb.KILL:
            return self._kills.fault(command, now)
        fault = self._stop.fault(command.vehicle) if moves(command) else None
        if fault is not None:
            return fault
        is_beside = command.verb in UNCHECKED or command.verb in BESIDE_A_PILOT
        if state.has_safety_pilot and not is_beside:
            return "its safety pilot flies it by radio; wait until it is given back, or have a commander take it back"
        return None

    def _approval_fault(self, command: Command, state: VehicleState) -> str | None:
        if command.verb not in NEEDS_APPROVAL and not needs_approval(command, state):
            return None
        if command.plan_digest is None or command.plan_digest not in self._approved:
            return "its plan is not approved"
        on_board = self._cleared.get(command.vehicle)
        if command.verb is Verb.START_ROUTE and (on_board is None or on_board.digest != command.plan_digest):
            return "no route of this plan is verified on board"
        return None

    def _failsafe_fault(self, command: Command, vehicle: GuardedVehicle) -> str | None:
        if command.verb not in NEEDS_FAILSAFES or not vehicle.needs_failsafes:
            return None
        declared = self._notes.failsafes.get(command.vehicle)
        return failsafe_fault(None if declared is None else declared.settings, vehicle.accepts_none)

    def _case(self, command: Command, state: VehicleState, vehicle: GuardedVehicle, now: Instant) -> Case:
        on_board = self._cleared.get(command.vehicle)
        return Case(
            command=command, state=state, around=self._around(state, vehicle, now), now=now,
            on_board=None if on_board is None else on_board.route,
            is_commander=self._authority.is_commander(command.issued_by),
        )

    def _around(self, state: VehicleState, vehicle: GuardedVehicle, now: Instant) -> Around:
        """Until its home is known it is where the vehicle stands; checks that need a position ask for it themselves."""
        home = state.home or state.position or self._site.origin
        return Around(
            site=self._site, limits=vehicle.limits, equipment=vehicle.equipment, home=self._site.enu(home),
            wind=self._notes.winds.wind(state.vehicle, now), rally=self._notes.rally.get(state.vehicle, ()),
        )

    def close(self, vehicle: VehicleId, *, is_done: bool) -> None:
        """The command has ended, with its effect or without: nothing more may leave in its name."""
        permit = self._permits.pop(vehicle, None)
        if permit is None or not is_done:
            return
        command = permit.command
        if command.verb is Verb.UPLOAD_ROUTE and command.plan_digest is not None:
            self._cleared[vehicle] = _OnBoard(digest=command.plan_digest, route=command.route)
        elif command.verb is Verb.UPLOAD_RALLY:
            self._notes.rally[vehicle] = tuple(self._site.enu(point) for point in command.rally or ())

    # frames

    def transmit(self, vehicle: VehicleId, data: bytes, now: Instant) -> str | None:
        """Send exactly one frame, or say why not."""
        fault = self._frame_fault(vehicle, data, now)
        if fault is None:
            self._send(vehicle, data)
            return None
        self.refused_frames += 1
        return f"A frame to {vehicle} was held back: {fault}."

    def _frame_fault(self, vehicle: VehicleId, data: bytes, now: Instant) -> str | None:
        guarded = self._vehicles.get(vehicle)
        if guarded is None:
            return "the vehicle is not in the guard's table"
        frames = self._parser.parse(data)
        message = self._decoder.decode(frames[0]) if len(frames) == 1 else None
        if message is None:
            return "it is not exactly one frame of a known message"
        permit = self._permits.get(vehicle)
        if permit is not None and not self._is_in_force(permit.command, now):
            permit = None
        out = Outbound(
            message=message,
            permit=permit.command if permit is not None else None,
            limits=guarded.limits,
            state=permit.state if permit is not None else None,
            is_bytewise=self._notes.autopilots.get(vehicle) is AutopilotKind.PX4,
        )
        return frame_fault(out, guarded.sysid)

    def _is_in_force(self, command: Command, now: Instant) -> bool:
        """Until its deadline; what moves also ends with a stop of the fleet and where a pilot takes the vehicle."""
        if now.mono_ns > command.deadline.mono_ns:
            return False
        if moves(command) and self._stop.holds(command.vehicle):
            return False
        is_beside = command.verb in UNCHECKED or command.verb in BESIDE_A_PILOT
        return is_beside or not self._notes.by_radio.get(command.vehicle)
