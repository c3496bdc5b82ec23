"""`taihang demo`: fly a whole simulated search on this machine, with a screen or as fast as it goes."""

import sqlite3
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from command.app.children import Children
from command.app.folder import OpenFolder, RunFolder
from command.app.naming import load_scenario
from command.app.run import Incident
from command.app.screen import Screen
from command.app.signals import interrupt_when_asked
from command.app.watcher import Watcher
from command.errors import EnvironmentLacks, ExitCode
from command.eyes import Eyes
from command.report.outcome import Outcome
from command.report.write import draw, print_table, write_outcome
from command.store.record import RecordUnavailable


def demo(
    scenario: Annotated[str, typer.Option(help="a shipped scenario's name, or a .toml file")] = "mountain_search",
    seed: Annotated[int | None, typer.Option(help="people, hills, trees, gusts; default: the scenario's")] = None,
    report: Annotated[Path, typer.Option(help="folder for record, plots and outcome.json")] = Path("out"),
    headless: Annotated[bool, typer.Option("--headless", help="no screen, as fast as it goes, ends by itself")] = False,
    eyes: Annotated[Eyes, typer.Option(help="rendered pixels, or a model calibrated on them (fast)")] = Eyes.PIXELS,
    manual: Annotated[bool, typer.Option("--manual", help="a person approves and launches at the screen")] = False,
    speed: Annotated[float, typer.Option(help="with a screen: times real time", min=0.1, max=50.0)] = 1.0,
    port: Annotated[int, typer.Option(help="of the screen on 127.0.0.1; 0 takes a free one", min=0, max=65535)] = 8080,
    as_json: Annotated[bool, typer.Option("--json", help="print outcome.json instead of tables")] = False,
) -> None:
    """Fly a whole simulated search: plan, approve, launch, find, confirm, lose a copter, return, report.

    Exit code 1 when a mission goal is missed.
    Examples: taihang demo | taihang demo --headless --seed 7 --report out/
    """
    interrupt_when_asked()
    loaded, path = load_scenario(scenario, seed)
    console = Console(stderr=as_json)
    with OpenFolder(report) as folder, Children(folder.path) as children:
        incident = Incident(
            scenario=loaded,
            scenario_path=path,
            folder=folder,
            children=children,
            approves=headless or not manual,
            eyes=eyes,
            speed=None if headless else speed,
            say=lambda sentence: console.print(sentence, soft_wrap=True, markup=False),
        )
        if not headless:
            screen = Screen(folder, children, console, port=port, titles=loaded.titles, eyes=eyes)
            screen.check()
            incident.on_started = screen.open
        outcome = _fly(incident, console)
        is_met = print_table(outcome, console)
        if as_json:
            sys.stdout.write(msgspec.json.encode(outcome).decode() + "\n")
        pictures = _write(folder, outcome, incident)
    console.print("report: " + ", ".join(str(picture) for picture in [report / "outcome.json", *pictures]))
    raise typer.Exit(ExitCode.OK if is_met else ExitCode.GOAL_MISSED)


def _write(folder: RunFolder, outcome: Outcome, incident: Incident) -> list[Path]:
    """Raises EnvironmentLacks when the report cannot be written; its figures were printed."""
    try:
        write_outcome(folder.path, outcome)
        return draw(folder.path, incident.scenario.frame())
    except (OSError, RecordUnavailable, sqlite3.Error) as error:
        raise EnvironmentLacks(f"the report in {folder.path} is not whole ({error}): make room on its disk") from error


def _fly(incident: Incident, console: Console) -> Outcome:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None, note="")

        def show(watcher: Watcher) -> None:
            progress = watcher.progress
            if progress is None:
                return
            simulated_s = progress.at.mono_ns / 1e9
            note = f"{progress.cells_done} cells, {progress.area_searched_km2:.2f} km², t = {simulated_s:.0f} s"
            total = len(progress.looks_per_cell) or None
            bar.update(task, description=progress.phase, total=total, completed=progress.cells_done, note=note)

        incident.on_poll = show
        try:
            return incident.run()
        except OSError as error:
            raise EnvironmentLacks(f"{incident.folder.path} cannot be written ({error.strerror})") from error
