"""`taihang record`: look into an event record and check that nobody altered it."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from command.errors import BadInput, UserError
from command.store.record import Record, RecordBroken, RecordUnavailable

app = typer.Typer(help="Read and verify event records (events.db).", no_args_is_help=True)
RecordPath = Annotated[Path, typer.Argument(help="events.db of a run, or its folder")]


def open_record(path: Path) -> Record:
    """The record at a path or in a folder; raises BadInput in one sentence when there is none."""
    path = path / "events.db" if path.is_dir() else path
    if not path.is_file():
        raise BadInput(f"{path} does not exist: name the events.db that a run left in its report folder")
    try:
        return Record(path, read_only=True)
    except (RecordUnavailable, RecordBroken) as error:
        raise BadInput(str(error)) from error


@app.command()
def verify(path: RecordPath) -> None:
    """Check the hash chain from the first row to the last.

    Example: taihang record verify out/events.db
    """
    try:
        print(f"{open_record(path).verify()} events, the chain holds")
    except RecordBroken as error:
        raise UserError(str(error)) from error


@app.command()
def show(
    path: RecordPath,
    topic: Annotated[str | None, typer.Option(help="only this topic, such as mission/plan")] = None,
) -> None:
    """Print events as JSON lines.

    Example: taihang record show out/events.db --topic fleet/ack
    """
    for event in open_record(path).events():
        if topic in (None, event.topic):
            row = {"seq": event.seq, "utc_ns": event.at.utc_ns, "topic": event.topic, "value": event.value()}
            print(msgspec.json.encode(row).decode())
