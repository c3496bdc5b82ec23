"""Transports of a participant whose peers live in the same process: the same calls, and no sockets."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from command.timing.channel import Channel
from command.timing.door import Door, Visit
from command.timing.errors import WrongChannel
from command.timing.links import Links
from command.timing.outgoing import Transmit
from command.timing.sockets import Sockets
from command.timing.udp import Address, UdpLink

HandOver = Callable[[int, bytes], bool]
"""Channel and message, to whoever receives that channel."""


class LocalPeers(UdpLink):
    """Takes peers as a UDP link does; what is sent to them is handed over."""

    def __init__(self, carry: Callable[[int, Transmit], None], transmit: Callable[[int], Transmit]) -> None:
        self.port, self.strangers = 0, 0
        self._carry, self._transmit = carry, transmit

    def add_peer(self, address: Address, *, incoming: int | None = None, outgoing: int | None = None) -> None:
        if outgoing is not None:
            self._carry(outgoing, self._transmit(outgoing))


class LocalDoor(Door):
    """The door with at most one client behind it, who calls `open_for` and `say` between grants."""

    CLIENT = 1

    def __init__(self, arrive: Callable[[bytes], None]) -> None:
        self._arrive, self._handler = arrive, None
        self._present, self._next_client = set(), self.CLIENT
        self.dropped = self.garbage = 0
        self._hear: Callable[[bytes], None] | None = None

    def open_for(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        self._tell(self.CLIENT, Visit.OPENED)

    def say(self, frame: bytes) -> None:
        """Happens at the first tick of the next grant."""
        self._tell(self.CLIENT, Visit.SAID, frame)

    def open(self) -> None:
        """It is opened by whom it is for."""

    def send(self, client: int, data: bytes) -> bool:
        if self._hear is not None:
            self._hear(data)
        return self._hear is not None

    def close(self) -> None:
        self._hear = None


class LocalLinks(Links):
    """`hand_over` carries every channel. Sockets that a role attaches are never read: nobody is outside."""

    def __init__(
        self,
        name: str,
        channels: Mapping[int, Channel],
        sockets: Sockets,
        *,
        arrive: Callable[[int, bytes], None],
        on_door: Callable[[int, Door], None],
        hand_over: HandOver,
        doors: dict[int, LocalDoor],
    ) -> None:
        super().__init__(name, channels, sockets, arrive=arrive, on_door=on_door, known_ports={})
        self._hand_over, self._local_doors = hand_over, doors

    def _transmit(self, channel: int) -> Transmit:
        return lambda data: self._hand_over(channel, data)

    def udp(self, name: str, **_: Any) -> UdpLink:
        self.report_port(name, 0)
        return LocalPeers(self.carry, self._transmit)

    def stream(  # type-compatible with a link between processes: nobody asks what it returns
        self, path: str | Path, *, incoming: int | None = None, outgoing: int | None = None, is_listening: bool
    ) -> Any:
        if outgoing is not None:
            self.carry(outgoing, self._transmit(outgoing))

    def external(self, channel: int, path: str | Path) -> Door:
        if channel in self._channels:
            raise WrongChannel(f"channel {channel} is in the table: outside clients need a number of their own")
        door = LocalDoor(lambda event: self._arrive(channel, event))
        self._local_doors[channel] = door
        self._on_door(channel, door)
        return door
