"""Planes, on wings and on rotors, as numpy expressions. Twin of sim.engine.compiled_wings."""

from typing import Final

import numpy as np

from sim.engine.arrays.guidance import norm, turn
from sim.engine.columns import GRAVITY_M_S2 as G
from sim.engine.columns import TICK_S, Columns, Drive, Floats, Rows
from sim.vehicles.figures import PlaneFigures

ROTATE: Final = 1.2
CLIMB_ACCEL_MAX: Final = 5.0
HOVER_CLIMB_ACCEL_MAX: Final = 2.0
DRIFT_M_S: Final = 4.0
GLIDE_M_S: Final = -1.5


def step(c: Columns, rows: Rows, f: PlaneFigures, ticks: int) -> None:
    c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
    bank, climb = _wanted(c, rows, f)
    lifted = np.zeros(len(rows))
    hovers = c.rotors[rows] == 2
    for _ in range(ticks):
        on_ground = c.on_ground[rows] == 1
        rises = (c.drive[rows] == Drive.LEG) & (c.aim[rows, 2] > c.pos[rows, 2] + 0.1)
        c.vel[rows[hovers & on_ground & ~rises]] = 0.0
        up = rows[hovers & (~on_ground | rises)]
        _hover(c, up, f)
        _touch(c, up)
        _roll_out(c, rows[~hovers & on_ground], climb[~hovers & on_ground], f)
        flies = ~hovers & ~on_ground
        lifted[flies] = _fly(c, rows[flies], bank[flies], climb[flies], f)
        _touch(c, rows[flies])
    carries = hovers & (c.on_ground[rows] == 0) & (c.drive[rows] != Drive.OFF)
    lifted = np.where(hovers, np.where(carries, G, 0.0), lifted)
    air = norm(c.vel[rows] - c.wind[rows])
    pushed = f.mass_kg * c.thrust[rows, 0] * air / f.drive_efficiency
    c.power_w[rows] = f.idle_w + pushed + f.hover_w * (lifted / G) ** 1.5
    c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * ticks * TICK_S, 0.0)


def _wrap(angle: Floats) -> Floats:
    return (angle + np.pi) % (2.0 * np.pi) - np.pi


def _course(c: Columns, rows: Rows, f: PlaneFigures) -> tuple[Floats, Floats, Floats]:
    """Courses asked for, the sideways accelerations they need by themselves, and the heights to be at."""
    at = c.pos[rows] + c.error[rows]
    to_go = c.aim[rows, :2] - c.leg[rows, :2]
    length = np.sqrt(to_go[:, 0] ** 2 + to_go[:, 1] ** 2)
    unit = to_go / np.maximum(length, 1e-3)[:, None]
    off = at[:, :2] - c.leg[rows, :2]
    done = off[:, 0] * unit[:, 0] + off[:, 1] * unit[:, 1]
    radius = np.abs(c.circle[rows])
    circles = (c.exit_speed[rows] <= 0.0) & ((length < 1e-3) | (length - done < 2.0 * radius))
    out = at[:, :2] - c.aim[rows, :2]
    away = np.sqrt(out[:, 0] ** 2 + out[:, 1] ** 2)
    side = np.where(c.circle[rows] >= 0.0, 1.0, -1.0)
    bearing = np.where(away > 1e-6, np.arctan2(out[:, 0], out[:, 1]), c.yaw[rows] - side * np.pi / 2.0)
    inward = np.arctan(f.circle_gain * (away - radius) / radius)
    speed2 = c.vel[rows, 0] * c.vel[rows, 0] + c.vel[rows, 1] * c.vel[rows, 1]
    own = np.where(circles & (away < 1.5 * radius), side * speed2 / radius, 0.0)
    aside = off[:, 0] * unit[:, 1] - off[:, 1] * unit[:, 0]
    share = np.minimum(np.maximum(done / np.maximum(length, 1e-3), 0.0), 1.0)
    height = c.leg[rows, 2] + share * (c.aim[rows, 2] - c.leg[rows, 2])
    line = np.arctan2(unit[:, 0], unit[:, 1]) - 0.9 * np.arctan(f.line_gain_per_m * aside)
    is_line = length >= 1e-3
    line, height = np.where(is_line, line, c.yaw[rows]), np.where(is_line, height, at[:, 2])
    around = bearing + side * (np.pi / 2.0 + inward)
    return np.where(circles, around, line), own, np.where(circles, c.aim[rows, 2], height)


def _wanted(c: Columns, rows: Rows, f: PlaneFigures) -> tuple[Floats, Floats]:
    """Banks and climbs asked for."""
    speed = np.sqrt(c.vel[rows, 0] * c.vel[rows, 0] + c.vel[rows, 1] * c.vel[rows, 1])
    track = np.where(speed > 1.0, np.arctan2(c.vel[rows, 0], c.vel[rows, 1]), c.yaw[rows])
    asked = np.sqrt(c.aim_vel[rows, 0] ** 2 + c.aim_vel[rows, 1] ** 2)
    straight = np.where(asked > 1e-6, np.arctan2(c.aim_vel[rows, 0], c.aim_vel[rows, 1]), track)
    want, own, height = _course(c, rows, f)
    is_velocity = c.drive[rows] == Drive.VELOCITY
    want, own = np.where(is_velocity, straight, want), np.where(is_velocity, 0.0, own)
    climb = f.height_gain_per_s * (height - c.pos[rows, 2] - c.error[rows, 2])
    climb = np.where(is_velocity, c.aim_vel[rows, 2], climb)
    aside = f.course_gain_per_s * speed * _wrap(want - track) + own
    bank = np.minimum(np.maximum(np.arctan(aside / G), -f.bank_max_rad), f.bank_max_rad)
    climb = np.minimum(np.maximum(climb, -c.descend[rows]), c.climb[rows])
    is_on = c.drive[rows] != Drive.OFF
    return np.where(is_on, bank, 0.0), np.where(is_on, climb, GLIDE_M_S)


def _thrust_most(c: Columns, rows: Rows, air: Floats, f: PlaneFigures) -> Floats:
    by_power = f.power_max_w * f.drive_efficiency / (f.mass_kg * np.maximum(air, 1.0))
    return c.health[rows] * np.minimum(f.thrust_max_m_s2, by_power)


def _roll_out(c: Columns, rows: Rows, climb: Floats, f: PlaneFigures) -> None:
    """On the ground: full power and straight ahead until it can be lifted off, brakes otherwise."""
    sin, cos = np.sin(c.yaw[rows]), np.cos(c.yaw[rows])
    speed = c.vel[rows, 0] * sin + c.vel[rows, 1] * cos
    air = speed - c.wind[rows, 0] * sin - c.wind[rows, 1] * cos
    goes = (c.drive[rows] != Drive.OFF) & (climb > 0.1)
    asked = np.where(goes, _thrust_most(c, rows, air, f), 0.0)
    c.thrust[rows, 0] += (asked - c.thrust[rows, 0]) * (TICK_S / f.throttle_time_s)
    held = f.rolling_resistance * G + np.where(goes, 0.0, f.brake_m_s2) + f.parasite_per_m * air * np.abs(air)
    faster = np.maximum(speed + (c.thrust[rows, 0] - held) * TICK_S, 0.0)
    speed = np.where((speed > 0.0) | (c.thrust[rows, 0] > held), faster, speed)
    c.vel[rows, 0], c.vel[rows, 1] = speed * sin, speed * cos
    c.vel[rows, 2] = c.vel[rows, 0] * c.slope[rows, 0] + c.vel[rows, 1] * c.slope[rows, 1]
    c.pos[rows, :2] += c.vel[rows, :2] * TICK_S
    c.pos[rows, 2] = c.ground[rows]
    c.on_ground[rows[goes & (air >= ROTATE * f.stall_m_s)]] = 0


def _fly(c: Columns, rows: Rows, bank: Floats, climb: Floats, f: PlaneFigures) -> Floats:
    """In the air; returns what fitted rotors had to lift, m/s2. Slower than it stalls, a wing cannot carry."""
    through = c.vel[rows] - c.wind[rows]
    air = np.maximum(norm(through), 0.1)
    drifts, yaw = air < DRIFT_M_S, c.yaw[rows]
    ex = np.where(drifts, np.sin(yaw), through[:, 0] / air)
    ey = np.where(drifts, np.cos(yaw), through[:, 1] / air)
    ez = np.where(drifts, 0.0, through[:, 2] / air)
    flat = np.maximum(np.sqrt(ex * ex + ey * ey), 1e-3)
    c.bank[rows] += (bank - c.bank[rows]) * (TICK_S / f.bank_time_s)
    tilt, is_on = c.bank[rows], c.drive[rows] != Drive.OFF
    down = np.where(c.rotors[rows] == 0, np.maximum(f.slow_m_s - air, 0.0), 0.0)
    up = f.climb_gain_per_s * (climb - down - c.vel[rows, 2])
    up = np.minimum(np.maximum(up, -CLIMB_ACCEL_MAX), CLIMB_ACCEL_MAX)
    most = np.minimum(f.load_max, (air / f.stall_m_s) ** 2)
    load = np.minimum(np.maximum((G + up) / (G * np.maximum(np.cos(tilt), 0.5)), 0.0), most)
    drag = f.parasite_per_m * air * air + f.induced_m3_s4 * load * load / np.maximum(air * air, 1.0)
    asked = drag + G * climb / air + f.speed_gain_per_s * (c.speed[rows] - air)
    asked = np.where(is_on, np.minimum(np.maximum(asked, 0.0), _thrust_most(c, rows, air, f)), 0.0)
    c.thrust[rows, 0] += (asked * c.health[rows] - c.thrust[rows, 0]) * (TICK_S / f.throttle_time_s)
    ahead = c.thrust[rows, 0] - drag
    lift, side = G * load * np.cos(tilt), G * load * np.sin(tilt)
    helps = (c.rotors[rows] == 1) & is_on & (air < f.slow_m_s)
    helped = np.where(helps, np.minimum(np.maximum(G + up - lift * flat, 0.0), 1.5 * G) * c.health[rows], 0.0)
    c.vel[rows, 0] += (ahead * ex - lift * ex * ez / flat + side * ey / flat) * TICK_S
    c.vel[rows, 1] += (ahead * ey - lift * ey * ez / flat - side * ex / flat) * TICK_S
    c.vel[rows, 2] += (ahead * ez + lift * flat + helped - G) * TICK_S
    c.pos[rows] += c.vel[rows] * TICK_S
    goes = ~drifts & (flat * air > 1.0)
    turned = _wrap(np.arctan2(ex, ey) - c.yaw[rows])
    c.yaw_rate[rows] = np.where(goes, turned / TICK_S, c.yaw_rate[rows])
    c.yaw[rows] += np.where(goes, turned, 0.0)
    return helped


def _touch(c: Columns, rows: Rows) -> None:
    """Ground contact: how fast it came down on it is what counts, not how fast it rolls."""
    c.on_ground[rows] = 0
    sunk = rows[c.pos[rows, 2] <= c.ground[rows]]
    c.pos[sunk, 2] = c.ground[sunk]
    rise = c.vel[sunk, 0] * c.slope[sunk, 0] + c.vel[sunk, 1] * c.slope[sunk, 1]
    is_down = c.vel[sunk, 2] <= rise
    down, rise = sunk[is_down], rise[is_down]
    c.impact[down] = np.maximum(c.impact[down], rise - c.vel[down, 2])
    c.vel[down, 2] = rise
    c.on_ground[down] = 1
    c.bank[down] = 0.0
    c.yaw_rate[down] = 0.0


def _hover(c: Columns, rows: Rows, f: PlaneFigures) -> None:
    """On rotors; the wind is held against."""
    to_go = f.hover_gain_per_s * (c.aim[rows] - c.pos[rows] - c.error[rows])
    wanted = np.where((c.drive[rows] == Drive.LEG)[:, None], to_go, c.aim_vel[rows])
    flat = np.sqrt(wanted[:, 0] * wanted[:, 0] + wanted[:, 1] * wanted[:, 1])
    slow = np.minimum(1.0, f.hover_speed_m_s / np.maximum(flat, 1e-9))
    vz = np.minimum(np.maximum(wanted[:, 2], -c.descend[rows]), c.climb[rows])
    k = 2.0 * f.hover_gain_per_s
    push = k * (slow[:, None] * wanted[:, :2] - c.vel[rows, :2])
    size = np.sqrt(push[:, 0] * push[:, 0] + push[:, 1] * push[:, 1])
    push *= np.minimum(1.0, f.hover_accel_m_s2 / np.maximum(size, 1e-9))[:, None]
    up = np.minimum(np.maximum(k * (vz - c.vel[rows, 2]), -HOVER_CLIMB_ACCEL_MAX), HOVER_CLIMB_ACCEL_MAX)
    falls = (c.drive[rows] == Drive.OFF) | (c.health[rows] < 1.0)
    c.thrust[rows, 0] = 0.0
    c.vel[rows, :2] += np.where(falls[:, None], 0.0, push) * TICK_S
    c.vel[rows, 2] += np.where(falls, -G, up) * TICK_S
    c.pos[rows] += c.vel[rows] * TICK_S
    turn(c, rows, f.yaw_gain_per_s, f.yaw_time_s, TICK_S)
