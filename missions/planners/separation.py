"""Independent exact check of planned flights: the least distance between any two vehicles over the whole time.

Shares no code with the planners: a flight is (times, positions), straight at constant speed between its knots, and
held at
its first and last position before and after.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from world.ids import VehicleId

Floats = npt.NDArray[np.float64]
DELAY_STEP_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """times_s (n,) not falling; positions_m (n, 3) east, north, up."""

    times_s: Floats
    positions_m: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Closest:
    """Where two flights come closest."""

    pair: tuple[VehicleId, VehicleId]
    distance_m: float
    t_s: float


def least_distance(a: Flight, b: Flight) -> tuple[float, float]:
    """Least distance and the time of it.

    Between two neighbouring knots of either flight the relative motion p + s q, s in [0, 1], is linear, and its
    length is least at s = -p.q / q.q, clamped: the result is exact, not sampled.
    """
    times = np.union1d(a.times_s, b.times_s)
    if len(times) == 1:
        times = np.array([times[0], times[0]])
    start = _at(a, times[:-1], "right") - _at(b, times[:-1], "right")
    end = _at(a, times[1:], "left") - _at(b, times[1:], "left")
    move = end - start
    square = np.einsum("ij,ij->i", move, move)
    s = np.where(square > 0, -np.einsum("ij,ij->i", start, move) / np.where(square > 0, square, 1.0), 0.0)
    s = np.clip(s, 0.0, 1.0)
    distances = np.linalg.norm(start + s[:, None] * move, axis=1)
    k = int(np.argmin(distances))
    return float(distances[k]), float(times[k] + s[k] * (times[k + 1] - times[k]))


def closest(flights: Mapping[VehicleId, Flight]) -> Closest | None:
    """The worst pair, or None with fewer than two flights."""
    found = [
        Closest(pair=(one, other), distance_m=distance_m, t_s=t_s)
        for one, other in combinations(sorted(flights), 2)
        for distance_m, t_s in [least_distance(flights[one], flights[other])]
    ]
    return min(found, key=lambda item: item.distance_m, default=None)


def least_when_late(flights: Mapping[VehicleId, Flight], slack_s: float) -> float:
    """Least distance of any two flights when either is up to `slack_s` behind the other, in steps of DELAY_STEP_S."""
    shifts = np.arange(-slack_s, slack_s + 1e-9, DELAY_STEP_S)
    return min(
        (
            least_distance(flights[one], late(flights[other], float(shift)))[0]
            for one, other in combinations(sorted(flights), 2)
            for shift in shifts
        ),
        default=math.inf,
    )


def late(flight: Flight, seconds: float) -> Flight:
    """The same flight begun later (or earlier, when negative)."""
    return Flight(times_s=flight.times_s + seconds, positions_m=flight.positions_m)


def _at(flight: Flight, times: Floats, side: str) -> Floats:
    """Positions at times; at a time with two knots the later one for `right`, the earlier one for `left`."""
    n = len(flight.times_s)
    if n == 1:
        return np.repeat(flight.positions_m, len(times), axis=0)
    k = np.searchsorted(flight.times_s, times, side="right" if side == "right" else "left")
    k = np.clip(k, 1, n - 1)
    t0, t1 = flight.times_s[k - 1], flight.times_s[k]
    span = np.where(t1 > t0, t1 - t0, 1.0)
    s = np.clip(np.where(t1 > t0, (times - t0) / span, 1.0 if side == "right" else 0.0), 0.0, 1.0)[:, None]
    return np.asarray(flight.positions_m[k - 1] + s * (flight.positions_m[k] - flight.positions_m[k - 1]))
