"""From what autopilots ask to the velocities to fly, for all rows of one kind. Twin of sim.engine.compiled."""

from typing import Final

import numpy as np

from sim.engine.columns import Columns, Drive, Floats, Rows

CROSS_MAX_M_S: Final = 3.0
LEAD_S: Final = 0.5


def ease(distance: Floats, gain: float, accel: Floats) -> Floats:
    """Speed at which a stop within `distance` is still possible (ArduPilot's sqrt_controller)."""
    linear = accel / (gain * gain)
    far = np.sqrt(2.0 * accel * np.maximum(distance - linear / 2.0, 0.0))
    return np.where(distance <= linear, gain * distance, far)


def along(remaining: Floats, gain: float, accel: Floats, exit_speed: Floats, cap: Floats) -> Floats:
    eased = ease(np.maximum(remaining, 0.0), gain, 0.8 * accel)
    before = np.minimum(cap, np.sqrt(exit_speed * exit_speed + eased * eased))
    beyond = np.where(exit_speed > 0.0, exit_speed, np.maximum(gain * remaining, -cap))
    return np.where(remaining < 0.0, beyond, before)


def wanted(c: Columns, rows: Rows, gain: float) -> Floats:
    """(k, 3) wanted ENU velocities: the asked ones, or along the leg with its cross-track error pulled in."""
    to_go = c.aim[rows] - c.leg[rows]
    off = c.pos[rows] + c.error[rows] - c.leg[rows]
    length = norm(to_go)
    is_line = length > 1e-3
    unit = np.where(is_line[:, None], to_go / np.where(is_line, length, 1.0)[:, None], 0.0)
    done = off[:, 0] * unit[:, 0] + off[:, 1] * unit[:, 1] + off[:, 2] * unit[:, 2]
    vertical = np.where(unit[:, 2] > 0.0, c.climb[rows], c.descend[rows])
    flat = np.sqrt(unit[:, 0] ** 2 + unit[:, 1] ** 2)
    cap = np.minimum(c.speed[rows] / np.maximum(flat, 1e-6), vertical / np.maximum(np.abs(unit[:, 2]), 1e-6))
    forward = np.where(is_line, along(length - done, gain, c.accel[rows], c.exit_speed[rows], cap), 0.0)
    ref = c.ref_vel[rows]
    led = np.maximum(ref[:, 0] * unit[:, 0] + ref[:, 1] * unit[:, 1] + ref[:, 2] * unit[:, 2], 0.0)
    forward = np.minimum(forward, led + LEAD_S * c.accel[rows])
    pull = -gain * (off - done[:, None] * unit)
    scale = np.minimum(1.0, np.minimum(CROSS_MAX_M_S, c.speed[rows]) / np.maximum(norm(pull), 1e-9))
    flown = forward[:, None] * unit + scale[:, None] * pull
    flown[:, 2] = np.minimum(np.maximum(flown[:, 2], -c.descend[rows]), c.climb[rows])
    return np.where((c.drive[rows] == Drive.VELOCITY)[:, None], c.aim_vel[rows], flown)


def slew(c: Columns, rows: Rows, gain: float, step_s: float) -> Floats:
    """Move the followed velocities towards the wanted ones; returns the (k, 3) accelerations that takes."""
    change = wanted(c, rows, gain) - c.ref_vel[rows]
    scale = np.minimum(1.0, c.accel[rows] * step_s / np.maximum(norm(change), 1e-9))
    scale = np.where(c.drive[rows] != Drive.OFF, scale, 0.0)[:, None]
    c.ref_vel[rows] += scale * change
    return scale * change / step_s


def turn(c: Columns, rows: Rows, gain: float, time_s: float, dt: float) -> None:
    """One tick of the yaw loops."""
    limit = c.turn_rate[rows]
    gap = (c.aim_yaw[rows] - c.yaw[rows] + np.pi) % (2.0 * np.pi) - np.pi
    rate = np.where(c.spins[rows] == 0, np.minimum(np.maximum(gain * gap, -limit), limit), limit)
    c.yaw_rate[rows] += (rate - c.yaw_rate[rows]) * (dt / time_s)
    c.yaw[rows] += c.yaw_rate[rows] * dt


def norm(vectors: Floats) -> Floats:
    return np.sqrt(vectors[:, 0] ** 2 + vectors[:, 1] ** 2 + vectors[:, 2] ** 2)


