"""UDP links: one socket for any number of vehicles, drained in turns so that none waits for the loop."""

import asyncio
import socket
from contextlib import suppress

from fleet.links.address import Address, Scheme
from fleet.links.ends import Hooks, LinkRefused

RECEIVE_BUFFER_BYTES = 8 << 20
"""Asked of the kernel; a burst of a thousand vehicles is about a third of a megabyte."""
_BUFFER_BY_FORCE = 33
"""SO_RCVBUFFORCE of Linux, beyond what net.core.rmem_max gives; only for the privileged."""
MOST_PEERS = 4096
_AT_ONCE = 256
"""Datagrams of one turn of the loop: others get their turn between."""
_LONGEST = 65535


class UdpEnd:
    """Bound (`udpin`) with peers by address, or connected (`udpout`) with one end. Raises LinkRefused when made."""

    def __init__(self, address: Address, hooks: Hooks) -> None:
        self._hooks = hooks
        self._is_bound = address.scheme is Scheme.UDP_IN
        self._addresses: dict[str, tuple[str, int]] = {}
        self._names: dict[tuple[str, int], str] = {}
        self.unsent = 0
        self._socket = _open(address)

    @property
    def port(self) -> int | None:
        return int(self._socket.getsockname()[1])

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket.fileno(), self._drain)
        self._hooks.changed(None)
        try:
            await asyncio.Event().wait()
        finally:
            loop.remove_reader(self._socket.fileno())
            self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes, peer: str) -> None:
        try:
            if self._is_bound:
                address = self._addresses.get(peer)
                if address is not None:
                    self._socket.sendto(data, address)
            else:
                self._socket.send(data)
        except OSError:  # a full buffer, no route, nobody there yet: whoever needs it repeats it
            self.unsent += 1

    def _drain(self) -> None:
        receive, received, names = self._socket.recvfrom, self._hooks.received, self._names
        for _ in range(_AT_ONCE):
            try:
                data, address = receive(_LONGEST)
            except BlockingIOError:
                return
            except OSError:  # ICMP says that nobody listens there yet
                continue
            name = names.get(address) if self._is_bound else ""
            received(data, name if name is not None else self._meet(address))

    def _meet(self, address: tuple[str, int]) -> str:
        name = f"{address[0]}:{address[1]}"
        if len(self._names) >= MOST_PEERS:
            return name  # a flood: heard, never answered, not remembered
        self._names[address] = name
        self._addresses[name] = address
        return name


def _open(address: Address) -> socket.socket:
    try:
        family, _, _, _, resolved = socket.getaddrinfo(
            address.place, address.number, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICSERV
        )[0]
        opened = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        raise LinkRefused(f"{address} cannot be opened: {error.strerror or error}") from error
    try:
        with suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            opened.setsockopt(socket.SOL_SOCKET, _BUFFER_BY_FORCE, RECEIVE_BUFFER_BYTES)
        opened.setblocking(False)
        if address.scheme is Scheme.UDP_IN:
            opened.bind(resolved)
        else:
            opened.connect(resolved)
    except OSError as error:
        opened.close()
        raise LinkRefused(f"{address} cannot be opened: {error.strerror or error}") from error
    return opened
