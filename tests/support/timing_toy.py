"""A protocol of one's own over TCP: the player says PLAY, the server sends units. Like RTSP, smaller."""

import socket

from command.timing import Links
from command.timing.framing import FrameReader, framed
from command.timing.outbox import Outbox


class ToyServer:
    """Sends the units of one channel to whoever said PLAY last."""

    def __init__(self, links: Links, channel: int) -> None:
        self._links, self._channel = links, channel
        self._listener = socket.create_server(("127.0.0.1", links.known_port("toy")))
        self._listener.setblocking(False)
        self._conn: socket.socket | None = None
        self._outbox: Outbox | None = None
        links.report_port("toy", self._listener.getsockname()[1])
        links.attach(self._listener, self._accept)

    def _accept(self) -> None:
        conn = self._listener.accept()[0]
        conn.setblocking(False)
        self._drop()
        self._conn = conn
        self._links.attach(conn, self._read)

    def _read(self) -> None:
        assert self._conn
        try:
            asked = self._conn.recv(100)
        except ConnectionResetError:
            asked = b""
        if asked == b"PLAY":
            self._outbox = self._links.outbox(self._conn)
            self._links.resume(self._channel)
        elif not asked:
            self._drop()

    def _drop(self) -> None:
        if self._conn:
            self._links.detach(self._conn)
            self._conn.close()
        self._conn = self._outbox = None

    def transmit(self, unit: bytes) -> bool:
        if self._outbox is None:
            return False
        self._outbox.write(framed(unit))
        return True

    def close(self) -> None:
        self._drop()
        self._listener.close()


class ToyPlayer:
    """Counts every unit on its channel."""

    def __init__(self, links: Links, channel: int, port: int) -> None:
        self._links, self._channel = links, channel
        self._reader = FrameReader()
        self._conn = socket.create_connection(("127.0.0.1", port))
        self._conn.setblocking(False)
        self._conn.sendall(b"PLAY")
        links.attach(self._conn, self._read)

    def _read(self) -> None:
        piece = self._conn.recv(65536)
        for unit in self._reader.feed(piece):
            self._links.deliver(self._channel, unit)
        if not piece:
            self._links.detach(self._conn)

    def close(self) -> None:
        self._conn.close()
