"""Bodies advanced by what their motors do, as loops over machines, compiled by numba.

One file on purpose: numba's cache looks at the file of a function only, not at those of the functions it calls.
Axes are those of MAVLink: body forward, right, down; place north, east, down.
"""

import math

import numba

from sim.adapters.bodies.columns import (
    ACCEL,
    ACT,
    ASK,
    ATT,
    GUST,
    GYRO,
    ON_GROUND,
    POS,
    RATE,
    SPEED,
    VEL,
    WIND,
    Floats,
    Geometry,
    Rows,
)
from sim.adapters.bodies.figures import BoatBody, CopterBody, Figures, PlaneBody, RoverBody, SubBody
from sim.vehicles.figures import BoatFigures, CopterFigures, PlaneFigures, RoverFigures, SubFigures

G = 9.80665
STEP_NS = 4_000_000
"""Longest inner step; longer ones are divided."""
CLIP_M_S2 = 16.0 * G
"""Range of the accelerometers."""
WATER_M = 30.0
"""Depth of the water below what floats and dives."""
WHEELS, TRACKS, BOAT, SUB = 2, 3, 4, 5

Triple = tuple[float, float, float]


@numba.njit(cache=True, error_model="numpy")
def _to_body(s: Floats, n: float, e: float, d: float) -> Triple:
    w, x, y, z = s[ATT], s[ATT + 1], s[ATT + 2], s[ATT + 3]
    return (
        (1 - 2 * (y * y + z * z)) * n + 2 * (x * y + w * z) * e + 2 * (x * z - w * y) * d,
        2 * (x * y - w * z) * n + (1 - 2 * (x * x + z * z)) * e + 2 * (y * z + w * x) * d,
        2 * (x * z + w * y) * n + 2 * (y * z - w * x) * e + (1 - 2 * (x * x + y * y)) * d,
    )


@numba.njit(cache=True, error_model="numpy")
def _to_place(s: Floats, f: float, r: float, d: float) -> Triple:
    w, x, y, z = s[ATT], s[ATT + 1], s[ATT + 2], s[ATT + 3]
    return (
        (1 - 2 * (y * y + z * z)) * f + 2 * (x * y - w * z) * r + 2 * (x * z + w * y) * d,
        2 * (x * y + w * z) * f + (1 - 2 * (x * x + z * z)) * r + 2 * (y * z - w * x) * d,
        2 * (x * z - w * y) * f + 2 * (y * z + w * x) * r + (1 - 2 * (x * x + y * y)) * d,
    )


@numba.njit(cache=True, error_model="numpy")
def _follow(s: Floats, count: int, time_s: float, h: float) -> None:
    """Actuators follow what they are asked for with a first-order lag."""
    keep = math.exp(-h / time_s)
    for k in range(count):
        s[ACT + k] = s[ASK + k] + (s[ACT + k] - s[ASK + k]) * keep


@numba.njit(cache=True, error_model="numpy")
def _push(s: Floats, k: int, newton: float, g: Geometry) -> tuple[float, float, float, float, float, float]:
    """Force and torque of one rotor or thruster."""
    fx, fy, fz = newton * g.push[k, 0], newton * g.push[k, 1], newton * g.push[k, 2]
    x, y, z = g.at[k, 0], g.at[k, 1], g.at[k, 2]
    return fx, fy, fz, y * fz - z * fy, z * fx - x * fz, x * fy - y * fx


@numba.njit(cache=True, error_model="numpy")
def _copter(
    s: Floats, air: Triple, h: float, base: CopterFigures, body: CopterBody, g: Geometry,
) -> tuple[Triple, Triple]:
    """Rotors with thrust along their axes and the torque of their drag; the hull's drag from the engine's copter."""
    rotors = g.spin.shape[0]
    _follow(s, rotors, body.rotor_time_s, h)
    most = base.thrust_max_m_s2 * body.mass_kg / rotors
    drag = -base.drag_per_m * body.mass_kg * math.sqrt(air[0] ** 2 + air[1] ** 2 + air[2] ** 2)
    fx, fy, fz = drag * air[0], drag * air[1], drag * air[2]
    mx = -body.spin_damping_n_m_s * s[RATE]
    my = -body.spin_damping_n_m_s * s[RATE + 1]
    mz = -body.spin_damping_n_m_s * s[RATE + 2]
    for k in range(rotors):
        u = s[ACT + k]
        newton = most * ((1.0 - body.thrust_expo) * u + body.thrust_expo * u * u)
        px, py, pz, tx, ty, tz = _push(s, k, newton, g)
        fx, fy, fz = fx + px, fy + py, fz + pz
        mx, my, mz = mx + tx, my + ty, mz + tz + g.spin[k] * body.torque_m * newton
    return (fx, fy, fz), (mx, my, mz)


@numba.njit(cache=True, error_model="numpy")
def _lift(alpha: float, p0: float, slope: float, stall: float) -> float:
    """Linear, blended into a flat plate beyond the stall (Beard & McLain, Small Unmanned Aircraft, eq. 4.9)."""
    m = 50.0
    low, high = math.exp(-m * (alpha - stall)), math.exp(m * (alpha + stall))
    blend = (1.0 + low + high) / ((1.0 + low) * (1.0 + high))
    plate = 2.0 * math.copysign(1.0, alpha) * math.sin(alpha) ** 2 * math.cos(alpha)
    return (1.0 - blend) * (p0 + slope * alpha) + blend * plate


@numba.njit(cache=True, error_model="numpy")
def _plane(s: Floats, air: Triple, h: float, base: PlaneFigures, body: PlaneBody) -> tuple[Triple, Triple]:
    """Actuators: aileron, elevator, throttle, rudder; positive rolls right, pitches up, pushes, yaws right."""
    throttle = s[ACT + 2]
    _follow(s, 4, body.servo_time_s, h)
    s[ACT + 2] = s[ASK + 2] + (throttle - s[ASK + 2]) * math.exp(-h / base.throttle_time_s)
    speed = math.sqrt(air[0] ** 2 + air[1] ** 2 + air[2] ** 2)
    by_power = base.power_max_w * base.drive_efficiency / max(speed, 1.0)
    thrust = max(s[ACT + 2], 0.0) * min(base.thrust_max_m_s2 * base.mass_kg, by_power)
    if speed < 0.5:
        return (thrust, 0.0, 0.0), (0.0, 0.0, 0.0)
    alpha = math.atan2(air[2], air[0])
    alpha = min(max(alpha, -0.8), 0.8)
    beta = math.asin(min(max(air[1] / speed, -1.0), 1.0))
    area = 0.5 * body.air_kg_m3 * speed * speed * body.wing_m2
    lift = _lift(alpha, body.lift_0, body.lift_per_rad, body.stall_rad)
    parasite = base.parasite_per_m * base.mass_kg / (0.5 * body.air_kg_m3 * body.wing_m2)
    drag = parasite + lift * lift / (math.pi * body.oswald * body.span_m**2 / body.wing_m2)
    sin, cos = math.sin(alpha), math.cos(alpha)
    fx = area * (lift * sin - drag * cos) + thrust
    fz = area * (-lift * cos - drag * sin)
    fy = area * body.side_per_rad * beta
    half = 0.5 / speed
    p, q, r = s[RATE] * body.span_m * half, s[RATE + 1] * body.chord_m * half, s[RATE + 2] * body.span_m * half
    mx = body.roll_beta * beta + body.roll_p * p + body.roll_r * r + body.aileron_roll * s[ACT]
    my = body.pitch_0 + body.pitch_alpha * alpha + body.pitch_q * q + body.elevator_pitch * s[ACT + 1]
    mz = body.yaw_beta * beta + body.yaw_p * p + body.yaw_r * r + body.rudder_yaw * s[ACT + 3]
    return (fx, fy, fz), (area * body.span_m * mx, area * body.chord_m * my, area * body.span_m * mz)


@numba.njit(cache=True, error_model="numpy")
def _rover(
    s: Floats, along: float, h: float, model: int, base: RoverFigures, body: RoverBody,
) -> tuple[Triple, Triple]:
    """Wheels: steering (right positive) and throttle. Tracks: left and right. Drives hold the speed asked for."""
    _follow(s, 2, body.speed_time_s, h)
    if model == WHEELS:
        target = s[ACT + 1] * body.speed_max_m_s
        turn = along * math.tan(s[ACT] * body.steer_max_rad) / body.wheelbase_m
    else:
        target = 0.5 * (s[ACT] + s[ACT + 1]) * body.speed_max_m_s
        turn = (s[ACT] - s[ACT + 1]) * body.speed_max_m_s / body.track_m
    push = min(max((target - along) / body.speed_time_s, -base.accel_m_s2), base.accel_m_s2)
    spin = (turn - s[RATE + 2]) / base.yaw_time_s
    return (base.mass_kg * push, 0.0, 0.0), (0.0, 0.0, body.inertia_yaw_kg_m2 * spin)


@numba.njit(cache=True, error_model="numpy")
def _boat(s: Floats, water: Triple, h: float, base: BoatFigures, body: BoatBody) -> tuple[Triple, Triple]:
    """Actuators: left and right thruster."""
    _follow(s, 2, base.thrust_time_s, h)
    half = 0.5 * base.thrust_max_m_s2 * body.mass_kg
    left, right = half * s[ACT], half * s[ACT + 1]
    fx = left + right - base.drag_ahead_per_m * body.mass_kg * abs(water[0]) * water[0]
    fy = -base.drag_aside_per_m * body.mass_kg * abs(water[1]) * water[1]
    r = s[RATE + 2]
    mz = 0.5 * body.beam_m * (left - right) - (body.yaw_damping_n_m_s + body.yaw_damping_n_m_s2 * abs(r)) * r
    return (fx, fy, 0.0), (0.0, 0.0, mz)


@numba.njit(cache=True, error_model="numpy")
def _sub(
    s: Floats, water: Triple, h: float, base: SubFigures, body: SubBody, g: Geometry,
) -> tuple[Triple, Triple]:
    """Thrusters, drag of the engine's robot, buoyancy that ends at the surface and rights it."""
    thrusters = g.spin.shape[0]
    _follow(s, thrusters, base.thrust_time_s, h)
    most = base.thrust_max_m_s2 * body.mass_kg / (4.0 * math.sqrt(0.5))
    drag = -base.drag_per_m * body.mass_kg * math.sqrt(water[0] ** 2 + water[1] ** 2 + water[2] ** 2)
    under = min(max(0.5 + s[POS + 2] / body.height_m, 0.0), 1.0)
    down = _to_body(s, 0.0, 0.0, 1.0)
    lift = -under * body.mass_kg * (G + base.buoyancy_m_s2)
    fx, fy, fz = drag * water[0] + lift * down[0], drag * water[1] + lift * down[1], drag * water[2] + lift * down[2]
    p, q, r = s[RATE], s[RATE + 1], s[RATE + 2]
    mx = body.righting_m * lift * down[1] - (body.damping_n_m_s + body.damping_n_m_s2 * abs(p)) * p
    my = -body.righting_m * lift * down[0] - (body.damping_n_m_s + body.damping_n_m_s2 * abs(q)) * q
    mz = -(body.damping_n_m_s + body.damping_n_m_s2 * abs(r)) * r
    for k in range(thrusters):
        px, py, pz, tx, ty, tz = _push(s, k, most * s[ACT + k], g)
        fx, fy, fz = fx + px, fy + py, fz + pz
        mx, my, mz = mx + tx, my + ty, mz + tz
    return (fx, fy, fz), (mx, my, mz)


@numba.njit(cache=True, error_model="numpy")
def _spin(s: Floats, torque: Triple, inertia: Triple, h: float) -> None:
    """Euler's equations for principal axes, then the attitude by the rotation of the step."""
    p, q, r = s[RATE], s[RATE + 1], s[RATE + 2]
    jx, jy, jz = inertia
    s[RATE] += h * (torque[0] + (jy - jz) * q * r) / jx
    s[RATE + 1] += h * (torque[1] + (jz - jx) * r * p) / jy
    s[RATE + 2] += h * (torque[2] + (jx - jy) * p * q) / jz
    _rotate(s, s[RATE] * h, s[RATE + 1] * h, s[RATE + 2] * h)


@numba.njit(cache=True, error_model="numpy")
def _rotate(s: Floats, x: float, y: float, z: float) -> None:
    """The attitude turned by a rotation vector of the body."""
    angle = math.sqrt(x * x + y * y + z * z)
    share = 0.5 - angle * angle / 48.0 if angle < 1e-4 else math.sin(0.5 * angle) / angle
    rw, rx, ry, rz = math.cos(0.5 * angle), x * share, y * share, z * share
    w, a, c, d = s[ATT], s[ATT + 1], s[ATT + 2], s[ATT + 3]
    nw, nx = w * rw - a * rx - c * ry - d * rz, w * rx + a * rw + c * rz - d * ry
    ny, nz = w * ry - a * rz + c * rw + d * rx, w * rz + a * ry - c * rx + d * rw
    scale = 1.0 / math.sqrt(nw * nw + nx * nx + ny * ny + nz * nz)
    s[ATT], s[ATT + 1], s[ATT + 2], s[ATT + 3] = nw * scale, nx * scale, ny * scale, nz * scale


@numba.njit(cache=True, error_model="numpy")
def _level(s: Floats, pitch: float) -> None:
    """Stands on the ground with this pitch, roll 0, its heading kept."""
    w, x, y, z = s[ATT], s[ATT + 1], s[ATT + 2], s[ATT + 3]
    yaw = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    cy, sy, cp, sp = math.cos(0.5 * yaw), math.sin(0.5 * yaw), math.cos(0.5 * pitch), math.sin(0.5 * pitch)
    s[ATT], s[ATT + 1], s[ATT + 2], s[ATT + 3] = cy * cp, -sy * sp, cy * sp, sy * cp
    s[RATE] = 0.0


@numba.njit(cache=True, error_model="numpy")
def _no_slip(s: Floats) -> None:
    """Wheels and tracks go where they point; what they lose sideways is lost."""
    f, _, d = _to_body(s, s[VEL], s[VEL + 1], s[VEL + 2])
    s[VEL], s[VEL + 1], s[VEL + 2] = _to_place(s, f, 0.0, d)


@numba.njit(cache=True, error_model="numpy")
def _plane_rolls(s: Floats, h: float, resistance: float) -> None:
    """Wheels on the runway: roll held, the nose may rise but not sink in, some resistance."""
    w, x, y, z = s[ATT], s[ATT + 1], s[ATT + 2], s[ATT + 3]
    pitch = math.asin(min(max(2.0 * (w * y - x * z), -1.0), 1.0))
    if pitch <= 0.0 and s[RATE + 1] < 0.0:
        s[RATE + 1] = 0.0
    _level(s, min(max(pitch, 0.0), 0.3))
    _no_slip(s)
    s[VEL + 2] = 0.0
    speed = math.sqrt(s[VEL] ** 2 + s[VEL + 1] ** 2)
    lost = min(resistance * G * h, speed)
    if speed > 0.0:
        s[VEL] -= lost * s[VEL] / speed
        s[VEL + 1] -= lost * s[VEL + 1] / speed


@numba.njit(cache=True, error_model="numpy")
def _settle(s: Floats, model: int, h: float, resistance: float) -> None:
    """Contact with the ground at home's height, with the water's surface, with its bed."""
    s[ON_GROUND] = 0
    if model in (BOAT, WHEELS, TRACKS):
        s[POS + 2] = 0.0
        s[VEL + 2] = 0.0
        _level(s, 0.0)
        s[RATE + 1] = 0.0
        if model != BOAT:
            _no_slip(s)
            s[ON_GROUND] = 1
    elif model == SUB:
        if s[POS + 2] >= WATER_M:
            s[POS + 2] = WATER_M
            s[VEL + 2] = min(s[VEL + 2], 0.0)
            s[ON_GROUND] = 1
    elif s[POS + 2] >= 0.0 and s[VEL + 2] >= 0.0:
        s[POS + 2] = 0.0
        s[ON_GROUND] = 1
        if model == 0:
            s[VEL] = s[VEL + 1] = s[VEL + 2] = 0.0
            _level(s, 0.0)
            s[RATE + 1] = s[RATE + 2] = 0.0
        else:
            _plane_rolls(s, h, resistance)


@numba.njit(cache=True, error_model="numpy")
def _inner(s: Floats, h: float, model: int, f: Figures, g: Geometry, mass: float, inertia: Triple) -> None:
    """One inner step; adds rate and specific force to `gyro` and `accel`."""
    air = _to_body(
        s, s[VEL] - s[WIND] - s[GUST], s[VEL + 1] - s[WIND + 1] - s[GUST + 1],
        s[VEL + 2] - s[WIND + 2] - s[GUST + 2],
    )
    if model == 0:
        force, torque = _copter(s, air, h, f.copter, f.copter_body, g)
    elif model == 1:
        force, torque = _plane(s, air, h, f.plane, f.plane_body)
    elif model == BOAT:
        force, torque = _boat(s, air, h, f.boat, f.boat_body)
    elif model == SUB:
        force, torque = _sub(s, air, h, f.sub, f.sub_body, g)
    else:
        along, _, _ = _to_body(s, s[VEL], s[VEL + 1], s[VEL + 2])
        force, torque = _rover(s, along, h, model, f.rover, f.rover_body)
    n, e, d = _to_place(s, force[0] / mass, force[1] / mass, force[2] / mass)
    north, east = s[POS], s[POS + 1]
    vn, ve, vd = s[VEL], s[VEL + 1], s[VEL + 2]
    s[VEL] += n * h
    s[VEL + 1] += e * h
    s[VEL + 2] += (d + G) * h
    for axis in range(3):
        s[POS + axis] += s[VEL + axis] * h
    _spin(s, torque, inertia, h)
    _settle(s, model, h, f.plane.rolling_resistance)
    if model == 0 and s[ON_GROUND] == 1.0:
        s[POS], s[POS + 1] = north, east
    felt = _to_body(s, (s[VEL] - vn) / h, (s[VEL + 1] - ve) / h, (s[VEL + 2] - vd) / h - G)
    for axis in range(3):
        s[GYRO + axis] += s[RATE + axis]
        s[ACCEL + axis] += min(max(felt[axis], -CLIP_M_S2), CLIP_M_S2)
    s[SPEED] = air[0]


@numba.njit(cache=True, error_model="numpy")
def advance(
    state: Floats, time_ns: Rows, rows: Rows, step_ns: Rows, model: int, f: Figures, g: Geometry, mass: float,
    inertia: Triple, draws: Floats, at: Rows, gust: tuple[float, float],
) -> int:
    """Each of `rows` by its own `step_ns`; sensors read over that time. Returns how many are no numbers any more.

    `mass` in kg and `inertia` in kg m2 about the three axes are those of the model.
    draws: (n, block, 9) standard normals, `at` (n,) the next of each row: 3 gyro, 3 accelerometer, 3 gust.
    gust: standard deviation in m/s and correlation time in s.
    """
    lost = 0
    for k in range(rows.shape[0]):
        i = rows[k]
        s = state[i]
        parts = max(1, -(-step_ns[k] // STEP_NS))
        h = step_ns[k] * 1e-9 / parts
        normals = draws[i, at[i]]
        at[i] += 1
        keep = math.exp(-step_ns[k] * 1e-9 / gust[1])
        kick = gust[0] * math.sqrt(1.0 - keep * keep)
        for axis in range(3):
            s[GYRO + axis] = s[ACCEL + axis] = 0.0
            share = 0.5 if axis == 2 else 1.0
            s[GUST + axis] = keep * s[GUST + axis] + share * kick * normals[6 + axis]
        for _ in range(parts):
            _inner(s, h, model, f, g, mass, inertia)
        for axis in range(3):
            s[GYRO + axis] = s[GYRO + axis] / parts + f.inertial.gyro_rad_s * normals[axis]
            s[ACCEL + axis] = s[ACCEL + axis] / parts + f.inertial.accel_m_s2 * normals[3 + axis]
        time_ns[i] += step_ns[k]
        total = 0.0
        for column in range(ACT):
            total += s[column]
        if not math.isfinite(total):
            lost += 1
    return lost


@numba.njit(cache=True, error_model="numpy")
def drive(
    state: Floats, rows: Rows, outputs: Floats, zero: Floats, span: Floats, low: Floats, mix: Floats,
) -> None:
    """What actuators are asked for: `mix` @ clip((output - zero) / span, low, 1); 0 for outputs that are not driven."""
    for k in range(rows.shape[0]):
        s = state[rows[k]]
        for actuator in range(ASK - ACT):
            s[ASK + actuator] = 0.0
        for channel in range(outputs.shape[1]):
            output = outputs[k, channel]
            if output != output or (zero[channel] > 0.0 and output <= 0.0):
                continue
            share = min(max((output - zero[channel]) / span[channel], low[channel]), 1.0)
            for actuator in range(ASK - ACT):
                s[ASK + actuator] += mix[actuator, channel] * share
