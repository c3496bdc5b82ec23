"""The files an autopilot shows over MAVFTP: its logs, what it says of itself under @SYS, its packed parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.autopilot.logbook import Logbook
from sim.autopilot.parameters.packed import NAME as PARAMETERS
from sim.autopilot.parameters.packed import BadQuery, pack

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

LOGS: Final = "/APM/LOGS"
_LAST_LOG: Final = "LASTLOG.TXT"
_BYTES_A_PARAMETER: Final = 12
"""ArduPilot's guess at the size of a file that it makes while it is read."""


class NoSuchFile(LookupError):
    """Nothing has this name."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a folder; folders have no size."""

    name: str
    size: int | None = None


class OpenFile:
    """One file as it was when it was opened; the parameters are packed for the size of the first read."""

    def __init__(self, size: int, make: Callable[[int], bytes]) -> None:
        self.size = size
        self._make = make
        self._data: bytes | None = None
        self._read_size = 0

    def read(self, offset: int, size: int) -> bytes | None:
        """None when it cannot be: ArduPilot refuses another size of read than the first."""
        if self._data is None:
            self._data, self._read_size = self._make(size), size
        return self._data[offset : offset + size] if size == self._read_size else None


class Disk:
    """Names to bytes."""

    def __init__(self, ship: "Ship", logbook: Logbook) -> None:
        self._ship, self._logbook = ship, logbook
        self._system: Mapping[str, Callable[[Ship], str]] = {
            "tasks.txt": _tasks, "threads.txt": _threads, "uarts.txt": _links
        }

    def list(self, path: str) -> list[Listed]:
        """Raises NoSuchFile."""
        folder = path.rstrip("/")
        if folder == "@SYS":
            return [Listed(name, len(write(self._ship).encode())) for name, write in self._system.items()]
        if folder == "":
            return [Listed("APM")]
        if folder == "/APM":
            return [Listed("LOGS")]
        if folder == LOGS:
            logs = [Listed(log.name, len(log.data)) for log in self._logbook.logs]
            return [*logs, Listed(_LAST_LOG, len(self._last_log()))] if logs else []
        raise NoSuchFile(path)

    def open(self, path: str) -> OpenFile:
        """Raises NoSuchFile."""
        name, _, query = path.partition("?")
        if name == PARAMETERS:
            return self._parameters(query)
        data = self.content(path)
        return OpenFile(len(data), lambda size: data)

    def content(self, path: str) -> bytes:
        """All bytes of a file with content of its own. Raises NoSuchFile."""
        folder, _, name = path.rpartition("/")
        if folder == "@SYS" and name in self._system:
            return self._system[name](self._ship).encode()
        if folder == LOGS and name == _LAST_LOG and self._logbook.logs:
            return self._last_log()
        log = next((log for log in self._logbook.logs if log.name == name), None)
        if folder == LOGS and log is not None:
            return bytes(log.data)
        raise NoSuchFile(path)

    def _parameters(self, query: str) -> OpenFile:
        ship = self._ship
        try:
            pack(ship.parameters, query, _BYTES_A_PARAMETER)
        except BadQuery as reason:
            raise NoSuchFile(str(reason)) from reason
        guess = len(ship.parameters.table.names) * _BYTES_A_PARAMETER
        return OpenFile(guess, lambda size: pack(ship.parameters, query, max(size, 1)))

    def _last_log(self) -> bytes:
        return f"{self._logbook.logs[-1].number}\r\n".encode()


def _tasks(ship: "Ship") -> str:
    """What the simulated autopilot does, and how often."""
    rows = ["TasksV1 (simulated)", "step 50 Hz", "think 10 Hz", f"doing {type(ship.activity).__name__}"]
    for number, port in enumerate(ship.voice.ports):
        rows += [f"link{number} {name} {rate_hz:g} Hz" for name, rate_hz in port.streams.rates_hz().items()]
    return "\n".join(rows) + "\n"


def _threads(ship: "Ship") -> str:
    return f"ThreadsV1 (simulated)\nmain, shared by all simulated vehicles; up {ship.uptime_s:.1f} s\n"


def _links(ship: "Ship") -> str:
    rows = [f"link{number} TX={port.sent_bytes} RX={port.heard_bytes}" for number, port in enumerate(ship.voice.ports)]
    return "\n".join(["UARTV1 (simulated)", *rows]) + "\n"
