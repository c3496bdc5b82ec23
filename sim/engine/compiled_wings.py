"""Physics of planes, on wings and on rotors, as loops over vehicles, compiled by numba.

Whole in one file, as sim.engine.compiled is, and for the same reason: numba's cache looks at one file only.
"""

import math

import numba

from sim.engine.columns import Columns, Rows
from sim.vehicles.figures import PlaneFigures

DT = 0.004
G = 9.80665
ROTATE = 1.2
"""Times the stall speed at which a plane is lifted off the ground."""
CLIMB_ACCEL_MAX = 5.0
HOVER_CLIMB_ACCEL_MAX = 2.0
DRIFT_M_S = 4.0
"""Slower than this through the air, a plane on its rotors goes where its nose points."""
GLIDE_M_S = -1.5
"""Without power the nose goes down; the airspeed kept by the elevator does the rest."""


def _wrap(angle: float) -> float:
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


wrap = numba.njit(cache=True)(_wrap)


def _course(c: Columns, i: int, f: PlaneFigures) -> tuple[float, float, float]:
    """Course asked for, the sideways acceleration it needs by itself, and the height to be at."""
    px, py, pz = c.pos[i, 0] + c.error[i, 0], c.pos[i, 1] + c.error[i, 1], c.pos[i, 2] + c.error[i, 2]
    dx, dy = c.aim[i, 0] - c.leg[i, 0], c.aim[i, 1] - c.leg[i, 1]
    length = math.sqrt(dx * dx + dy * dy)
    ux, uy = dx / max(length, 1e-3), dy / max(length, 1e-3)
    done = (px - c.leg[i, 0]) * ux + (py - c.leg[i, 1]) * uy
    radius = abs(c.circle[i])
    if c.exit_speed[i] <= 0.0 and (length < 1e-3 or length - done < 2.0 * radius):
        ox, oy = px - c.aim[i, 0], py - c.aim[i, 1]
        away = math.sqrt(ox * ox + oy * oy)
        side = 1.0 if c.circle[i] >= 0.0 else -1.0
        bearing = math.atan2(ox, oy) if away > 1e-6 else c.yaw[i] - side * math.pi / 2.0
        inward = math.atan(f.circle_gain * (away - radius) / radius)
        speed2 = c.vel[i, 0] * c.vel[i, 0] + c.vel[i, 1] * c.vel[i, 1]
        own = side * speed2 / radius if away < 1.5 * radius else 0.0
        return bearing + side * (math.pi / 2.0 + inward), own, c.aim[i, 2]
    aside = (px - c.leg[i, 0]) * uy - (py - c.leg[i, 1]) * ux
    share = min(max(done / max(length, 1e-3), 0.0), 1.0)
    height = c.leg[i, 2] + share * (c.aim[i, 2] - c.leg[i, 2])
    if length < 1e-3:
        return c.yaw[i], 0.0, pz
    return math.atan2(ux, uy) - 0.9 * math.atan(f.line_gain_per_m * aside), 0.0, height


course = numba.njit(cache=True)(_course)


def _wanted(c: Columns, i: int, f: PlaneFigures) -> tuple[float, float]:
    """Bank and climb asked for."""
    if c.drive[i] == 0:
        return 0.0, GLIDE_M_S
    vx, vy = c.vel[i, 0], c.vel[i, 1]
    speed = math.sqrt(vx * vx + vy * vy)
    track = math.atan2(vx, vy) if speed > 1.0 else c.yaw[i]
    if c.drive[i] == 1:
        ax, ay = c.aim_vel[i, 0], c.aim_vel[i, 1]
        want = math.atan2(ax, ay) if math.sqrt(ax * ax + ay * ay) > 1e-6 else track
        own, climb = 0.0, c.aim_vel[i, 2]
    else:
        want, own, height = course(c, i, f)
        climb = f.height_gain_per_s * (height - c.pos[i, 2] - c.error[i, 2])
    aside = f.course_gain_per_s * speed * wrap(want - track) + own
    bank = min(max(math.atan(aside / G), -f.bank_max_rad), f.bank_max_rad)
    return bank, min(max(climb, -c.descend[i]), c.climb[i])


wanted = numba.njit(cache=True)(_wanted)


def _thrust_most(c: Columns, i: int, air: float, f: PlaneFigures) -> float:
    by_power = f.power_max_w * f.drive_efficiency / (f.mass_kg * max(air, 1.0))
    most: float = c.health[i] * min(f.thrust_max_m_s2, by_power)
    return most


thrust_most = numba.njit(cache=True)(_thrust_most)


def _roll_out(c: Columns, i: int, climb: float, f: PlaneFigures) -> None:
    """One tick on the ground: full power and straight ahead until it can be lifted off, brakes otherwise."""
    sin, cos = math.sin(c.yaw[i]), math.cos(c.yaw[i])
    speed = c.vel[i, 0] * sin + c.vel[i, 1] * cos
    air = speed - c.wind[i, 0] * sin - c.wind[i, 1] * cos
    goes = c.drive[i] != 0 and climb > 0.1
    asked = thrust_most(c, i, air, f) if goes else 0.0
    c.thrust[i, 0] += (asked - c.thrust[i, 0]) * (DT / f.throttle_time_s)
    held = f.rolling_resistance * G + (0.0 if goes else f.brake_m_s2) + f.parasite_per_m * air * abs(air)
    if speed > 0.0 or c.thrust[i, 0] > held:
        speed = max(speed + (c.thrust[i, 0] - held) * DT, 0.0)
    c.vel[i, 0], c.vel[i, 1] = speed * sin, speed * cos
    c.vel[i, 2] = c.vel[i, 0] * c.slope[i, 0] + c.vel[i, 1] * c.slope[i, 1]
    c.pos[i, 0] += c.vel[i, 0] * DT
    c.pos[i, 1] += c.vel[i, 1] * DT
    c.pos[i, 2] = c.ground[i]
    if goes and air >= ROTATE * f.stall_m_s:
        c.on_ground[i] = 0


roll_out = numba.njit(cache=True)(_roll_out)


def _fly(c: Columns, i: int, bank: float, climb: float, f: PlaneFigures) -> float:
    """One tick in the air; returns what fitted rotors had to lift, m/s2. Slower than it stalls, a wing cannot carry."""
    rx, ry, rz = c.vel[i, 0] - c.wind[i, 0], c.vel[i, 1] - c.wind[i, 1], c.vel[i, 2] - c.wind[i, 2]
    air = max(math.sqrt(rx * rx + ry * ry + rz * rz), 0.1)
    ex, ey, ez = rx / air, ry / air, rz / air
    if air < DRIFT_M_S:
        ex, ey, ez = math.sin(c.yaw[i]), math.cos(c.yaw[i]), 0.0
    flat = max(math.sqrt(ex * ex + ey * ey), 1e-3)
    c.bank[i] += (bank - c.bank[i]) * (DT / f.bank_time_s)
    down = max(f.slow_m_s - air, 0.0) if c.rotors[i] == 0 else 0.0
    up = f.climb_gain_per_s * (climb - down - c.vel[i, 2])
    up = min(max(up, -CLIMB_ACCEL_MAX), CLIMB_ACCEL_MAX)
    most = min(f.load_max, (air / f.stall_m_s) ** 2)
    load = min(max((G + up) / (G * max(math.cos(c.bank[i]), 0.5)), 0.0), most)
    drag = f.parasite_per_m * air * air + f.induced_m3_s4 * load * load / max(air * air, 1.0)
    asked = 0.0
    if c.drive[i] != 0:
        asked = drag + G * climb / air + f.speed_gain_per_s * (c.speed[i] - air)
        asked = min(max(asked, 0.0), thrust_most(c, i, air, f))
    c.thrust[i, 0] += (asked * c.health[i] - c.thrust[i, 0]) * (DT / f.throttle_time_s)
    ahead = c.thrust[i, 0] - drag
    lift, side = G * load * math.cos(c.bank[i]), G * load * math.sin(c.bank[i])
    helped = 0.0
    if c.rotors[i] == 1 and c.drive[i] != 0 and air < f.slow_m_s:
        helped = min(max(G + up - lift * flat, 0.0), 1.5 * G) * c.health[i]
    c.vel[i, 0] += (ahead * ex - lift * ex * ez / flat + side * ey / flat) * DT
    c.vel[i, 1] += (ahead * ey - lift * ey * ez / flat - side * ex / flat) * DT
    c.vel[i, 2] += (ahead * ez + lift * flat + helped - G) * DT
    for axis in range(3):
        c.pos[i, axis] += c.vel[i, axis] * DT
    if air >= DRIFT_M_S and flat * air > 1.0:
        turned = wrap(math.atan2(ex, ey) - c.yaw[i])
        c.yaw_rate[i] = turned / DT
        c.yaw[i] += turned
    return helped


fly = numba.njit(cache=True)(_fly)


def _touch(c: Columns, i: int) -> None:
    """Ground contact of row i: how fast it came down on it is what counts, not how fast it rolls."""
    c.on_ground[i] = 0
    if c.pos[i, 2] <= c.ground[i]:
        rise = c.vel[i, 0] * c.slope[i, 0] + c.vel[i, 1] * c.slope[i, 1]
        if c.vel[i, 2] <= rise:
            c.impact[i] = max(c.impact[i], rise - c.vel[i, 2])
            c.vel[i, 2] = rise
            c.on_ground[i] = 1
            c.bank[i] = c.yaw_rate[i] = 0.0
        c.pos[i, 2] = c.ground[i]


touch = numba.njit(cache=True)(_touch)


def _hover(c: Columns, i: int, f: PlaneFigures) -> None:
    """One tick on rotors; the wind is held against."""
    vx, vy, vz = c.aim_vel[i, 0], c.aim_vel[i, 1], c.aim_vel[i, 2]
    if c.drive[i] == 2:
        vx = f.hover_gain_per_s * (c.aim[i, 0] - c.pos[i, 0] - c.error[i, 0])
        vy = f.hover_gain_per_s * (c.aim[i, 1] - c.pos[i, 1] - c.error[i, 1])
        vz = f.hover_gain_per_s * (c.aim[i, 2] - c.pos[i, 2] - c.error[i, 2])
    slow = min(1.0, f.hover_speed_m_s / max(math.sqrt(vx * vx + vy * vy), 1e-9))
    vz = min(max(vz, -c.descend[i]), c.climb[i])
    k = 2.0 * f.hover_gain_per_s
    ax, ay = k * (slow * vx - c.vel[i, 0]), k * (slow * vy - c.vel[i, 1])
    limit = min(1.0, f.hover_accel_m_s2 / max(math.sqrt(ax * ax + ay * ay), 1e-9))
    az = min(max(k * (vz - c.vel[i, 2]), -HOVER_CLIMB_ACCEL_MAX), HOVER_CLIMB_ACCEL_MAX)
    c.thrust[i, 0] = 0.0
    if c.drive[i] == 0 or c.health[i] < 1.0:
        ax, ay, az = 0.0, 0.0, -G
    c.vel[i, 0] += limit * ax * DT
    c.vel[i, 1] += limit * ay * DT
    c.vel[i, 2] += az * DT
    for axis in range(3):
        c.pos[i, axis] += c.vel[i, axis] * DT
    gap = wrap(c.aim_yaw[i] - c.yaw[i])
    rate = c.turn_rate[i]
    if c.spins[i] == 0:
        rate = min(max(f.yaw_gain_per_s * gap, -c.turn_rate[i]), c.turn_rate[i])
    c.yaw_rate[i] += (rate - c.yaw_rate[i]) * (DT / f.yaw_time_s)
    c.yaw[i] += c.yaw_rate[i] * DT


hover = numba.njit(cache=True)(_hover)


def _plane_step(c: Columns, rows: Rows, f: PlaneFigures, ticks: int) -> None:
    """`thrust[i, 0]` is the push along the way through the air."""
    for i in rows:
        if c.energy_j[i] <= 0.0:
            c.health[i] = 0.0
        bank, climb = wanted(c, i, f)
        lifted = 0.0
        if c.rotors[i] == 2:
            for _ in range(ticks):
                rises = c.drive[i] == 2 and c.aim[i, 2] > c.pos[i, 2] + 0.1
                if c.on_ground[i] == 1 and not rises:
                    c.vel[i, 0] = c.vel[i, 1] = c.vel[i, 2] = 0.0
                    continue
                hover(c, i, f)
                touch(c, i)
            lifted = G if c.on_ground[i] == 0 and c.drive[i] != 0 else 0.0
        else:
            for _ in range(ticks):
                if c.on_ground[i] == 1:
                    roll_out(c, i, climb, f)
                else:
                    lifted = fly(c, i, bank, climb, f)
                    touch(c, i)
        rx, ry, rz = c.vel[i, 0] - c.wind[i, 0], c.vel[i, 1] - c.wind[i, 1], c.vel[i, 2] - c.wind[i, 2]
        air = math.sqrt(rx * rx + ry * ry + rz * rz)
        pushed = f.mass_kg * c.thrust[i, 0] * air / f.drive_efficiency
        c.power_w[i] = f.idle_w + pushed + f.hover_w * (lifted / G) ** 1.5
        c.energy_j[i] = max(c.energy_j[i] - c.power_w[i] * ticks * DT, 0.0)


plane_step = numba.njit(cache=True)(_plane_step)
