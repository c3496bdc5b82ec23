"""The gate, only holder of the raw send: admits commands one per vehicle, lets frames out only under that permit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fleet.authority import Authority
from fleet.commands import Command, Verb
from fleet.guard.frames import Outbound, frame_fault
from fleet.guard.limits import VehicleLimits
from fleet.guard.payloads import needs_approval
from fleet.guard.rules import NEEDS_APPROVAL, Case, fault_of
from fleet.guard.space import Site
from fleet.model import VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.frame import parse_datagram
from world.ids import Digest, VehicleId
from world.time import Instant

Send = Callable[[VehicleId, bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedVehicle:
    """A vehicle the guard answers for: its system id and its bounds."""

    sysid: int
    limits: VehicleLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Permit:
    """The command under way and the state it was judged on."""

    command: Command
    state: VehicleState


class Guard:
    """Admits commands and lets frames out. Every refusal is one sentence; None means let through."""

    def __init__(
        self, *, send: Send, authority: Authority, vehicles: Mapping[VehicleId, GuardedVehicle], site: Site
    ) -> None:
        self._send = send
        self._authority = authority
        self._vehicles = dict(vehicles)
        self._site = site
        self._decoder = Decoder()
        self._approved: set[Digest] = set()
        self._permits: dict[VehicleId, _Permit] = {}
        self._cleared: dict[VehicleId, Digest] = {}
        self.refused_frames = 0

    def enrol(self, vehicle: VehicleId, guarded: GuardedVehicle) -> None:
        """One more vehicle to answer for, or new bounds of a known one."""
        self._vehicles[vehicle] = guarded

    def approve(self, digest: Digest) -> None:
        """People have answered for the plan with this digest."""
        self._approved.add(digest)

    def admit(self, command: Command, state: VehicleState, now: Instant) -> str | None:
        """Judge a command; when it may go, its frames may leave until `close` or its deadline."""
        fault = self._fault(command, state, now)
        if fault is not None:
            return fault
        self._permits[command.vehicle] = _Permit(command=command, state=state)
        if command.verb is Verb.UPLOAD_ROUTE:
            # until it is verified on board, old and new items may be mixed there
            self._cleared.pop(command.vehicle, None)
        return None

    def judge(self, command: Command, state: VehicleState, now: Instant) -> str | None:
        """What `admit` would say, with nothing admitted."""
        return self._fault(command, state, now)

    def _fault(self, command: Command, state: VehicleState, now: Instant) -> str | None:
        vehicle = self._vehicles.get(command.vehicle)
        if vehicle is None or state.vehicle != command.vehicle:
            return f"{command.vehicle} is not in the guard's table."
        if not self._authority.may_command(command.issued_by, command.vehicle, now):
            holder = self._authority.holder(command.vehicle, now) or "nobody"
            return f"{command.issued_by} does not hold the lease of {command.vehicle}; {holder} does."
        fault = self._approval_fault(command, state) or fault_of(
            Case(command=command, state=state, limits=vehicle.limits, site=self._site, now=now)
        )
        return None if fault is None else f"{command.verb} of {command.vehicle} is refused: {fault}."

    def _approval_fault(self, command: Command, state: VehicleState) -> str | None:
        if command.verb not in NEEDS_APPROVAL and not needs_approval(command, state):
            return None
        if command.plan_digest is None or command.plan_digest not in self._approved:
            return "its plan is not approved"
        if command.verb is Verb.START_ROUTE and self._cleared.get(command.vehicle) != command.plan_digest:
            return "no route of this plan is verified on board"
        return None

    def close(self, vehicle: VehicleId, *, is_done: bool) -> None:
        """The command has ended, with its effect or without: nothing more may leave in its name."""
        permit = self._permits.pop(vehicle, None)
        digest = None if permit is None else permit.command.plan_digest
        if is_done and permit is not None and permit.command.verb is Verb.UPLOAD_ROUTE and digest is not None:
            self._cleared[vehicle] = digest

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
        frames = parse_datagram(data)
        message = self._decoder.decode(frames[0]) if len(frames) == 1 else None
        if message is None:
            return "it is not exactly one frame of a known message"
        permit = self._permits.get(vehicle)
        if permit is not None and now.mono_ns > permit.command.deadline.mono_ns:
            permit = None
        out = Outbound(
            message=message,
            permit=permit.command if permit is not None else None,
            limits=guarded.limits,
            state=permit.state if permit is not None else None,
        )
        return frame_fault(out, guarded.sysid)
