"""Leases asked for, handed over and taken back: typed requests and events, and the table of what each request does."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from world.ids import OperatorId, VehicleId
from world.time import Instant


class LeaseAct(StrEnum):
    """What somebody wants done with the lease of a vehicle or payload."""

    ASK = "ask"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    RELEASE = "release"
    RENEW = "renew"
    PRE_EMPT = "pre_empt"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRequest:
    """One person's wish. `to`: whom an OFFER is made; `for_s`: how long the lease is wanted."""

    act: LeaseAct
    vehicle: VehicleId
    by: OperatorId
    payload: str | None = None
    """None: the vehicle itself."""
    to: OperatorId | None = None
    for_s: float = 600.0


class LeaseOutcome(StrEnum):
    """What happened to a lease."""

    GRANTED = "granted"
    REFUSED = "refused"
    ASKED_FOR = "asked_for"
    """Somebody else would like it: told to its holder, who may offer it."""
    OFFERED = "offered"
    HANDED_OVER = "handed_over"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """An offer ended unanswered; the holder keeps the lease."""
    RELEASED = "released"
    RENEWED = "renewed"
    PRE_EMPTED = "pre_empted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseEvent:
    """What happened, to whom it must be told, and who holds the lease now."""

    outcome: LeaseOutcome
    vehicle: VehicleId
    payload: str | None
    by: OperatorId
    to: tuple[OperatorId, ...]
    holder: OperatorId | None
    expires: Instant | None
    reason: str
    at: Instant


class LeaseState(StrEnum):
    """Where a lease stands. OFFERED: still its holder's until the offer is accepted."""

    FREE = "free"
    HELD = "held"
    OFFERED = "offered"


class Role(StrEnum):
    """Who asks, seen from the lease."""

    HOLDER = "holder"
    OFFERED_TO = "offered_to"
    COMMANDER = "commander"
    OTHER = "other"


_HELD_OR_OFFERED = (LeaseState.HELD, LeaseState.OFFERED)
TRANSITIONS: Mapping[tuple[LeaseState, LeaseAct, Role], tuple[LeaseState, LeaseOutcome]] = {
    **{
        (LeaseState.FREE, act, role): (LeaseState.HELD, LeaseOutcome.GRANTED)
        for act, role in (
            (LeaseAct.ASK, Role.OTHER), (LeaseAct.ASK, Role.COMMANDER), (LeaseAct.PRE_EMPT, Role.COMMANDER)
        )
    },
    (LeaseState.HELD, LeaseAct.OFFER, Role.HOLDER): (LeaseState.OFFERED, LeaseOutcome.OFFERED),
    (LeaseState.OFFERED, LeaseAct.OFFER, Role.HOLDER): (LeaseState.OFFERED, LeaseOutcome.OFFERED),
    (LeaseState.OFFERED, LeaseAct.ACCEPT, Role.OFFERED_TO): (LeaseState.HELD, LeaseOutcome.HANDED_OVER),
    (LeaseState.OFFERED, LeaseAct.DECLINE, Role.OFFERED_TO): (LeaseState.HELD, LeaseOutcome.DECLINED),
    **{
        (state, LeaseAct.RELEASE, Role.HOLDER): (LeaseState.FREE, LeaseOutcome.RELEASED) for state in _HELD_OR_OFFERED
    },
    **{(state, LeaseAct.RENEW, Role.HOLDER): (state, LeaseOutcome.RENEWED) for state in _HELD_OR_OFFERED},
    **{(state, LeaseAct.ASK, Role.HOLDER): (state, LeaseOutcome.RENEWED) for state in _HELD_OR_OFFERED},
    **{
        (state, LeaseAct.PRE_EMPT, Role.COMMANDER): (LeaseState.HELD, LeaseOutcome.PRE_EMPTED)
        for state in _HELD_OR_OFFERED
    },
}
"""All that may be done; whatever is not here is refused and changes nothing."""
