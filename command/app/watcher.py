"""What a run's starter sees of it: the hub's events with the wall time at which they were heard."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command.bus.codec import BadFrame, decode_frame, decode_value
from command.timing.framing import FrameReader
from fleet.model import FleetState
from missions.model import Approval, MissionProgress

AIRBORNE_M = 2.0


@dataclass(slots=True, kw_only=True)
class WallTimes:
    """Seconds on the starter's own clock since it began."""

    ready_s: float | None = None
    """Every vehicle was first ready to arm."""
    approved_s: float | None = None
    airborne_s: float | None = None
    """From the approval to the first vehicle off the ground."""


@dataclass(slots=True)
class Watcher:
    """Reads the hub's door. `poll` waits at most so long and returns what was heard."""

    path: Path
    started: float
    on_value: Callable[[str, Any], None] = lambda topic, value: None
    walls: WallTimes = field(default_factory=WallTimes)
    progress: MissionProgress | None = None
    fleet: FleetState | None = None
    _sock: socket.socket | None = None
    _reader: FrameReader = field(default_factory=FrameReader)

    def poll(self, seconds: float) -> None:
        if self._sock is None and not self._connect():
            time.sleep(seconds)
            return
        for topic, value in self._read(seconds):
            self._note(value)
            self.on_value(topic, value)

    def _connect(self) -> bool:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with suppress(FileNotFoundError, ConnectionRefusedError):
            sock.connect(str(self.path))
            self._sock = sock
            return True
        sock.close()
        return False

    def _read(self, seconds: float) -> Iterator[tuple[str, Any]]:
        if self._sock is None:
            return
        self._sock.settimeout(seconds)
        try:
            piece = self._sock.recv(1 << 18)
        except (TimeoutError, ConnectionResetError):
            return
        if not piece:
            self.close()
            return
        for frame in self._reader.feed(piece):
            with suppress(BadFrame):
                topic, payload = decode_frame(frame)
                yield topic, decode_value(topic, payload)

    def _note(self, value: Any) -> None:
        now_s = time.monotonic() - self.started
        match value:
            case FleetState():
                self.fleet = value
                if self.walls.ready_s is None and value.vehicles and all(v.is_ready for v in value.vehicles):
                    self.walls.ready_s = now_s
                if self.walls.airborne_s is None and self.walls.approved_s is not None and _is_airborne(value):
                    self.walls.airborne_s = now_s - self.walls.approved_s
            case Approval() if self.walls.approved_s is None:
                self.walls.approved_s = now_s
            case MissionProgress():
                self.progress = value
            case _:
                pass

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None


def _is_airborne(fleet: FleetState) -> bool:
    return any(v.height_above_home_m is not None and v.height_above_home_m > AIRBORNE_M for v in fleet.vehicles)
