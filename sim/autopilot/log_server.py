"""The log protocol as ArduPilot 4.5 serves it: only disarmed, one request at a time, silence for what is not there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fleet.wire.enums import Severity
from sim.autopilot.logbook import Log, Logbook
from sim.speak.port import Heard, Port

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

PACKETS: Final = 40
"""In a tenth of a second (AP_Logger_MAVLinkLogTransfer.cpp, on USB and in SITL)."""
DATA_BYTES: Final = 90


@dataclass(slots=True)
class _Listing:
    port: Port
    number: int
    last: int
    count: int


@dataclass(slots=True)
class _Sending:
    port: Port
    number: int
    data: bytes
    offset: int
    end: int


class LogServer:
    """Logs are numbered from 1, the oldest first, by their place on board."""

    def __init__(self, ship: "Ship", logbook: Logbook) -> None:
        self._ship, self._logbook = ship, logbook
        self._busy: _Listing | _Sending | None = None
        self._has_warned = False

    def on_list(self, heard: Heard) -> None:
        if not self._may_serve(heard.port):
            return
        count = len(self._logbook.logs)
        last = min(heard.message.end, count)
        first = max(heard.message.start, 1) if count else 0
        self._busy = _Listing(heard.port, first, last, count)

    def on_data(self, heard: Heard) -> None:
        message = heard.message
        if not self._may_serve(heard.port) or not 1 <= message.id <= len(self._logbook.logs):
            return
        data = bytes(self._logbook.logs[message.id - 1].data)
        end = min(message.ofs + message.count, len(data))
        self._busy = _Sending(heard.port, message.id, data, message.ofs, max(end, message.ofs))

    def on_end(self, heard: Heard) -> None:
        self._busy = None

    def drop(self, port: Port) -> None:
        """A link has gone."""
        if self._busy is not None and self._busy.port is port:
            self._busy = None

    def tick(self) -> None:
        """Ten times a second."""
        if self._busy is None or self._ship.is_armed:
            return
        for _ in range(PACKETS):
            if isinstance(self._busy, _Listing):
                self._list(self._busy)
            elif self._busy is not None:
                self._send(self._busy)

    def _may_serve(self, port: Port) -> bool:
        if self._ship.is_armed:
            if not self._has_warned:
                port.say("STATUSTEXT", severity=Severity.ERROR, text=b"Disarm for log download")
            self._has_warned = True
            return False
        self._has_warned = False
        if self._busy is not None and self._busy.port is not port:
            port.say("STATUSTEXT", severity=Severity.INFO, text=b"Log download in progress")
        return self._busy is None

    def _list(self, listing: _Listing) -> None:
        logs = self._logbook.logs
        log: Log | None = logs[listing.number - 1] if 1 <= listing.number <= len(logs) else None
        listing.port.say(
            "LOG_ENTRY", id=listing.number, num_logs=listing.count, last_log_num=listing.last,
            time_utc=log.utc_s if log else 0, size=len(log.data) if log else 0,
        )
        listing.number += 1
        if listing.number > listing.last:
            self._busy = None

    def _send(self, sending: _Sending) -> None:
        chunk = sending.data[sending.offset : min(sending.end, sending.offset + DATA_BYTES)]
        sending.port.say(
            "LOG_DATA", id=sending.number, ofs=sending.offset, count=len(chunk), data=chunk.ljust(DATA_BYTES, b"\0")
        )
        sending.offset += len(chunk)
        if len(chunk) < DATA_BYTES or sending.offset >= sending.end:
            self._busy = None
