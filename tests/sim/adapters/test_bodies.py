"""Bodies as physics: what is felt in free fall and in turns, top speeds of the figures' sources, sensors, equality."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.adapters.bodies.columns import Floats
from sim.adapters.bodies.figures import figures
from sim.adapters.bodies.flock import Crew, Flock
from sim.adapters.bodies.frames import Autopilot, Frame, geometry_of
from sim.engine.weather import Weather

ROOT = Path(__file__).resolve().parents[3]
ONE = np.arange(1)
GRAVITY = 9.80665
FRAMES = (Frame.QUAD_X, Frame.PLANE, Frame.WHEELS, Frame.TRACKS, Frame.BOAT, Frame.SUB)


def flock_of(frame: Frame, *, count: int = 1, weather: Weather | None = None) -> Flock:
    return Flock(Crew(
        frame=frame, autopilot=Autopilot.ARDUPILOT, count=count, seed=11, weather=weather or Weather(),
    ))


def run(flock: Flock, pwm_us: list[float], seconds: float, *, step_ns: int = 4_000_000) -> list[Floats]:
    """Specific force, rates and attitude after each step, as one row each."""
    flock.steer(ONE, np.array([[*pwm_us, *[0.0] * (16 - len(pwm_us))]]))
    told = []
    for _ in range(round(seconds * 1e9 / step_ns)):
        flock.advance(ONE, np.array([step_ns]))
        b = flock.bodies
        told.append(np.concatenate([b.accel[0], b.gyro[0], b.att[0]]))
    return told


def test_a_falling_copter_feels_nothing_and_falls_by_gravity() -> None:
    flock = flock_of(Frame.QUAD_X)
    flock.bodies.pos[0, 2] = -100.0
    felt = run(flock, [1000.0] * 4, 1.0)
    assert np.abs(np.array(felt)[:, :3].mean(axis=0)[:2]).max() < 0.01
    # half a g t^2, less the drag of sim/vehicles/copter.toml that grows to 0.7 m/s2 at 9.7 m/s
    assert flock.bodies.pos[0, 2] == pytest.approx(-100.0 + GRAVITY / 2, abs=0.1)
    assert -0.8 < felt[-1][2] < -0.6


def test_hover_needs_half_the_thrust_that_the_engines_copter_has() -> None:
    """Thrust to weight 2 with the thrust curve of MOT_THST_EXPO: 0.35 u + 0.65 u^2 = 0.5."""
    u = (-0.35 + math.sqrt(0.35**2 + 4 * 0.65 * GRAVITY / 19.6)) / 1.3
    flock = flock_of(Frame.OCTO_X)
    flock.bodies.pos[0, 2] = -50.0
    felt = run(flock, [1000.0 + 1000.0 * u] * 8, 2.0)
    assert felt[-1][2] == pytest.approx(-GRAVITY, abs=0.06)
    assert np.abs(flock.bodies.rate[0]).max() < 1e-6


def test_gyroscopes_add_up_to_the_attitude() -> None:
    flock = flock_of(Frame.QUAD_X)
    flock.bodies.pos[0, 2] = -300.0
    told = run(flock, [1560.0, 1500.0, 1540.0, 1520.0], 1.5)
    w, x, y, z = 1.0, 0.0, 0.0, 0.0
    for row in told:
        p, q, r = (row[3:6] * 0.002).tolist()
        w, x, y, z = (
            w - p * x - q * y - r * z, x + p * w + r * y - q * z, y + q * w - r * x + p * z, z + r * w + q * x - p * y,
        )
        size = math.sqrt(w * w + x * x + y * y + z * z)
        w, x, y, z = w / size, x / size, y / size, z / size
    assert np.abs(np.array([w, x, y, z]) - told[-1][6:]).max() < 0.03
    assert abs(told[-1][6]) < 0.95


@pytest.mark.parametrize(("frame", "pwm_us", "speed_m_s"), [
    (Frame.BOAT, [2000.0, 0.0, 2000.0], math.sqrt(3.0 / 0.33)),
    (Frame.TRACKS, [2000.0, 0.0, 2000.0], 2.5),
    (Frame.SUB, [1100.0, 1100.0, 1900.0, 1900.0, 1550.0, 1550.0], math.sqrt(3.0 / 2.2)),
])
def test_top_speeds_are_those_of_the_figures(frame: Frame, pwm_us: list[float], speed_m_s: float) -> None:
    flock = flock_of(frame)
    flock.bodies.pos[0, 2] = 10.0
    run(flock, pwm_us, 20.0, step_ns=20_000_000)
    assert flock.bodies.vel[0, 0] == pytest.approx(speed_m_s, rel=0.03)


def test_a_turn_is_felt_towards_its_middle() -> None:
    flock = flock_of(Frame.WHEELS)
    told = run(flock, [1750.0, 0.0, 2000.0], 15.0, step_ns=20_000_000)
    speed, rate = float(np.hypot(*flock.bodies.vel[0, :2])), float(flock.bodies.rate[0, 2])
    assert rate > 0.3
    assert told[-1][1] == pytest.approx(speed * rate, abs=0.08)


def test_a_gliding_plane_has_the_glide_ratio_of_its_figures() -> None:
    flock = flock_of(Frame.PLANE)
    flock.bodies.pos[0, 2], flock.bodies.vel[0, 0] = -400.0, 17.0
    run(flock, [1500.0, 1500.0, 1000.0, 1500.0], 30.0, step_ns=8_000_000)
    north, _, down = flock.bodies.vel[0].tolist()
    assert 12.0 < north < 22.0
    assert 9.0 < north / down < 12.2  # at best g / (2 sqrt(0.0025 * 66)), drag of sim/vehicles/plane.toml


def test_outputs_that_are_not_driven_rest() -> None:
    ardupilot, px4 = flock_of(Frame.SUB), Flock(Crew(frame=Frame.BOAT, autopilot=Autopilot.PX4))
    ardupilot.steer(ONE, np.array([[0.0, 1900.0, 2300.0, 1100.0, *[0.0] * 12]]))
    assert ardupilot.bodies.ask[0, :5].tolist() == [0.0, 1.0, 1.0, -1.0, 0.0]
    px4.steer(ONE, np.array([[math.nan, -1.5, *[0.0] * 14]]))
    assert px4.bodies.ask[0, :2].tolist() == [0.0, -1.0]


def test_thrusters_of_ardusub_turn_it_as_its_factors_say() -> None:
    """AP_Motors6DOF.cpp, SUB_FRAME_VECTORED_6DOF: signs of roll, pitch, yaw, throttle (up), forward and lateral."""
    factors = [
        (0, 0, 1, 0, -1, 1), (0, 0, -1, 0, -1, -1), (0, 0, -1, 0, 1, 1), (0, 0, 1, 0, 1, -1), (1, -1, 0, -1, 0, 0),
        (-1, -1, 0, -1, 0, 0), (1, 1, 0, -1, 0, 0), (-1, 1, 0, -1, 0, 0),
    ]
    at, push, _ = geometry_of(Frame.SUB_HEAVY, Autopilot.ARDUPILOT, figures())
    torque = np.cross(at, push)
    felt = np.column_stack([torque, -push[:, 2], push[:, 0], push[:, 1]])
    assert np.sign(np.round(felt, 6)).astype(int).tolist() == [list(row) for row in factors]


def test_noise_and_gusts_are_as_strong_as_their_figures() -> None:
    flock = flock_of(Frame.QUAD_X, weather=Weather(gust_m_s=2.0, gust_time_s=0.1))
    told, gusts = [], []
    for row in run(flock, [1000.0] * 4, 8.0):
        told.append(row)
    for _ in range(2000):
        flock.advance(ONE, np.array([40_000_000]))
        gusts.append(flock.bodies.gust[0].copy())
    spread = np.array(told)[:, :6].std(axis=0)
    assert spread[:3] == pytest.approx([flock.figures.inertial.accel_m_s2] * 3, rel=0.1)
    assert spread[3:] == pytest.approx([flock.figures.inertial.gyro_rad_s] * 3, rel=0.1)
    assert np.array(gusts).std(axis=0) == pytest.approx([2.0, 2.0, 1.0], rel=0.1)


def hashes() -> list[str]:
    """Of every model after a quarter of a second of changing orders."""
    found = []
    for frame in FRAMES:
        flock = flock_of(frame, weather=Weather(wind_m_s=4.0, gust_m_s=1.0, current_m_s=0.3))
        orders = np.random.default_rng(2).integers(1200, 1900, (12, 8))
        for order in orders:
            flock.steer(ONE, np.array([[*order, *[0.0] * 8]], float))
            flock.advance(ONE, np.array([20_000_000]))
        found.append(flock.hash(0))
    return found


def test_another_process_without_a_compiler_gets_the_same_hashes() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import json, tests.sim.adapters.test_bodies as t; print(json.dumps(t.hashes()))"],
        cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, check=True, timeout=120,
    )
    assert json.loads(told.stdout) == hashes()
