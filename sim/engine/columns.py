"""All state of all vehicles as columns: what physics integrates, and what autopilots ask of it."""

from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]

TICK_NS: Final = 4_000_000
TICK_S: Final = 0.004
TICKS_PER_S: Final = 250
STEP_TICKS: Final = 5
"""Ticks of one step: autopilots, wind and ground contact look at the world every 20 ms."""
STEP_S: Final = STEP_TICKS * TICK_S
STEPS_PER_S: Final = TICKS_PER_S // STEP_TICKS
NEVER: Final = 1 << 62
"""A tick that does not come."""
GRAVITY_M_S2: Final = 9.80665


class Drive(IntEnum):
    """What the motors are asked for."""

    OFF = 0
    VELOCITY = 1
    LEG = 2


class Columns(NamedTuple):
    """One row per vehicle. Vectors are ENU; yaw is clockwise from north in radians, unwrapped.

    A NamedTuple because compiled kernels take it as it is; the arrays are changed in place by the engine alone.
    """

    pos: Floats
    """(n, 3) metres in the local frame; a copter's feet, a robot's base, a plane's wheels."""
    vel: Floats
    ref_vel: Floats
    """(n, 3) velocity the controller follows: the wanted one behind an acceleration limit."""
    thrust: Floats
    """(n, 3) specific thrust, m/s2."""
    disturbance: Floats
    """(n, 3) acceleration the controller has learned to compensate."""
    wind: Floats
    """(n, 3) velocity of the air, or of the water for underwater robots and boats."""
    error: Floats
    """(n, 3) what the position estimate is off by; controllers fly by the estimate."""
    yaw: Floats
    yaw_rate: Floats
    energy_j: Floats
    power_w: Floats
    ground: Floats
    """Height of the terrain below."""
    slope: Floats
    """(n, 2) terrain gradient east and north."""
    surface: Floats
    """Height of the water surface; +inf where there is none."""
    health: Floats
    """Share of thrust left: 1 sound, 0 no motor turns."""
    impact: Floats
    """Hardest touch of the ground so far, m/s."""
    on_ground: Flags
    drive: Flags
    leg: Floats
    """(n, 3) where the straight line to `aim` begins."""
    aim: Floats
    aim_vel: Floats
    speed: Floats
    climb: Floats
    descend: Floats
    accel: Floats
    exit_speed: Floats
    """Speed allowed on passing `aim`; 0 stops there."""
    circle: Floats
    """Radius of the circle that wings fly around `aim`, clockwise; negative the other way round."""
    bank: Floats
    """Roll of wings, radians, right wing down positive."""
    rotors: Flags
    """What a plane's rotors do: 0 none are fitted, 1 they help when it is slow, 2 it hovers on them."""
    aim_yaw: Floats
    turn_rate: Floats
    spins: Flags
    """1: `turn_rate` is a signed yaw rate to keep; 0: it is the limit on the way to `aim_yaw`."""


_TRIPLES: Final = frozenset({
    "pos", "vel", "ref_vel", "thrust", "disturbance", "wind", "error", "leg", "aim", "aim_vel",
})
_FLAGS: Final = frozenset({"on_ground", "drive", "spins", "rotors"})


def empty_columns(count: int) -> Columns:
    """Columns of vehicles at the origin, at rest, sound and switched off."""

    def column(name: str) -> Any:
        if name in _FLAGS:
            return np.zeros(count, np.int8)
        width = 3 if name in _TRIPLES else 2 if name == "slope" else 0
        return np.zeros((count, width) if width else count)

    columns = Columns(**{name: column(name) for name in Columns._fields})
    columns.health.fill(1.0)
    columns.surface.fill(np.inf)
    columns.turn_rate.fill(1.0)
    columns.circle.fill(60.0)
    return columns
