"""Tracked robots as numpy expressions. Twin of sim.engine.compiled."""

import numpy as np

from sim.engine.arrays.guidance import along, turn
from sim.engine.columns import GRAVITY_M_S2, TICK_S, Columns, Drive, Floats, Rows
from sim.vehicles.figures import RoverFigures


def step(c: Columns, rows: Rows, f: RoverFigures, ticks: int) -> None:
    step_s = ticks * TICK_S
    c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
    is_on = c.drive[rows] != Drive.OFF
    bearing, speed = course(c, rows, f)
    grade = c.slope[rows, 0] * np.sin(c.yaw[rows]) + c.slope[rows, 1] * np.cos(c.yaw[rows])
    target = np.where(is_on, allowed(c, rows, bearing, speed, grade, f), 0.0)
    steers = is_on & (speed > 0.05) & (c.spins[rows] == 0)
    c.aim_yaw[rows] = np.where(steers, bearing, c.aim_yaw[rows])
    may_turn = is_on & (c.health[rows] > 0.0)
    c.yaw_rate[rows[~may_turn]] = 0.0
    for _ in range(ticks):
        most = f.accel_m_s2 * TICK_S
        c.ref_vel[rows, 0] += np.minimum(np.maximum(target - c.ref_vel[rows, 0], -most), most)
        turn(c, rows[may_turn], f.yaw_gain_per_s, f.yaw_time_s, TICK_S)
        c.vel[rows, 0] = c.ref_vel[rows, 0] * np.sin(c.yaw[rows])
        c.vel[rows, 1] = c.ref_vel[rows, 0] * np.cos(c.yaw[rows])
        c.vel[rows, 2] = c.vel[rows, 0] * c.slope[rows, 0] + c.vel[rows, 1] * c.slope[rows, 1]
        c.pos[rows, :2] += c.vel[rows, :2] * TICK_S
    c.pos[rows, 2] = c.ground[rows]
    c.on_ground[rows] = 1
    force = f.mass_kg * GRAVITY_M_S2 * np.maximum(f.rolling_resistance + grade, 0.0)
    c.power_w[rows] = f.idle_w + force * c.ref_vel[rows, 0] / f.drive_efficiency
    c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * step_s, 0.0)


def course(c: Columns, rows: Rows, f: RoverFigures) -> tuple[Floats, Floats]:
    """Bearings and speeds asked for: towards a point ahead on the leg, or the asked velocity."""
    yaw = c.yaw[rows]
    asked = np.sqrt(c.aim_vel[rows, 0] ** 2 + c.aim_vel[rows, 1] ** 2)
    asked_bearing = np.where(asked > 1e-6, np.arctan2(c.aim_vel[rows, 0], c.aim_vel[rows, 1]), yaw)
    to_go = c.aim[rows, :2] - c.leg[rows, :2]
    off = c.pos[rows, :2] + c.error[rows, :2] - c.leg[rows, :2]
    length = np.sqrt(to_go[:, 0] ** 2 + to_go[:, 1] ** 2)
    is_line = length >= 1e-3
    unit = to_go / np.where(is_line, length, 1.0)[:, None]
    done = off[:, 0] * unit[:, 0] + off[:, 1] * unit[:, 1]
    ahead = np.minimum(done + f.lookahead_m, np.maximum(length, done + 0.5))
    towards = ahead[:, None] * unit - off
    bearing = np.where(is_line, np.arctan2(towards[:, 0], towards[:, 1]), yaw)
    flown = along(length - done, f.position_gain_per_s, c.accel[rows], c.exit_speed[rows], c.speed[rows])
    speed = np.where(is_line, np.maximum(flown, 0.0), 0.0)
    is_velocity = c.drive[rows] == Drive.VELOCITY
    return np.where(is_velocity, asked_bearing, bearing), np.where(is_velocity, asked, speed)


def allowed(c: Columns, rows: Rows, bearing: Floats, speed: Floats, grade: Floats, f: RoverFigures) -> Floats:
    """Speed after pivoting, slope and a dead drive have had their say."""
    gap = (bearing - c.yaw[rows] + np.pi) % (2.0 * np.pi) - np.pi
    slowed = speed * np.cos(gap) * np.maximum(0.0, 1.0 - np.abs(grade) / f.grade_max) * c.health[rows]
    return np.where(np.abs(gap) > f.pivot_rad, 0.0, slowed)
