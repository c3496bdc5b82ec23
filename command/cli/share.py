"""`taihang link share`: lends one vehicle of a running site to QGroundControl, MAVProxy, MAVSDK or a script."""

from typing import Annotated

import typer

from command.cli.reach import Reach, reaching
from command.up.client import NotTaken
from fleet.leases import LeaseAct, LeaseEvent, LeaseRequest
from fleet.shares import ShareAct, ShareEvent, ShareOutcome, ShareRequest
from world.ids import OperatorId, VehicleId

FOR_EVER_S = 1e9
OPENS_WITHIN_S = 10.0
TOPICS = ("fleet/share_event", "fleet/lease_event")


@reaching
def share(
    reach: Reach,
    vehicle: Annotated[str, typer.Argument(help="the vehicle")],
    port: Annotated[int, typer.Option(help="of UDP and TCP on 127.0.0.1; 0 takes free ones", min=0, max=65535)] = 0,
    guest: Annotated[str | None, typer.Option(help="who flies by it and holds the lease; default: you")] = None,
    allow_arming: Annotated[bool, typer.Option("--allow-arming", help="motors may be started through it")] = False,
    for_s: Annotated[float, typer.Option(help="ends by itself after so many seconds", min=1.0, max=43200.0)] = 3600.0,
) -> None:
    """Give other programs a MAVLink endpoint for one vehicle, until Ctrl-C. What is refused is told here, too.

    Example: taihang link share U01 --port 14560 --allow-arming
    """
    with reach.line(*TOPICS) as line:
        by = OperatorId(line.welcome.name)
        request = ShareRequest(
            act=ShareAct.OPEN, vehicle=VehicleId(vehicle), by=by, guest=OperatorId(guest or by), port=port,
            allows_arming=allow_arming, for_s=for_s,
        )
        if request.guest == by:
            line.say("fleet/lease_request", LeaseRequest(
                act=LeaseAct.ASK, vehicle=request.vehicle, by=by, for_s=for_s
            ))
        line.say("fleet/share_request", request)
        opened: ShareEvent = line.until(lambda value: _is_its(value, request), within_s=OPENS_WITHIN_S)
        _tell(reach, opened)
        try:
            for _, value in line.heard(FOR_EVER_S):
                if _is_its(value, request):
                    _tell(reach, value)
                    if value.outcome is ShareOutcome.CLOSED:
                        return
                elif isinstance(value, LeaseEvent) and value.vehicle == request.vehicle:
                    reach.say(value.reason)
        finally:
            line.say("fleet/share_request", ShareRequest(
                act=ShareAct.CLOSE, vehicle=request.vehicle, by=by, guest=request.guest, port=opened.tcp_port or 0
            ))


def _is_its(value: object, request: ShareRequest) -> bool:
    return isinstance(value, ShareEvent) and (value.vehicle, value.guest) == (request.vehicle, request.guest)


def _tell(reach: Reach, event: ShareEvent) -> None:
    """Raises NotTaken where the share is refused."""
    if event.outcome is ShareOutcome.REFUSED:
        raise NotTaken(event.reason)
    if reach.as_json:
        reach.tell_json(event)
        return
    reach.say(event.reason)
    if event.outcome is ShareOutcome.OPENED:
        reach.say(f"UDP: udpout:127.0.0.1:{event.udp_port}   TCP: tcp:127.0.0.1:{event.tcp_port}   end with Ctrl-C")
