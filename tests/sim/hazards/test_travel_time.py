"""On level ground fire grows into its ellipse; breaks hold; both back ends give the same arrivals to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.backends import Backend
from sim.hazards.hazard import Floats, Rows
from sim.hazards.travel_time import box_around, grow, segment_times, template

CELL_M = 10.0


def burn(
    slowness: Floats, shape: tuple[int, int], start: int, until_s: float, backend: Backend = Backend.COMPILED
) -> tuple[Floats, Rows]:
    arrival, via = np.full(shape[0] * shape[1], np.inf), np.full(shape[0] * shape[1], -1, np.int64)
    arrival[start] = 0.0
    times = segment_times(slowness, shape, CELL_M).reshape(len(slowness), -1)
    grow(arrival, via, np.zeros(arrival.size, bool), times, shape[1], -1.0, until_s, backend)
    return arrival, via


def ellipse_slowness(count: int, rate_m_s: float, eccentricity: float, toward_deg: float) -> Floats:
    heading = np.array([np.sin(np.radians(toward_deg)), np.cos(np.radians(toward_deg))])
    cosine = template().units @ heading
    each = (1.0 - eccentricity * cosine) / (rate_m_s * (1.0 - eccentricity))
    return np.repeat(each[:, None], count, axis=1)


def ellipse_arrival(size: int, rate_m_s: float, eccentricity: float, toward_deg: float) -> Floats:
    """Exact: distance over the rate in that direction, from the cell in the middle."""
    row, col = np.indices((size, size))
    east, north = (col - size // 2) * CELL_M, (row - size // 2) * CELL_M
    away = np.hypot(east, north)
    angle = np.radians(toward_deg)
    along = east * np.sin(angle) + north * np.cos(angle)
    return np.asarray((away - eccentricity * along) / (rate_m_s * (1.0 - eccentricity)))


@pytest.mark.parametrize(
    ("ratio", "worst", "area"), [(1.0, 0.005, 0.005), (2.0, 0.03, 0.02), (3.0, 0.065, 0.045), (8.0, 0.45, 0.3)]
)
def test_the_shape_on_level_ground_is_the_ellipse(ratio: float, worst: float, area: float) -> None:
    """Arrivals are never early, and late by at most what a chord of the template lies inside the ellipse."""
    eccentricity = np.sqrt(ratio**2 - 1.0) / ratio
    size = 81
    for toward in (13.0, 45.0):
        exact = ellipse_arrival(size, 0.2, eccentricity, toward)
        edge_s = min(exact[0].min(), exact[-1].min(), exact[:, 0].min(), exact[:, -1].min())
        got = burn(ellipse_slowness(size**2, 0.2, eccentricity, toward), (size, size), size * size // 2, 1e9)[0]
        inside = (exact > 0.0) & (exact < edge_s)
        late = got.reshape(size, size)[inside] / exact[inside] - 1.0
        assert late.min() > -1e-9
        assert late.max() < worst
        assert 1.0 - (got < edge_s).sum() / (exact < edge_s).sum() < area


def test_a_segment_is_as_long_as_its_pieces() -> None:
    shapes = template()
    for offset, cells in zip(shapes.offsets, shapes.crossings, strict=True):
        assert sum(length for _, _, length in cells) == pytest.approx(np.hypot(*offset))
        assert cells[0][:2] == (0, 0)
        assert cells[-1][:2] == tuple(offset)
    assert len({tuple(offset) for offset in shapes.offsets.tolist()}) == 96


@pytest.mark.parametrize("is_diagonal", [False, True])
def test_a_break_one_cell_wide_holds(is_diagonal: bool) -> None:
    size = 41
    row, col = np.indices((size, size))
    wall = (row == col + 5) if is_diagonal else (row == 25)
    slowness = ellipse_slowness(size**2, 0.2, 0.9, 0.0)
    slowness[:, wall.ravel()] = np.inf
    arrival, _ = burn(slowness, (size, size), 10 * size + 20, 1e9)
    beyond = (row > col + 5) if is_diagonal else (row > 25)
    assert np.isinf(arrival.reshape(size, size)[beyond]).all()
    assert np.isfinite(arrival.reshape(size, size)[~beyond & ~wall]).all()


def test_a_part_of_the_grid_has_the_times_of_the_whole() -> None:
    shape = (23, 31)
    chance = np.random.Generator(np.random.Philox(9))
    slowness = ellipse_slowness(23 * 31, 0.3, 0.8, 40.0) * chance.uniform(0.5, 2.0, 23 * 31)
    slowness[:, chance.random(23 * 31) < 0.1] = np.inf
    whole = segment_times(slowness, shape, CELL_M).reshape(len(slowness), -1)
    for row, col in ((0, 0), (11, 15), (22, 30), (3, 29)):
        cells = np.zeros(23 * 31, bool)
        cells[row * 31 + col] = True
        box = box_around(cells, shape)
        assert box.of(whole, shape).tobytes() == segment_times(slowness, shape, CELL_M, box).tobytes()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31), pauses=st.lists(st.floats(5.0, 1500.0), max_size=4))
def test_back_ends_agree_to_the_bit_however_often_they_pause(seed: int, pauses: list[float]) -> None:
    chance = np.random.Generator(np.random.Philox(seed))
    shape = (14, 19)
    count = shape[0] * shape[1]
    slowness = ellipse_slowness(count, 0.3, chance.uniform(0.0, 0.95), chance.uniform(0.0, 360.0))
    slowness = slowness * chance.uniform(0.3, 3.0, count)
    slowness[:, chance.random(count) < 0.15] = np.inf
    start = int(chance.integers(count))
    whole, via = burn(slowness, shape, start, 2000.0)
    times = segment_times(slowness, shape, CELL_M).reshape(len(slowness), -1)
    arrival, brought = np.full(count, np.inf), np.full(count, -1, np.int64)
    arrival[start] = 0.0
    since = -1.0
    for until in [*sorted(pauses), 2000.0]:
        grow(arrival, brought, np.zeros(count, bool), times, shape[1], since, until, Backend.ARRAYS)
        since = until
    assert arrival.tobytes() == whole.tobytes()
    assert brought.tobytes() == via.tobytes()
