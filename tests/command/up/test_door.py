"""The socket of a running site: the screen's client as it is, strangers' bytes, people who say who they are."""

import asyncio
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command.errors import BadInput
from command.timing.framing import framed
from command.up.client import NotTaken, SiteLine
from command.web.clock import WallClock
from command.web.hub_client import HubClient
from fleet.commands import Ack, Verb
from fleet.model import FleetState
from missions.model import Order, OrderVerb
from tests.support.live_site import COMMANDER, PILOT, Live, link, live, one, vehicle, write_site
from tests.support.served_vehicles import served
from world.ids import OperatorId, VehicleId

WITHIN_S = 60.0


async def _screen(path: Path, act: Callable[[HubClient, FleetState], None], ends: Callable[[Any], bool]) -> Any:
    """Connects as the screen does, acts at the first state, returns the first value that ends it."""
    found: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    acted: list[bool] = []

    def hear(topic: str, value: Any) -> None:
        if isinstance(value, FleetState) and not acted:
            acted.append(True)
            act(client, value)
        if not found.done() and ends(value):
            found.set_result(value)

    client = HubClient(
        path=path, clock=WallClock(), on_connect=lambda: None, on_value=hear, on_lost=lambda: None
    )
    running = asyncio.ensure_future(client.run())
    try:
        return await asyncio.wait_for(found, WITHIN_S)
    finally:
        running.cancel()


def stopped_by(name: str, running: Live) -> Ack:
    def stop(client: HubClient, state: FleetState) -> None:
        client.publish("mission/order", Order(
            id=f"stop-{name}", verb=OrderVerb.STOP, by=OperatorId(name), at=state.at, vehicles=(VehicleId("U01"),)
        ))

    ack: Ack = asyncio.run(_screen(
        running.socket, stop, lambda value: isinstance(value, Ack) and value.verb is Verb.STOP
    ))
    return ack


def test_the_screens_client_works_as_it_is(tmp_path: Path) -> None:
    """In the name of who sits there; and a later one hears the record from its beginning."""
    with served(1) as (port,):
        path = write_site(tmp_path, link("tcp", f"tcpout:127.0.0.1:{port}") + vehicle("U01", ["tcp"]))
        with live(path, "--headless", "--as", COMMANDER) as running:
            running.ready("U01")
            first = stopped_by(COMMANDER, running)
            assert first.result == "accepted"
            again = asyncio.run(_screen(
                running.socket, lambda client, state: None, lambda value: isinstance(value, Ack)
            ))
            assert again == first
            with SiteLine(running.socket, PILOT, ["fleet/ack"]) as line:
                line.say("mission/order", Order(
                    id="o2", verb=OrderVerb.HOLD, by=OperatorId(COMMANDER), at=line.deadline(0.0),
                    vehicles=(VehicleId("U01"),),
                ))
                with pytest.raises(NotTaken, match="cannot speak"):
                    line.until(lambda value: isinstance(value, Ack), within_s=WITHIN_S)


def test_only_this_user_comes_in_and_noise_is_survived(tmp_path: Path) -> None:
    path = write_site(tmp_path, link("udp", "udpin:127.0.0.1:0", "adopts = true"))
    with live(path, "--headless") as running:
        assert stat.S_IMODE(running.socket.stat().st_mode) == 0o600
        assert stat.S_IMODE(running.socket.parent.stat().st_mode) == 0o700
        for noise in (b"\xff" * 64, framed(b"\xc1nonsense"), framed(b"\x92\xa8up/hello\xc4\x01\xc1"), b"\x00\x00"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
                stranger.connect(str(running.socket))
                stranger.sendall(noise)
        with pytest.raises(BadInput, match="say who you are with --as"):
            SiteLine(running.socket, "zhao", [])
        assert one(running.states(lambda fleet: True), "U01") is None
