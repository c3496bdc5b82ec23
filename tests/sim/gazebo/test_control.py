"""Forces are the same compiled and as numpy expressions, and within what the vehicle has."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.adapters.gazebo.control import CopterControl, RoverControl, forms, numbers_of, tables_of
from sim.adapters.gazebo.control_arrays import axes_of
from sim.adapters.gazebo.control_model import GRIP, nothing_sensed
from sim.adapters.gazebo.wire import COMMAND_ROW, STATE_ROW, Commands, States
from sim.engine.backends import Backend
from sim.engine.columns import GRAVITY_M_S2, STEP_S, Columns, Floats, empty_columns
from sim.vehicles.figures import copter_figures, rover_figures

COUNT = 6
COPTERS, ROVERS = np.array([0, 2, 4, 5]), np.array([1, 3])


def columns_of(rng: np.random.Generator) -> Columns:
    """Vehicles amid whatever they may be asked for."""
    c = empty_columns(COUNT)
    for name in ("ref_vel", "wind", "aim_vel"):
        getattr(c, name)[:] = rng.normal(0, 3, (COUNT, 3))
    for name in ("leg", "aim"):
        getattr(c, name)[:] = rng.normal(0, 40, (COUNT, 3))
    c.disturbance[:] = rng.normal(0, 0.3, (COUNT, 3))
    c.drive[:] = rng.integers(0, 3, COUNT)
    c.spins[:] = rng.integers(0, 2, COUNT)
    c.aim_yaw[:], c.turn_rate[:] = rng.uniform(-7, 7, COUNT), rng.uniform(0.1, 1.5, COUNT)
    c.energy_j[:], c.health[:] = 1e6, rng.choice([0.0, 0.7, 1.0], COUNT)
    for name, value in (("speed", 8.0), ("climb", 2.5), ("descend", 1.5), ("accel", 2.5)):
        getattr(c, name)[:] = value
    return c


def states_of(rng: np.random.Generator) -> States:
    states = np.zeros(COUNT, STATE_ROW)
    states["position_m"], states["velocity_m_s"] = rng.normal(0, 30, (COUNT, 3)), rng.normal(0, 4, (COUNT, 3))
    turns = rng.normal((2, 0, 0, 0), 1, (COUNT, 4))
    states["attitude"] = turns / np.linalg.norm(turns, axis=1, keepdims=True)
    states["rate_rad_s"], states["touches"] = rng.normal(0, 1, (COUNT, 3)), rng.integers(0, 3, COUNT)
    return states


def history(backend: Backend, seed: int, ticks: int = 12) -> tuple[list[Floats], dict[str, Any], list[Commands]]:
    rng = np.random.default_rng(seed)
    c, chosen, sensed = columns_of(rng), forms(backend), nothing_sensed(COUNT)
    copter = CopterControl(c, COPTERS, COPTERS, copter_figures(), chosen)
    rover = RoverControl(c, ROVERS, ROVERS, rover_figures(), chosen)
    commands = np.zeros(COUNT, COMMAND_ROW)
    said, told = [], []
    for tick in range(ticks):
        numbers, words = tables_of(states_of(rng))
        chosen.sense(c, np.arange(COUNT), numbers, words, sensed)
        if tick % 5 == 0:
            copter.begin(sensed, STEP_S)
            rover.begin(sensed, STEP_S)
        copter.command(sensed, numbers_of(commands))
        rover.command(sensed, numbers_of(commands))
        said.append(numbers_of(commands).copy())
        told.append(commands.copy())
    return said, c._asdict(), told


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_both_forms_say_the_same_forces(seed: int) -> None:
    one, own, _ = history(Backend.COMPILED, seed)
    two, others, _ = history(Backend.ARRAYS, seed)
    for tick, (mine, yours) in enumerate(zip(one, two, strict=True)):
        np.testing.assert_allclose(mine, yours, rtol=1e-9, atol=1e-6, err_msg=f"tick {tick}")
    for name, column in own.items():
        np.testing.assert_allclose(column, others[name], rtol=1e-9, atol=1e-6, err_msg=name)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_vehicle_is_pushed_harder_than_its_motors_can(seed: int) -> None:
    _, _, told = history(Backend.COMPILED, seed)
    most_n = copter_figures().thrust_max_m_s2 * 3.6
    for commands in told:
        assert (commands["force_n"][COPTERS, 2] >= 0.0).all(), "rotors do not pull down"
        assert (commands["force_n"][COPTERS, 2] <= most_n + 1e-6).all()
        pulls = np.linalg.norm(commands["force_n"][ROVERS], axis=1)
        assert (pulls <= GRIP * GRAVITY_M_S2 * rover_figures().mass_kg + 1e-6).all(), "tracks slip"
        assert not commands["push_n"][ROVERS].any()


@given(st.floats(-3.1, 3.1), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_axes_are_those_of_the_attitude(yaw: float, pitch: float, roll: float) -> None:
    half = np.array([roll, pitch, yaw]) / 2
    (cr, cp, cy), (sr, sp, sy) = np.cos(half), np.sin(half)
    turned = np.array([[cr * cp * cy + sr * sp * sy, sr * cp * cy - cr * sp * sy, cr * sp * cy + sr * cp * sy,
                        cr * cp * sy - sr * sp * cy]])
    (axes,) = axes_of(turned)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(
        axes[:, 0], [np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), -np.sin(pitch)], atol=1e-9
    )
