"""Makes the next revision of a plan in flight: cells that nobody will see go to those who can."""

from collections.abc import Sequence
from dataclasses import replace

from missions.model import Cell, Plan, SearchIntent, Task
from missions.planners.digest import sealed
from missions.planners.freeze import Figures, frozen, search_task
from missions.planners.replan import Shares, Survivor, shared_out
from missions.survey import Ground
from world.ids import VehicleId
from world.position import LocalFrame


def revised(
    plan: Plan,
    intent: SearchIntent,
    needed: Sequence[int],
    survivors: Sequence[Survivor],
    ground: Ground,
    frame: LocalFrame,
    *,
    elapsed_s: float,
    out: Sequence[VehicleId],
    reason: str,
) -> Plan | None:
    """The next revision, or None when the survivors' energy does not reach. Who gets nothing keeps its route untouched.

    Durations of changed tasks count from now; the makespan counts from the launch.
    """
    shares = shared_out(needed, ground.points, survivors, ground.space, intent.min_looks)
    if shares is None:
        return None
    tasks = [_task(task, intent, shares, frame) for task in plan.tasks]
    revision = frozen(
        intent,
        revision=plan.revision + 1,
        tasks=tasks,
        cells=_cells(plan, shares),
        cell_m=plan.cell_m,
        figures=Figures(makespan_bound_s=plan.makespan_bound_s, min_separation_m=shares.min_separation_m),
        reason=reason,
    )
    ends_s = [elapsed_s + task.duration_s for task in tasks if task.vehicle in shares.paths]
    return _resealed(revision, max([*ends_s, *_kept_ends(tasks, shares, out)]))


def _task(task: Task, intent: SearchIntent, shares: Shares, frame: LocalFrame) -> Task:
    path = shares.paths.get(task.vehicle)
    if path is None:
        return task
    new = search_task(intent, path, frame, (), task.return_height_m)
    return replace(new, id=task.id, start_delay_s=task.start_delay_s if path.begins_on_pad else 0.0)


def _kept_ends(tasks: Sequence[Task], shares: Shares, out: Sequence[VehicleId]) -> list[float]:
    gone = (*shares.paths, *out)
    return [task.start_delay_s + task.duration_s for task in tasks if task.vehicle not in gone]


def _cells(plan: Plan, shares: Shares) -> tuple[Cell, ...]:
    owners = {index: vehicle for vehicle, cells in shares.cells.items() for index in cells}
    return tuple(replace(cell, owner=owners.get(cell.index, cell.owner)) for cell in plan.cells)


def _resealed(plan: Plan, makespan_s: float) -> Plan:
    """With the makespan from launch and every task's cells by the owners of the cells."""
    owned: dict[VehicleId, list[int]] = {}
    for cell in plan.cells:
        owned.setdefault(cell.owner, []).append(cell.index)
    tasks = tuple(replace(task, cells=tuple(owned.get(task.vehicle, ()))) for task in plan.tasks)
    return sealed(replace(plan, tasks=tasks, makespan_s=makespan_s))
