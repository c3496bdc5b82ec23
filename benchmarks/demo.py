"""The main job, measured: one incident from start to report, with every needed image rendered, coded and examined.

`wall_12_s`: ten copters, a tracked and an underwater robot; every figure of a mission comes from its own record.
`repeatable`: a second run of the same seed leaves the same record, byte for byte.
`wall_100_s`: a hundred copters from ten launch sites, with cameras that detect on board by the model calibrated on the
pixel path (`hundred_eyes` says so), planning and report included.
"""

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from command.app.children import Children
from command.app.folder import OpenFolder
from command.app.run import Incident
from command.eyes import Eyes
from command.report.goals import judge
from command.report.outcome import Outcome
from sim.scenario import load, shipped

MORE_COPTERS = ((50, -670), (50, -690))
"""Pads for the ninth and tenth, on the launch site of `mountain_search`."""
HUNDRED = Path(__file__).with_name("hundred_search.toml")
SITES = (
    *((east_m, north_m) for north_m in (-1250, 1250) for east_m in (-900, -300, 300, 900)),
    (-1250, 0),
    (1250, 0),
)
PADS, PAD_M = 10, 24


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
        many = None if quick else fly(hundred(Path(folder)), seed, Path(folder) / "hundred", eyes=Eyes.MODEL)
    return {
        "wall_12_s" if not quick else "wall_quick_s": first.outcome.wall_s,
        **figures(first.outcome),
        "repeatable": None if again is None else again.outcome.digest == first.outcome.digest,
        **{f"busy_{name}_s": seconds for name, seconds in first.busy_s.items()},
        **({} if many is None else of_hundred(many.outcome)),
        "skydio_airborne_s": 20.0,
        "seed": seed,
        "cpu_s": round(time.process_time() - began_cpu_s, 2),
    }


def figures(o: Outcome) -> dict[str, Any]:
    return {
        "eyes": str(o.eyes),
        "makespan_s": o.makespan_s,
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
        "makespan_plan_s": o.makespan_plan_s,
        "makespan_bound_s": o.makespan_bound_s,
        "min_separation_m": o.min_separation_m,
        "orphans": o.orphans,
        "goals_missed": ", ".join(goal.name for goal in judge(o) if not goal.is_met),
    }


def of_hundred(outcome: Outcome) -> dict[str, Any]:
    return {"wall_100_s": outcome.wall_s, **{f"hundred_{name}": value for name, value in figures(outcome).items()}}


def twelve_vehicles(folder: Path) -> Path:
    """mountain_search with two more copters, as a file of its own."""
    text = shipped("mountain_search").read_text()
    for number, home_m in enumerate(MORE_COPTERS, 9):
        text += copter(f"U{number:02d}", number + 10, home_m)
    path = folder / "mountain_search_12.toml"
    path.write_text(text)
    return path


def hundred(folder: Path) -> Path:
    """hundred_search with its vehicles: every site has two rows of five pads."""
    text = HUNDRED.read_text()
    pads = [(site, pad) for pad in range(PADS) for site in SITES]
    for number, ((east_m, north_m), pad) in enumerate(pads, 1):
        home_m = east_m + PAD_M * (pad % 5 - 2), north_m + PAD_M * (pad // 5) - PAD_M // 2
        text += copter(f"U{number:03d}", number, home_m)
    path = folder / HUNDRED.name
    path.write_text(text)
    return path


def copter(name: str, sysid: int, home_m: tuple[int, int]) -> str:
    east_m, north_m = home_m
    return f'\n[[vehicles]]\nid = "{name}"\nkind = "copter"\nsysid = {sysid}\nhome_m = [{east_m}, {north_m}]\n'


def fly(path: Path, seed: int, out: Path, *, eyes: Eyes = Eyes.PIXELS) -> Flown:
    scenario = load(path, seed=seed)
    with OpenFolder(out) as folder, Children(folder.path) as children:
        incident = Incident(
            scenario=replace(scenario, seed=seed), scenario_path=path, folder=folder, children=children, eyes=eyes
        )
        outcome = incident.run()
        busy_s = {name: round(ns / 1e9, 1) for name, ns in incident.owner.busy_ns.items()}
    return Flown(outcome=outcome, busy_s=busy_s)
