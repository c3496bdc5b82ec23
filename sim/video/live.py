"""The reactor of live time: an asyncio loop watches the sockets. In simulated time the time owner brings its own."""

import asyncio
import socket
from collections.abc import Callable


class LoopReactor:
    """world.reactor.Reactor on a running asyncio loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def attach(self, sock: socket.socket, on_readable: Callable[[], None]) -> None:
        self._loop.add_reader(sock, on_readable)

    def detach(self, sock: socket.socket) -> None:
        self._loop.remove_reader(sock)
