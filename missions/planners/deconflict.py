"""Keep planned flights apart: transit layers by distance, take-off in lanes, start delays; proven by the independent
checker."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from missions.planners.errors import SeparationTooSmall
from missions.planners.routes import FLOWN_SPARE_M, Airspace, Path, flight_of
from missions.planners.separation import Closest, closest, least_when_late
from world.ids import VehicleId
from world.position import Enu

ATTEMPTS: tuple[tuple[float, bool], ...] = (
    (0.0, False),
    (2.0, False),
    (4.0, False),
    (7.0, False),
    (2.0, True),
    (5.0, True),
    (10.0, True),
    (20.0, True),
)
"""Seconds between take-offs, and whether vehicles climb to their layer over the pad, in order of cost."""

SLACK_S = 20.0
"""How far one vehicle may fall behind another, by wind, slow links or wide corners."""


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
    best: Closest | None = None
    for step_s, is_stacked in ATTEMPTS:
        paths = in_lanes(build(is_stacked), step_s)
        flights = {path.vehicle: flight_of(path) for path in paths}
        worst = closest(flights)
        if worst is None:
            return Deconflicted(paths=paths, worst=None)
        if worst.distance_m >= wanted_m and (slack_s == 0.0 or least_when_late(flights, slack_s) >= wanted_m):
            return Deconflicted(paths=paths, worst=worst)
        if best is None or worst.distance_m > best.distance_m:
            best = worst
    assert best is not None
    raise SeparationTooSmall(best.pair, best.distance_m, wanted_m)


def in_lanes(paths: Sequence[Path], step_s: float) -> tuple[Path, ...]:
    """The farthest start first, so that nobody overtakes; each on its own pad and in its own layer."""
    order = sorted(paths, key=lambda path: (-path.rank, path.vehicle))
    return tuple(replace(path, start_s=path.start_s + k * step_s) for k, path in enumerate(order))


def return_heights(corridor_tops: Sequence[tuple[int, Enu, float]], space: Airspace) -> list[float]:
    """Per vehicle the height above home for returns nobody planned: constant, above its corridor, distinct by the
    separation.

    Takes (rank, home, highest ground of the corridor) and answers in the order given.
    """
    heights: dict[int, float] = {}
    last_up_m = -float("inf")
    for k in sorted(range(len(corridor_tops)), key=lambda k: corridor_tops[k][0]):
        _, home, top_m = corridor_tops[k]
        up_m = max(top_m + space.layer_m(0), last_up_m + space.separation_m)
        heights[k], last_up_m = up_m - home.up_m, up_m
    return [heights[k] for k in range(len(corridor_tops))]
