"""`taihang vehicle U01 kill`: motors off, in the air too; only for who types its name and waits."""

import sys
import time
from typing import Annotated

import typer

from command.cli.orders import give
from command.cli.reach import Reach, console, reaching
from command.errors import BadInput
from fleet.commands import Verb

HOLD_S = 3.0


@reaching
def kill(
    reach: Reach,
    confirm: Annotated[str | None, typer.Option(help="the vehicle's name, where there is no terminal")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show, send nothing")] = False,
) -> None:
    """Motors off at once: in the air it falls. Asks for the vehicle's name and then waits 3 s; Ctrl-C ends it.

    Example: taihang vehicle U01 kill
    """
    if dry_run:
        give(reach, Verb.KILL, within_s=10.0, go=False, held_s=HOLD_S)
        return
    if confirm is None and sys.stdin.isatty():
        confirm = typer.prompt(f"Motors off, {reach.vehicle} falls if it flies. Type its name", err=True)
    if confirm != reach.vehicle:
        raise BadInput(f"nothing was sent: to kill {reach.vehicle} type its name, or give --confirm {reach.vehicle}")
    terminal = console(stderr=True)
    for left_s in range(round(HOLD_S), 0, -1):
        terminal.print(f"motors of {reach.vehicle} off in {left_s} s; Ctrl-C keeps them on", highlight=False)
        time.sleep(HOLD_S / round(HOLD_S))
    give(reach, Verb.KILL, within_s=10.0, go=True, held_s=HOLD_S)
