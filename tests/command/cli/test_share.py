"""`taihang link share` on a running site: a program hears the vehicle, is refused in words, and all ends with it."""

import json
import select
import signal
import socket
from pathlib import Path

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import FrameSplitter
from fleet.wire.message import Message
from tests.support.command_line import taihang
from tests.support.live_site import PILOT, link, live, vehicle, write_site
from tests.support.served_vehicles import served


def heard(line: socket.socket, name: str) -> Message:
    """The first message of a name."""
    splitter, decoder = FrameSplitter(), Decoder([name])
    while data := line.recv(4096):
        for frame in splitter.feed(data):
            message = decoder.decode(frame)
            if message is not None:
                return message
    raise AssertionError(f"no {name}")


def test_a_pilot_shares_a_vehicle_until_the_command_ends(tmp_path: Path) -> None:
    with served(1) as (port,):
        path = write_site(tmp_path, link("tcp", f"tcpout:127.0.0.1:{port}") + vehicle("U01", ["tcp"]))
        with live(path, "--headless") as running:
            running.ready("U01")
            more = ("--as", PILOT, "--socket", str(running.socket), "--json")
            with taihang("link", "share", "U01", *more) as tool:
                assert tool.process.stdout is not None
                assert select.select([tool.process.stdout], [], [], 60.0)[0]
                opened = json.loads(tool.process.stdout.readline())
                with socket.create_connection(("127.0.0.1", opened["tcp_port"]), 20.0) as line:
                    assert heard(line, "HEARTBEAT").type == 2
                    line.sendall(Encoder(255, 230).encode(
                        "COMMAND_LONG", target_system=1, target_component=1, command=400, confirmation=0, param1=1.0,
                        **{f"param{k}": 0.0 for k in range(2, 8)},
                    ))
                    assert heard(line, "COMMAND_ACK").result == 2
                told = [json.loads(tool.process.stdout.readline()) for _ in range(2)]
                assert [event["outcome"] for event in told] == ["joined", "held_back"]
                assert "does not allow arming" in told[-1]["reason"]
                tool.ask(signal.SIGINT)
                assert tool.end(within_s=20.0) == 130
            assert "not in the roster" in running.call("link", "share", "U99", status=1, by="li")
