"""Independent exact check of planned flights: the least distance between any two vehicles over the whole time.

Shares no code with the planners: a flight is (times, positions), straight at constant speed between its knots, and
held at
its first and last position before and after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from world.ids import VehicleId

Floats = npt.NDArray[np.float64]
DELAY_STEP_S = 2.0
PIECE_M = 80.0


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
    envelopes = {vehicle: Envelope.of(flight) for vehicle, flight in flights.items()}
    worst: Closest | None = None
    for one, other in combinations(sorted(flights), 2):
        if worst is not None and envelopes[one].apart_m(envelopes[other]) >= worst.distance_m:
            continue
        distance_m, t_s = least_distance(flights[one], flights[other])
        if worst is None or distance_m < worst.distance_m:
            worst = Closest(pair=(one, other), distance_m=distance_m, t_s=t_s)
    return worst


def least_when_late(a: Flight, b: Flight, slack_s: float) -> float:
    """Least distance of two flights when either is up to `slack_s` behind the other, in steps of DELAY_STEP_S."""
    shifts = np.arange(-slack_s, slack_s + 1e-9, DELAY_STEP_S)
    return min(least_distance(a, late(b, float(shift)))[0] for shift in shifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Boxes (k, 3) around the pieces of a flight: bounds on its distance to others whenever either begins."""

    lows: Floats
    highs: Floats

    @staticmethod
    def of(flight: Flight) -> "Envelope":
        at = flight.positions_m
        if len(at) == 1:
            return Envelope(lows=at, highs=at)
        length_m = np.linalg.norm(np.diff(at, axis=0), axis=1)
        pieces = np.maximum(1, np.ceil(length_m / PIECE_M)).astype(np.int64)
        along = np.concatenate([k + np.arange(n) / n for k, n in enumerate(pieces)] + [np.array([len(pieces)])])
        points = np.column_stack([np.interp(along, np.arange(len(at)), at[:, axis]) for axis in range(3)])
        return Envelope(lows=np.minimum(points[:-1], points[1:]), highs=np.maximum(points[:-1], points[1:]))

    def apart_m(self, other: "Envelope") -> float:
        """Never more than the distance of the two flights."""
        whole = _gap_m(self.lows.min(axis=0), self.highs.max(axis=0), other.lows.min(axis=0), other.highs.max(axis=0))
        if whole > 0:
            return float(whole)
        return float(_gap_m(self.lows[:, None], self.highs[:, None], other.lows, other.highs).min())


def _gap_m(lows_a: Floats, highs_a: Floats, lows_b: Floats, highs_b: Floats) -> Floats:
    gap = np.maximum(0.0, np.maximum(lows_a - highs_b, lows_b - highs_a))
    return np.asarray(np.sqrt((gap * gap).sum(axis=-1)))


def late(flight: Flight, seconds: float) -> Flight:
    """The same flight begun later (or earlier, when negative)."""
    return Flight(times_s=flight.times_s + seconds, positions_m=flight.positions_m)


def _at(flight: Flight, times: Floats, side: str) -> Floats:
    """Positions at times; at a time with two knots the later one for `right`, the earlier one for `left`."""
    n = len(flight.times_s)
    if n == 1:
        return np.repeat(flight.positions_m, len(times), axis=0)
    k = np.searchsorted(flight.times_s, times, side="right" if side == "right" else "left")
    k = np.minimum(np.maximum(k, 1), n - 1)
    t0, t1 = flight.times_s[k - 1], flight.times_s[k]
    span = np.where(t1 > t0, t1 - t0, 1.0)
    s = np.where(t1 > t0, (times - t0) / span, 1.0 if side == "right" else 0.0)
    s = np.minimum(np.maximum(s, 0.0), 1.0)[:, None]
    return np.asarray(flight.positions_m[k - 1] + s * (flight.positions_m[k] - flight.positions_m[k - 1]))
