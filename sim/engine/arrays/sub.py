"""Underwater robots as numpy expressions. Twin of sim.engine.compiled."""

import numpy as np

from sim.engine.arrays.guidance import norm, slew, turn
from sim.engine.columns import TICK_S, Columns, Drive, Floats, Rows
from sim.vehicles.figures import SubFigures


def step(c: Columns, rows: Rows, f: SubFigures, ticks: int) -> None:
    step_s = ticks * TICK_S
    c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
    is_on = c.drive[rows] != Drive.OFF
    feed = slew(c, rows, f.position_gain_per_s, step_s)
    for _ in range(ticks):
        asked = np.where(is_on[:, None], _push(c, rows, feed, f), 0.0)
        c.thrust[rows] += (asked - c.thrust[rows]) * (TICK_S / f.thrust_time_s)
        _move(c, rows, f)
        turn(c, rows[is_on], f.yaw_gain_per_s, f.yaw_time_s, TICK_S)
    c.power_w[rows] = f.idle_w + f.thrust_w_per_m_s2 * norm(c.thrust[rows])
    c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * step_s, 0.0)


def _push(c: Columns, rows: Rows, feed: Floats, f: SubFigures) -> Floats:
    """(k, 3) specific thrust asked for, drag and buoyancy compensated, limited in length."""
    asked = feed + f.velocity_gain_per_s * (c.ref_vel[rows] - c.vel[rows]) - c.disturbance[rows]
    scale = np.minimum(1.0, f.thrust_max_m_s2 / np.maximum(norm(asked), 1e-9)) * c.health[rows]
    return scale[:, None] * asked


def _move(c: Columns, rows: Rows, f: SubFigures) -> None:
    relative = c.vel[rows] - c.wind[rows]
    water = (-f.drag_per_m * norm(relative))[:, None] * relative
    water[:, 2] += f.buoyancy_m_s2
    c.disturbance[rows] = water
    c.vel[rows] += (c.thrust[rows] + water) * TICK_S
    c.pos[rows] += c.vel[rows] * TICK_S
    c.on_ground[rows] = 0
    risen = rows[c.pos[rows, 2] >= c.surface[rows]]
    c.pos[risen, 2] = c.surface[risen]
    c.vel[risen, 2] = np.minimum(c.vel[risen, 2], 0.0)
    sunk = rows[c.pos[rows, 2] <= c.ground[rows]]
    c.impact[sunk] = np.maximum(c.impact[sunk], -c.vel[sunk, 2])
    c.pos[sunk, 2] = c.ground[sunk]
    c.vel[sunk, 2] = np.maximum(c.vel[sunk, 2], 0.0)
    c.on_ground[sunk] = 1
