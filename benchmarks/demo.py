"""The main job, measured: one incident from start to report, with every needed image rendered, coded and examined.

`wall_12_s`: ten copters, a tracked and an underwater robot; every figure of a mission comes from its own record.
`repeatable`: a second run of the same seed leaves the same record, byte for byte.
"""

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from command.app.children import Children
from command.app.folder import OpenFolder
from command.app.run import Incident
from command.report.goals import judge
from command.report.outcome import Outcome
from sim.scenario import load, shipped

MORE_COPTERS = ((50, -670), (50, -690))
"""Pads for the ninth and tenth, on the launch site of `mountain_search`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flown:
    outcome: Outcome
    busy_s: dict[str, float]
    """Wall seconds each process was not waiting."""


def run(*, seed: int, quick: bool = False) -> dict[str, Any]:
    """quick: the small scenario, once."""
    began_cpu_s = time.process_time()
    with tempfile.TemporaryDirectory(prefix="taihang-bench-") as folder:
        path = shipped("quick_search") if quick else twelve_vehicles(Path(folder))
        first = fly(path, seed, Path(folder) / "first")
        again = None if quick else fly(path, seed, Path(folder) / "again")
    o = first.outcome
    return {
        "wall_12_s" if not quick else "wall_quick_s": o.wall_s,
        "simulated_s": o.makespan_s,
        "airborne_s": o.airborne_s,
        "ready_s": o.ready_s,
        "found": o.found,
        "subjects": o.subjects,
        "false_finds": o.false_finds,
        "position_error_m": o.position_error_m,
        "position_error_max_m": o.position_error_max_m,
        "frames_detected": o.frames_detected,
        "missed_looks": o.missed_looks,
        "cells_done": o.cells_done,
        "cells": o.cells,
        "makespan_s": o.makespan_s,
        "makespan_plan_s": o.makespan_plan_s,
        "makespan_bound_s": o.makespan_bound_s,
        "min_separation_m": o.min_separation_m,
        "orphans": o.orphans,
        "goals_missed": ", ".join(goal.name for goal in judge(o) if not goal.is_met),
        "repeatable": None if again is None else again.outcome.digest == o.digest,
        **{f"busy_{name}_s": seconds for name, seconds in first.busy_s.items()},
        "skydio_airborne_s": 20.0,
        "seed": seed,
        "cpu_s": round(time.process_time() - began_cpu_s, 2),
    }


def twelve_vehicles(folder: Path) -> Path:
    """mountain_search with two more copters, as a file of its own."""
    text = shipped("mountain_search").read_text()
    for number, (east_m, north_m) in enumerate(MORE_COPTERS, 9):
        text += f'\n[[vehicles]]\nid = "U{number:02d}"\nkind = "copter"\nsysid = {number + 10}\n'
        text += f"home_m = [{east_m}, {north_m}]\n"
    path = folder / "mountain_search_12.toml"
    path.write_text(text)
    return path


def fly(path: Path, seed: int, out: Path) -> Flown:
    scenario = load(path, seed=seed)
    with OpenFolder(out) as folder, Children(folder.path) as children:
        incident = Incident(
            scenario=replace(scenario, seed=seed), scenario_path=path, folder=folder, children=children
        )
        outcome = incident.run()
        busy_s = {name: round(ns / 1e9, 1) for name, ns in incident.owner.busy_ns.items()}
    return Flown(outcome=outcome, busy_s=busy_s)
