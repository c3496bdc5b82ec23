"""Who reads the sockets: asyncio in live time, the barrier in simulated time. Links see one interface."""

import asyncio
import selectors
import socket
from collections.abc import Callable
from typing import Protocol

_LONGEST_DRAIN = 10_000


class Sockets(Protocol):
    """Calls back when a socket can be read or written without blocking."""

    def watch(self, sock: socket.socket, read: Callable[[], None], *, is_urgent: bool) -> None:
        """`is_urgent`: also served while waiting for a grant; others are read when a grant declares messages."""

    def want_write(self, sock: socket.socket, write: Callable[[], None] | None) -> None: ...

    def forget(self, sock: socket.socket) -> None:
        """Harmless for a socket that is not watched, and after the end."""

    def later(self, call: Callable[[], None]) -> None:
        """Tries again after a moment of wall time; never in simulated time, where the time owner says when."""


class LoopSockets:
    """The ordinary event loop."""

    _RETRY_S = 0.2

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def watch(self, sock: socket.socket, read: Callable[[], None], *, is_urgent: bool) -> None:
        self._loop.add_reader(sock, read)

    def want_write(self, sock: socket.socket, write: Callable[[], None] | None) -> None:
        if write:
            self._loop.add_writer(sock, write)
        else:
            self._loop.remove_writer(sock)

    def forget(self, sock: socket.socket) -> None:
        if not self._loop.is_closed():
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)

    def later(self, call: Callable[[], None]) -> None:
        self._loop.call_later(self._RETRY_S, call)


class _Watch:
    """One socket's callbacks; `is_live` turns false when it is forgotten in the middle of a batch."""

    __slots__ = ("is_live", "is_urgent", "read", "write")

    def __init__(self, read: Callable[[], None], *, is_urgent: bool) -> None:
        self.read, self.is_urgent, self.is_live = read, is_urgent, True
        self.write: Callable[[], None] | None = None


class PolledSockets:
    """Sockets of a participant in simulated time, read while it waits; in two sets, so that data wakes nobody early."""

    def __init__(self) -> None:
        self._urgent, self._calm = selectors.EpollSelector(), selectors.EpollSelector()
        self._both = selectors.EpollSelector()
        for inner in (self._urgent, self._calm):
            self._both.register(inner.fileno(), selectors.EVENT_READ)
        self._watches: dict[socket.socket, _Watch] = {}

    def watch(self, sock: socket.socket, read: Callable[[], None], *, is_urgent: bool) -> None:
        watch = self._watches[sock] = _Watch(read, is_urgent=is_urgent)
        (self._urgent if is_urgent else self._calm).register(sock, selectors.EVENT_READ, watch)

    def want_write(self, sock: socket.socket, write: Callable[[], None] | None) -> None:
        """Writing is always urgent: the receiver may be waiting for it."""
        watch = self._watches.get(sock)
        if watch is None or (watch.write is None) == (write is None):
            return
        watch.write = write
        if watch.is_urgent:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
            self._urgent.modify(sock, events, watch)
        elif write:
            self._urgent.register(sock, selectors.EVENT_WRITE, watch)
        else:
            self._urgent.unregister(sock)

    def forget(self, sock: socket.socket) -> None:
        self.want_write(sock, None)
        watch = self._watches.pop(sock, None)
        if watch:
            watch.is_live = False
            (self._urgent if watch.is_urgent else self._calm).unregister(sock)

    def later(self, call: Callable[[], None]) -> None:
        """The time owner has everybody reconnect when somebody returns."""

    def poll(self, timeout_s: float | None, *, everything: bool) -> bool:
        """Serves what is ready, waiting up to the time-out if nothing is; False when nothing was."""
        if not everything:
            return self._serve(self._urgent, timeout_s)
        if self._serve(self._urgent, 0) | self._serve(self._calm, 0):
            return True
        self._both.select(timeout_s)
        return self._serve(self._urgent, 0) | self._serve(self._calm, 0)

    def drain(self) -> None:
        """Serves until nothing is ready."""
        for _ in range(_LONGEST_DRAIN):
            if not self.poll(0, everything=True):
                return

    def _serve(self, selector: selectors.BaseSelector, timeout_s: float | None) -> bool:
        ready = selector.select(timeout_s)
        for key, events in ready:
            watch: _Watch = key.data
            if watch.is_live and watch.write and events & selectors.EVENT_WRITE:
                watch.write()
            if watch.is_live and events & selectors.EVENT_READ:
                watch.read()
        return bool(ready)

    def close(self) -> None:
        self._watches.clear()
        for selector in (self._both, self._urgent, self._calm):
            selector.close()
