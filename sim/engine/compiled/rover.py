"""A tracked robot: skid steering with a pivot turn, speed limited by the slope ahead, feet on the terrain."""

import math

import numba

from sim.engine.columns import Columns, Rows
from sim.engine.compiled.guidance import along, turn
from sim.vehicles.figures import RoverFigures

DT = 0.004
G = 9.80665


def _course(c: Columns, i: int, f: RoverFigures) -> tuple[float, float]:
    """Bearing and speed asked for: towards a point ahead on the leg, or the asked velocity."""
    if c.drive[i] == 1:
        vx, vy = c.aim_vel[i, 0], c.aim_vel[i, 1]
        speed = math.sqrt(vx * vx + vy * vy)
        return (math.atan2(vx, vy) if speed > 1e-6 else c.yaw[i]), speed
    dx, dy = c.aim[i, 0] - c.leg[i, 0], c.aim[i, 1] - c.leg[i, 1]
    px, py = c.pos[i, 0] + c.error[i, 0], c.pos[i, 1] + c.error[i, 1]
    length = math.sqrt(dx * dx + dy * dy)
    if length < 1e-3:
        return c.yaw[i], 0.0
    ux, uy = dx / length, dy / length
    done = (px - c.leg[i, 0]) * ux + (py - c.leg[i, 1]) * uy
    ahead = min(done + f.lookahead_m, max(length, done + 0.5))
    bearing = math.atan2(c.leg[i, 0] + ahead * ux - px, c.leg[i, 1] + ahead * uy - py)
    speed = along(length - done, f.position_gain_per_s, c.accel[i], c.exit_speed[i], c.speed[i])
    return bearing, max(speed, 0.0)


course = numba.njit(cache=True)(_course)


def _allowed(c: Columns, i: int, gap: float, speed: float, f: RoverFigures) -> float:
    """Speed after pivoting, slope and a dead drive have had their say."""
    if abs(gap) > f.pivot_rad:
        return 0.0
    grade = abs(c.slope[i, 0] * math.sin(c.yaw[i]) + c.slope[i, 1] * math.cos(c.yaw[i]))
    slowed: float = speed * math.cos(gap) * max(0.0, 1.0 - grade / f.grade_max) * c.health[i]
    return slowed


allowed = numba.njit(cache=True)(_allowed)


def _step(c: Columns, rows: Rows, f: RoverFigures, ticks: int) -> None:
    """`ref_vel[i, 0]` is the speed along the tracks."""
    step_s = ticks * DT
    for i in rows:
        if c.energy_j[i] <= 0.0:
            c.health[i] = 0.0
        target = 0.0
        if c.drive[i] != 0:
            bearing, speed = course(c, i, f)
            gap = (bearing - c.yaw[i] + math.pi) % (2.0 * math.pi) - math.pi
            target = allowed(c, i, gap, speed, f)
            if speed > 0.05 and c.spins[i] == 0:
                c.aim_yaw[i] = bearing
        slope_now = c.slope[i, 0] * math.sin(c.yaw[i]) + c.slope[i, 1] * math.cos(c.yaw[i])
        for _ in range(ticks):
            change = target - c.ref_vel[i, 0]
            c.ref_vel[i, 0] += min(max(change, -f.accel_m_s2 * DT), f.accel_m_s2 * DT)
            if c.drive[i] != 0 and c.health[i] > 0.0:
                turn(c, i, f.yaw_gain_per_s, f.yaw_time_s, DT)
            else:
                c.yaw_rate[i] = 0.0
            c.vel[i, 0] = c.ref_vel[i, 0] * math.sin(c.yaw[i])
            c.vel[i, 1] = c.ref_vel[i, 0] * math.cos(c.yaw[i])
            c.vel[i, 2] = c.vel[i, 0] * c.slope[i, 0] + c.vel[i, 1] * c.slope[i, 1]
            c.pos[i, 0] += c.vel[i, 0] * DT
            c.pos[i, 1] += c.vel[i, 1] * DT
        c.pos[i, 2] = c.ground[i]
        c.on_ground[i] = 1
        force = f.mass_kg * G * max(f.rolling_resistance + slope_now, 0.0)
        c.power_w[i] = f.idle_w + force * c.ref_vel[i, 0] / f.drive_efficiency
        c.energy_j[i] = max(c.energy_j[i] - c.power_w[i] * step_s, 0.0)


step = numba.njit(cache=True)(_step)
