"""The checker finds the least distance of two timed flights exactly, wherever between knots it is."""

import numpy as np
import pytest

from missions.planners.separation import Flight, closest, late, least_distance
from world.ids import VehicleId


def flight(*knots: tuple[float, float, float, float]) -> Flight:
    rows = np.array(knots, float)
    return Flight(times_s=rows[:, 0], positions_m=rows[:, 1:])


EAST = flight((0.0, 0.0, 0.0, 0.0), (10.0, 100.0, 0.0, 0.0))
NORTH = flight((0.0, 50.0, -50.0, 3.0), (10.0, 50.0, 50.0, 3.0))


def test_crossing_between_knots_is_found() -> None:
    distance_m, t_s = least_distance(EAST, NORTH)
    assert distance_m == pytest.approx(3.0)
    assert t_s == pytest.approx(5.0)


def test_flights_are_held_before_and_after() -> None:
    parked = flight((100.0, 100.0, 4.0, 0.0))
    assert least_distance(EAST, parked)[0] == pytest.approx(4.0)
    assert least_distance(late(EAST, 500.0), parked)[0] == pytest.approx(4.0)


def test_a_delay_opens_the_gap() -> None:
    assert least_distance(EAST, late(NORTH, 4.0))[0] > 20.0


def test_a_wait_at_one_place_counts() -> None:
    waits = flight((0.0, 0.0, 0.0, 0.0), (2.0, 20.0, 0.0, 0.0), (8.0, 20.0, 0.0, 0.0), (9.0, 40.0, 0.0, 0.0))
    passes = flight((3.0, 20.0, 30.0, 0.0), (5.0, 20.0, 1.0, 0.0), (7.0, 20.0, 30.0, 0.0))
    assert least_distance(waits, passes)[0] == pytest.approx(1.0)


def test_dense_sampling_never_finds_less() -> None:
    random = np.random.Generator(np.random.Philox(3))
    for _ in range(40):
        a, b = (
            Flight(
                times_s=np.sort(random.uniform(0, 50, 6)),
                positions_m=random.uniform(-50, 50, (6, 3)),
            )
            for _ in range(2)
        )
        times = np.linspace(-5, 55, 6001)
        apart = [
            np.column_stack([np.interp(times, one.times_s, one.positions_m[:, k]) for k in range(3)]) for one in (a, b)
        ]
        sampled = float(np.linalg.norm(apart[0] - apart[1], axis=1).min())
        exact = least_distance(a, b)[0]
        assert exact <= sampled + 1e-9
        assert exact >= sampled - 0.5


def test_the_worst_pair_is_named() -> None:
    worst = closest({VehicleId("A"): EAST, VehicleId("B"): NORTH, VehicleId("C"): flight((0.0, 0.0, 300.0, 0.0))})
    assert worst is not None
    assert worst.pair == ("A", "B")
    assert closest({VehicleId("A"): EAST}) is None
