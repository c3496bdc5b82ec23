"""Missions and plans in tables and in JSON, for people and scripts at a terminal."""

from math import isfinite
from typing import Any

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from command.up.mission_line import MissionLog
from missions.model import Plan
from world.ids import MissionId


def summary(log: MissionLog, plan: Plan) -> dict[str, Any]:
    """What `--json` prints of a plan; times in seconds, lengths in metres."""
    approval, progress = log.approval_of(plan), log.progress
    is_current = progress is not None and progress.mission == plan.mission
    return {
        "mission": plan.mission, "plan": plan.id, "revision": plan.revision, "digest": plan.digest,
        "reason": plan.reason, "phase": phase(log, plan.mission),
        "approved_by": None if approval is None else approval.by,
        "makespan_s": plan.makespan_s, "makespan_bound_s": plan.makespan_bound_s,
        "min_separation_m": plan.min_separation_m if isfinite(plan.min_separation_m) else None,
        "cells": len(plan.cells), "cell_m": plan.cell_m,
        "cells_done": progress.cells_done if is_current and progress is not None else None,
        "note": progress.note if is_current and progress is not None else "",
        "tasks": [
            {
                "vehicle": task.vehicle, "what": task.what, "points": len(task.route.points), "cells": len(task.cells),
                "starts_s": task.start_delay_s, "lasts_s": task.duration_s,
                "return_height_m": task.return_height_m, "phase": _task_phase(log, plan, task.vehicle),
            }
            for task in plan.tasks
        ],
    }


def phase(log: MissionLog, mission: MissionId) -> str:
    found = log.phase_of(mission)
    return "ended" if found is None and mission in log.ended else "unknown" if found is None else str(found)


def _task_phase(log: MissionLog, plan: Plan, vehicle: str) -> str | None:
    progress = log.progress
    if progress is None or progress.mission != plan.mission:
        return None
    return next((str(task.phase) for task in progress.tasks if task.vehicle == vehicle), None)


def overview(log: MissionLog) -> Table:
    """All missions, oldest first."""
    digest = Column("digest", no_wrap=True)
    grid = Table(Column("mission", no_wrap=True), "asked by", "revision", digest, "approved by", "phase")
    for plan in log.plans.values():
        intent, approval = log.intents.get(plan.intent), log.approval_of(plan)
        grid.add_row(
            plan.mission, "-" if intent is None else intent.asked_by, str(plan.revision), plan.digest[:12],
            "-" if approval is None else approval.by, phase(log, plan.mission),
        )
    return grid


def table(log: MissionLog, plan: Plan) -> Group:
    """One plan, its tasks below."""
    told = summary(log, plan)
    head = Table(show_header=False)
    done = "-" if told["cells_done"] is None else f"{told['cells_done']}"
    apart = f"{plan.min_separation_m:.1f} m at least" if isfinite(plan.min_separation_m) else "nobody else flies"
    for name, text in (
        ("mission", f"{plan.mission}, revision {plan.revision}" + (f": {plan.reason}" if plan.reason else "")),
        ("phase", told["phase"]), ("approved by", told["approved_by"] or "nobody"),
        ("takes", f"{plan.makespan_s:.0f} s; no plan of its kind less than {plan.makespan_bound_s:.0f} s"),
        ("apart", apart),
        ("cells", f"{done} of {len(plan.cells)} done, {plan.cell_m:.0f} m wide"),
    ):
        head.add_row(name, text)
    tasks = Table("vehicle", "does", "points", "starts", "lasts", "returns at", "phase")
    for task in told["tasks"]:
        height_m = task["return_height_m"]
        tasks.add_row(
            task["vehicle"], task["what"], str(task["points"]), f"{task['starts_s']:.0f} s", f"{task['lasts_s']:.0f} s",
            "-" if height_m is None else f"{height_m:.0f} m", task["phase"] or "-",
        )
    return Group(Text(f"digest {plan.digest}", no_wrap=True), head, tasks)
