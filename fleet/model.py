"""State of the fleet as every other service sees it. None means unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from world.attitude import Quaternion
from world.ids import OperatorId, StreamId, VehicleId
from world.position import Geodetic, Ned
from world.time import Instant


class VehicleKind(StrEnum):
    COPTER = "copter"
    ROVER = "rover"
    SUB = "sub"
    PLANE = "plane"
    """Flies on wings; some also hover (VTOL)."""
    BOAT = "boat"


class Domain(StrEnum):
    AIR = "air"
    GROUND = "ground"
    WATER = "water"
    """Its surface."""
    UNDERWATER = "underwater"


DOMAIN_OF = {
    VehicleKind.COPTER: Domain.AIR,
    VehicleKind.ROVER: Domain.GROUND,
    VehicleKind.SUB: Domain.UNDERWATER,
    VehicleKind.PLANE: Domain.AIR,
    VehicleKind.BOAT: Domain.WATER,
}


class FlightMode(StrEnum):
    """What a vehicle is doing, named alike over all kinds; `raw_mode` keeps the autopilot's own number."""

    MANUAL = "manual"
    GUIDED = "guided"
    AUTO = "auto"
    HOLD = "hold"
    RETURN = "return"
    LAND = "land"
    SURFACE = "surface"
    UNKNOWN = "unknown"


class LinkState(StrEnum):
    """Age classes of a vehicle's newest datum: different states with different actions."""

    FRESH = "fresh"
    LATE = "late"
    STALE = "stale"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class VehicleState:
    """One machine as last heard. Ages count from `heard` on this host's mono. Without slots: see world.records."""

    vehicle: VehicleId
    kind: VehicleKind
    heard: Instant
    link: LinkState
    position: Geodetic | None = None
    height_above_home_m: float | None = None
    velocity: Ned | None = None
    attitude: Quaternion | None = None
    heading_deg: float | None = None
    is_armed: bool | None = None
    mode: FlightMode = FlightMode.UNKNOWN
    raw_mode: int | None = None
    is_ready: bool = False
    """Estimator good and every pre-arm check passed."""
    prearm_reasons: tuple[str, ...] = ()
    is_landed: bool | None = None
    battery_pct: float | None = None
    battery_v: float | None = None
    mission_item: int | None = None
    mission_count: int | None = None
    home: Geodetic | None = None
    lease_holder: OperatorId | None = None
    has_safety_pilot: bool = False
    """A person flies it by radio: what we order to move is refused until it is given back."""


class AutopilotKind(StrEnum):
    """Whose firmware flies a vehicle: it decides mode numbers, stream habits and parameters."""

    ARDUPILOT = "ardupilot"
    PX4 = "px4"
    OTHER = "other"


class FailsafeCause(StrEnum):
    """What a vehicle must know how to answer by itself before any plan counts on it."""

    LINK_LOSS = "link_loss"
    LOW_BATTERY = "low_battery"
    FENCE_BREACH = "fence_breach"


class FailsafeAction(StrEnum):
    """What it does then, named alike over all kinds. UNKNOWN: not read back, or not understood."""

    NONE = "none"
    WARN = "warn"
    CONTINUE = "continue"
    HOLD = "hold"
    RETURN = "return"
    LAND = "land"
    SURFACE = "surface"
    DISARM = "disarm"
    TERMINATE = "terminate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailsafeSetting:
    """One cause and what the autopilot is set to do, with the parameters that say so as they were read back."""

    cause: FailsafeCause
    action: FailsafeAction
    parameters: tuple[tuple[str, float | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeclared:
    """Why a vehicle's answer to a cause cannot be counted on, and what to do about it."""

    cause: FailsafeCause
    text: str
    text_zh: str


UNANSWERED: Mapping[VehicleKind, frozenset[FailsafeCause]] = {
    VehicleKind.SUB: frozenset({FailsafeCause.FENCE_BREACH}),
}
"""What no firmware of a kind can answer: ArduSub does nothing at its fence (ArduSub/fence.cpp)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentInfo:
    """One component heard on a vehicle: its id, its MAV_TYPE, and what it calls itself."""

    compid: int
    type: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleProfile:
    """What a vehicle is and how it is set, told anew when it changes. None means not heard yet."""

    vehicle: VehicleId
    kind: VehicleKind
    at: Instant
    autopilot: AutopilotKind | None = None
    firmware: str | None = None
    uid: str | None = None
    """Serial number of the autopilot board, hex."""
    capabilities: int | None = None
    """MAV_PROTOCOL_CAPABILITY bits."""
    components: tuple[ComponentInfo, ...] = ()
    failsafes: tuple[FailsafeSetting, ...] = ()
    undeclared: tuple[Undeclared, ...] = ()
    """Of these, what is no answer, each with its remedy in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadReport:
    """What one payload of a vehicle last said: its fields by name, None unknown, as docs/drivers.md lists them."""

    vehicle: VehicleId
    payload: str
    instance: int
    at: Instant
    state: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathReport:
    """One path to a vehicle: a link and the address behind it, with what was measured on it lately."""

    name: str
    bearer: str
    state: LinkState
    is_primary: bool
    """Commands go by it."""
    loss_pct: float | None = None
    rtt_ms: float | None = None
    received_bytes_s: float = 0.0
    received_messages_s: float = 0.0
    is_signed: bool = False
    link_key: str | None = None
    """Fingerprint of the key that the link signs with."""
    vehicle_key: str | None = None
    """Of the key that the vehicle signed its newest frame with: another one while keys are changed."""
    signatures_refused: int = 0
    """Frames of the whole link that were not let in for their signature, since the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """All paths of one vehicle at one instant."""

    vehicle: VehicleId
    at: Instant
    paths: tuple[PathReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetState:
    """All vehicles at one instant, in order of id."""

    at: Instant
    vehicles: tuple[VehicleState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCaptured:
    """A camera took a detection image: where it was and how it looked, in the camera's own UTC."""

    vehicle: VehicleId
    index: int
    utc_ns: int
    position: Geodetic
    attitude: Quaternion
    """Camera FRD (forward = optical axis) to NED."""
    mission_item: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBox:
    """Pixel box in an image, (0, 0) its left top corner; score in 0..1."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDetections:
    """What a camera that detects on board found in an image it announced: `index` and `utc_ns` are the image's."""

    vehicle: VehicleId
    index: int
    utc_ns: int
    boxes: tuple[ImageBox, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLens:
    """What a camera is: declared by the vehicle, needed to put pixels on the ground."""

    stream: StreamId
    vehicle: VehicleId
    width_px: int
    height_px: int
    hfov_deg: float
    pitch_deg: float
    """Mounting angle below the horizon, negative down."""
    spectrum: str
    """`rgb` or `thermal`."""


class Severity(StrEnum):
    WARNING = "warning"
    CAUTION = "caution"
    ADVISORY = "advisory"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A condition people must know of. `key` names the condition and subject, so that repeats update one alarm."""

    key: str
    severity: Severity
    vehicle: VehicleId | None
    text: str
    text_zh: str
    at: Instant
    is_active: bool
