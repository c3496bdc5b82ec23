"""Taihang's own messages that ride in MAVLink TUNNEL: localisation sensors, gas, payloads, lenses, boxes of people.

Positions are WGS-84 and AMSL; None means not measured. `instance` tells several devices of one kind on a vehicle apart.
"""

from dataclasses import dataclass
from enum import IntEnum


class Bearer(IntEnum):
    """Radio on which a phone was heard."""

    WIFI = 1
    BLUETOOTH = 2
    CELLULAR = 3


class Payload(IntEnum):
    """Tools and sensors a vehicle can carry."""

    WATER_MONITOR = 1
    BREACHING_TOOL = 2
    GRIPPER = 3
    WINCH = 4
    PUMP = 5
    SPEAKER = 6
    LIGHT = 7
    GAS_SENSOR = 8
    UWB = 9
    GEOPHONE = 10


class PayloadAction(IntEnum):
    """What a payload is told. SAFE is always obeyed and needs no approval."""

    SAFE = 0
    START = 1
    STOP = 2
    ADJUST = 3
    RESET_LATCH = 4


class PayloadState(IntEnum):
    """What a payload says it does. LATCHED: cut off until reset by hand (mine robot rules)."""

    OFF = 0
    STARTING = 1
    RUNNING = 2
    STOPPING = 3
    FAULT = 4
    LATCHED = 5


class Spectrum(IntEnum):
    """What light a camera sees."""

    VISIBLE = 1
    THERMAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Common head: which device of its kind, and when by the vehicle's clock (UTC microseconds)."""

    instance: int = 0
    time_utc_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sited(Reading):
    """Where the sensor stood; None where the vehicle's own position at that time is meant."""

    latitude_deg: float | None = None
    longitude_deg: float | None = None
    altitude_amsl_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UwbRange(_Sited):
    """Range from an ultra-wideband anchor on the vehicle to a tag."""

    tag_id: int
    range_m: float
    sigma_m: float
    nlos_probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeophoneArrival(_Sited):
    """One onset picked by a geophone; `event_id` groups onsets the recorder holds for one event."""

    arrival_utc_us: int
    arrival_sigma_s: float
    peak_velocity_m_s: float
    signal_to_noise_db: float
    event_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRssi(_Sited):
    """Strength of a phone's signal; `device_hash` is salted per incident, never an identity."""

    device_hash: int
    bearer: Bearer
    frequency_mhz: float
    rssi_dbm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock(_Sited):
    """A group of regular knocks (rescue code: 5 call, 4 how many, 3 received, 2 stop)."""

    count: int
    first_utc_us: int
    interval_s: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GasReading(_Sited):
    """One breath of a gas head; volume percent and parts per million."""

    ch4_pct: float | None = None
    co_ppm: float | None = None
    o2_pct: float | None = None
    co2_pct: float | None = None
    h2s_ppm: float | None = None
    temperature_c: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadCommand(Reading):
    """One order to a payload, idempotent by `command_id`, void after its deadline.

    `setpoints` mean what SETPOINTS of `tunnel` says for the payload. `approval` starts the digest of what was approved.
    """

    payload: Payload
    action: PayloadAction
    command_id: int
    deadline_utc_us: int | None = None
    setpoints: tuple[float | None, float | None, float | None, float | None] = (None, None, None, None)
    approval: bytes = bytes(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadStatus(Reading):
    """What a payload does now; `command_id` is the last order it took."""

    payload: Payload
    state: PayloadState
    command_id: int | None = None
    fault_code: int = 0
    values: tuple[float | None, float | None, float | None, float | None] = (None, None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLens(Reading):
    """Geometry of one camera; pitch is 0 ahead, -90 straight down, relative to the body."""

    hfov_deg: float
    width_px: int
    height_px: int
    pitch_deg: float
    spectrum: Spectrum
    rate_hz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelBox:
    """Pixel box in an image, (0, 0) its left top corner; score in 0..1. On the wire in 1/8 px and 1/65535."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardDetections(Reading):
    """What a camera found by itself in the image that CAMERA_IMAGE_CAPTURED announced: index and time are the same.

    `part` says which message of how many, from 1; an image with nobody in it is one message without boxes.
    """

    image_index: int
    part: tuple[int, int]
    boxes: tuple[PixelBox, ...]
