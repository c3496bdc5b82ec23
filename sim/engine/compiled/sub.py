"""An underwater robot: vectored thrusters against quadratic drag in moving water, between the bed and the surface."""

import math

import numba

from sim.engine.columns import Columns, Rows
from sim.engine.compiled.guidance import slew, turn
from sim.vehicles.figures import SubFigures

DT = 0.004


def _push(c: Columns, i: int, ff: tuple[float, float, float], f: SubFigures) -> tuple[float, float, float]:
    """Specific thrust asked for, drag and buoyancy compensated, limited in length."""
    if c.drive[i] == 0:
        return 0.0, 0.0, 0.0
    k = f.velocity_gain_per_s
    ax = ff[0] + k * (c.ref_vel[i, 0] - c.vel[i, 0]) - c.disturbance[i, 0]
    ay = ff[1] + k * (c.ref_vel[i, 1] - c.vel[i, 1]) - c.disturbance[i, 1]
    az = ff[2] + k * (c.ref_vel[i, 2] - c.vel[i, 2]) - c.disturbance[i, 2]
    size = math.sqrt(ax * ax + ay * ay + az * az)
    scale = min(1.0, f.thrust_max_m_s2 / max(size, 1e-9)) * c.health[i]
    return scale * ax, scale * ay, scale * az


push = numba.njit(cache=True)(_push)


def _move(c: Columns, i: int, f: SubFigures) -> None:
    """One tick of row i; `disturbance` is what the water did during it."""
    rx, ry, rz = c.vel[i, 0] - c.wind[i, 0], c.vel[i, 1] - c.wind[i, 1], c.vel[i, 2] - c.wind[i, 2]
    drag = -f.drag_per_m * math.sqrt(rx * rx + ry * ry + rz * rz)
    c.disturbance[i, 0] = drag * rx
    c.disturbance[i, 1] = drag * ry
    c.disturbance[i, 2] = drag * rz + f.buoyancy_m_s2
    for axis in range(3):
        c.vel[i, axis] += (c.thrust[i, axis] + c.disturbance[i, axis]) * DT
        c.pos[i, axis] += c.vel[i, axis] * DT
    c.on_ground[i] = 0
    if c.pos[i, 2] >= c.surface[i]:
        c.pos[i, 2] = c.surface[i]
        c.vel[i, 2] = min(c.vel[i, 2], 0.0)
    if c.pos[i, 2] <= c.ground[i]:
        c.impact[i] = max(c.impact[i], -c.vel[i, 2])
        c.pos[i, 2] = c.ground[i]
        c.vel[i, 2] = max(c.vel[i, 2], 0.0)
        c.on_ground[i] = 1


move = numba.njit(cache=True)(_move)


def _step(c: Columns, rows: Rows, f: SubFigures, ticks: int) -> None:
    step_s = ticks * DT
    for i in rows:
        ff = (0.0, 0.0, 0.0)
        if c.energy_j[i] <= 0.0:
            c.health[i] = 0.0
        if c.drive[i] != 0:
            ff = slew(c, i, f.position_gain_per_s, step_s)
        for _ in range(ticks):
            tx, ty, tz = push(c, i, ff, f)
            lag = DT / f.thrust_time_s
            c.thrust[i, 0] += (tx - c.thrust[i, 0]) * lag
            c.thrust[i, 1] += (ty - c.thrust[i, 1]) * lag
            c.thrust[i, 2] += (tz - c.thrust[i, 2]) * lag
            move(c, i, f)
            if c.drive[i] != 0:
                turn(c, i, f.yaw_gain_per_s, f.yaw_time_s, DT)
        size = math.sqrt(c.thrust[i, 0] ** 2 + c.thrust[i, 1] ** 2 + c.thrust[i, 2] ** 2)
        c.power_w[i] = f.idle_w + f.thrust_w_per_m_s2 * size
        c.energy_j[i] = max(c.energy_j[i] - c.power_w[i] * step_s, 0.0)


step = numba.njit(cache=True)(_step)
