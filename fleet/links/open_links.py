"""All links of a site: opened together, named, served until cancelled; a wrong one is refused before any is used."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from fleet.links.address import LinkSpec, Scheme
from fleet.links.ends import Hooks, LinkEnd, LinkRefused
from fleet.links.serial_line import SerialEnd
from fleet.links.tcp import TcpClientEnd, TcpServerEnd
from fleet.links.udp import UdpEnd
from world.time import Clock

Received = Callable[[str, bytes, str], None]
"""Link, bytes, peer ("" where a link has one end)."""
Changed = Callable[[str, str | None], None]
"""Link, and why it does not work; None when it works."""
Passing = Callable[[str, str], None]
"""Link, and a peer that came or went."""


class OpenLinks:
    """`send` goes to a peer of a link by name; bytes that come are told with both names."""

    def __init__(self, ends: dict[str, LinkEnd]) -> None:
        self._ends = ends

    def send(self, link: str, peer: str, data: bytes) -> None:
        self._ends[link].send(data, peer)

    def port(self, link: str) -> int | None:
        """The port a listening link really has, for those configured with 0."""
        return self._ends[link].port

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for end in self._ends.values():
                tasks.create_task(end.run())


def _nobody(link: str, peer: str) -> None:
    """Most care for bytes only."""


async def open_links(
    specs: Iterable[LinkSpec], clock: Clock, *, received: Received, changed: Changed, met: Passing = _nobody,
    gone: Passing = _nobody,
) -> OpenLinks:
    """Raises LinkRefused for a port or address that cannot be used; lines that are not there yet are waited for."""
    ends: dict[str, LinkEnd] = {}
    for spec in specs:
        hooks = Hooks(
            received=partial(_named, received, spec.name), changed=partial(changed, spec.name),
            met=partial(met, spec.name), gone=partial(gone, spec.name),
        )
        try:
            end = _end(spec, hooks, clock)
            if isinstance(end, TcpServerEnd):
                await end.open()
        except LinkRefused:
            for opened in ends.values():
                opened.close()
            raise
        ends[spec.name] = end
    return OpenLinks(ends)


def _named(received: Received, link: str, data: bytes, peer: str) -> None:
    received(link, data, peer)


def _end(spec: LinkSpec, hooks: Hooks, clock: Clock) -> LinkEnd:
    match spec.address.scheme:
        case Scheme.UDP_IN | Scheme.UDP_OUT:
            return UdpEnd(spec.address, hooks)
        case Scheme.TCP_OUT:
            return TcpClientEnd(spec.address, hooks, clock)
        case Scheme.TCP_IN:
            return TcpServerEnd(spec.address, hooks)
        case Scheme.SERIAL:
            return SerialEnd(spec.address, hooks, clock)
