"""What stays put between re-plans: the area asked for, the last known point, routes and the grid of cells."""

import numpy as np

from command.views.columns import Columns, Snapshot, lon_lat, to_columns
from missions.model import Plan, SearchIntent, Task
from world.position import LocalFrame


class Scene:
    """Newest intent and plan. `version` grows with every change, so that a screen fetches the scene only then."""

    def __init__(self, frame: LocalFrame | None) -> None:
        self._frame = frame
        self.version = 0
        self.intent: SearchIntent | None = None
        self.plan: Plan | None = None

    def apply_intent(self, intent: SearchIntent) -> None:
        self.intent = intent
        self.version += 1

    def apply_plan(self, plan: Plan) -> None:
        self.plan = plan
        self.version += 1

    def snapshot(self) -> Snapshot:
        return {
            "version": self.version,
            "intent": None if self.intent is None else _intent(self.intent),
            "plan": None if self.plan is None else _plan(self.plan, self._frame),
        }


def _intent(intent: SearchIntent) -> Snapshot:
    return {
        "mission": intent.mission,
        "area": lon_lat(intent.area),
        "last_known_point": lon_lat((intent.last_known_point,))[0],
        "subjects": intent.subjects,
        "height_agl_m": intent.height_agl_m,
        "min_looks": intent.min_looks,
        "homes": to_columns(
            ({"id": o.vehicle, "at": lon_lat((o.home,))[0]} for o in intent.offers),
            ("id", "at"),
        ),
    }


def _plan(plan: Plan, frame: LocalFrame | None) -> Snapshot:
    return {
        "id": plan.id,
        "revision": plan.revision,
        "digest": plan.digest,
        "reason": plan.reason,
        "makespan_s": plan.makespan_s,
        "makespan_bound_s": plan.makespan_bound_s,
        "min_separation_m": plan.min_separation_m,
        "tasks": to_columns((_task(task) for task in plan.tasks), _TASK_NAMES),
        "cell_m": plan.cell_m,
        "cell_size_deg": _cell_size_deg(plan, frame),
        "cells": _cells(plan, frame),
    }


_TASK_NAMES = ("id", "vehicle", "what", "route", "start_delay_s", "duration_s", "return_height_m", "cells")


def _task(task: Task) -> Snapshot:
    return {
        "id": task.id,
        "vehicle": task.vehicle,
        "what": task.what,
        "route": lon_lat(point.position for point in task.route.points),
        "start_delay_s": task.start_delay_s,
        "duration_s": task.duration_s,
        "return_height_m": task.return_height_m,
        "cells": len(task.cells),
    }


def _cells(plan: Plan, frame: LocalFrame | None) -> Columns:
    """Centres of cells; without the incident's frame a cell has no place on earth and none are listed."""
    if frame is None:
        return {"index": [], "lat_deg": [], "lon_deg": [], "owner": []}
    lat_deg, lon_deg = frame.from_plane(
        np.array([cell.centre.east_m for cell in plan.cells]), np.array([cell.centre.north_m for cell in plan.cells])
    )
    return {
        "index": [cell.index for cell in plan.cells],
        "lat_deg": lat_deg.tolist(),
        "lon_deg": lon_deg.tolist(),
        "owner": [cell.owner for cell in plan.cells],
    }


def _cell_size_deg(plan: Plan, frame: LocalFrame | None) -> list[float] | None:
    """Height and width of a cell in degrees of latitude and longitude, so that drawn neighbours meet without a gap."""
    if frame is None:
        return None
    lat_deg, lon_deg = frame.from_plane(np.array([0.0, plan.cell_m]), np.array([0.0, plan.cell_m]))
    return [float(np.ptp(lat_deg)), float(np.ptp(lon_deg))]
