"""Writes a run's report: outcome.json, the map, the timeline, and the table on the terminal."""

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from command.eyes import LABEL
from command.report import goals, truth
from command.report.outcome import Outcome
from command.store.record import Record
from command.store.telemetry import Telemetry
from command.survey import load_survey
from world.position import LocalFrame


def write_outcome(folder: Path, outcome: Outcome) -> None:
    """Whole or not at all."""
    temporary = folder / "outcome.json.new"
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(outcome)) + b"\n")
    temporary.replace(folder / "outcome.json")


def draw(folder: Path, frame: LocalFrame) -> list[Path]:
    """map.png and timeline.png; returns their paths."""
    from command.report import plots  # a second of loading that runs without pictures do without

    record, telemetry = Record(folder / "events.db", read_only=True), Telemetry(folder / "telemetry.db")
    terrain = load_survey(folder / "terrain.npz").terrain
    story = plots.gather(frame, terrain, truth.read(folder), record.events(), telemetry.samples())
    record.close()
    telemetry.close()
    paths = [folder / "map.png", folder / "timeline.png"]
    plots.draw_map(story, paths[0])
    plots.draw_timeline(story, paths[1])
    return paths


def print_table(outcome: Outcome, console: Console) -> bool:
    """Shows goals and figures; True when every goal is met."""
    judged = goals.judge(outcome)
    table = Table("", "goal", "found", title=f"{outcome.scenario}, seed {outcome.seed}, {LABEL[outcome.eyes]}")
    for goal in judged:
        table.add_row("met" if goal.is_met else "MISSED", goal.name, goal.found)
    console.print(table)
    figures = Table("figure", "value")
    for name, value in msgspec.to_builtins(outcome).items():
        figures.add_row(name, ", ".join(value) if isinstance(value, list) else str(value))
    console.print(figures)
    return all(goal.is_met for goal in judged)
