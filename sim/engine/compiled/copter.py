"""A copter: a point mass whose thrust vector follows its controller with a lag, in moving air, over ground."""

import math

import numba

from sim.engine.columns import Columns, Rows
from sim.engine.compiled.guidance import slew, turn
from sim.vehicles.figures import CopterFigures

DT = 0.004
G = 9.80665


def _command(c: Columns, i: int, ff: tuple[float, float, float], f: CopterFigures) -> tuple[float, float, float]:
    """Specific thrust the controller asks for: limited tilt, limited length."""
    if c.drive[i] == 0:
        return 0.0, 0.0, 0.0
    k = f.velocity_gain_per_s
    ax = ff[0] + k * (c.ref_vel[i, 0] - c.vel[i, 0]) - c.disturbance[i, 0]
    ay = ff[1] + k * (c.ref_vel[i, 1] - c.vel[i, 1]) - c.disturbance[i, 1]
    az = ff[2] + k * (c.ref_vel[i, 2] - c.vel[i, 2]) - c.disturbance[i, 2] + G
    limit = f.thrust_max_m_s2 * c.health[i]
    az = min(max(az, 0.1 * G), limit)
    flat = math.sqrt(ax * ax + ay * ay)
    room = min(math.tan(f.tilt_max_rad) * az, math.sqrt(max(limit * limit - az * az, 0.0)))
    scale = min(1.0, room / max(flat, 1e-9))
    return scale * ax, scale * ay, az


command = numba.njit(cache=True)(_command)


def _move(c: Columns, i: int, f: CopterFigures) -> None:
    """One tick of row i in the air."""
    rx, ry, rz = c.vel[i, 0] - c.wind[i, 0], c.vel[i, 1] - c.wind[i, 1], c.vel[i, 2] - c.wind[i, 2]
    drag = -f.drag_per_m * math.sqrt(rx * rx + ry * ry + rz * rz)
    learn = DT / f.disturbance_time_s
    c.disturbance[i, 0] += (drag * rx - c.disturbance[i, 0]) * learn
    c.disturbance[i, 1] += (drag * ry - c.disturbance[i, 1]) * learn
    c.disturbance[i, 2] += (drag * rz - c.disturbance[i, 2]) * learn
    c.vel[i, 0] += (c.thrust[i, 0] + drag * rx) * DT
    c.vel[i, 1] += (c.thrust[i, 1] + drag * ry) * DT
    c.vel[i, 2] += (c.thrust[i, 2] + drag * rz - G) * DT
    for axis in range(3):
        c.pos[i, axis] += c.vel[i, axis] * DT


move = numba.njit(cache=True)(_move)


def _touch(c: Columns, i: int) -> None:
    """Ground contact of row i: no sinking in, no sliding."""
    c.on_ground[i] = 0
    if c.pos[i, 2] <= c.ground[i]:
        if c.vel[i, 2] <= 0.0:
            speed = math.sqrt(c.vel[i, 0] ** 2 + c.vel[i, 1] ** 2 + c.vel[i, 2] ** 2)
            c.impact[i] = max(c.impact[i], speed)
            c.vel[i, 0] = c.vel[i, 1] = c.vel[i, 2] = 0.0
            c.on_ground[i] = 1
        c.pos[i, 2] = c.ground[i]


touch = numba.njit(cache=True)(_touch)


def _step(c: Columns, rows: Rows, f: CopterFigures, ticks: int) -> None:
    step_s = ticks * DT
    for i in rows:
        ff = (0.0, 0.0, 0.0)
        if c.energy_j[i] <= 0.0:
            c.health[i] = 0.0
        if c.drive[i] != 0:
            ff = slew(c, i, f.position_gain_per_s, step_s)
        for _ in range(ticks):
            tx, ty, tz = command(c, i, ff, f)
            lag = DT / f.tilt_time_s
            c.thrust[i, 0] += (tx * c.health[i] - c.thrust[i, 0]) * lag
            c.thrust[i, 1] += (ty * c.health[i] - c.thrust[i, 1]) * lag
            c.thrust[i, 2] += (tz * c.health[i] - c.thrust[i, 2]) * lag
            if c.on_ground[i] == 1 and c.thrust[i, 2] <= G:
                continue
            move(c, i, f)
            touch(c, i)
            if c.drive[i] != 0:
                turn(c, i, f.yaw_gain_per_s, f.yaw_time_s, DT)
        rx, ry, rz = c.vel[i, 0] - c.wind[i, 0], c.vel[i, 1] - c.wind[i, 1], c.vel[i, 2] - c.wind[i, 2]
        load = math.sqrt(c.thrust[i, 0] ** 2 + c.thrust[i, 1] ** 2 + c.thrust[i, 2] ** 2) / G
        air = math.sqrt(rx * rx + ry * ry + rz * rz)
        parasite = f.parasite_w_per_m3_s3 * air**3 if c.on_ground[i] == 0 else 0.0
        c.power_w[i] = f.idle_w + f.hover_w * load**1.5 + parasite
        c.energy_j[i] = max(c.energy_j[i] - c.power_w[i] * step_s, 0.0)


step = numba.njit(cache=True)(_step)
