"""`taihang vehicle U01 lease`: who holds a vehicle or one of its payloads; asked for, handed over, given up, taken."""

from typing import Annotated, Any

import typer

from command.cli.reach import Reach, reaching
from command.errors import ExitCode
from fleet.leases import LeaseAct, LeaseEvent, LeaseOutcome, LeaseRequest
from world.ids import OperatorId

Payload = Annotated[str | None, typer.Option(help="one payload, such as camera; without: the vehicle itself")]
ANSWER_WITHIN_S = 10.0

lease_app = typer.Typer(name="lease", help="Who holds it: ask, offer, accept, give up, take.", no_args_is_help=True)


def _ask(reach: Reach, act: LeaseAct, payload: str | None, **rest: Any) -> None:
    """Exit code 1 when it was refused."""
    with reach.line("fleet/lease_event") as line:
        me = line.welcome.name
        request = LeaseRequest(act=act, vehicle=reach.vehicle, payload=payload, by=me, **rest)
        line.say("fleet/lease_request", request)
        event: LeaseEvent = line.until(
            lambda value: isinstance(value, LeaseEvent) and value.by == me and value.vehicle == reach.vehicle
            and value.payload == payload,
            within_s=ANSWER_WITHIN_S,
        )
    reach.tell(event, event.reason)
    if event.outcome is LeaseOutcome.REFUSED:
        raise typer.Exit(ExitCode.GOAL_MISSED)


@lease_app.command("ask")
@reaching
def ask(
    reach: Reach, payload: Payload = None,
    minutes: Annotated[float, typer.Option(help="how long it is wanted", min=0.1, max=720.0)] = 60.0,
) -> None:
    """Ask for it; a free one is yours, a held one's holder is told that you ask.

    Example: taihang vehicle U01 lease ask --minutes 30
    """
    _ask(reach, LeaseAct.ASK, payload, for_s=60.0 * minutes)


@lease_app.command("offer")
@reaching
def offer(
    reach: Reach, to: Annotated[str, typer.Argument(help="who shall take it over")], payload: Payload = None
) -> None:
    """Hand it over; it stays yours until the other accepts.

    Example: taihang vehicle U01 lease offer li
    """
    _ask(reach, LeaseAct.OFFER, payload, to=OperatorId(to))


def _plain(act: LeaseAct, does: str) -> Any:
    def order(reach: Reach, payload: Payload = None) -> None:
        _ask(reach, act, payload)

    order.__doc__ = f"{does}\n\nExample: taihang vehicle U01 lease {act.replace('pre_empt', 'take')}"
    return reaching(order)


lease_app.command("accept")(_plain(LeaseAct.ACCEPT, "Take over what was offered to you."))
lease_app.command("decline")(_plain(LeaseAct.DECLINE, "Leave what was offered to you with its holder."))
lease_app.command("release")(_plain(LeaseAct.RELEASE, "Give it up."))
lease_app.command("take")(_plain(
    LeaseAct.PRE_EMPT, "A commander takes it, from a safety pilot too once his radio is out of its mode."
))
