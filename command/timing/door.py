"""The door to outside clients (web server, CLI): what they say is journalled, what they hear may be lost.

Time never waits for them. A frame from a client is taken with the next grant and happens at that grant's first tick.
"""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from command.timing.errors import FrameTooLong
from command.timing.framing import FrameReader, framed
from command.timing.outbox import Outbox
from command.timing.sockets import Sockets

_EVENT = struct.Struct("<IB")
_PIECE_BYTES = 256 * 1024
_BACKLOG_BYTES = 8 * 1024 * 1024


class Visit(IntEnum):
    """What a client did."""

    OPENED = 0
    SAID = 1
    LEFT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """One event of one client; `data` is its frame when it said something."""

    client: int
    visit: Visit
    data: bytes


@dataclass(slots=True, kw_only=True)
class _Guest:
    conn: socket.socket
    outbox: Outbox
    reader: FrameReader


class Door:
    """Listens on a Unix path for any number of clients."""

    def __init__(self, sockets: Sockets, path: Path, arrive: Callable[[bytes], None]) -> None:
        self._sockets, self._path, self._arrive = sockets, path, arrive
        self._guests: dict[int, _Guest] = {}
        self._handler: Callable[[Outside], None] | None = None
        self._present: set[int] = set()
        """As the service was told, which after a restart is what the journal says."""
        self._next_client = 1
        self.dropped = 0
        self.garbage = 0
        """Clients dismissed for bytes that are no frames."""
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        self._listener.listen(16)
        self._listener.setblocking(False)
        self._is_open = False

    def on(self, handler: Callable[[Outside], None]) -> None:
        self._handler = handler

    def open(self) -> None:
        """Lets clients in, after the journal was lived again; those it knew are told to have left."""
        if self._is_open:
            return
        self._is_open = True
        for client in sorted(self._present):
            self._tell(client, Visit.LEFT)
        self._sockets.watch(self._listener, self._accept, is_urgent=True)

    def send(self, client: int, data: bytes) -> bool:
        """Best effort: False when the client is gone or too far behind to be sent more."""
        guest = self._guests.get(client)
        if guest is None or guest.outbox.backlog_bytes > _BACKLOG_BYTES:
            self.dropped += 1
            return False
        guest.outbox.write(framed(data))
        return True

    def happen(self, event: bytes) -> None:
        """An event's simulated time has come."""
        client, visit = _EVENT.unpack_from(event)
        self._next_client = max(self._next_client, client + 1)
        if visit == Visit.OPENED:
            self._present.add(client)
        elif visit == Visit.LEFT:
            self._present.discard(client)
        if self._handler:
            self._handler(Outside(client=client, visit=Visit(visit), data=event[_EVENT.size :]))

    def _tell(self, client: int, visit: Visit, data: bytes = b"") -> None:
        self._arrive(_EVENT.pack(client, visit) + data)

    def _accept(self) -> None:
        conn, _ = self._listener.accept()
        conn.setblocking(False)
        client, self._next_client = self._next_client, self._next_client + 1
        self._guests[client] = _Guest(conn=conn, outbox=Outbox(self._sockets, conn), reader=FrameReader())
        self._sockets.watch(conn, lambda: self._read(client), is_urgent=True)
        self._tell(client, Visit.OPENED)

    def _read(self, client: int) -> None:
        guest = self._guests[client]
        try:
            piece = guest.conn.recv(_PIECE_BYTES)
            for frame in guest.reader.feed(piece):
                self._tell(client, Visit.SAID, frame)
        except ConnectionResetError:
            piece = b""
        except FrameTooLong:
            self.garbage += 1
            piece = b""
        if not piece:
            self._dismiss(client)
            self._tell(client, Visit.LEFT)

    def _dismiss(self, client: int) -> None:
        guest = self._guests.pop(client)
        self._sockets.forget(guest.conn)
        guest.conn.close()

    def close(self) -> None:
        for client in sorted(self._guests):
            self._dismiss(client)
        if self._is_open:
            self._sockets.forget(self._listener)
        self._listener.close()
        self._path.unlink(missing_ok=True)
