"""Vehicles lent to foreign ground stations: who asked for it, who flies by it, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum

from world.ids import OperatorId, VehicleId
from world.time import Instant


class ShareAct(StrEnum):
    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRequest:
    """One person's wish. `guest`: in whose name all that comes through it is judged; he needs the vehicle's lease."""

    act: ShareAct
    vehicle: VehicleId
    by: OperatorId
    guest: OperatorId
    port: int = 0
    """Of UDP and TCP on 127.0.0.1; 0 takes free ones."""
    allows_arming: bool = False
    """Given by whoever opens it: a share has no plan whose approval would answer for motors that start."""
    for_s: float = 3600.0


class ShareOutcome(StrEnum):
    OPENED = "opened"
    REFUSED = "refused"
    """The share itself."""
    JOINED = "joined"
    """A program has come to it."""
    HELD_BACK = "held_back"
    """Something a program sent; told once in a while for each kind of message."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareEvent:
    """What became of a share. `reason` is one sentence for people."""

    outcome: ShareOutcome
    vehicle: VehicleId
    by: OperatorId
    guest: OperatorId
    reason: str
    at: Instant
    udp_port: int | None = None
    tcp_port: int | None = None
    allows_arming: bool = False
    expires: Instant | None = None
