"""Orders to many vehicles at once, and the one answer that has everybody's end in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fleet.commands import Ack
from world.ids import CommandId, Digest, OperatorId, VehicleId
from world.position import Geodetic
from world.time import Instant


class GroupVerb(StrEnum):
    """What many do together; `GroupArguments` carries what a verb needs."""

    STOP = "stop"
    """Stays: nothing that moves is given to them until a commander says RELEASE."""
    RELEASE = "release"
    HOLD = "hold"
    RETURN = "return"
    """Each at once and by itself. RETURN_TOGETHER keeps them apart."""
    LAND = "land"
    KILL = "kill"
    """Of exactly one vehicle."""
    TAKE_OFF_IN_LANES = "take_off_in_lanes"
    LAND_IN_LANES = "land_in_lanes"
    RETURN_TOGETHER = "return_together"
    START_TOGETHER = "start_together"
    FORM = "form"


class LossPolicy(StrEnum):
    """What becomes of the slot of a member that is lost or leaves."""

    OPEN = "open"
    CLOSE = "close"
    """Whoever has the last slot takes it over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopNote:
    """A stop that stays began for these vehicles, or a commander ended it: what a restarted service must know again."""

    vehicles: tuple[VehicleId, ...] | None
    """None: all, which is said of an end only."""
    by: OperatorId
    at: Instant
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place in a formation, from its anchor: east, north, up; turned with the heading if the formation turns."""

    east_m: float
    north_m: float
    up_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupArguments:
    """Arguments of all verbs; None for those that a verb does not need."""

    plan_digest: Digest | None = None
    """Of the approved plan that take-offs and starts belong to."""
    height_m: float | None = None
    """Lowest layer above the highest pad."""
    starts: Instant | None = None
    """The common instant; None: as soon as can be."""
    held_s: float | None = None
    """How long the button of a KILL was held down."""
    slots: tuple[Slot, ...] = ()
    anchor: tuple[Geodetic, ...] = ()
    """Where the formation stands, and then goes."""
    speed_m_s: float | None = None
    turns: bool = False
    """Slots turn with the heading of the anchor's way."""
    on_loss: LossPolicy = LossPolicy.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOrder:
    """One order to many. `vehicles` None means all of the fleet."""

    id: CommandId
    verb: GroupVerb
    vehicles: tuple[VehicleId, ...] | None
    issued_by: OperatorId
    deadline: Instant
    arguments: GroupArguments = GroupArguments()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAcks:
    """How an order ended for each; with `is_final` nobody is missing. Told again when an ack comes late."""

    id: CommandId
    at: Instant
    acks: dict[VehicleId, Ack]
    is_final: bool
    reason: str = ""
    """Why the whole was refused; empty when it was not."""
    late: tuple[Ack, ...] = ()
    """Ends that were told after their deadline: `acks` says timed out for them."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What was measured, by the units in the names."""
