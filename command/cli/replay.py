"""`taihang replay`: the same screen, fed by a record instead of live machines."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from command.app.children import Children
from command.app.screen import open_replay
from command.cli.record import open_record


def replay(
    path: Annotated[Path, typer.Argument(help="events.db of a run, or its folder")],
    port: Annotated[int, typer.Option(help="of the screen on 127.0.0.1; 0 takes a free one")] = 8080,
) -> None:
    """Show a recorded mission on the screen, with a time slider.

    Example: taihang replay out/events.db
    """
    record = open_record(path)
    meta = record.meta()
    record.close()
    with tempfile.TemporaryDirectory(prefix="taihang-") as logs, Children(Path(logs)) as children:
        open_replay(children, record.path.resolve(), meta, Console(), port=port).wait()
