"""Compiled loops and numpy expressions are one physics: equal columns, equal hashes, whatever is asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.backends import Backend
from sim.engine.engine import Engine
from sim.engine.weather import Weather
from sim.vehicles.spec import Kind
from tests.sim.support import FRAME, hilly_terrain, spec
from world.position import Enu

KINDS = [Kind.COPTER, Kind.ROVER, Kind.SUB, Kind.COPTER, Kind.BOAT, Kind.PLANE, Kind.PLANE, Kind.PLANE]
NO_MINDS = np.zeros(0, np.int64)


def engine(backend: Backend, seed: int) -> Engine:
    return Engine(
        specs=[spec(kind, i + 1) for i, kind in enumerate(KINDS)], terrain=hilly_terrain(), frame=FRAME, seed=seed,
        weather=Weather(wind_m_s=5.0, wind_from_deg=30.0, gust_m_s=1.5, current_m_s=0.2), backend=backend,
    )


def launch(made: Engine) -> None:
    """Wings are put into the air; one has no rotors, one hovers, one has them for help."""
    for row, use in ((5, 0), (6, 2), (7, 1)):
        made.columns.pos[row, 2] += 60.0
        made.columns.on_ground[row] = 0
        made.columns.vel[row] = (0.0, (17.0, 9.0, 1.0)[row - 5], 0.0)
        made.row(row).use_rotors(use)
        made.row(row).circle_by(60.0 if row == 5 else -40.0)


def order(made: Engine, row: int, kind: int, a: float, b: float, up: float) -> None:
    """One of the things an autopilot can ask."""
    body = made.row(row)
    here = made.estimate(row).at
    if kind == 0:
        there = Enu(east_m=here.east_m + a, north_m=here.north_m + b, up_m=here.up_m + up)
        body.fly_leg(here, there, exit_m_s=abs(a) / 40)
    elif kind == 1:
        body.fly_velocity(a / 10, b / 10, up / 10)
    elif kind == 2:
        body.spin(a / 50)
    else:
        body.off()


orders = st.tuples(
    st.integers(0, len(KINDS) - 1), st.integers(0, 3), st.floats(-60, 60), st.floats(-60, 60), st.floats(-15, 30),
)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**31), st.lists(orders, min_size=1, max_size=6))
def test_both_engines_give_equal_histories(seed: int, asked: list[tuple[int, int, float, float, float]]) -> None:
    compiled, arrays = engine(Backend.COMPILED, seed), engine(Backend.ARRAYS, seed)
    for made in (compiled, arrays):
        launch(made)
        for row in range(len(KINDS)):
            made.row(row).limit(speed_m_s=7.0, climb_m_s=2.5, descend_m_s=1.5, accel_m_s2=2.5)
    for row, kind, a, b, up in asked:
        for made in (compiled, arrays):
            order(made, row, kind, a, b, up)
            for _ in range(60):
                made.advance()
    assert compiled.hash(NO_MINDS) == arrays.hash(NO_MINDS)
    for name, column in compiled.columns._asdict().items():
        np.testing.assert_allclose(column, getattr(arrays.columns, name), atol=1e-6, err_msg=name)


@pytest.mark.parametrize("backend", list(Backend))
def test_another_seed_is_another_history(backend: Backend) -> None:
    one, other = engine(backend, 1), engine(backend, 2)
    for made in (one, other):
        for _ in range(50):
            made.advance()
    assert one.hash(NO_MINDS) != other.hash(NO_MINDS)
