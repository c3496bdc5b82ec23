"""Bytes on their way out of a stream socket: never blocks; what the kernel does not take is flushed later."""

import socket

from command.timing.sockets import Sockets


class Outbox:
    """Writes in order. On a broken connection it drops everything: the reading side sees the end and handles it."""

    def __init__(self, sockets: Sockets, sock: socket.socket) -> None:
        self._sockets, self._sock = sockets, sock
        self._backlog = bytearray()

    @property
    def backlog_bytes(self) -> int:
        return len(self._backlog)

    def write(self, data: bytes) -> None:
        was_empty = not self._backlog
        self._backlog += data
        if was_empty:
            self._flush()
            if self._backlog:
                self._sockets.want_write(self._sock, self._flush)

    def _flush(self) -> None:
        sent = 0
        with memoryview(self._backlog) as view:
            while sent < len(view):
                try:
                    sent += self._sock.send(view[sent:])
                except BlockingIOError:
                    break
                except (BrokenPipeError, ConnectionResetError):
                    sent = len(view)
        del self._backlog[:sent]
        if not self._backlog:
            self._sockets.want_write(self._sock, None)
