"""What perception says: looks taken, detections on the ground, contacts."""

from dataclasses import dataclass
from enum import StrEnum

from world.ids import ContactId, StreamId, VehicleId
from world.position import Geodetic
from world.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Pixel box in an image, left-top inclusive; score in 0..1."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariance:
    """Horizontal 2x2 covariance in ENU, square metres."""

    ee_m2: float
    en_m2: float
    nn_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One detection image was taken *and examined*: the ground it covered."""

    vehicle: VehicleId
    image: int
    captured_utc_ns: int
    footprint: tuple[Geodetic, ...]
    """Corners on the terrain, in order."""
    gsd_m_px: float
    people: int
    """Detections in this image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedLook:
    """An announced image that was never examined, and why."""

    vehicle: VehicleId
    image: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundDetection:
    """A person seen in one image, put on the terrain."""

    vehicle: VehicleId
    stream: StreamId
    image: int
    captured_utc_ns: int
    position: Geodetic
    covariance: Covariance
    score: float
    box: Box


class ContactState(StrEnum):
    CANDIDATE = "candidate"
    """Seen; not yet confirmed by a second vehicle."""
    CONFIRMED = "confirmed"
    """Seen again by another vehicle: a find once a person accepts it."""
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One suspected person, fused over images and vehicles. Published whenever it changes."""

    id: ContactId
    state: ContactState
    position: Geodetic
    covariance: Covariance
    probability: float
    """Calibrated probability that a person is there."""
    looks: int
    seen_by: tuple[VehicleId, ...]
    first_seen: Instant
    last_seen: Instant
    image_digest: str | None = None
    """SHA-256 of the best crop (JPEG) kept beside the record."""
    merged_into: ContactId | None = None
    """Set on the last word about a contact that turned out to be another one's person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerceptionStats:
    """Counters of the pixel path since start."""

    at: Instant
    frames_received: int
    frames_detected: int
    missed_looks: int
    damaged_units: int
    detector_cpu_s: float
