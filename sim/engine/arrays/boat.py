"""Boats as numpy expressions. Twin of sim.engine.compiled."""

import numpy as np

from sim.engine.arrays.guidance import along, turn
from sim.engine.columns import TICK_S, Columns, Drive, Floats, Rows
from sim.vehicles.figures import BoatFigures


def step(c: Columns, rows: Rows, f: BoatFigures, ticks: int) -> None:
    step_s = ticks * TICK_S
    c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
    is_on = c.drive[rows] != Drive.OFF
    bearing, speed = _course(c, rows, f)
    gap = (bearing - c.yaw[rows] + np.pi) % (2.0 * np.pi) - np.pi
    target = np.where(np.abs(gap) <= f.pivot_rad, speed * np.cos(gap), 0.0)
    steers = is_on & (speed > 0.05) & (c.spins[rows] == 0)
    c.aim_yaw[rows] = np.where(steers, bearing, c.aim_yaw[rows])
    may_turn = is_on & (c.health[rows] > 0.0)
    c.yaw_rate[rows[~may_turn]] = 0.0
    for _ in range(ticks):
        sin, cos = np.sin(c.yaw[rows]), np.cos(c.yaw[rows])
        over = c.vel[rows, 0] * sin + c.vel[rows, 1] * cos
        pull = c.disturbance[rows, 0] * sin + c.disturbance[rows, 1] * cos
        wanted = f.speed_gain_per_s * (target - over) - pull
        most = f.thrust_max_m_s2
        asked = np.where(is_on, np.minimum(np.maximum(wanted, -most), most) * c.health[rows], 0.0)
        c.thrust[rows, 0] += (asked * sin - c.thrust[rows, 0]) * (TICK_S / f.thrust_time_s)
        c.thrust[rows, 1] += (asked * cos - c.thrust[rows, 1]) * (TICK_S / f.thrust_time_s)
        turn(c, rows[may_turn], f.yaw_gain_per_s, f.yaw_time_s, TICK_S)
        _move(c, rows, f)
    size = np.sqrt(c.thrust[rows, 0] ** 2 + c.thrust[rows, 1] ** 2)
    c.power_w[rows] = f.idle_w + f.thrust_w_per_m_s2 * size
    c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * step_s, 0.0)


def _course(c: Columns, rows: Rows, f: BoatFigures) -> tuple[Floats, Floats]:
    """Bearings and speeds over ground asked for: the asked velocity, along the leg, or back to the place to keep."""
    yaw = c.yaw[rows]
    asked = np.sqrt(c.aim_vel[rows, 0] ** 2 + c.aim_vel[rows, 1] ** 2)
    asked_bearing = np.where(asked > 1e-6, np.arctan2(c.aim_vel[rows, 0], c.aim_vel[rows, 1]), yaw)
    to_go = c.aim[rows, :2] - c.leg[rows, :2]
    at = c.pos[rows, :2] + c.error[rows, :2]
    off = at - c.leg[rows, :2]
    length = np.sqrt(to_go[:, 0] ** 2 + to_go[:, 1] ** 2)
    unit = to_go / np.maximum(length, 1e-3)[:, None]
    done = off[:, 0] * unit[:, 0] + off[:, 1] * unit[:, 1]
    ahead = np.minimum(done + f.lookahead_m, np.maximum(length, done + 0.5))
    towards = c.leg[rows, :2] + ahead[:, None] * unit - at
    flown = along(length - done, f.position_gain_per_s, c.accel[rows], c.exit_speed[rows], c.speed[rows])
    back = c.aim[rows, :2] - at
    away = np.sqrt(back[:, 0] ** 2 + back[:, 1] ** 2)
    keeps = (c.exit_speed[rows] <= 0.0) & ((length < 1e-3) | (length - done < 2.0 * f.hold_radius_m))
    is_there = away <= f.hold_radius_m
    kept_bearing = np.where(is_there, yaw, np.arctan2(back[:, 0], back[:, 1]))
    kept_speed = np.where(is_there, 0.0, np.minimum(c.speed[rows], f.position_gain_per_s * away))
    bearing = np.where(keeps, kept_bearing, np.arctan2(towards[:, 0], towards[:, 1]))
    speed = np.where(keeps, kept_speed, np.maximum(flown, 0.0))
    is_velocity = c.drive[rows] == Drive.VELOCITY
    return np.where(is_velocity, asked_bearing, bearing), np.where(is_velocity, asked, speed)


def _move(c: Columns, rows: Rows, f: BoatFigures) -> None:
    """`wind` is the water with its leeway, `disturbance` what the water did. Aground a boat stays."""
    sin, cos = np.sin(c.yaw[rows]), np.cos(c.yaw[rows])
    through = c.vel[rows, :2] - c.wind[rows, :2]
    ahead, aside = through[:, 0] * sin + through[:, 1] * cos, through[:, 0] * cos - through[:, 1] * sin
    pull = -f.drag_ahead_per_m * np.abs(ahead) * ahead
    push = -f.drag_aside_per_m * np.abs(aside) * aside
    c.disturbance[rows, 0] = pull * sin + push * cos
    c.disturbance[rows, 1] = pull * cos - push * sin
    c.vel[rows, :2] += (c.thrust[rows, :2] + c.disturbance[rows, :2]) * TICK_S
    c.pos[rows, :2] += c.vel[rows, :2] * TICK_S
    c.pos[rows, 2] = c.surface[rows]
    c.vel[rows, 2] = 0.0
    c.on_ground[rows] = 0
    aground = rows[c.ground[rows] >= c.surface[rows]]
    speed = np.sqrt(c.vel[aground, 0] ** 2 + c.vel[aground, 1] ** 2)
    c.impact[aground] = np.maximum(c.impact[aground], speed)
    c.vel[aground, :2] = 0.0
    c.on_ground[aground] = 1
