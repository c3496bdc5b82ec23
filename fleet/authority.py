"""Who may command which vehicle and payload: named, expiring leases, and commanders who may pre-empt them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fleet.commands import Lease
from fleet.leases import TRANSITIONS, LeaseAct, LeaseEvent, LeaseOutcome, LeaseRequest, LeaseState, Role
from world.ids import OperatorId, VehicleId
from world.time import Instant

LONGEST_S = 12 * 3600.0
"""A shift: nobody holds a vehicle longer without renewing."""
OFFER_S = 60.0
"""An offer that nobody answers ends after this."""

Subject = tuple[VehicleId, str | None]


class LeaseTaken(Exception):
    """Somebody else holds an unexpired lease of the vehicle or payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A lease and, when it is offered, to whom and until when."""

    lease: Lease
    offered_to: OperatorId | None = None
    offer_ends: Instant | None = None


class Authority:
    """Leases of a fleet; an expired lease is no lease. `tick` tells of what ended with time."""

    def __init__(self, *, commanders: Iterable[OperatorId] = ()) -> None:
        self._commanders = frozenset(commanders)
        self._entries: dict[Subject, _Entry] = {}

    def is_commander(self, operator: OperatorId) -> bool:
        return operator in self._commanders

    def grant(self, lease: Lease, now: Instant) -> list[LeaseEvent]:
        """Give, renew or end (expires by now) a lease. Raises LeaseTaken unless free, own, or taken by a commander."""
        subject = (lease.vehicle, lease.payload)
        holder = self.holder(lease.vehicle, now, lease.payload)
        if holder not in (None, lease.holder) and not self.is_commander(lease.holder):
            raise LeaseTaken(f"{_name(subject)} is leased to {holder}; {lease.holder} is no commander")
        self._entries[subject] = _Entry(lease=lease)
        if holder not in (None, lease.holder):
            request = LeaseRequest(
                act=LeaseAct.PRE_EMPT, vehicle=lease.vehicle, payload=lease.payload, by=lease.holder
            )
            return [self._event(LeaseOutcome.PRE_EMPTED, request, holder, now)]
        return []

    def holder(self, vehicle: VehicleId, now: Instant, payload: str | None = None) -> OperatorId | None:
        """Who holds the vehicle, or one payload by a lease of its own."""
        entry = self._entries.get((vehicle, payload))
        return entry.lease.holder if entry is not None and not _is_past(entry.lease.expires, now) else None

    def may_command(
        self, operator: OperatorId, vehicle: VehicleId, now: Instant, payload: str | None = None
    ) -> bool:
        """Commanders always. A payload leased by itself obeys that holder, any other the vehicle's."""
        return self.is_commander(operator) or self.in_charge(vehicle, now, payload) == operator

    def in_charge(self, vehicle: VehicleId, now: Instant, payload: str | None = None) -> OperatorId | None:
        """Whose orders count for a vehicle or payload, commanders aside."""
        own = None if payload is None else self.holder(vehicle, now, payload)
        return own or self.holder(vehicle, now)

    def request(self, request: LeaseRequest, now: Instant) -> list[LeaseEvent]:
        """Do what a person asks, or refuse it in one sentence. Time that has passed is told first."""
        told = self.tick(now)
        subject = (request.vehicle, request.payload)
        entry = self._entries.get(subject)
        state, role = _state(entry), self._role(entry, request.by)
        row = TRANSITIONS.get((state, request.act, role))
        if row is None and role is not Role.COMMANDER and self.is_commander(request.by):
            row = TRANSITIONS.get((state, request.act, Role.COMMANDER))
        reason = _misfit(request) or (None if row is not None else _why_not(request, entry, role))
        old = None if entry is None else entry.lease.holder
        if row is None or reason is not None:
            return [*told, *self._refused(request, entry, str(reason), now)]
        outcome = LeaseOutcome.RENEWED if role is Role.HOLDER and row[1] is LeaseOutcome.PRE_EMPTED else row[1]
        return [*told, self._perform(request, entry, outcome, old, now)]

    def tick(self, now: Instant) -> list[LeaseEvent]:
        """Leases and offers that have ended since the last look."""
        events = []
        for subject, entry in list(self._entries.items()):
            request = LeaseRequest(
                act=LeaseAct.RELEASE, vehicle=subject[0], payload=subject[1], by=entry.lease.holder
            )
            if _is_past(entry.lease.expires, now):
                del self._entries[subject]
                events.append(self._event(LeaseOutcome.EXPIRED, request, entry.offered_to, now))
            elif entry.offer_ends is not None and _is_past(entry.offer_ends, now):
                self._entries[subject] = _Entry(lease=entry.lease)
                events.append(self._event(LeaseOutcome.LAPSED, request, entry.offered_to, now))
        return events

    def _role(self, entry: _Entry | None, by: OperatorId) -> Role:
        if entry is not None and by == entry.lease.holder:
            return Role.HOLDER
        if entry is not None and by == entry.offered_to:
            return Role.OFFERED_TO
        return Role.COMMANDER if self.is_commander(by) else Role.OTHER

    def _perform(
        self, request: LeaseRequest, entry: _Entry | None, outcome: LeaseOutcome, old: OperatorId | None, now: Instant
    ) -> LeaseEvent:
        subject = (request.vehicle, request.payload)
        other = old
        if outcome is LeaseOutcome.RELEASED:
            other = None if entry is None else entry.offered_to
            del self._entries[subject]
        elif outcome is LeaseOutcome.OFFERED and entry is not None:
            other, ends = request.to, now.plus_s(OFFER_S)
            self._entries[subject] = _Entry(lease=entry.lease, offered_to=other, offer_ends=ends)
        elif outcome is LeaseOutcome.DECLINED and entry is not None:
            self._entries[subject] = _Entry(lease=entry.lease)
        else:
            lease = Lease(
                vehicle=request.vehicle, payload=request.payload, holder=request.by, expires=now.plus_s(request.for_s)
            )
            is_renewed = outcome is LeaseOutcome.RENEWED and entry is not None
            self._entries[subject] = replace(entry, lease=lease) if is_renewed and entry else _Entry(lease=lease)
        return self._event(outcome, request, other, now)

    def _refused(
        self, request: LeaseRequest, entry: _Entry | None, reason: str, now: Instant
    ) -> list[LeaseEvent]:
        events = [self._event(LeaseOutcome.REFUSED, request, None, now, reason)]
        if request.act is LeaseAct.ASK and entry is not None:
            asked = self._event(LeaseOutcome.ASKED_FOR, request, entry.lease.holder, now)
            events.append(replace(asked, to=(entry.lease.holder,)))
        return events

    def _event(
        self, outcome: LeaseOutcome, request: LeaseRequest, other: OperatorId | None, now: Instant, reason: str = ""
    ) -> LeaseEvent:
        entry = self._entries.get((request.vehicle, request.payload))
        named = _name((request.vehicle, request.payload))
        told = (request.by,) if other is None or other == request.by else (request.by, other)
        return LeaseEvent(
            outcome=outcome, vehicle=request.vehicle, payload=request.payload, by=request.by, to=told,
            holder=None if entry is None else entry.lease.holder,
            expires=None if entry is None else entry.lease.expires,
            reason=reason or _SENTENCES[outcome].format(lease=named, by=request.by, other=other), at=now,
        )


_SENTENCES = {
    LeaseOutcome.GRANTED: "{by} holds {lease}.",
    LeaseOutcome.ASKED_FOR: "{by} asks {other} for {lease}; offer it, or keep it.",
    LeaseOutcome.OFFERED: "{by} offers {lease} to {other} and keeps it until it is accepted.",
    LeaseOutcome.HANDED_OVER: "{by} has taken over {lease} from {other}.",
    LeaseOutcome.DECLINED: "{by} does not take {lease}; {other} keeps it.",
    LeaseOutcome.LAPSED: "The offer of {lease} to {other} was not answered; {by} keeps it.",
    LeaseOutcome.RELEASED: "{by} has given up {lease}; nobody holds it.",
    LeaseOutcome.RENEWED: "{by} keeps {lease}.",
    LeaseOutcome.PRE_EMPTED: "{by} has taken {lease} from {other}.",
    LeaseOutcome.EXPIRED: "The lease of {lease} by {by} has expired; nobody holds it.",
}


def _is_past(end: Instant, now: Instant) -> bool:
    return end.mono_ns <= now.mono_ns


def _name(subject: Subject) -> str:
    vehicle, payload = subject
    return str(vehicle) if payload is None else f"{payload} of {vehicle}"


def _state(entry: _Entry | None) -> LeaseState:
    if entry is None:
        return LeaseState.FREE
    return LeaseState.HELD if entry.offered_to is None else LeaseState.OFFERED


def _misfit(request: LeaseRequest) -> str | None:
    if not 0.0 < request.for_s <= LONGEST_S:
        return f"A lease for {request.for_s:g} s is not given; ask for more than 0 and at most {LONGEST_S:.0f} s."
    if request.act is LeaseAct.OFFER and request.to in (None, request.by):
        return "An offer needs somebody else to whom it is made."
    return None


def _why_not(request: LeaseRequest, entry: _Entry | None, role: Role) -> str:
    named = _name((request.vehicle, request.payload))
    if request.act is LeaseAct.PRE_EMPT and role is not Role.HOLDER:
        return f"{request.by} is no commander and cannot take {named}; ask for it."
    if entry is None:
        return f"Nobody holds {named}; ask for it."
    if request.act in (LeaseAct.ACCEPT, LeaseAct.DECLINE):
        return f"{named} is not offered to {request.by}."
    if role is Role.HOLDER:
        return f"{request.by} holds {named} already."
    return f"{named} is leased to {entry.lease.holder}, not to {request.by}."
