"""What happens in every tick of Gazebo, as numpy expressions. Twin of control_compiled."""

from typing import Final

import numpy as np
import numpy.typing as npt

from sim.adapters.gazebo.control_model import (
    CONTACT_TICKS,
    GRIP,
    TRACTION_S,
    Body,
    CopterMemory,
    RoverMemory,
    Sensed,
)
from sim.engine.arrays.copter import command
from sim.engine.arrays.guidance import norm
from sim.engine.columns import GRAVITY_M_S2, TICK_S, Columns, Drive, Floats, Rows
from sim.vehicles.figures import CopterFigures, RoverFigures

_UP: Final = np.array([0.0, 0.0, 1.0])


def axes_of(attitude: Floats) -> Floats:
    """(k, 4) w x y z to (k, 3, 3) rotations, body FLU to ENU."""
    w, x, y, z = attitude.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.asarray(np.array(rows).transpose(2, 0, 1))


def sense(c: Columns, rows: Rows, numbers: Floats, words: npt.NDArray[np.int64], sensed: Sensed) -> None:
    """States as `control.tables_of` gives them into the engine's rows and `sensed`."""
    axes = axes_of(numbers[:, 3:7])
    was_on_ground = sensed.since_touch < CONTACT_TICKS
    sensed.since_touch[:] = np.where(words[:, 13] != 0, 0.0, sensed.since_touch + 1.0)
    is_touching = sensed.since_touch < CONTACT_TICKS
    sensed.speeds[:, 1:] = sensed.speeds[:, :-1].copy()
    sensed.speeds[:, 0] = norm(numbers[:, 7:10])
    hit = np.where(is_touching & ~was_on_ground, sensed.speeds.max(axis=1), 0.0)
    c.impact[rows] = np.maximum(c.impact[rows], hit)
    c.pos[rows], c.vel[rows] = numbers[:, 0:3], numbers[:, 7:10]
    heading = np.arctan2(axes[:, 0, 0], axes[:, 1, 0])
    c.yaw[rows] += (heading - c.yaw[rows] + np.pi) % (2.0 * np.pi) - np.pi
    c.yaw_rate[rows] = -numbers[:, 12]
    c.on_ground[rows] = is_touching
    sensed.axes[:], sensed.rates[:], sensed.is_touching[:] = axes, numbers[:, 10:13], is_touching


def copter(
    c: Columns, rows: Rows, at: Rows, sensed: Sensed, memory: CopterMemory, body: Body, f: CopterFigures, out: Floats
) -> None:
    """Forces of rows `at` of the datagrams into `out` (n, 9)."""
    axes, rates = sensed.axes[at], sensed.rates[at]
    up, is_aloft = axes[:, :, 2], sensed.is_touching[at] < 0.5
    found = (c.vel[rows] - memory.before) / TICK_S - memory.applied + GRAVITY_M_S2 * _UP
    c.disturbance[rows] += (found - c.disturbance[rows]) * (is_aloft * (TICK_S / f.disturbance_time_s))[:, None]
    is_on = (c.drive[rows] != Drive.OFF)[:, None]
    asked = np.where(is_on, command(c, rows, memory.feed, f), 0.0)
    along = np.maximum((asked * up).sum(axis=1), 0.0)
    memory.lift[:] += (along * c.health[rows] - memory.lift) * (TICK_S / f.tilt_time_s)
    c.thrust[rows] = memory.lift[:, None] * up
    relative = c.vel[rows] - c.wind[rows]
    out[at, 0:2] = 0.0
    out[at, 2] = body.mass_kg * memory.lift
    out[at, 3:6] = _torque(c, rows, axes, rates, asked, memory.lift, body, f) * is_on
    out[at, 6:9] = (body.mass_kg * -f.drag_per_m * norm(relative) * is_aloft)[:, None] * relative
    memory.applied[:], memory.before[:] = c.thrust[rows], c.vel[rows]


def _torque(
    c: Columns, rows: Rows, axes: Floats, rates: Floats, asked: Floats, lift: Floats, body: Body, f: CopterFigures
) -> Floats:
    """Turn the thrust axis towards what is asked, critically damped within the figures' tilt time; and the yaw."""
    size = norm(asked)
    wanted = np.where(size[:, None] > 0.1, asked / np.maximum(size, 0.1)[:, None], _UP)
    error = np.einsum("kji,kj->ki", axes, np.cross(axes[:, :, 2], wanted))
    pole = 2.0 / f.tilt_time_s
    turn = pole * pole * error - 2.0 * pole * rates
    turn[:, 2] = (-_rate_asked(c, rows, f.yaw_gain_per_s) - rates[:, 2]) / f.yaw_time_s
    holds = np.minimum(lift / (0.5 * GRAVITY_M_S2), 1.0) * c.health[rows]
    return np.asarray(body.inertia * turn * holds[:, None])


def _rate_asked(c: Columns, rows: Rows, gain: float) -> Floats:
    """Clockwise yaw rates, as `guidance.turn` asks for."""
    limit = c.turn_rate[rows]
    gap = (c.aim_yaw[rows] - c.yaw[rows] + np.pi) % (2.0 * np.pi) - np.pi
    return np.where(c.spins[rows] == 0, np.minimum(np.maximum(gain * gap, -limit), limit), limit)


def rover(
    c: Columns, rows: Rows, at: Rows, sensed: Sensed, memory: RoverMemory, body: Body, f: RoverFigures, out: Floats
) -> None:
    """As `copter`."""
    axes, is_touching = sensed.axes[at], sensed.is_touching[at]
    most = f.accel_m_s2 * TICK_S
    c.ref_vel[rows, 0] += np.minimum(np.maximum(memory.target - c.ref_vel[rows, 0], -most), most)
    speed = np.einsum("kji,kj->ki", axes, c.vel[rows])
    lean = GRAVITY_M_S2 * axes[:, 2, :2]
    """Gravity along the body's ahead and left, which tracks hold against."""
    wanted = np.stack([c.ref_vel[rows, 0], np.zeros(len(rows))], axis=1)
    pull = (wanted - speed[:, :2]) / TRACTION_S + lean
    limit = GRIP * GRAVITY_M_S2 * is_touching
    pull *= (limit / np.maximum(np.hypot(pull[:, 0], pull[:, 1]), np.maximum(limit, 1e-9)))[:, None]
    may_turn = (c.drive[rows] != Drive.OFF) & (c.health[rows] > 0.0)
    clockwise = np.where(may_turn, _rate_asked(c, rows, f.yaw_gain_per_s), 0.0)
    turn = (-clockwise - sensed.rates[at, 2]) / f.yaw_time_s
    out[at] = 0.0
    out[at, 0:2] = body.mass_kg * pull
    out[at, 5] = body.inertia[2] * turn * is_touching
