"""From an intent to a frozen plan: cells, strips, parts, paths, separation, bound, digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from missions.model import Plan, SearchIntent
from missions.planners.area_bound import makespan_bound_s
from missions.planners.coverage import Choice, arranged, cells_of_parts, directions, manners, ranked
from missions.planners.deconflict import Deconflicted, apart, comfortable_m, ranks_by_distance
from missions.planners.errors import CannotCover, EnduranceExceeded, SeparationTooSmall, TerrainMissing
from missions.planners.fleet_offer import Searcher, fresh_worker, searchers_of, weakest
from missions.planners.following import ceiling_over
from missions.planners.freeze import Figures, frozen, least_duration_s, owned_cells, patrol_task, search_tasks
from missions.planners.grid import Grid, area_polygon, cells_inside
from missions.planners.looks import predicted
from missions.planners.partition import Part, Worker, entry, leave
from missions.planners.patrol import patrols_of
from missions.planners.routes import Airspace, Path, knots_of, legs_of, whole_path
from missions.planners.strips import turned_back
from missions.planners.sweep import POSITION_MARGIN_M, Sweep, sweeps
from world.ids import VehicleId
from world.position import LocalFrame
from world.terrain import OutsideTerrain, Terrain

Floats = npt.NDArray[np.float64]
REBALANCINGS = 3
LEVELLINGS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A covering partition and everything needed to fly it."""

    choice: Choice
    paths: tuple[Path, ...]
    ends_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The cells with their heights: (n, 3) east, north, up."""

    grid: Grid
    points: Floats


def plan_search(intent: SearchIntent, terrain: Terrain, frame: LocalFrame) -> Plan:
    """Revision 0 of a search. Raises a PlanningError that names what stands in the way."""
    polygon = area_polygon(intent.area, frame)
    searchers = searchers_of(intent, frame)
    ground = ground_of(cells_inside(polygon), terrain)
    space = airspace_of(intent, terrain)
    draft = covering_draft(ground, searchers, space, intent.min_looks, list(polygon.exterior.coords))
    choice, flown = _levelled(draft.choice, ground, searchers, space, intent)
    patrols = patrols_of(intent, terrain, frame)
    parts = zip(choice.parts, cells_of_parts(ground.grid.centres, choice), strict=True)
    owned = {part.worker.vehicle: [int(index) for index in cells] for part, cells in parts}
    owners = {index: vehicle for vehicle, cells in owned.items() for index in cells}
    tasks = search_tasks(intent, flown.paths, owned, space, frame)
    bound_s = makespan_bound_s(ground.points, ground.grid.inner_area_m2, searchers, space)
    return frozen(
        intent,
        revision=0,
        tasks=[*tasks, *(patrol_task(intent, patrol) for patrol in patrols)],
        cells=owned_cells(ground.points, owners),
        cell_m=ground.grid.cell_m,
        figures=Figures(
            makespan_bound_s=max(bound_s, least_duration_s(patrols)),
            min_separation_m=flown.worst.distance_m if flown.worst else float("inf"),
        ),
    )


def _levelled(
    choice: Choice, ground: Ground, searchers: Sequence[Searcher], space: Airspace, intent: SearchIntent
) -> tuple[Choice, Deconflicted]:
    """Flights kept apart. Who has to wait on its pad for others is given less to search, as long as all end sooner."""
    flown = _kept_apart(choice, searchers, space, intent)
    for _ in range(LEVELLINGS):
        waits_s = {path.vehicle: path.start_s for path in flown.paths}
        workers = [
            replace(worker, free_s=worker.free_s + waits_s.get(worker.vehicle, 0.0))
            for worker in _workers_of(choice, searchers)
        ]
        other = arranged(ground.grid.centres, workers, choice.sweep, choice.manner)
        if other is None:
            break
        try:
            found = _kept_apart(other, searchers, space, intent)
        except SeparationTooSmall:
            break
        looks = looks_of_paths(found.paths, searchers, ground.points)
        if (looks < intent.min_looks).any() or _ends_s(found) >= _ends_s(flown):
            break
        choice, flown = other, found
    return choice, flown


def _workers_of(choice: Choice, searchers: Sequence[Searcher]) -> list[Worker]:
    """As the choice has them, waits apart."""
    used = {part.worker.vehicle: part.worker for part in choice.parts}
    fresh = [fresh_worker(searcher) for searcher in searchers]
    return [replace(used.get(worker.vehicle, worker), free_s=worker.free_s) for worker in fresh]


def _kept_apart(
    choice: Choice, searchers: Sequence[Searcher], space: Airspace, intent: SearchIntent
) -> Deconflicted:
    homes = {searcher.vehicle: searcher for searcher in searchers}
    ranks = _ranks_of(choice)

    def build(is_stacked: bool) -> Sequence[Path]:
        return _paths(choice, homes, ranks, space, is_stacked=is_stacked)

    spare_m = comfortable_m(intent.min_separation_m, [searcher.home for searcher in searchers])
    return apart(build, intent.min_separation_m, spare_m)


def _ends_s(flown: Deconflicted) -> float:
    return max(knots_of(path)[-1].t_s for path in flown.paths)


def ground_of(grid: Grid, terrain: Terrain) -> Ground:
    try:
        up = terrain.heights_at(grid.centres[:, 0], grid.centres[:, 1])
    except OutsideTerrain as beyond:
        raise TerrainMissing("the search area reaches beyond the terrain model", "搜索区超出地形模型") from beyond
    return Ground(grid=grid, points=np.column_stack([grid.centres, up]))


def airspace_of(intent: SearchIntent, terrain: Terrain) -> Airspace:
    return Airspace(
        ground=terrain,
        ceiling=ceiling_over(terrain),
        search_m=intent.height_agl_m,
        separation_m=intent.min_separation_m,
    )


def covering_draft(
    ground: Ground,
    searchers: Sequence[Searcher],
    space: Airspace,
    min_looks: int,
    outline: Sequence[tuple[float, float]],
) -> Draft:
    """The widest strips whose predicted looks suffice in every cell, in the best direction."""
    workers = [fresh_worker(searcher) for searcher in searchers]
    cruise_m_s = max(searcher.pace.cruise_m_s for searcher in searchers)
    tried = manners(directions([(x, y) for x, y, *_ in outline]))
    missing = len(ground.points)
    spacing_m, draft = 0.0, None
    for sweep in sweeps(weakest(searchers), space.search_m, cruise_m_s, min_looks):
        if sweep.spacing_m != spacing_m or draft is None:
            choices = ranked(ground.grid.centres, workers, sweep, tried)
            if not choices:
                raise EnduranceExceeded(
                    "the area is too large for the energy of the offered vehicles in one sortie",
                    "搜索区过大，可用设备的电量不足以在一个架次内完成",
                )
            tried = [choice.manner for choice in choices]
            draft = _rebalanced(ground, choices[0], searchers, space)
            spacing_m = sweep.spacing_m
        draft = _with_trigger(draft, sweep)
        looks = looks_of_paths(draft.paths, searchers, ground.points)
        missing = int((looks < min_looks).sum())
        if missing == 0:
            return draft
    raise CannotCover(
        f"{missing} of {len(ground.points)} cells cannot get {min_looks} looks from {space.search_m:.0f} m",
        f"从 {space.search_m:.0f} 米高度，{len(ground.points)} 个搜索格中有 {missing} 个无法看够 {min_looks} 次",
    )


def looks_of_paths(paths: Sequence[Path], searchers: Sequence[Searcher], points: Floats) -> npt.NDArray[np.int64]:
    cameras = {searcher.vehicle: searcher.camera for searcher in searchers}
    total = np.zeros(len(points), np.int64)
    for path in paths:
        total += predicted(legs_of(path.spots), cameras[path.vehicle], points, margin_m=POSITION_MARGIN_M)
    return total


def _rebalanced(ground: Ground, choice: Choice, searchers: Sequence[Searcher], space: Airspace) -> Draft:
    """Build the paths over the real terrain and repartition with each vehicle's difference to the flat estimate."""
    homes = {searcher.vehicle: searcher for searcher in searchers}
    workers: list[Worker] = [fresh_worker(searcher) for searcher in searchers]
    best: Draft | None = None
    for _ in range(REBALANCINGS):
        draft = _draft(choice, homes, space)
        if best is None or draft.ends_s < best.ends_s:
            best = draft
        lasts = {path.vehicle: knots_of(path)[-1].t_s for path in draft.paths}
        surplus = {part.worker.vehicle: lasts[part.worker.vehicle] - part.ends_s for part in choice.parts}
        workers = [replace(w, transit_s=w.transit_s + surplus.get(w.vehicle, 0.0) / 2) for w in workers]
        again = arranged(ground.grid.centres, workers, choice.sweep, choice.manner)
        if again is None:
            break
        choice = again
    assert best is not None
    return best


def _draft(choice: Choice, homes: Mapping[VehicleId, Searcher], space: Airspace) -> Draft:
    ranks = _ranks_of(choice)
    paths = tuple(_paths(choice, homes, ranks, space, is_stacked=False))
    return Draft(choice=choice, paths=paths, ends_s=max(knots_of(path)[-1].t_s for path in paths))


def _with_trigger(draft: Draft, sweep: Sweep) -> Draft:
    """The same flight with another trigger distance."""
    paths = tuple(
        replace(path, spots=tuple(replace(s, trigger_m=sweep.trigger_m) if s.trigger_m else s for s in path.spots))
        for path in draft.paths
    )
    return replace(draft, paths=paths, choice=replace(draft.choice, sweep=sweep))


def _ranks_of(choice: Choice) -> dict[VehicleId, int]:
    return ranks_by_distance([(part.worker.vehicle, _farthest_m(part, choice)) for part in choice.parts])


def _farthest_m(part: Part, choice: Choice) -> float:
    home = np.array(part.worker.home)
    points = [
        turned_back(*point, choice.manner.angle_rad)
        for strip in part.strips
        for point in (entry(strip, choice.sweep), leave(strip, choice.sweep))
    ]
    return float(np.linalg.norm(np.array(points) - home, axis=1).max())


def _paths(
    choice: Choice,
    homes: Mapping[VehicleId, Searcher],
    ranks: Mapping[VehicleId, int],
    space: Airspace,
    *,
    is_stacked: bool,
) -> list[Path]:
    return [
        whole_path(
            part,
            homes[part.worker.vehicle].home,
            ranks[part.worker.vehicle],
            choice.sweep,
            choice.manner.angle_rad,
            space,
            is_stacked=is_stacked,
        )
        for part in choice.parts
    ]
