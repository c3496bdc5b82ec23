"""Physics of all kinds but those with wings (compiled_wings) as loops over vehicles, compiled by numba.

One file on purpose: numba's cache looks at the file of a function only, not at those of the functions it calls.
"""

import math

import numba

from sim.engine.columns import Columns, Rows
from sim.vehicles.figures import BoatFigures, CopterFigures, RoverFigures, SubFigures

DT = 0.004
G = 9.80665
CROSS_MAX_M_S = 3.0
LEAD_S = 0.5
"""Speed asked for runs ahead of the followed one by so many seconds of acceleration: after a corner the sideways rest
of the old leg is then shed before the new leg takes all the thrust."""


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
        led = max(c.ref_vel[i, 0] * ux + c.ref_vel[i, 1] * uy + c.ref_vel[i, 2] * uz, 0.0) + LEAD_S * c.accel[i]
        forward = min(forward, led)
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


def _copter_command(c: Columns, i: int, ff: tuple[float, float, float], f: CopterFigures) -> tuple[float, float, float]:
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


copter_command = numba.njit(cache=True)(_copter_command)


def _copter_move(c: Columns, i: int, f: CopterFigures) -> None:
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


copter_move = numba.njit(cache=True)(_copter_move)


def _copter_touch(c: Columns, i: int) -> None:
    """Ground contact of row i: no sinking in, no sliding."""
    c.on_ground[i] = 0
    if c.pos[i, 2] <= c.ground[i]:
        if c.vel[i, 2] <= 0.0:
            speed = math.sqrt(c.vel[i, 0] ** 2 + c.vel[i, 1] ** 2 + c.vel[i, 2] ** 2)
            c.impact[i] = max(c.impact[i], speed)
            c.vel[i, 0] = c.vel[i, 1] = c.vel[i, 2] = 0.0
            c.on_ground[i] = 1
        c.pos[i, 2] = c.ground[i]


copter_touch = numba.njit(cache=True)(_copter_touch)


def _copter_step(c: Columns, rows: Rows, f: CopterFigures, ticks: int) -> None:
    step_s = ticks * DT
    for i in rows:
        ff = (0.0, 0.0, 0.0)
        if c.energy_j[i] <= 0.0:
            c.health[i] = 0.0
        if c.drive[i] != 0:
            ff = slew(c, i, f.position_gain_per_s, step_s)
        for _ in range(ticks):
            tx, ty, tz = copter_command(c, i, ff, f)
            lag = DT / f.tilt_time_s
            c.thrust[i, 0] += (tx * c.health[i] - c.thrust[i, 0]) * lag
            c.thrust[i, 1] += (ty * c.health[i] - c.thrust[i, 1]) * lag
            c.thrust[i, 2] += (tz * c.health[i] - c.thrust[i, 2]) * lag
            if c.on_ground[i] == 1 and c.thrust[i, 2] <= G:
                continue
            copter_move(c, i, f)
            copter_touch(c, i)
            if c.drive[i] != 0:
                turn(c, i, f.yaw_gain_per_s, f.yaw_time_s, DT)
        rx, ry, rz = c.vel[i, 0] - c.wind[i, 0], c.vel[i, 1] - c.wind[i, 1], c.vel[i, 2] - c.wind[i, 2]
        load = math.sqrt(c.thrust[i, 0] ** 2 + c.thrust[i, 1] ** 2 + c.thrust[i, 2] ** 2) / G
        air = math.sqrt(rx * rx + ry * ry + rz * rz)
        parasite = f.parasite_w_per_m3_s3 * air**3 if c.on_ground[i] == 0 else 0.0
        c.power_w[i] = f.idle_w + f.hover_w * load**1.5 + parasite
        c.energy_j[i] = max(c.energy_j[i] - c.power_w[i] * step_s, 0.0)


copter_step = numba.njit(cache=True)(_copter_step)


def _rover_course(c: Columns, i: int, f: RoverFigures) -> tuple[float, float]:
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


rover_course = numba.njit(cache=True)(_rover_course)


def _rover_allowed(c: Columns, i: int, gap: float, speed: float, f: RoverFigures) -> float:
    """Speed after pivoting, slope and a dead drive have had their say."""
    if abs(gap) > f.pivot_rad:
        return 0.0
    grade = abs(c.slope[i, 0] * math.sin(c.yaw[i]) + c.slope[i, 1] * math.cos(c.yaw[i]))
    slowed: float = speed * math.cos(gap) * max(0.0, 1.0 - grade / f.grade_max) * c.health[i]
    return slowed


rover_allowed = numba.njit(cache=True)(_rover_allowed)


def _rover_step(c: Columns, rows: Rows, f: RoverFigures, ticks: int) -> None:
    """`ref_vel[i, 0]` is the speed along the tracks."""
    step_s = ticks * DT
    for i in rows:
        if c.energy_j[i] <= 0.0:
            c.health[i] = 0.0
        target = 0.0
        if c.drive[i] != 0:
            bearing, speed = rover_course(c, i, f)
            gap = (bearing - c.yaw[i] + math.pi) % (2.0 * math.pi) - math.pi
            target = rover_allowed(c, i, gap, speed, f)
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


rover_step = numba.njit(cache=True)(_rover_step)


def _sub_push(c: Columns, i: int, ff: tuple[float, float, float], f: SubFigures) -> tuple[float, float, float]:
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


sub_push = numba.njit(cache=True)(_sub_push)


def _sub_move(c: Columns, i: int, f: SubFigures) -> None:
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


sub_move = numba.njit(cache=True)(_sub_move)


def _sub_step(c: Columns, rows: Rows, f: SubFigures, ticks: int) -> None:
    step_s = ticks * DT
    for i in rows:
        ff = (0.0, 0.0, 0.0)
        if c.energy_j[i] <= 0.0:
            c.health[i] = 0.0
        if c.drive[i] != 0:
            ff = slew(c, i, f.position_gain_per_s, step_s)
        for _ in range(ticks):
            tx, ty, tz = sub_push(c, i, ff, f)
            lag = DT / f.thrust_time_s
            c.thrust[i, 0] += (tx - c.thrust[i, 0]) * lag
            c.thrust[i, 1] += (ty - c.thrust[i, 1]) * lag
            c.thrust[i, 2] += (tz - c.thrust[i, 2]) * lag
            sub_move(c, i, f)
            if c.drive[i] != 0:
                turn(c, i, f.yaw_gain_per_s, f.yaw_time_s, DT)
        size = math.sqrt(c.thrust[i, 0] ** 2 + c.thrust[i, 1] ** 2 + c.thrust[i, 2] ** 2)
        c.power_w[i] = f.idle_w + f.thrust_w_per_m_s2 * size
        c.energy_j[i] = max(c.energy_j[i] - c.power_w[i] * step_s, 0.0)


sub_step = numba.njit(cache=True)(_sub_step)


def _boat_course(c: Columns, i: int, f: BoatFigures) -> tuple[float, float]:
    """Bearing and speed over ground asked for: the asked velocity, along the leg, or back to the place to keep."""
    if c.drive[i] == 1:
        vx, vy = c.aim_vel[i, 0], c.aim_vel[i, 1]
        speed = math.sqrt(vx * vx + vy * vy)
        return (math.atan2(vx, vy) if speed > 1e-6 else c.yaw[i]), speed
    dx, dy = c.aim[i, 0] - c.leg[i, 0], c.aim[i, 1] - c.leg[i, 1]
    px, py = c.pos[i, 0] + c.error[i, 0], c.pos[i, 1] + c.error[i, 1]
    length = math.sqrt(dx * dx + dy * dy)
    ux, uy = dx / max(length, 1e-3), dy / max(length, 1e-3)
    done = (px - c.leg[i, 0]) * ux + (py - c.leg[i, 1]) * uy
    if c.exit_speed[i] <= 0.0 and (length < 1e-3 or length - done < 2.0 * f.hold_radius_m):
        gx, gy = c.aim[i, 0] - px, c.aim[i, 1] - py
        away = math.sqrt(gx * gx + gy * gy)
        if away <= f.hold_radius_m:
            return c.yaw[i], 0.0
        return math.atan2(gx, gy), min(c.speed[i], f.position_gain_per_s * away)
    ahead = min(done + f.lookahead_m, max(length, done + 0.5))
    bearing = math.atan2(c.leg[i, 0] + ahead * ux - px, c.leg[i, 1] + ahead * uy - py)
    speed = along(length - done, f.position_gain_per_s, c.accel[i], c.exit_speed[i], c.speed[i])
    return bearing, max(speed, 0.0)


boat_course = numba.njit(cache=True)(_boat_course)


def _boat_move(c: Columns, i: int, f: BoatFigures) -> None:
    """One tick of row i; `wind` is the water with its leeway, `disturbance` what the water did. Aground it stays."""
    sin, cos = math.sin(c.yaw[i]), math.cos(c.yaw[i])
    rx, ry = c.vel[i, 0] - c.wind[i, 0], c.vel[i, 1] - c.wind[i, 1]
    ahead, aside = rx * sin + ry * cos, rx * cos - ry * sin
    pull = -f.drag_ahead_per_m * abs(ahead) * ahead
    push = -f.drag_aside_per_m * abs(aside) * aside
    c.disturbance[i, 0] = pull * sin + push * cos
    c.disturbance[i, 1] = pull * cos - push * sin
    for axis in range(2):
        c.vel[i, axis] += (c.thrust[i, axis] + c.disturbance[i, axis]) * DT
        c.pos[i, axis] += c.vel[i, axis] * DT
    c.pos[i, 2] = c.surface[i]
    c.vel[i, 2] = 0.0
    c.on_ground[i] = 0
    if c.ground[i] >= c.surface[i]:
        c.impact[i] = max(c.impact[i], math.sqrt(c.vel[i, 0] ** 2 + c.vel[i, 1] ** 2))
        c.vel[i, 0] = c.vel[i, 1] = 0.0
        c.on_ground[i] = 1


boat_move = numba.njit(cache=True)(_boat_move)


def _boat_step(c: Columns, rows: Rows, f: BoatFigures, ticks: int) -> None:
    step_s = ticks * DT
    for i in rows:
        if c.energy_j[i] <= 0.0:
            c.health[i] = 0.0
        target = 0.0
        if c.drive[i] != 0:
            bearing, speed = boat_course(c, i, f)
            gap = (bearing - c.yaw[i] + math.pi) % (2.0 * math.pi) - math.pi
            target = speed * math.cos(gap) if abs(gap) <= f.pivot_rad else 0.0
            if speed > 0.05 and c.spins[i] == 0:
                c.aim_yaw[i] = bearing
        for _ in range(ticks):
            sin, cos = math.sin(c.yaw[i]), math.cos(c.yaw[i])
            asked = 0.0
            if c.drive[i] != 0:
                over = c.vel[i, 0] * sin + c.vel[i, 1] * cos
                pull = c.disturbance[i, 0] * sin + c.disturbance[i, 1] * cos
                asked = f.speed_gain_per_s * (target - over) - pull
                asked = min(max(asked, -f.thrust_max_m_s2), f.thrust_max_m_s2) * c.health[i]
            lag = DT / f.thrust_time_s
            c.thrust[i, 0] += (asked * sin - c.thrust[i, 0]) * lag
            c.thrust[i, 1] += (asked * cos - c.thrust[i, 1]) * lag
            if c.drive[i] != 0 and c.health[i] > 0.0:
                turn(c, i, f.yaw_gain_per_s, f.yaw_time_s, DT)
            else:
                c.yaw_rate[i] = 0.0
            boat_move(c, i, f)
        size = math.sqrt(c.thrust[i, 0] ** 2 + c.thrust[i, 1] ** 2)
        c.power_w[i] = f.idle_w + f.thrust_w_per_m_s2 * size
        c.energy_j[i] = max(c.energy_j[i] - c.power_w[i] * step_s, 0.0)


boat_step = numba.njit(cache=True)(_boat_step)
