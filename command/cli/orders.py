"""Giving one command to one vehicle: shown only, or sent and waited for."""

from typing import Annotated, Any

import typer

from command.cli.reach import Reach, console
from command.errors import ExitCode
from command.up.client import SiteLine, new_id
from command.up.frames import Rehearsal
from fleet.commands import Ack, AckResult, Command, Verb

Go = Annotated[bool, typer.Option("--go", help="send it; without, a real vehicle's command is only shown")]


def give(reach: Reach, verb: Verb, *, within_s: float, go: bool, **arguments: Any) -> None:
    """Exit code 1 when the vehicle did not do it."""
    ack = order(reach, verb, within_s=within_s, go=go, **arguments)
    if ack is not None:
        report(reach, ack)


def order(reach: Reach, verb: Verb, *, within_s: float, go: bool, **arguments: Any) -> Ack | None:
    """How it ended; None when it was only shown."""
    with reach.line("fleet/ack") as line:
        command = Command(
            id=new_id(), vehicle=reach.vehicle, verb=verb, issued_by=line.welcome.name,
            deadline=line.deadline(within_s), **arguments,
        )
        if not go and not (line.welcome.is_simulated and verb not in AT_ONCE):
            show(reach, command, line.rehearse(command))
            return None
        return _wait(reach, line, command, within_s)


AT_ONCE = frozenset({Verb.STOP, Verb.HOLD, Verb.RETURN, Verb.LAND, Verb.KILL})
"""Sent unless a dry run was asked for."""


def _wait(reach: Reach, line: SiteLine, command: Command, within_s: float) -> Ack:
    terminal = console(stderr=True)
    if reach.as_json or not terminal.is_terminal:
        return line.order(command, within_s)
    with terminal.status(f"{command.verb} {command.vehicle}: waiting until it shows"):
        return line.order(command, within_s)


def report(reach: Reach, ack: Ack) -> None:
    reason = f": {ack.reason}" if ack.reason else ""
    reach.tell(ack, f"{ack.vehicle} {ack.verb}: {ack.result.replace('_', ' ')}{reason}")
    if ack.result is not AckResult.ACCEPTED:
        raise typer.Exit(ExitCode.GOAL_MISSED)


def show(reach: Reach, command: Command, rehearsal: Rehearsal) -> None:
    if reach.as_json:
        reach.tell_json({
            "is_dry_run": True, "command": command, "guard": rehearsal.fault, "messages": rehearsal.messages,
        })
        return
    reach.say(f"dry run, nothing was sent: {command.verb} {command.vehicle} by {command.issued_by}")
    for message in rehearsal.messages:
        fields = ", ".join(f"{name}={value}" for name, value in message.items() if name != "message")
        reach.say(f"  first to the vehicle: {message['message']}({fields})")
    reach.say(f"  guard: {rehearsal.fault or 'would let it through'}")
    reach.say("  add --go to send it" if command.verb not in AT_ONCE else "  leave out --dry-run to send it")
