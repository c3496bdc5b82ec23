"""Copters as numpy expressions. Twin of sim.engine.compiled."""

import math

import numpy as np

from sim.engine.arrays.guidance import norm, slew, turn
from sim.engine.columns import GRAVITY_M_S2, TICK_S, Columns, Drive, Floats, Rows
from sim.vehicles.figures import CopterFigures

_UP = np.array([0.0, 0.0, 1.0])


def step(c: Columns, rows: Rows, f: CopterFigures, ticks: int) -> None:
    step_s = ticks * TICK_S
    c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
    is_on = c.drive[rows] != Drive.OFF
    feed = slew(c, rows, f.position_gain_per_s, step_s)
    for _ in range(ticks):
        asked = np.where(is_on[:, None], command(c, rows, feed, f), 0.0)
        c.thrust[rows] += (asked * c.health[rows, None] - c.thrust[rows]) * (TICK_S / f.tilt_time_s)
        aloft = rows[(c.on_ground[rows] == 0) | (c.thrust[rows, 2] > GRAVITY_M_S2)]
        _move(c, aloft, f)
        _touch(c, aloft)
        turn(c, aloft[c.drive[aloft] != Drive.OFF], f.yaw_gain_per_s, f.yaw_time_s, TICK_S)
    load = norm(c.thrust[rows]) / GRAVITY_M_S2
    air = norm(c.vel[rows] - c.wind[rows])
    parasite = np.where(c.on_ground[rows] == 0, f.parasite_w_per_m3_s3 * air**3, 0.0)
    c.power_w[rows] = f.idle_w + f.hover_w * load**1.5 + parasite
    c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * step_s, 0.0)


def command(c: Columns, rows: Rows, feed: Floats, f: CopterFigures) -> Floats:
    """(k, 3) specific thrust asked for: limited tilt, limited length."""
    asked = feed + f.velocity_gain_per_s * (c.ref_vel[rows] - c.vel[rows]) - c.disturbance[rows] + GRAVITY_M_S2 * _UP
    limit = f.thrust_max_m_s2 * c.health[rows]
    up = np.minimum(np.maximum(asked[:, 2], 0.1 * GRAVITY_M_S2), limit)
    flat = np.sqrt(asked[:, 0] ** 2 + asked[:, 1] ** 2)
    spare = np.sqrt(np.maximum(limit * limit - up * up, 0.0))
    room = np.minimum(math.tan(f.tilt_max_rad) * up, spare)
    scale = np.minimum(1.0, room / np.maximum(flat, 1e-9))
    return np.stack([scale * asked[:, 0], scale * asked[:, 1], up], axis=1)


def _move(c: Columns, rows: Rows, f: CopterFigures) -> None:
    relative = c.vel[rows] - c.wind[rows]
    pushed = (-f.drag_per_m * norm(relative))[:, None] * relative
    c.disturbance[rows] += (pushed - c.disturbance[rows]) * (TICK_S / f.disturbance_time_s)
    c.vel[rows] += (c.thrust[rows] + pushed - GRAVITY_M_S2 * _UP) * TICK_S
    c.pos[rows] += c.vel[rows] * TICK_S


def _touch(c: Columns, rows: Rows) -> None:
    """Ground contact: no sinking in, no sliding."""
    c.on_ground[rows] = 0
    sunk = rows[c.pos[rows, 2] <= c.ground[rows]]
    c.pos[sunk, 2] = c.ground[sunk]
    landed = sunk[c.vel[sunk, 2] <= 0.0]
    c.impact[landed] = np.maximum(c.impact[landed], norm(c.vel[landed]))
    c.vel[landed] = 0.0
    c.on_ground[landed] = 1
