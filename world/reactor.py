"""How a service with a protocol of its own (RTSP) gets its sockets read, in simulated and in live time."""

import socket
from collections.abc import Callable
from typing import Protocol


class Reactor(Protocol):
    """Calls `on_readable` whenever the socket can be read without blocking; the callee reads until BlockingIOError."""

    def attach(self, sock: socket.socket, on_readable: Callable[[], None]) -> None: ...

    def detach(self, sock: socket.socket) -> None: ...
