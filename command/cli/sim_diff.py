"""`taihang sim diff`: whether two runs are the same one, and where they part."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from command.errors import BadInput, ExitCode
from command.report.track import TrackUnreadable
from command.runs.diff import Diff, compare, draw_apart
from command.store.record import RecordBroken, RecordUnavailable

_MOST_ROWS = 40
RunFolder = Annotated[Path, typer.Argument(help="report folder of a run")]


def diff(
    run_a: RunFolder,
    run_b: RunFolder,
    out: Annotated[Path | None, typer.Option(help="picture of how far vehicles are apart, PNG")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """The first simulated second in which two runs differ: whose state, which field, and the first event.

    Exit code 0 when they are equal, 1 when not.
    Example: taihang sim diff out/seed-7 other/seed-7
    """
    try:
        found = compare(run_a, run_b)
        if out is not None:
            draw_apart(run_a, run_b, out)
    except (TrackUnreadable, RecordBroken, RecordUnavailable) as error:
        raise BadInput(str(error)) from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{out} cannot be written ({error}): name another picture with --out") from error
    if as_json:
        print(msgspec.json.encode({"is_equal": found.is_equal, **msgspec.to_builtins(found)}).decode())
    else:
        _tell(found, Console(soft_wrap=True, highlight=False))
    raise typer.Exit(ExitCode.OK if found.is_equal else ExitCode.GOAL_MISSED)


def _tell(found: Diff, console: Console) -> None:
    if found.is_equal:
        console.print(f"equal: {found.seconds_a} seconds, the last hash {found.hash_a}, and every event of the record")
        return
    if found.first_s is None:
        console.print(f"every second that both have is equal; A has {found.seconds_a} of them, B {found.seconds_b}")
    else:
        console.print(f"the truth differs first at {found.first_s:g} s: hash {found.hash_a} in A, {found.hash_b} in B")
        _tabulate(found, console)
    if found.event is not None:
        a, b = (topic or "no more events" for topic in (found.event.a, found.event.b))
        what = f"{a}, told otherwise" if a == b else f"{a} in A, {b} in B"
        console.print(f"the records differ first in event {found.event.seq}, at {found.event.t_s:.1f} s: {what}")


def _tabulate(found: Diff, console: Console) -> None:
    table = Table("vehicle", "field", "A", "B")
    for one in found.fields[:_MOST_ROWS]:
        table.add_row(one.vehicle, one.field, *("–" if value is None else f"{value:.10g}" for value in (one.a, one.b)))
    console.print(table)
    if len(found.fields) > _MOST_ROWS:
        console.print(f"and {len(found.fields) - _MOST_ROWS} more fields: see them with --json")
