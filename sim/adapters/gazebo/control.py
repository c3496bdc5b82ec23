"""From what autopilots ask to forces on Gazebo's bodies: copters by thrust and torque, robots by traction."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sim.adapters.gazebo.bodies import SHAPES
from sim.adapters.gazebo.wire import Commands, States
from sim.engine.arrays import copter, rover
from sim.engine.arrays.guidance import norm, slew
from sim.engine.columns import GRAVITY_M_S2, TICK_S, Columns, Drive, Floats, Rows
from sim.scenarios.model import VehicleKind
from sim.vehicles.figures import CopterFigures, RoverFigures

CONTACT_TICKS: Final = 5
"""A touch is remembered so long: contacts of a body at rest flicker."""
_GRIP: Final = 0.8
"""Share of the weight that tracks hold by, soil (Wong, Theory of Ground Vehicles: 0.6-0.9; from memory)."""
_TRACTION_S: Final = 0.1
"""In which tracks take on the speed of their motors; stiffer than this rings with the 4 ms step."""
_UP: Final = np.array([0.0, 0.0, 1.0])


@dataclass(slots=True, kw_only=True)
class Sensed:
    """What Gazebo said of some rows, as axes (k, 3, 3) with columns ahead, left, up in ENU, and rates in the body."""

    axes: Floats
    rates: Floats
    is_touching: Floats


def axes_of(attitude: Floats) -> Floats:
    """(k, 4) w x y z to (k, 3, 3) rotations, body FLU to ENU."""
    w, x, y, z = attitude.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.asarray(np.array(rows).transpose(2, 0, 1))


@dataclass(slots=True)
class Senser:
    """Copies Gazebo's states into the columns."""

    columns: Columns
    rows: Rows
    since_touch: Floats = field(init=False)
    speeds: Floats = field(init=False)
    """(4, k) of the last ticks: a touch is told one tick late, and what counts is the speed before it."""

    def __post_init__(self) -> None:
        self.since_touch = np.zeros(len(self.rows))
        self.speeds = np.zeros((4, len(self.rows)))

    def take(self, states: States) -> Sensed:
        c, rows = self.columns, self.rows
        axes = axes_of(states["attitude"])
        was_on_ground = self.since_touch < CONTACT_TICKS
        self.since_touch = np.where(states["touches"] > 0, 0.0, self.since_touch + 1.0)
        is_touching = self.since_touch < CONTACT_TICKS
        self.speeds = np.vstack([norm(states["velocity_m_s"]), self.speeds[:-1]])
        hit = np.where(is_touching & ~was_on_ground, self.speeds.max(axis=0), 0.0)
        c.impact[rows] = np.maximum(c.impact[rows], hit)
        c.pos[rows], c.vel[rows] = states["position_m"], states["velocity_m_s"]
        ahead = axes[:, :, 0]
        heading = np.arctan2(ahead[:, 0], ahead[:, 1])
        c.yaw[rows] += (heading - c.yaw[rows] + np.pi) % (2.0 * np.pi) - np.pi
        c.yaw_rate[rows] = -states["rate_rad_s"][:, 2]
        c.on_ground[rows] = is_touching
        return Sensed(axes=axes, rates=states["rate_rad_s"], is_touching=is_touching.astype(float))


def rate_asked(c: Columns, rows: Rows, gain: float) -> Floats:
    """Clockwise yaw rates, as `guidance.turn` asks for."""
    limit = c.turn_rate[rows]
    gap = (c.aim_yaw[rows] - c.yaw[rows] + np.pi) % (2.0 * np.pi) - np.pi
    return np.where(c.spins[rows] == 0, np.minimum(np.maximum(gain * gap, -limit), limit), limit)


class CopterControl:
    """The inner loop that our own kernels leave out: a body that must lean before it can push."""

    def __init__(self, columns: Columns, rows: Rows, figures: CopterFigures) -> None:
        shape = SHAPES[VehicleKind.COPTER]
        self._c, self._rows, self._f = columns, rows, figures
        self._mass_kg, self._inertia = shape.mass_kg, np.array(shape.inertia)
        self._feed = np.zeros((len(rows), 3))
        self._lift = np.zeros(len(rows))
        """Specific thrust along the body's axis, m/s2."""
        self._applied = np.zeros((len(rows), 3))
        self._before = columns.vel[rows].copy()

    def begin(self, step_s: float) -> None:
        c, rows = self._c, self._rows
        c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
        self._feed = slew(c, rows, self._f.position_gain_per_s, step_s)

    def command(self, sensed: Sensed, out: Commands) -> None:
        c, rows, f = self._c, self._rows, self._f
        up = sensed.axes[:, :, 2]
        is_aloft = sensed.is_touching < 0.5
        self._learn(is_aloft)
        is_on = (c.drive[rows] != Drive.OFF)[:, None]
        asked = np.where(is_on, copter.command(c, rows, self._feed, f), 0.0)
        along = np.maximum((asked * up).sum(axis=1), 0.0)
        self._lift += (along * c.health[rows] - self._lift) * (TICK_S / f.tilt_time_s)
        c.thrust[rows] = self._lift[:, None] * up
        out["force_n"] = 0.0
        out["force_n"][:, 2] = self._mass_kg * self._lift
        out["torque_nm"] = self._torque(sensed, asked) * is_on
        relative = c.vel[rows] - c.wind[rows]
        pushed = (-f.drag_per_m * norm(relative) * is_aloft)[:, None] * relative
        out["push_n"] = self._mass_kg * pushed
        self._applied, self._before = c.thrust[rows].copy(), c.vel[rows].copy()

    def end(self, step_s: float) -> None:
        """Power and energy of the step, as the kernels have them."""
        c, rows, f = self._c, self._rows, self._f
        air = norm(c.vel[rows] - c.wind[rows])
        parasite = np.where(c.on_ground[rows] == 0, f.parasite_w_per_m3_s3 * air**3, 0.0)
        c.power_w[rows] = f.idle_w + f.hover_w * (self._lift / GRAVITY_M_S2) ** 1.5 + parasite
        c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * step_s, 0.0)

    def _learn(self, is_aloft: Floats) -> None:
        """The acceleration that motors and gravity do not explain, smoothed; only in the air."""
        c, rows = self._c, self._rows
        found = (c.vel[rows] - self._before) / TICK_S - self._applied + GRAVITY_M_S2 * _UP
        share = np.where(is_aloft, TICK_S / self._f.disturbance_time_s, 0.0)[:, None]
        c.disturbance[rows] += (found - c.disturbance[rows]) * share

    def _torque(self, sensed: Sensed, asked: Floats) -> Floats:
        """Turn the thrust axis towards what is asked, critically damped within the figures' tilt time; and the yaw."""
        f, axes = self._f, sensed.axes
        up = axes[:, :, 2]
        size = norm(asked)
        wanted = np.where(size[:, None] > 0.1, asked / np.maximum(size, 0.1)[:, None], _UP)
        across = np.cross(up, wanted)
        error = np.einsum("kji,kj->ki", axes, across)
        pole = 2.0 / f.tilt_time_s
        turn = pole * pole * error - 2.0 * pole * sensed.rates
        clockwise = rate_asked(self._c, self._rows, f.yaw_gain_per_s)
        turn[:, 2] = (-clockwise - sensed.rates[:, 2]) / f.yaw_time_s
        holds = np.minimum(self._lift / (0.5 * GRAVITY_M_S2), 1.0) * self._c.health[self._rows]
        return self._inertia * turn * holds[:, None]


class RoverControl:
    """Tracks as traction at the body, limited by grip; Gazebo gives gravity, slope and contact."""

    def __init__(self, columns: Columns, rows: Rows, figures: RoverFigures) -> None:
        shape = SHAPES[VehicleKind.ROVER]
        self._c, self._rows, self._f = columns, rows, figures
        self._mass_kg, self._inertia = shape.mass_kg, np.array(shape.inertia)
        self._target = np.zeros(len(rows))
        self._grade = np.zeros(len(rows))

    def begin(self, sensed: Sensed) -> None:
        c, rows, f = self._c, self._rows, self._f
        c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
        up = sensed.axes[:, :, 2]
        c.slope[rows] = -up[:, :2] / np.maximum(up[:, 2:], 0.1)
        is_on = c.drive[rows] != Drive.OFF
        bearing, speed = rover.course(c, rows, f)
        self._grade = c.slope[rows, 0] * np.sin(c.yaw[rows]) + c.slope[rows, 1] * np.cos(c.yaw[rows])
        self._target = np.where(is_on, rover.allowed(c, rows, bearing, speed, self._grade, f), 0.0)
        steers = is_on & (speed > 0.05) & (c.spins[rows] == 0)
        c.aim_yaw[rows] = np.where(steers, bearing, c.aim_yaw[rows])

    def command(self, sensed: Sensed, out: Commands) -> None:
        c, rows, f = self._c, self._rows, self._f
        most = f.accel_m_s2 * TICK_S
        c.ref_vel[rows, 0] += np.minimum(np.maximum(self._target - c.ref_vel[rows, 0], -most), most)
        speed = np.einsum("kji,kj->ki", sensed.axes, c.vel[rows])
        lean = GRAVITY_M_S2 * sensed.axes[:, 2, :2]
        """Gravity along the body's ahead and left, which tracks hold against."""
        wanted = np.stack([c.ref_vel[rows, 0], np.zeros(len(rows))], axis=1)
        pull = (wanted - speed[:, :2]) / _TRACTION_S + lean
        limit = _GRIP * GRAVITY_M_S2 * sensed.is_touching
        pull *= (limit / np.maximum(np.hypot(pull[:, 0], pull[:, 1]), np.maximum(limit, 1e-9)))[:, None]
        out["push_n"] = 0.0
        out["force_n"] = 0.0
        out["force_n"][:, :2] = self._mass_kg * pull
        may_turn = (c.drive[rows] != Drive.OFF) & (c.health[rows] > 0.0)
        clockwise = np.where(may_turn, rate_asked(c, rows, f.yaw_gain_per_s), 0.0)
        out["torque_nm"] = 0.0
        turn = (-clockwise - sensed.rates[:, 2]) / f.yaw_time_s
        out["torque_nm"][:, 2] = self._inertia[2] * turn * sensed.is_touching

    def end(self, step_s: float) -> None:
        c, rows, f = self._c, self._rows, self._f
        force = f.mass_kg * GRAVITY_M_S2 * np.maximum(f.rolling_resistance + self._grade, 0.0)
        c.power_w[rows] = f.idle_w + force * np.maximum(c.ref_vel[rows, 0], 0.0) / f.drive_efficiency
        c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * step_s, 0.0)
