"""Give cells that nobody will look at any more to the vehicles that still fly, after what they have left to do."""

import copy
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from missions.planners.coverage import Choice, cells_of_parts, directions, manners, ranked
from missions.planners.deconflict import SLACK_S
from missions.planners.fleet_offer import Searcher, weakest
from missions.planners.looks import predicted
from missions.planners.partition import Part, Worker
from missions.planners.routes import (
    LAYERS,
    TAKE_OFF_M,
    Airspace,
    Path,
    Spot,
    between,
    flight_of,
    legs_of,
    over_pad_m,
    raised,
    search_spots,
    whole_path,
)
from missions.planners.separation import Envelope, closest, least_when_late
from missions.planners.sweep import POSITION_MARGIN_M, Sweep, sweeps
from missions.planners.timing import fly
from world.ids import VehicleId
from world.position import Enu

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
TRIED_SWEEPS = 6
RELAYERINGS = 6
PARTS = (1.0, 0.75, 0.5, 0.25)
"""When energy does not reach for all cells, this share of them is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A vehicle that can take more. `at` is where it is; spots are those it has still to pass.

    `trigger_m` is in force there. `search` ends with its last strip, `way_home` leads from there to over its pad. A
    vehicle still on its pad has `is_on_pad`.
    """

    searcher: Searcher
    rank: int
    at: Enu
    trigger_m: float | None
    search: tuple[Spot, ...]
    way_home: tuple[Spot, ...]
    is_on_pad: bool
    energy_s: float

    @property
    def vehicle(self) -> VehicleId:
        return self.searcher.vehicle

    def path(self) -> Path:
        """What it will fly as things stand."""
        spots = (*self.search, *self.way_home)
        if self.is_on_pad:
            top = raised(self.searcher.home, self.searcher.home.up_m + TAKE_OFF_M)
            spots = (Spot(at=top), *spots)
        else:
            spots = (Spot(at=self.at, trigger_m=self.trigger_m), *spots)
        return Path(
            vehicle=self.vehicle,
            pace=self.searcher.pace,
            home=self.searcher.home,
            rank=self.rank,
            spots=spots,
            begins_on_pad=self.is_on_pad,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Who takes what: new paths from here and now, and the cells of each."""

    paths: Mapping[VehicleId, Path]
    cells: Mapping[VehicleId, tuple[int, ...]]
    min_separation_m: float


def shared_out(
    needed: Sequence[int], points: Floats, survivors: Sequence[Survivor], space: Airspace, min_looks: int
) -> Shares | None:
    """Cells `needed` (indices into (n, 3) `points`) to the survivors; None when their energy reaches for no order of
    strips.

    Of the fastest partitions the first that keeps the separation is taken, else the one that keeps most of it: cells
    are not
    left alone for it, and the caller is told the distance.
    """
    ordered = _nearest_first(needed, points, survivors)
    for part in PARTS:
        cells = np.array(sorted(ordered[: math.ceil(part * len(ordered))]), np.int64)
        shares = _shared(cells, points, survivors, space, min_looks)
        if shares is not None:
            return shares
    return None


def _nearest_first(needed: Sequence[int], points: Floats, survivors: Sequence[Survivor]) -> list[int]:
    """By distance from the nearest pad: what is left over for want of energy is what costs most."""
    pads = np.array([[one.searcher.home.east_m, one.searcher.home.north_m] for one in survivors])
    away = {k: float(np.linalg.norm(pads - points[k, :2], axis=1).min()) for k in needed}
    return sorted(needed, key=lambda k: (away[k], k))


def _shared(
    cells: npt.NDArray[np.int64], points: Floats, survivors: Sequence[Survivor], space: Airspace, min_looks: int
) -> Shares | None:
    wanted = points[cells]
    best: tuple[float, Shares] | None = None
    for choice in _choices(wanted, survivors, space, min_looks):
        for is_stacked in (False, True):
            late_m, shares = _shares(choice, cells, wanted, survivors, space, is_stacked=is_stacked)
            if late_m >= space.separation_m:
                return shares
            if best is None or late_m > best[0]:
                best = late_m, shares
    return best[1] if best is not None else None


def _shares(
    choice: Choice,
    cells: npt.NDArray[np.int64],
    wanted: Floats,
    survivors: Sequence[Survivor],
    space: Airspace,
    *,
    is_stacked: bool,
) -> tuple[float, Shares]:
    """The shares of a partition, after the least distance with vehicles up to SLACK_S late."""
    late_m, paths = _in_layers(choice, survivors, space, is_stacked=is_stacked)
    everyone = [paths.get(survivor.vehicle) or survivor.path() for survivor in survivors]
    worst = closest({path.vehicle: flight_of(path) for path in everyone})
    owned = {
        part.worker.vehicle: tuple(int(cells[k]) for k in indices)
        for part, indices in zip(choice.parts, cells_of_parts(wanted[:, :2], choice), strict=True)
    }
    shares = Shares(paths=paths, cells=owned, min_separation_m=worst.distance_m if worst else math.inf)
    return late_m, shares


def _in_layers(
    choice: Choice, survivors: Sequence[Survivor], space: Airspace, *, is_stacked: bool
) -> tuple[float, dict[VehicleId, Path]]:
    """New paths, each in the layer it had, or in another while that keeps more distance, and the least distance."""
    parts = {part.worker.vehicle: (part, _searcher(part, survivors)) for part in choice.parts}

    def path_of(vehicle: VehicleId, rank: int) -> Path:
        part, survivor = parts[vehicle]
        return _path(part, replace(survivor, rank=rank), choice, space, is_stacked=is_stacked)

    paths = {vehicle: path_of(vehicle, survivor.rank) for vehicle, (_, survivor) in parts.items()}
    everyone = [paths.get(one.vehicle) or one.path() for one in survivors]
    distances = Distances(everyone, frozenset(paths), space.separation_m)
    for _ in range(RELAYERINGS):
        least_m, pair = distances.least()
        if least_m >= space.separation_m:
            break
        options = [path_of(vehicle, rank) for vehicle in pair if vehicle in paths for rank in range(LAYERS)]
        tried = [(distances.with_path(path), path) for path in options]
        best, path = max(tried, key=lambda item: item[0].least()[0], default=(distances, None))
        if path is None or best.least()[0] <= least_m:
            break
        distances, paths[path.vehicle] = best, path
    return distances.least()[0], paths


class Distances:
    """Least distances of pairs of paths of which one is new, with either up to SLACK_S late; no pair beyond `cared_m`
    is measured."""

    def __init__(self, paths: Sequence[Path], new: frozenset[VehicleId], cared_m: float) -> None:
        self._flights = {path.vehicle: flight_of(path) for path in paths}
        self._envelopes = {vehicle: Envelope.of(flight) for vehicle, flight in self._flights.items()}
        self._cared_m = cared_m
        pairs = itertools.combinations(sorted(self._flights), 2)
        self._pairs = {pair: self._measured(*pair) for pair in pairs if not new.isdisjoint(pair)}

    def least(self) -> tuple[float, tuple[VehicleId, ...]]:
        """The distance and who; infinite with fewer than two."""
        return min(((distance_m, pair) for pair, distance_m in self._pairs.items()), default=(math.inf, ()))

    def with_path(self, path: Path) -> "Distances":
        """The same with one vehicle on another path."""
        other = copy.copy(self)
        flight = flight_of(path)
        other._flights = {**self._flights, path.vehicle: flight}
        other._envelopes = {**self._envelopes, path.vehicle: Envelope.of(flight)}
        other._pairs = {
            pair: other._measured(*pair) if path.vehicle in pair else distance_m
            for pair, distance_m in self._pairs.items()
        }
        return other

    def _measured(self, one: VehicleId, other: VehicleId) -> float:
        if self._envelopes[one].apart_m(self._envelopes[other]) >= self._cared_m:
            return math.inf
        return least_when_late(self._flights[one], self._flights[other], SLACK_S)


def _choices(wanted: Floats, survivors: Sequence[Survivor], space: Airspace, min_looks: int) -> list[Choice]:
    """Partitions with the widest strips that suffice for every wanted cell, else with the densest tried."""
    workers = [_worker(survivor) for survivor in survivors]
    searchers = [survivor.searcher for survivor in survivors]
    cruise_m_s = max(searcher.pace.cruise_m_s for searcher in searchers)
    outline = shapely.MultiPoint(wanted[:, :2]).convex_hull.buffer(1.0).minimum_rotated_rectangle.exterior.coords
    tried = manners(directions([(x, y) for x, y, *_ in outline])[:2])
    choices: list[Choice] = []
    for sweep in _spread(sweeps(weakest(searchers), space.search_m, cruise_m_s, min_looks)):
        choices = ranked(wanted[:, :2], workers, sweep, tried)
        if not choices:
            return []
        looks = sum(
            (
                predicted(
                    legs_of(search_spots(part, sweep, choices[0].manner.angle_rad, space)),
                    _searcher(part, survivors).searcher.camera,
                    wanted,
                    margin_m=POSITION_MARGIN_M,
                )
                for part in choices[0].parts
            ),
            np.zeros(len(wanted), np.int64),
        )
        if (looks >= min_looks).all():
            break
    return choices


def _spread(candidates: list[Sweep]) -> list[Sweep]:
    """A few of many, from the widest to the densest."""
    step = max(1, math.ceil(len(candidates) / TRIED_SWEEPS))
    return candidates[::step]


def _worker(survivor: Survivor) -> Worker:
    """Free once its own strips are done, where the last of them ends."""
    searcher = survivor.searcher
    spots = survivor.path().spots[: 1 + len(survivor.search)]
    busy_s = fly([spot.at for spot in spots], searcher.pace)[-1].t_s
    busy_s += TAKE_OFF_M / searcher.pace.climb_m_s if survivor.is_on_pad else 0.0
    last = spots[-1].at
    return Worker(
        vehicle=survivor.vehicle,
        pace=searcher.pace,
        start=(last.east_m, last.north_m),
        home=(searcher.home.east_m, searcher.home.north_m),
        free_s=busy_s,
        landing_s=searcher.pace.landing_s(TAKE_OFF_M),
        must_end_by_s=survivor.energy_s,
    )


def _searcher(part: Part, survivors: Sequence[Survivor]) -> Survivor:
    return next(survivor for survivor in survivors if survivor.vehicle == part.worker.vehicle)


def _path(part: Part, survivor: Survivor, choice: Choice, space: Airspace, *, is_stacked: bool) -> Path:
    """What is left of its own strips, then the new ones through its own layer, then home."""
    pace, home, rank = survivor.searcher.pace, survivor.searcher.home, survivor.rank
    if survivor.is_on_pad and not survivor.search:
        return whole_path(part, home, rank, choice.sweep, choice.manner.angle_rad, space, is_stacked=is_stacked)
    now = survivor.path()
    kept = now.spots[: 1 + len(survivor.search)]
    new = search_spots(part, choice.sweep, choice.manner.angle_rad, space)
    over_pad = raised(home, over_pad_m(home, rank, space, is_stacked=is_stacked))
    there = between(kept[-1].at, new[0].at, rank, pace, space)
    back = between(new[-1].at, over_pad, rank, pace, space)
    spots = [*kept, *(Spot(at=at) for at in there[1:-1]), *new, *(Spot(at=at) for at in back[1:])]
    return replace(now, spots=tuple(spots))


def looks_to_come(survivors: Sequence[Survivor], points: Floats) -> Counts:
    """Looks per (m, 3) point that the survivors' remaining strips will give."""
    total = np.zeros(len(points), np.int64)
    for survivor in survivors:
        legs = legs_of(survivor.path().spots)
        total += predicted(legs, survivor.searcher.camera, points, margin_m=POSITION_MARGIN_M)
    return total
