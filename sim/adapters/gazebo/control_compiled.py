"""What happens in every tick of Gazebo, as loops over vehicles compiled by numba. Twin of control_arrays.

Nothing of other files is called: numba's cache looks at the file of a function only.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from sim.adapters.gazebo.control_model import (
    CONTACT_TICKS,
    GRIP,
    SPEEDS,
    TRACTION_S,
    Body,
    CopterMemory,
    RoverMemory,
    Sensed,
)
from sim.engine.columns import Columns, Floats, Rows
from sim.vehicles.figures import CopterFigures, RoverFigures

DT = 0.004
G = 9.80665


def _turn_axes(numbers: Floats, k: int, axes: Floats) -> None:
    w, x, y, z = numbers[k, 3], numbers[k, 4], numbers[k, 5], numbers[k, 6]
    axes[k, 0, 0] = 1 - 2 * (y * y + z * z)
    axes[k, 0, 1] = 2 * (x * y - w * z)
    axes[k, 0, 2] = 2 * (x * z + w * y)
    axes[k, 1, 0] = 2 * (x * y + w * z)
    axes[k, 1, 1] = 1 - 2 * (x * x + z * z)
    axes[k, 1, 2] = 2 * (y * z - w * x)
    axes[k, 2, 0] = 2 * (x * z - w * y)
    axes[k, 2, 1] = 2 * (y * z + w * x)
    axes[k, 2, 2] = 1 - 2 * (x * x + y * y)


turn_axes = numba.njit(cache=True)(_turn_axes)


def _sense(c: Columns, rows: Rows, numbers: Floats, words: npt.NDArray[np.int64], sensed: Sensed) -> None:
    for k in range(len(rows)):
        i = rows[k]
        turn_axes(numbers, k, sensed.axes)
        was_on_ground = sensed.since_touch[k] < CONTACT_TICKS
        sensed.since_touch[k] = 0.0 if words[k, 13] != 0 else sensed.since_touch[k] + 1.0
        is_touching = sensed.since_touch[k] < CONTACT_TICKS
        for n in range(SPEEDS - 1, 0, -1):
            sensed.speeds[k, n] = sensed.speeds[k, n - 1]
        vx, vy, vz = numbers[k, 7], numbers[k, 8], numbers[k, 9]
        sensed.speeds[k, 0] = math.sqrt(vx * vx + vy * vy + vz * vz)
        if is_touching and not was_on_ground:
            c.impact[i] = max(c.impact[i], sensed.speeds[k].max())
        for axis in range(3):
            c.pos[i, axis] = numbers[k, axis]
            c.vel[i, axis] = numbers[k, 7 + axis]
            sensed.rates[k, axis] = numbers[k, 10 + axis]
        heading = math.atan2(sensed.axes[k, 0, 0], sensed.axes[k, 1, 0])
        c.yaw[i] += (heading - c.yaw[i] + math.pi) % (2.0 * math.pi) - math.pi
        c.yaw_rate[i] = -numbers[k, 12]
        c.on_ground[i] = 1 if is_touching else 0
        sensed.is_touching[k] = 1.0 if is_touching else 0.0


sense = numba.njit(cache=True)(_sense)


def _rate_asked(c: Columns, i: int, gain: float) -> float:
    """Clockwise yaw rate of row i."""
    limit: float = c.turn_rate[i]
    if c.spins[i] != 0:
        return limit
    gap = (c.aim_yaw[i] - c.yaw[i] + math.pi) % (2.0 * math.pi) - math.pi
    rate: float = min(max(gain * gap, -limit), limit)
    return rate


rate_asked = numba.njit(cache=True)(_rate_asked)


def _thrust_asked(c: Columns, i: int, feed: Floats, f: CopterFigures) -> tuple[float, float, float]:
    """Specific thrust of row i: limited tilt, limited length."""
    if c.drive[i] == 0:
        return 0.0, 0.0, 0.0
    gain = f.velocity_gain_per_s
    ax = feed[0] + gain * (c.ref_vel[i, 0] - c.vel[i, 0]) - c.disturbance[i, 0]
    ay = feed[1] + gain * (c.ref_vel[i, 1] - c.vel[i, 1]) - c.disturbance[i, 1]
    az = feed[2] + gain * (c.ref_vel[i, 2] - c.vel[i, 2]) - c.disturbance[i, 2] + G
    limit = f.thrust_max_m_s2 * c.health[i]
    az = min(max(az, 0.1 * G), limit)
    flat = math.sqrt(ax * ax + ay * ay)
    room = min(math.tan(f.tilt_max_rad) * az, math.sqrt(max(limit * limit - az * az, 0.0)))
    scale = min(1.0, room / max(flat, 1e-9))
    return scale * ax, scale * ay, az


thrust_asked = numba.njit(cache=True)(_thrust_asked)


def _lean_to(
    axes: Floats, rates: Floats, asked: tuple[float, float, float], time_s: float
) -> tuple[float, float]:
    """Angular acceleration around ahead and left that turns the thrust axis towards what is asked."""
    ax, ay, az = asked
    size = math.sqrt(ax * ax + ay * ay + az * az)
    wx, wy, wz = 0.0, 0.0, 1.0
    if size > 0.1:
        wx, wy, wz = ax / size, ay / size, az / size
    ux, uy, uz = axes[0, 2], axes[1, 2], axes[2, 2]
    cx, cy, cz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
    pole = 2.0 / time_s
    around_ahead = axes[0, 0] * cx + axes[1, 0] * cy + axes[2, 0] * cz
    around_left = axes[0, 1] * cx + axes[1, 1] * cy + axes[2, 1] * cz
    return pole * pole * around_ahead - 2.0 * pole * rates[0], pole * pole * around_left - 2.0 * pole * rates[1]


lean_to = numba.njit(cache=True)(_lean_to)


def _copter(
    c: Columns, rows: Rows, at: Rows, sensed: Sensed, memory: CopterMemory, body: Body, f: CopterFigures, out: Floats
) -> None:
    for n in range(len(rows)):
        i, k = rows[n], at[n]
        axes, rates = sensed.axes[k], sensed.rates[k]
        is_aloft = sensed.is_touching[k] < 0.5
        if is_aloft:
            for axis in range(3):
                found = (c.vel[i, axis] - memory.before[n, axis]) / DT - memory.applied[n, axis]
                if axis == 2:
                    found += G
                c.disturbance[i, axis] += (found - c.disturbance[i, axis]) * (DT / f.disturbance_time_s)
        asked = thrust_asked(c, i, memory.feed[n], f)
        along = max(asked[0] * axes[0, 2] + asked[1] * axes[1, 2] + asked[2] * axes[2, 2], 0.0)
        memory.lift[n] += (along * c.health[i] - memory.lift[n]) * (DT / f.tilt_time_s)
        rx, ry, rz = c.vel[i, 0] - c.wind[i, 0], c.vel[i, 1] - c.wind[i, 1], c.vel[i, 2] - c.wind[i, 2]
        drag = -f.drag_per_m * math.sqrt(rx * rx + ry * ry + rz * rz) if is_aloft else 0.0
        out[k, :] = 0.0
        out[k, 2] = body.mass_kg * memory.lift[n]
        out[k, 6], out[k, 7], out[k, 8] = body.mass_kg * drag * rx, body.mass_kg * drag * ry, body.mass_kg * drag * rz
        if c.drive[i] != 0:
            holds = min(memory.lift[n] / (0.5 * G), 1.0) * c.health[i]
            ahead, left = lean_to(axes, rates, asked, f.tilt_time_s)
            up = (-rate_asked(c, i, f.yaw_gain_per_s) - rates[2]) / f.yaw_time_s
            out[k, 3] = body.inertia[0] * ahead * holds
            out[k, 4] = body.inertia[1] * left * holds
            out[k, 5] = body.inertia[2] * up * holds
        for axis in range(3):
            c.thrust[i, axis] = memory.applied[n, axis] = memory.lift[n] * axes[axis, 2]
            memory.before[n, axis] = c.vel[i, axis]


copter = numba.njit(cache=True)(_copter)


def _rover(
    c: Columns, rows: Rows, at: Rows, sensed: Sensed, memory: RoverMemory, body: Body, f: RoverFigures, out: Floats
) -> None:
    most = f.accel_m_s2 * DT
    for n in range(len(rows)):
        i, k = rows[n], at[n]
        axes = sensed.axes[k]
        c.ref_vel[i, 0] += min(max(memory.target[n] - c.ref_vel[i, 0], -most), most)
        vx, vy, vz = c.vel[i, 0], c.vel[i, 1], c.vel[i, 2]
        ahead = axes[0, 0] * vx + axes[1, 0] * vy + axes[2, 0] * vz
        left = axes[0, 1] * vx + axes[1, 1] * vy + axes[2, 1] * vz
        px = (c.ref_vel[i, 0] - ahead) / TRACTION_S + G * axes[2, 0]
        py = -left / TRACTION_S + G * axes[2, 1]
        limit = GRIP * G * sensed.is_touching[k]
        held = limit / max(math.hypot(px, py), max(limit, 1e-9))
        clockwise = 0.0
        if c.drive[i] != 0 and c.health[i] > 0.0:
            clockwise = rate_asked(c, i, f.yaw_gain_per_s)
        turn = (-clockwise - sensed.rates[k, 2]) / f.yaw_time_s
        out[k, :] = 0.0
        out[k, 0], out[k, 1] = body.mass_kg * px * held, body.mass_kg * py * held
        out[k, 5] = body.inertia[2] * turn * sensed.is_touching[k]


rover = numba.njit(cache=True)(_rover)
