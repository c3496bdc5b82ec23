"""Local streams: one channel each way between two processes over a Unix socket, in frames of any size."""

import socket
from collections.abc import Callable
from pathlib import Path

from command.timing.framing import FrameReader, framed
from command.timing.outbox import Outbox
from command.timing.sockets import Sockets

_PIECE_BYTES = 256 * 1024


class StreamLink:
    """One side listens, the other connects; either may die, and the connection is made again when it is back."""

    def __init__(
        self,
        sockets: Sockets,
        path: Path,
        *,
        is_listening: bool,
        incoming: int | None,
        deliver: Callable[[int, bytes], None],
        on_connected: Callable[[], None],
    ) -> None:
        self._sockets, self._path, self._is_listening = sockets, path, is_listening
        self._incoming, self._deliver, self._on_connected = incoming, deliver, on_connected
        self._conn: socket.socket | None = None
        self._outbox: Outbox | None = None
        self._reader = FrameReader()
        self._listener: socket.socket | None = None
        if is_listening:
            self._listen()

    def _listen(self) -> None:
        self._path.unlink(missing_ok=True)
        listener = self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._path))
        listener.listen(4)
        listener.setblocking(False)
        self._sockets.watch(listener, self._accept, is_urgent=True)

    def _accept(self) -> None:
        if self._listener:
            self._attach(self._listener.accept()[0])

    def connect(self) -> None:
        """Tries to connect when it is this side's part and there is no connection."""
        if self._is_listening or self._conn:
            return
        conn = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            conn.connect(str(self._path))
        except (FileNotFoundError, ConnectionRefusedError):
            conn.close()
            self._sockets.later(self.connect)
        else:
            self._attach(conn)

    def _attach(self, conn: socket.socket) -> None:
        self._detach()
        conn.setblocking(False)
        self._conn, self._reader = conn, FrameReader()
        self._outbox = Outbox(self._sockets, conn)
        self._sockets.watch(conn, self._read, is_urgent=False)
        self._on_connected()

    def _detach(self) -> None:
        if self._conn:
            self._sockets.forget(self._conn)
            self._conn.close()
        self._conn = self._outbox = None

    def transmit(self, data: bytes) -> bool:
        if self._outbox is None:
            return False
        self._outbox.write(framed(data))
        return True

    def _read(self) -> None:
        if self._conn is None:
            return
        try:
            piece = self._conn.recv(_PIECE_BYTES)
        except ConnectionResetError:
            piece = b""
        if piece:
            for frame in self._reader.feed(piece):
                if self._incoming is not None:
                    self._deliver(self._incoming, frame)
        else:
            self._detach()
            self._sockets.later(self.connect)

    def close(self) -> None:
        self._detach()
        if self._listener:
            self._sockets.forget(self._listener)
            self._listener.close()
            self._path.unlink(missing_ok=True)
