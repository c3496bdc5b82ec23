"""From what an autopilot asks to the velocity to fly, for one vehicle."""

import math

import numba

from sim.engine.columns import Columns

CROSS_MAX_M_S = 3.0


def _ease(distance: float, gain: float, accel: float) -> float:
    """Speed at which a stop within `distance` is still possible (ArduPilot's sqrt_controller)."""
    linear = accel / (gain * gain)
    if distance <= linear:
        return gain * distance
    return math.sqrt(2.0 * accel * (distance - linear / 2.0))


ease = numba.njit(cache=True)(_ease)


def _along(remaining: float, gain: float, accel: float, exit_speed: float, cap: float) -> float:
    if remaining < 0.0:
        return exit_speed if exit_speed > 0.0 else max(gain * remaining, -cap)
    eased = ease(remaining, gain, 0.8 * accel)
    return min(cap, math.sqrt(exit_speed * exit_speed + eased * eased))


along = numba.njit(cache=True)(_along)


def _wanted(c: Columns, i: int, gain: float) -> tuple[float, float, float]:
    """Wanted ENU velocity of row i: the asked one, or along the leg with its cross-track error pulled in."""
    if c.drive[i] == 1:
        return c.aim_vel[i, 0], c.aim_vel[i, 1], c.aim_vel[i, 2]
    dx, dy, dz = c.aim[i, 0] - c.leg[i, 0], c.aim[i, 1] - c.leg[i, 1], c.aim[i, 2] - c.leg[i, 2]
    ex = c.pos[i, 0] + c.error[i, 0] - c.leg[i, 0]
    ey = c.pos[i, 1] + c.error[i, 1] - c.leg[i, 1]
    ez = c.pos[i, 2] + c.error[i, 2] - c.leg[i, 2]
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    ux = uy = uz = 0.0
    forward = 0.0
    done = 0.0
    if length > 1e-3:
        ux, uy, uz = dx / length, dy / length, dz / length
        done = ex * ux + ey * uy + ez * uz
        vertical = c.climb[i] if uz > 0.0 else c.descend[i]
        flat = math.sqrt(ux * ux + uy * uy)
        cap = min(c.speed[i] / max(flat, 1e-6), vertical / max(abs(uz), 1e-6))
        forward = along(length - done, gain, c.accel[i], c.exit_speed[i], cap)
    cx, cy, cz = -gain * (ex - done * ux), -gain * (ey - done * uy), -gain * (ez - done * uz)
    cross = math.sqrt(cx * cx + cy * cy + cz * cz)
    scale = min(1.0, min(CROSS_MAX_M_S, c.speed[i]) / max(cross, 1e-9))
    vz = forward * uz + scale * cz
    return forward * ux + scale * cx, forward * uy + scale * cy, min(max(vz, -c.descend[i]), c.climb[i])


wanted = numba.njit(cache=True)(_wanted)


def _turn(c: Columns, i: int, gain: float, time_s: float, dt: float) -> None:
    """One tick of the yaw loop of row i."""
    rate = c.turn_rate[i]
    if c.spins[i] == 0:
        gap = (c.aim_yaw[i] - c.yaw[i] + math.pi) % (2.0 * math.pi) - math.pi
        rate = min(max(gain * gap, -c.turn_rate[i]), c.turn_rate[i])
    c.yaw_rate[i] += (rate - c.yaw_rate[i]) * (dt / time_s)
    c.yaw[i] += c.yaw_rate[i] * dt


turn = numba.njit(cache=True)(_turn)


def _slew(c: Columns, i: int, gain: float, step_s: float) -> tuple[float, float, float]:
    """Move the followed velocity of row i towards the wanted one; returns the acceleration that takes."""
    wx, wy, wz = wanted(c, i, gain)
    dx, dy, dz = wx - c.ref_vel[i, 0], wy - c.ref_vel[i, 1], wz - c.ref_vel[i, 2]
    change = math.sqrt(dx * dx + dy * dy + dz * dz)
    scale = min(1.0, c.accel[i] * step_s / max(change, 1e-9))
    c.ref_vel[i, 0] += scale * dx
    c.ref_vel[i, 1] += scale * dy
    c.ref_vel[i, 2] += scale * dz
    return scale * dx / step_s, scale * dy / step_s, scale * dz / step_s


slew = numba.njit(cache=True)(_slew)
