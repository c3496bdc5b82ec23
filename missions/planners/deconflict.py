"""Keep planned flights apart: transit layers by distance, take-offs in lanes, each no later than it must; proven by the
independent checker."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from missions.planners.errors import SeparationTooSmall
from missions.planners.routes import FLOWN_SPARE_M, Path, flight_of
from missions.planners.separation import (
    DELAY_STEP_S,
    Closest,
    Envelope,
    Flight,
    closest,
)
from world.ids import VehicleId
from world.position import Enu

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Steps = npt.NDArray[np.int64]

SLACK_S = 20.0
"""How far one vehicle may fall behind another, by wind, slow links or wide corners."""
BEADS_M = 2.0
LATEST_S = 300.0
"""No take-off is put off longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deconflicted:
    """Paths with their start delays, and the worst pair (None with one vehicle)."""

    paths: tuple[Path, ...]
    worst: Closest | None


def ranks_by_distance(distances_m: Sequence[tuple[VehicleId, float]]) -> dict[VehicleId, int]:
    """Nearest parts get the lowest layers: a vehicle descending into its part meets nobody below on the way to a
    farther one."""
    ordered = sorted(distances_m, key=lambda item: (item[1], item[0]))
    return {vehicle: rank for rank, (vehicle, _) in enumerate(ordered)}


def apart(build: Callable[[bool], Sequence[Path]], wanted_m: float, comfortable_m: float) -> Deconflicted:
    """The cheapest attempt that keeps `comfortable_m` even with vehicles late, else less; `build(is_stacked)` makes
    the paths.

    Raises SeparationTooSmall.
    """
    for limit_m, slack_s in ((comfortable_m, SLACK_S), (wanted_m, SLACK_S), (comfortable_m, 0.0)):
        try:
            return _apart(build, limit_m, slack_s)
        except SeparationTooSmall:
            continue
    return _apart(build, wanted_m, 0.0)


def comfortable_m(wanted_m: float, homes: Sequence[Enu]) -> float:
    """What is wanted and the spare for flying; but pads stand where they stand."""
    pads = [(home.east_m, home.north_m) for home in homes]
    pads_m = min((math.dist(a, b) for a, b in combinations(pads, 2)), default=0.0)
    return max(wanted_m, min(wanted_m + FLOWN_SPARE_M, 0.98 * pads_m))


def _apart(build: Callable[[bool], Sequence[Path]], wanted_m: float, slack_s: float) -> Deconflicted:
    """Straight out of the pads if that goes, else by climbing to the layers over them."""
    best: Closest | None = None
    for is_stacked in (False, True):
        paths = in_lanes(build(is_stacked), wanted_m, slack_s)
        worst = closest({path.vehicle: flight_of(path) for path in paths})
        if worst is None or worst.distance_m >= wanted_m:
            if paths:
                return Deconflicted(paths=paths, worst=worst)
        elif best is None or worst.distance_m > best.distance_m:
            best = worst
    assert best is not None
    raise SeparationTooSmall(best.pair, best.distance_m, wanted_m)


def in_lanes(paths: Sequence[Path], wanted_m: float, slack_s: float) -> tuple[Path, ...]:
    """Start delays: the farthest first, each as early as it keeps `wanted_m` from all before it, also when one is late.

    Who finds no time by LATEST_S starts at once: the caller checks.
    """
    meetings = Meetings({path.vehicle: flight_of(path) for path in paths}, wanted_m, slack_s)
    started: dict[VehicleId, int] = {}
    for path in sorted(paths, key=lambda path: (-path.rank, path.vehicle)):
        started[path.vehicle] = meetings.earliest(path.vehicle, started)
    return tuple(replace(path, start_s=path.start_s + started[path.vehicle] * DELAY_STEP_S) for path in paths)


class Meetings:
    """By how much one flight must begin later than another for the two to meet, in steps of DELAY_STEP_S."""

    def __init__(self, flights: Mapping[VehicleId, Flight], wanted_m: float, slack_s: float) -> None:
        self._wanted_m = wanted_m
        self._slack = round(slack_s / DELAY_STEP_S)
        self._beads = {vehicle: Beads.of(flight) for vehicle, flight in flights.items()}
        self._envelopes = {vehicle: Envelope.of(flight) for vehicle, flight in flights.items()}

    def earliest(self, vehicle: VehicleId, started: Mapping[VehicleId, int]) -> int:
        """The least delay in steps that keeps a flight apart from those that have theirs."""
        latest = round(LATEST_S / DELAY_STEP_S)
        is_free = np.ones(latest + 1, np.bool_)
        for other, begun in started.items():
            if self._envelopes[vehicle].apart_m(self._envelopes[other]) < self._wanted_m:
                for later in self._beads[vehicle].meets_when(self._beads[other], self._wanted_m):
                    first, last = begun + int(later) - self._slack, begun + int(later) + self._slack
                    is_free[max(0, first) : max(0, last + 1)] = False
        return int(np.argmax(is_free))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beads:
    """Points (n, 3) along a flight, at most BEADS_M and one second apart, and their times."""

    points: Floats
    times_s: Floats

    @staticmethod
    def of(flight: Flight) -> "Beads":
        at, t = flight.positions_m, flight.times_s
        length_m = np.linalg.norm(np.diff(at, axis=0), axis=1)
        counts = np.maximum(1, np.ceil(np.maximum(length_m / BEADS_M, np.diff(t)))).astype(np.int64)
        along = np.concatenate([k + np.arange(n) / n for k, n in enumerate(counts)] + [np.array([len(counts)])])
        knots = np.arange(len(at))
        points = np.column_stack([np.interp(along, knots, at[:, axis]) for axis in range(3)])
        return Beads(points=points, times_s=np.interp(along, knots, t))

    def meets_when(self, other: "Beads", within_m: float) -> Steps:
        """Delays of this flight against the other, in steps, with which the two come within a distance."""
        low = np.maximum(self.points.min(0), other.points.min(0)) - within_m
        high = np.minimum(self.points.max(0), other.points.max(0)) + within_m
        mine, theirs = self._inside(low, high), other._inside(low, high)
        near = cKDTree(self.points[mine]).sparse_distance_matrix(
            cKDTree(other.points[theirs]), within_m, output_type="coo_matrix"
        )
        later = (other.times_s[theirs][near.col] - self.times_s[mine][near.row]) / DELAY_STEP_S
        return np.unique(np.concatenate([np.floor(later), np.ceil(later)])).astype(np.int64)

    def _inside(self, low: Floats, high: Floats) -> Bools:
        is_inside: Bools = np.logical_and.reduce((self.points >= low) & (self.points <= high), axis=1)
        return is_inside
