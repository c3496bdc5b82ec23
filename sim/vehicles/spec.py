"""How a simulated vehicle is asked for: who it is, where it stands, and what its maker set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sim.speak.keyholder import NO_KEY, Kept
from world.ids import VehicleId
from world.position import Enu


class Kind(StrEnum):
    """Kinds of machine the simulator can be. Values are those of the fleet's own kinds."""

    COPTER = "copter"
    ROVER = "rover"
    SUB = "sub"
    PLANE = "plane"
    BOAT = "boat"


@dataclass(frozen=True, slots=True, kw_only=True)
class LensSpec:
    """One channel of a camera, as `CameraLens` of the fleet will describe it."""

    name: str
    """`rgb` or `thermal`."""
    width_px: int = 640
    height_px: int = 512
    hfov_deg: float = 35.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSpec:
    """A camera stabilised in roll and pitch that turns with the vehicle. All lenses look and shoot together."""

    pitch_deg: float = -45.0
    """Of the optical axis against the horizon, negative down."""
    lenses: tuple[LensSpec, ...] = (LensSpec(name="rgb"), LensSpec(name="thermal"))
    min_interval_s: float = 0.5
    """Shortest time between two images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSpec:
    """Errors of what a vehicle believes: Gauss-Markov processes with these standard deviations."""

    position_m: float = 0.8
    """Horizontal, each axis."""
    height_m: float = 0.4
    position_time_s: float = 120.0
    attitude_deg: float = 0.5
    attitude_time_s: float = 20.0
    velocity_m_s: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleSpec:
    """One vehicle of a scenario. `booted_s` is how long it has been switched on when simulated time begins."""

    id: VehicleId
    sysid: int
    kind: Kind
    home: Enu
    """Start position; copters, planes and rovers are put on the ground there, boats on the water."""
    heading_deg: float = 0.0
    battery_pct: float = 100.0
    booted_s: float = 0.0
    warm_up_s: float = 42.0
    """From switching on to a good position estimate (measured on ArduPilot 4.5.7 SITL)."""
    refuses_first_arm: float = 0.1
    """Probability that the first arm command after getting ready is refused, as seen on 1 of 10 ArduPilot starts."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Autopilot parameters that differ from the kind's defaults."""
    water_up_m: float | None = None
    """Water surface in the local frame, for boats and underwater robots."""
    camera: CameraSpec | None = None
    payloads: tuple[str, ...] = ()
    """Names of twins in sim/payloads; the same name twice is two of them."""
    sensors: SensorSpec = SensorSpec()
    signing: Kept = NO_KEY
    """Its signing key and whose cable it trusts, as it is switched on."""
