"""`taihang sim run`: whole incidents without a screen, for machines that test: a verdict, and why."""

import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from command.app.naming import load_scenario
from command.app.signals import interrupt_when_asked
from command.errors import BadInput, EnvironmentLacks
from command.eyes import Eyes
from command.runs.asking import settled
from command.runs.batch import Batch, Outputs
from command.runs.junit import junit
from command.runs.verdict import Asked, Verdict
from command.runs.worker import Word

MOST_SEEDS = 10_000
MOST_JOBS = 256
_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})")


def run(
    scenario: Annotated[str, typer.Argument(help="a shipped scenario's name, or a .toml file")],
    seed: Annotated[int | None, typer.Option(help="default: the scenario's own", min=0, max=2**31 - 1)] = None,
    seeds: Annotated[str | None, typer.Option(help="several: A-B, both included")] = None,
    jobs: Annotated[int, typer.Option(help="runs at a time; 0: one per core", min=0, max=MOST_JOBS)] = 0,
    speed: Annotated[str, typer.Option(help="max, or so many times real time")] = "max",
    eyes: Annotated[Eyes, typer.Option(help="a model calibrated on pixels, or rendered pixels (slow)")] = Eyes.MODEL,
    without_mission: Annotated[bool, typer.Option("--without-mission", help="nobody asks for a search")] = False,
    until_s: Annotated[float | None, typer.Option(help="end after so many simulated seconds", min=1, max=36000)] = None,
    report: Annotated[Path | None, typer.Option(help="folder for record and HTML page")] = None,
    junit_file: Annotated[Path | None, typer.Option("--junit", help="JUnit XML to write")] = None,
    mcap: Annotated[Path | None, typer.Option(help="MCAP to write; of several seeds NAME-seed-N.mcap")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="a JSON line per run")] = False,
) -> None:
    """Run incidents headless and judge them by what their scenario expects ([[expect]]).

    Exit code 1 when an expectation is missed or a run ended early; the line that repeats it is printed.
    Examples: taihang sim run quick_search --seed 7 --report out/
    taihang sim run quick_search --seeds 1-20 --jobs 4 --junit runs.xml
    """
    interrupt_when_asked()
    runs = [
        Asked(scenario=scenario, seed=number, eyes=eyes, has_mission=not without_mission, until_s=until_s)
        for number in _numbers(scenario, seed, seeds)
    ]
    settled(runs[0])
    times = _speed(speed)
    _can_write(junit_file, mcap)
    console = Console(stderr=True)
    verdicts = _run(runs, Outputs(report=report, mcap=mcap), jobs or os.cpu_count() or 1, times, console, as_json)
    _leave(verdicts, report, junit_file)
    if not as_json:
        met = sum(verdict.is_met for verdict in verdicts)
        print(f"{met} of {len(verdicts)} runs met what was expected" + (f"; report: {report}" if report else ""))
    raise typer.Exit(max(verdict.exit_code for verdict in verdicts))


def _numbers(scenario: str, seed: int | None, seeds: str | None) -> Sequence[int]:
    if seeds is None:
        return [load_scenario(scenario, seed)[0].seed]
    if seed is not None:
        raise BadInput("--seed and --seeds do not go together: keep one of them")
    span = _SPAN.fullmatch(seeds)
    if span is None:
        raise BadInput(f"--seeds {seeds} is no span: say it as A-B, such as 1-20")
    first, last = int(span[1]), int(span[2])
    if not first <= last < first + MOST_SEEDS:
        raise BadInput(f"--seeds {seeds} cannot be run: give the smaller first, and at most {MOST_SEEDS}")
    return range(first, last + 1)


def _speed(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        times = float(speed)
    except ValueError:
        times = 0.0
    if not 0.1 <= times <= 1000.0:
        raise BadInput(f"--speed {speed} means nothing: say max, or a number between 0.1 and 1000")
    return times


def _can_write(*files: Path | None) -> None:
    """What takes minutes must not fail at its last step."""
    for file in files:
        if file is None:
            continue
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            is_there = file.exists()
            file.open("ab").close()
            if not is_there:
                file.unlink()
        except OSError as error:
            raise BadInput(f"{file} cannot be written ({error.strerror}): name another file") from error


def _run(
    runs: Sequence[Asked], outputs: Outputs, jobs: int, speed: float | None, console: Console, as_json: bool
) -> list[Verdict]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    verdicts: list[Verdict] = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        whole = bars.add_task("runs", total=len(runs), note="", visible=len(runs) > 1)
        tasks: dict[int, TaskID] = {}

        def show(asked: Asked, word: Word) -> None:
            if asked.seed not in tasks:
                tasks[asked.seed] = bars.add_task(f"seed {asked.seed}", total=None, note="")
            note = f"t = {word.t_s:.0f} s, {word.phase}, {word.found} found"
            total, completed = (word.cells, word.cells_done) if word.cells else (asked.until_s, word.t_s)
            bars.update(tasks[asked.seed], total=total, completed=completed, note=note)

        with Batch(runs, outputs, jobs=jobs, speed=speed, on_word=show) as batch:
            for verdict in batch.run():
                verdicts.append(verdict)
                if verdict.seed in tasks:
                    bars.remove_task(tasks.pop(verdict.seed))
                _tell(verdict, console, as_json)
                bars.update(whole, advance=1, note=f"{sum(not one.is_met for one in verdicts)} missed")
    return sorted(verdicts, key=lambda verdict: verdict.seed)


def _tell(verdict: Verdict, console: Console, as_json: bool) -> None:
    """A line for a run that is well; for another one, what was missed and how to see it again."""
    word = "met" if verdict.is_met else "MISSED"
    times = verdict.simulated_s / verdict.wall_s if verdict.wall_s else 0.0
    lines = [
        f"{word} {verdict.scenario} seed {verdict.seed}: {verdict.simulated_s:.0f} simulated s in "
        f"{verdict.wall_s:.1f} s ({times:.0f} times real time), state hash {(verdict.state_hash or 'none')[:16]}"
    ]
    if verdict.fault is not None:
        lines.append(f"  {verdict.fault}")
    else:
        lines += [f"  {one.name}: {one.text}" for one in verdict.findings if not one.is_met]
    if not verdict.is_met:
        lines.append(f"  reproduce: {verdict.reproduce}")
    console.print("\n".join(lines), soft_wrap=True, markup=False, highlight=False)
    if as_json:
        sys.stdout.write(msgspec.json.encode(verdict).decode() + "\n")
        sys.stdout.flush()


def _leave(verdicts: Sequence[Verdict], report: Path | None, junit_file: Path | None) -> None:
    try:
        if report is not None and len(verdicts) > 1:
            from command.runs.page import write_index

            write_index(report, verdicts)
        if junit_file is not None:
            junit_file.write_bytes(junit(verdicts, at=datetime.now(UTC)))
    except OSError as error:
        raise EnvironmentLacks(f"{error.filename} cannot be written ({error.strerror})") from error
