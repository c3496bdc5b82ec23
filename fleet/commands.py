"""Everything a vehicle can be told, and what comes back. Every command has an id and a deadline and is idempotent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from world.ids import CommandId, Digest, OperatorId, VehicleId
from world.position import Geodetic
from world.time import Instant


class Verb(StrEnum):
    """What to do; `Command` carries the arguments that a verb needs and None for the rest."""

    ARM = "arm"
    DISARM = "disarm"
    TAKE_OFF = "take_off"
    GO_TO = "go_to"
    UPLOAD_ROUTE = "upload_route"
    START_ROUTE = "start_route"
    SET_SPEED = "set_speed"
    SET_RETURN_HEIGHT = "set_return_height"
    LOOK_AT = "look_at"
    CAPTURE = "capture"
    SET_PARAMETERS = "set_parameters"
    SET_SIGNING_KEY = "set_signing_key"
    UPLOAD_FENCE = "upload_fence"
    UPLOAD_RALLY = "upload_rally"
    OPERATE = "operate"
    HOLD = "hold"
    RETURN = "return"
    LAND = "land"
    STOP = "stop"
    KILL = "kill"


ALWAYS_THROUGH = frozenset({Verb.STOP, Verb.HOLD, Verb.RETURN, Verb.LAND})
"""Never refused to a lease holder or commander."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePoint:
    """One point of a route.

    `trigger_distance_m`: from here on take an image every so many metres; 0 stops, None leaves as is.
    """

    position: Geodetic
    speed_m_s: float | None = None
    hold_s: float = 0.0
    trigger_distance_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What is uploaded to one vehicle and read back. `start_index`: point to start at (resume after a re-plan)."""

    points: tuple[RoutePoint, ...]
    take_off_height_m: float | None = None
    """Above home; copters only."""
    returns_at_end: bool = True
    start_index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceArea:
    """Where to stay inside, or outside: a polygon by its corners (in order, not closed) or a circle by its centre."""

    is_inclusion: bool
    corners: tuple[Geodetic, ...] = ()
    centre: Geodetic | None = None
    radius_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadOrder:
    """One order to a payload. `payload` is the name of its driver folder; `setpoints` in units of its capabilities."""

    payload: str
    action: str
    instance: int = 0
    setpoints: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One order to one vehicle."""

    id: CommandId
    vehicle: VehicleId
    verb: Verb
    issued_by: OperatorId
    deadline: Instant
    plan_digest: Digest | None = None
    """Digest of the approved plan this command belongs to; None for direct operator commands."""
    position: Geodetic | None = None
    height_m: float | None = None
    speed_m_s: float | None = None
    heading_deg: float | None = None
    route: Route | None = None
    parameters: Mapping[str, float] | None = None
    """By name, as the autopilot counts them."""
    fence: tuple[FenceArea, ...] | None = None
    """Kept on board by the autopilot; () takes the fence away."""
    rally: tuple[Geodetic, ...] | None = None
    order: PayloadOrder | None = None
    key: str | None = None
    """Fingerprint of the signing key that it shall have, never the key; "" takes its key away."""
    held_s: float | None = None
    """How long the button of a KILL was held down."""


class AckResult(StrEnum):
    ACCEPTED = "accepted"
    REFUSED_BY_GUARD = "refused_by_guard"
    REFUSED_BY_VEHICLE = "refused_by_vehicle"
    TIMED_OUT = "timed_out"
    LINK_LOST = "link_lost"
    UNKNOWN_VEHICLE = "unknown_vehicle"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The one true end of a command, verified by what the vehicle reports (mode, armed, route read back)."""

    command: CommandId
    vehicle: VehicleId
    verb: Verb
    result: AckResult
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Named, expiring authority over one vehicle, or over one payload of it."""

    vehicle: VehicleId
    holder: OperatorId
    expires: Instant
    payload: str | None = None
    """Name of its driver folder as in PayloadOrder; None: the vehicle itself."""
