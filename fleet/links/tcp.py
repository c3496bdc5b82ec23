"""TCP links: a client that connects again and again, and a server whose every client is a peer."""

import asyncio
from collections.abc import Callable

from fleet.links.address import Address
from fleet.links.ends import Hooks, LinkRefused
from world.time import Clock

AGAIN_S = 1.0
CONNECT_WITHIN_S = 10.0
MOST_UNSENT_BYTES = 1 << 20
"""What a peer that does not read may hold back; then it is cut off."""


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, peer: str | None, hooks: Hooks, *, on_open: Callable[["_Line"], None]) -> None:
        self._hooks, self._on_open = hooks, on_open
        self.peer = peer
        self.transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"TCP gives streams, not {type(transport).__name__}")
        self.transport = transport
        if self.peer is None:
            host, port = transport.get_extra_info("peername")[:2]
            self.peer = f"{host}:{port}"
        self._on_open(self)

    def data_received(self, data: bytes) -> None:
        self._hooks.received(data, self.peer or "")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(str(exc) if exc else "the other end closed it")

    def send(self, data: bytes) -> None:
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            transport.abort()
            return
        transport.write(data)


class TcpClientEnd:
    """Connects, and connects again a second after it was cut off."""

    def __init__(self, address: Address, hooks: Hooks, clock: Clock) -> None:
        self._address, self._hooks, self._clock = address, hooks, clock
        self._line: _Line | None = None

    @property
    def port(self) -> int | None:
        return None

    async def run(self) -> None:
        try:
            while True:
                self._hooks.changed(f"{self._address}: {await self._hold()}")
                await self._clock.sleep(AGAIN_S)
        finally:
            self.close()

    def send(self, data: bytes, peer: str) -> None:
        if self._line is not None:
            self._line.send(data)

    async def _hold(self) -> str:
        """One connection from its beginning to its end; returns why it ended."""
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(
            lambda: _Line("", self._hooks, on_open=self._opened), self._address.place, self._address.number
        )
        try:
            _, line = await asyncio.wait_for(connecting, CONNECT_WITHIN_S)
        except TimeoutError:
            return "no answer"
        except OSError as error:
            return error.strerror or str(error)
        try:
            return await line.closed
        finally:
            self.close()

    def _opened(self, line: _Line) -> None:
        self._line = line
        self._hooks.changed(None)

    def close(self) -> None:
        if self._line is not None and self._line.transport is not None:
            self._line.transport.abort()
        self._line = None


class TcpServerEnd:
    """Listens; every client is a peer by its address, until it goes."""

    def __init__(self, address: Address, hooks: Hooks) -> None:
        self._address, self._hooks = address, hooks
        self._lines: dict[str, _Line] = {}
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int | None:
        return None if self._server is None else int(self._server.sockets[0].getsockname()[1])

    async def open(self) -> None:
        """Raises LinkRefused."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: _Line(None, self._hooks, on_open=self._opened), self._address.place, self._address.number
            )
        except OSError as error:
            raise LinkRefused(f"{self._address} cannot be opened: {error.strerror or error}") from error

    async def run(self) -> None:
        if self._server is None:
            await self.open()
        self._hooks.changed(None)
        try:
            await asyncio.Event().wait()
        finally:
            self.close()

    def send(self, data: bytes, peer: str) -> None:
        line = self._lines.get(peer)
        if line is not None:
            line.send(data)

    def _opened(self, line: _Line) -> None:
        peer = line.peer or ""
        self._lines[peer] = line
        line.closed.add_done_callback(lambda _: self._forget(peer))
        self._hooks.met(peer)

    def _forget(self, peer: str) -> None:
        self._lines.pop(peer, None)
        self._hooks.gone(peer)

    def close(self) -> None:
        for line in list(self._lines.values()):
            if line.transport is not None:
                line.transport.abort()
        if self._server is not None:
            self._server.close()
