"""What an export is asked for, and what it says it wrote."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Flavour(StrEnum):
    """Which Gazebo shall read the world. Values are those of the command line."""

    GZ_SIM = "sdf1.9"
    """Today's gz-sim (Harmonic and later)."""
    CLASSIC = "sdf1.6"
    """Gazebo 11, which reads up to 1.7."""

    @property
    def version(self) -> str:
        return self.value.removeprefix("sdf")


class Hooks(StrEnum):
    """Whose autopilot flies the copters of a gz-sim world."""

    NONE = "none"
    ARDUPILOT = "ardupilot"
    """`ardupilot_gazebo`'s plugin: UDP 9002 + 10 per copter."""
    PX4 = "px4"
    """Motor models on `/<model>/command/motor_speed`, as PX4's own gz models have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """A camera whose pictures the link plugin sends."""

    vehicle: str
    width_px: int
    height_px: int
    hfov_deg: float
    pitch_deg: float
    rate_hz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The lockstep plugin's part of a world: whom it moves, in the order of the datagrams, and where it calls."""

    vehicles: tuple[str, ...]
    port: int
    image_port: int = 0
    """TCP; 0: no pictures."""
    cameras: tuple[Pictures, ...] = ()
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written. `trees_left_out`: those farthest from the launch site."""

    world: Path
    files: tuple[Path, ...]
    trees: int
    trees_left_out: int
    notes: tuple[str, ...]


class NotExported(ValueError):
    """What was asked for cannot be written; says why."""
