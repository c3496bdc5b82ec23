"""From paths to the frozen plan that people approve: tasks, cell owners, return heights, figures, digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from missions.model import Cell, Plan, SearchIntent, Task
from missions.planners.digest import sealed
from missions.planners.patrol import Patrol
from missions.planners.returns import return_heights
from missions.planners.routes import Airspace, Path, knots_of, route_of
from missions.planners.timing import Knot
from world.ids import Digest, PlanId, TaskId, VehicleId
from world.position import Enu, LocalFrame

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a plan promises."""

    makespan_bound_s: float
    min_separation_m: float


def plan_id(intent: SearchIntent, revision: int) -> PlanId:
    return PlanId(f"{intent.mission}/{intent.id}/{revision}")


def task_id(intent: SearchIntent, vehicle: VehicleId) -> TaskId:
    """Stable over revisions: a vehicle has one task per mission."""
    return TaskId(f"{intent.mission}/{vehicle}")


def search_tasks(
    intent: SearchIntent,
    paths: Sequence[Path],
    owned: Mapping[VehicleId, Sequence[int]],
    space: Airspace,
    frame: LocalFrame,
) -> list[Task]:
    """Tasks of vehicles that start from their pads, in order of call sign."""
    ordered = sorted(paths, key=lambda path: path.vehicle)
    return [
        search_task(intent, path, frame, tuple(int(index) for index in owned.get(path.vehicle, ())), height_m)
        for path, height_m in zip(ordered, return_heights(ordered, space), strict=True)
    ]


def search_task(
    intent: SearchIntent, path: Path, frame: LocalFrame, cells: tuple[int, ...], return_height_m: float | None
) -> Task:
    knots = knots_of(path)
    return Task(
        id=task_id(intent, path.vehicle),
        vehicle=path.vehicle,
        what="search",
        route=route_of(path, frame),
        start_delay_s=path.start_s,
        duration_s=knots[-1].t_s - path.start_s,
        return_height_m=return_height_m,
        cells=cells,
        layer=path.rank,
    )


def patrol_task(intent: SearchIntent, patrol: Patrol) -> Task:
    return Task(
        id=task_id(intent, patrol.offer.vehicle),
        vehicle=patrol.offer.vehicle,
        what="patrol",
        route=patrol.route,
        start_delay_s=0.0,
        duration_s=patrol.duration_s,
        return_height_m=None,
    )


def frozen(
    intent: SearchIntent,
    *,
    revision: int,
    tasks: Sequence[Task],
    cells: Sequence[Cell],
    cell_m: float,
    figures: Figures,
    reason: str = "",
) -> Plan:
    return sealed(
        Plan(
            id=plan_id(intent, revision),
            mission=intent.mission,
            intent=intent.id,
            revision=revision,
            digest=Digest(""),
            tasks=tuple(tasks),
            cells=tuple(cells),
            cell_m=cell_m,
            makespan_s=max(task.start_delay_s + task.duration_s for task in tasks),
            makespan_bound_s=figures.makespan_bound_s,
            min_separation_m=figures.min_separation_m,
            reason=reason,
        )
    )


def owned_cells(points: Floats, owners: Mapping[int, VehicleId]) -> tuple[Cell, ...]:
    """Cells of (n, 3) ground points."""
    return tuple(
        Cell(index=k, centre=Enu(east_m=float(p[0]), north_m=float(p[1]), up_m=float(p[2])), owner=owners[k])
        for k, p in enumerate(points)
    )


def least_duration_s(patrols: Sequence[Patrol]) -> float:
    """A patrol's own duration bounds the makespan too: its points are given."""
    return max((ended(patrol.knots) for patrol in patrols), default=0.0)


def ended(knots: Sequence[Knot]) -> float:
    return knots[-1].t_s
