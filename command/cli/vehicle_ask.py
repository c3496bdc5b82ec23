"""What vehicles are asked from the command line: parameters, logs, files, profile."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from command.cli.asking import ask, download
from command.cli.orders import Go, give
from command.cli.reach import Reach, reaching
from command.cli.vehicle_words import plain
from command.errors import BadInput
from fleet.commands import Verb
from fleet.inquiries import Question

log_app = typer.Typer(name="log", help="Logs on board.", no_args_is_help=True)
files_app = typer.Typer(name="files", help="Files on board.", no_args_is_help=True)
APART = frozenset({"at", "failsafes"})
"""Of a profile: the failsafes have a command of their own."""
Out = Annotated[Path, typer.Option("--out", help="file to write")]


@reaching
def params(
    reach: Reach,
    names: Annotated[list[str] | None, typer.Argument(help="NAME..., or: set NAME=VALUE...; none: all")] = None,
    go: Go = False,
) -> None:
    """Read parameters, or set some and read them back.

    Examples: taihang vehicle U01 params RTL_ALT FS_GCS_ENABLE | taihang vehicle U01 params set RTL_ALT=3000 --go
    """
    names = names or []
    if names[:1] == ["set"]:
        give(reach, Verb.SET_PARAMETERS, within_s=30.0, go=go, parameters=settings(names[1:]))
        return
    wanted = tuple(name.upper() for name in names)
    found = ask(reach, Question.PARAMETERS, within_s=180.0, names=wanted).value
    reach.tell(found, _two_columns({name: f"{found[name]:.9g}" for name in sorted(found)}))


def settings(texts: list[str]) -> Mapping[str, float]:
    """Raises BadInput."""
    found = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            found[name.strip().upper()] = float(value)
        except ValueError as error:
            raise BadInput(f"{text!r} sets nothing: write NAME=NUMBER, such as RTL_ALT=3000") from error
    if not found:
        raise BadInput("nothing to set: write params set NAME=NUMBER")
    return found


@reaching
def profile(reach: Reach) -> None:
    """Autopilot, firmware, board, components.

    Example: taihang vehicle U01 profile
    """
    found = ask(reach, Question.PROFILE, within_s=30.0).value
    reach.tell(found, _two_columns({name: plain(value) for name, value in found.items() if name not in APART}))


@reaching
def failsafes(reach: Reach) -> None:
    """What the autopilot does by itself when the link is lost, the battery low, the fence broken.

    Example: taihang vehicle U01 failsafes
    """
    found = ask(reach, Question.PROFILE, within_s=30.0).value.get("failsafes") or []
    grid = Table("cause", "does", "parameters")
    for one in found:
        settings_of = ", ".join(f"{name}={_number(value)}" for name, value in one.get("parameters", ()))
        grid.add_row(str(one.get("cause")), str(one.get("action")), settings_of)
    reach.tell(found, grid)


@log_app.command("list")
@reaching
def list_logs(reach: Reach) -> None:
    """Logs with size and date.

    Example: taihang vehicle U01 log list
    """
    found = ask(reach, Question.LOGS, within_s=60.0).value.get("logs") or []
    grid = Table("number", "bytes", "ended, UTC")
    for log in found:
        grid.add_row(str(log.get("number")), str(log.get("size")), _moment(log.get("utc_s")))
    reach.tell(found, grid)


@log_app.command("get")
@reaching
def get_log(reach: Reach, number: Annotated[int, typer.Argument(help="of log list", min=0)], out: Out) -> None:
    """Fetch one log, whole or not at all.

    Example: taihang vehicle U01 log get 3 --out flight.bin
    """
    download(reach, Question.LOG, out, number=number)


@files_app.command("ls")
@reaching
def list_files(reach: Reach, path: Annotated[str, typer.Argument(help="folder on board")] = "/") -> None:
    """Files of a folder on board.

    Example: taihang vehicle U01 files ls @SYS
    """
    found = ask(reach, Question.FILES, within_s=60.0, path=path).value.get("entries") or []
    grid = Table("name", "bytes")
    for entry in found:
        grid.add_row(f"{entry.get('name')}{'/' if entry.get('is_folder') else ''}", str(entry.get("size") or "-"))
    reach.tell(found, grid)


@files_app.command("get")
@reaching
def get_file(reach: Reach, path: Annotated[str, typer.Argument(help="file on board")], out: Out) -> None:
    """Fetch one file, whole or not at all.

    Example: taihang vehicle U01 files get @SYS/uarts.txt --out uarts.txt
    """
    download(reach, Question.FILE, out, path=path)


def _two_columns(rows: Mapping[str, str]) -> Table:
    grid = Table(show_header=False)
    for name, value in rows.items():
        grid.add_row(name, value)
    return grid


def _moment(utc_s: Any) -> str:
    """0: the autopilot did not know the time."""
    return f"{datetime.fromtimestamp(utc_s, UTC):%Y-%m-%d %H:%M:%S}" if utc_s else "-"


def _number(value: float | None) -> str:
    return "not read" if value is None else f"{value:g}"
