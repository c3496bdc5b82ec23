"""`taihang fleet`: one order to many vehicles of a running site, and what came of it for each."""

from typing import Annotated, Any

import typer

from command.cli.orders import Go
from command.cli.reach import Reach, reaching
from command.errors import ExitCode
from command.up.client import GRACE_S, SiteLine, new_id
from fleet.commands import AckResult
from fleet.group import GroupAcks, GroupArguments, GroupOrder, GroupVerb
from world.ids import VehicleId

Names = Annotated[list[str] | None, typer.Argument(help="vehicles; none: all that you may command")]
HALT_WITHIN_S = 15.0
LANES_WITHIN_S = 900.0

app = typer.Typer(help="Order many vehicles of a running site at once.", no_args_is_help=True)


def _order(
    reach: Reach, verb: GroupVerb, names: list[str] | None, *, within_s: float, arguments: GroupArguments | None = None
) -> None:
    """Exit code 1 when one of them did not do it."""
    with reach.line("fleet/group_acks") as line:
        order = GroupOrder(
            id=new_id(), verb=verb, vehicles=tuple(map(VehicleId, names)) if names else None,
            issued_by=line.welcome.name, deadline=line.deadline(within_s), arguments=arguments or GroupArguments(),
        )
        acks = _end(line, order, within_s)
    _report(reach, verb, acks)


def _end(line: SiteLine, order: GroupOrder, within_s: float) -> GroupAcks:
    line.say("fleet/group_order", order)
    acks: GroupAcks = line.until(
        lambda value: isinstance(value, GroupAcks) and value.id == order.id and value.is_final,
        within_s=within_s + GRACE_S,
    )
    return acks


def _report(reach: Reach, verb: GroupVerb, acks: GroupAcks) -> None:
    rows = [
        f"{ack.vehicle} {ack.verb}: {ack.result.replace('_', ' ')}" + (f": {ack.reason}" if ack.reason else "")
        for ack in acks.acks.values()
    ]
    rows += [f"{verb}: refused: {acks.reason}"] if acks.reason else []
    reach.tell(acks, "\n".join(rows) or f"{verb}: done")
    if acks.reason or any(ack.result is not AckResult.ACCEPTED for ack in acks.acks.values()):
        raise typer.Exit(ExitCode.GOAL_MISSED)


def _at_once(verb: GroupVerb, does: str) -> Any:
    def order(reach: Reach, vehicles: Names = None) -> None:
        _order(reach, verb, vehicles, within_s=HALT_WITHIN_S)

    order.__doc__ = f"{does}\n\nExample: taihang fleet {verb}   or: taihang fleet {verb} U01 U02"
    return reaching(order)


app.command("stop")(_at_once(GroupVerb.STOP, "All stop where they are, and stay so until a commander releases them."))
app.command("release")(_at_once(GroupVerb.RELEASE, "A commander ends a stop; nobody moves by that."))
app.command("hold")(_at_once(GroupVerb.HOLD, "All stay where they are."))
app.command("return")(_at_once(GroupVerb.RETURN, "All come home at once, each by itself; `home` keeps them apart."))
app.command("land")(_at_once(GroupVerb.LAND, "All land where they are."))


def _in_lanes(reach: Reach, verb: GroupVerb, vehicles: list[str] | None, height_m: float | None, *, go: bool) -> None:
    if not go:
        whom = ", ".join(vehicles) if vehicles else "all vehicles that you may command"
        shown = {"is_dry_run": True, "verb": verb, "vehicles": vehicles}
        reach.tell(shown, f"dry run, nothing was sent: {verb} to {whom}; add --go to send it")
        return
    _order(reach, verb, vehicles, within_s=LANES_WITHIN_S, arguments=GroupArguments(height_m=height_m))


@app.command()
@reaching
def takeoff(
    reach: Reach, height: Annotated[float, typer.Argument(help="lowest layer, metres above the highest pad", min=5.0)],
    vehicles: Names = None, go: Go = False,
) -> None:
    """Copters take off in lanes: each lifts when those near it have climbed clear.

    Example: taihang fleet takeoff 30 U01 U02 U03 --go
    """
    _in_lanes(reach, GroupVerb.TAKE_OFF_IN_LANES, vehicles, height, go=go)


@app.command()
@reaching
def home(reach: Reach, vehicles: Names = None, go: Go = False) -> None:
    """Copters come home in layers and land one after the other where pads are near.

    Example: taihang fleet home --go
    """
    _in_lanes(reach, GroupVerb.RETURN_TOGETHER, vehicles, None, go=go)
