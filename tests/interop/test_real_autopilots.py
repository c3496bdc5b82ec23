"""Real autopilots on our bodies: runs where TAIHANG_ARDUPILOT_BINARY or TAIHANG_PX4_BINARY names their program.

TAIHANG_ARDUPILOT_BINARY: arducopter of ArduPilot's build/sitl/bin. TAIHANG_PX4_BINARY: px4 of PX4's
build/px4_sitl_default/bin. Ports 9002 and 5760, or 4560 and 14540, must be free.
"""

import math
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pymavlink.dialects.v20 import ardupilotmega as reference

from sim.adapters.bodies.frames import Autopilot, Frame
from sim.adapters.serve import BrainOptions, serve_brains

READY_WITHIN_S = 180.0


def named(variable: str) -> Path:
    """The program, or a skip that says how to have it run."""
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"no real autopilot here: name its program in {variable}")
    return Path(path)


class Station:
    """A ground station by pymavlink: heartbeats out, everything in, until told."""

    def __init__(self, link: socket.socket, peer: tuple[str, int] | None) -> None:
        self.link, self.peer = link, peer
        self.mav = reference.MAVLink(None, 255, 190)
        self.mav.robust_parsing = True
        self.latest: dict[str, Any] = {}
        self._beats_s = 0.0

    def send(self, message: Any) -> None:
        data = message.pack(self.mav)
        if self.peer is None:
            self.link.sendall(data)
        else:
            self.link.sendto(data, self.peer)

    def command(self, number: int, *parameters: float) -> None:
        self.send(reference.MAVLink_command_long_message(1, 1, number, 0, *parameters, *[0.0] * (7 - len(parameters))))

    def until(self, holds: Callable[[], bool], ask: Callable[[], None] = lambda: None, *, within_s: float) -> bool:
        """Listens, asks once a second."""
        by_s = time.monotonic() + within_s
        while not holds():
            if time.monotonic() > by_s:
                return False
            if time.monotonic() >= self._beats_s:
                self._beats_s = time.monotonic() + 1.0
                self.send(reference.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
                ask()
            with suppress(TimeoutError):
                data, source = self.link.recvfrom(4096)
                self.peer = source if self.link.type is socket.SOCK_DGRAM else self.peer
                for message in self.mav.parse_buffer(data) or []:
                    self.latest[message.get_type()] = message
        return True

    @property
    def height_m(self) -> float:
        position = self.latest.get("GLOBAL_POSITION_INT")
        return position.relative_alt / 1000 if position else 0.0

    @property
    def is_armed(self) -> bool:
        beat = self.latest.get("HEARTBEAT")
        return bool(beat and beat.base_mode & 128)


def served(options: BrainOptions) -> tuple[threading.Event, threading.Event, threading.Thread]:
    ready, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=serve_brains, args=(options, time.monotonic), kwargs={
        "on_ready": lambda _: ready.set(), "is_over": over.is_set,
    })
    thread.start()
    return ready, over, thread


def test_a_real_arducopter_takes_off_on_our_body(tmp_path: Path) -> None:
    binary = named("TAIHANG_ARDUPILOT_BINARY")
    ready, over, thread = served(BrainOptions(
        autopilot=Autopilot.ARDUPILOT, frame=Frame.QUAD_X, binary=binary, work=tmp_path, speed=2.0,
    ))
    try:
        assert ready.wait(60.0)
        station = Station(socket.create_connection(("127.0.0.1", 5760), timeout=30.0), None)
        station.link.settimeout(0.2)

        def arm() -> None:
            station.command(511, 33, 200_000)  # GLOBAL_POSITION_INT
            station.command(176, 1, 4)  # GUIDED
            station.command(400, 1)

        assert station.until(lambda: station.is_armed, arm, within_s=READY_WITHIN_S), station.latest.get("STATUSTEXT")
        assert station.until(
            lambda: station.height_m > 9.0, lambda: station.command(22, 0, 0, 0, 0, 0, 0, 10.0), within_s=60.0,
        ), station.latest
        attitude = station.latest.get("ATTITUDE")
        assert attitude is None or math.hypot(attitude.roll, attitude.pitch) < 0.3
        station.link.close()
    finally:
        over.set()
        thread.join(30.0)


def test_a_real_px4_takes_off_on_our_body(tmp_path: Path) -> None:
    binary = named("TAIHANG_PX4_BINARY")
    ready, over, thread = served(BrainOptions(
        autopilot=Autopilot.PX4, frame=Frame.QUAD_X, binary=binary, work=tmp_path, start_utc_ns=time.time_ns(),
    ))
    try:
        assert ready.wait(60.0)
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.bind(("127.0.0.1", 14540))
        link.settimeout(0.2)
        station = Station(link, ("127.0.0.1", 14580))
        nan = math.nan

        def take_off() -> None:
            station.command(22, nan, nan, nan, nan, nan, nan, nan)
            station.command(400, 1)

        is_armed = station.until(lambda: station.is_armed, take_off, within_s=READY_WITHIN_S)
        assert is_armed, station.latest.get("STATUSTEXT")
        assert station.until(lambda: station.height_m > 1.5, take_off, within_s=60.0), station.latest
        link.close()
    finally:
        over.set()
        thread.join(30.0)
