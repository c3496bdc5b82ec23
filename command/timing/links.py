"""The transports of one participant, the same in simulated and in live time. Satisfies world.reactor.Reactor.

A protocol of one's own (RTSP) lives here as callbacks, because in simulated time the event loop reads no sockets:

    class Player:
        def __init__(self, links: Links, sock: socket.socket, channel: int) -> None:
            links.attach(sock, self.read)          # also listening sockets and connections of live viewers

        def read(self) -> None:                    # called whenever `sock` is readable, even while time stands still
            for unit in self.parser.feed(self.sock.recv(65536)):
                self.links.deliver(self.channel, unit)      # one complete message of the channel

    class Server:
        def play(self) -> None:                    # a player is ready: what waits for it goes out now
            self.outbox = self.links.outbox(self.sock)
            self.links.resume(self.channel)

        def transmit(self, unit: bytes) -> bool:   # given to links.carry(channel, self.transmit)
            if self.outbox is None:
                return False                       # nobody plays: kept, and tried again by resume
            self.outbox.write(unit)
            return True

The receiver waits until as many messages came as the sender declared, so both must count alike: a message the sender
transmits is one the receiver delivers. Callbacks move bytes only; what follows from them belongs in a channel's
handler, which runs at the message's own simulated time.
"""

import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from command.timing.channel import Channel
from command.timing.door import Door
from command.timing.errors import WrongChannel
from command.timing.outbox import Outbox
from command.timing.outgoing import Outgoing, Transmit
from command.timing.sockets import Sockets
from command.timing.stream import StreamLink
from command.timing.udp import UdpLink

ONE_MIB = 1024 * 1024


class Links:
    """Registers sockets and channels; what comes in goes to `arrive`."""

    def __init__(
        self,
        name: str,
        channels: Mapping[int, Channel],
        sockets: Sockets,
        *,
        arrive: Callable[[int, bytes], None],
        on_door: Callable[[int, Door], None],
        known_ports: Mapping[str, int],
    ) -> None:
        self._name, self._channels, self._sockets = name, channels, sockets
        self._arrive, self._on_door, self._known_ports = arrive, on_door, known_ports
        self.ports: dict[str, int] = {}
        """What this participant reports when it joins."""
        self.outgoing: dict[int, Outgoing] = {}
        self.doors: list[Door] = []
        self._streams: list[StreamLink] = []
        self._connects: list[Callable[[], None]] = []
        self._udp: list[UdpLink] = []

    @property
    def strangers(self) -> int:
        """Datagrams that came from nobody known, and were dropped."""
        return sum(udp.strangers for udp in self._udp)

    def attach(self, sock: socket.socket, on_readable: Callable[[], None]) -> None:
        """Serves any non-blocking socket: a control connection, a listener, a stream that carries a channel."""
        self._sockets.watch(sock, on_readable, is_urgent=True)

    def detach(self, sock: socket.socket) -> None:
        self._sockets.forget(sock)

    def outbox(self, sock: socket.socket) -> Outbox:
        """Writes to an attached stream socket without ever blocking."""
        return Outbox(self._sockets, sock)

    def deliver(self, channel: int, data: bytes) -> None:
        """One complete message has come on an incoming channel."""
        self._arrive(channel, data)

    def carry(self, channel: int, transmit: Transmit) -> None:
        """Sends on an outgoing channel go through `transmit`."""
        known = self._channels.get(channel)
        if known is None or known.sender != self._name:
            raise WrongChannel(f"{self._name} does not send on channel {channel}")
        self.outgoing[channel] = Outgoing(transmit)

    def resume(self, channel: int) -> None:
        """The transport of a channel is connected (again): what waits for it goes out."""
        self.outgoing[channel].resume()

    def known_port(self, name: str) -> int:
        """The port this participant had before it was restarted, 0 the first time: what to bind."""
        return self._known_ports.get(name, 0)

    def report_port(self, name: str, port: int) -> None:
        """Tells the others, in what their `join` returns, where to find a socket of a protocol of one's own."""
        self.ports[name] = port

    def udp(
        self,
        name: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        receive_buffer_bytes: int = ONE_MIB,
        needed_buffer_bytes: int = 64 * 1024,
    ) -> UdpLink:
        """Binds now and reports the port under `name`; raises ReceiveBufferTooSmall when the kernel gives less."""
        link = UdpLink(
            host=host,
            port=port or self.known_port(name),
            receive_buffer_bytes=receive_buffer_bytes,
            needed_buffer_bytes=needed_buffer_bytes,
        )
        link.wire(self.deliver, self.carry)
        self._sockets.watch(link.sock, link.read, is_urgent=False)
        self._udp.append(link)
        self.report_port(name, link.port)
        return link

    def stream(
        self, path: str | Path, *, incoming: int | None = None, outgoing: int | None = None, is_listening: bool
    ) -> StreamLink:
        """At most one channel each way with one other process: one side listens on `path`, the other connects."""
        link = StreamLink(
            self._sockets,
            Path(path),
            is_listening=is_listening,
            incoming=incoming,
            deliver=self.deliver,
            on_connected=lambda: None if outgoing is None else self.resume(outgoing),
        )
        if outgoing is not None:
            self.carry(outgoing, link.transmit)
        self._streams.append(link)
        return link

    def external(self, channel: int, path: str | Path) -> Door:
        """Outside clients on a Unix path; `channel` is a number the channel table does not have."""
        if channel in self._channels:
            raise WrongChannel(f"channel {channel} is in the table: outside clients need a number of their own")
        door = Door(self._sockets, Path(path), lambda event: self._arrive(channel, event))
        self.doors.append(door)
        self._on_door(channel, door)
        return door

    def connect(self) -> None:
        """Connects the streams that are not; called when time starts, and whenever somebody returns."""
        for stream in self._streams:
            stream.connect()
        for connect in self._connects:
            connect()

    def on_connect(self, connect: Callable[[], None]) -> None:
        """The same for a protocol of one's own: it is to connect now if it is not connected, as its peer may be back.

        It may block until the peer answers: sockets that are attached are served while a participant waits for time.
        """
        self._connects.append(connect)

    def open_doors(self) -> None:
        for door in self.doors:
            door.open()

    def hold_to(self, receivers: set[str]) -> None:
        """Keeps what goes to these, lets out what goes to all others."""
        for channel, outgoing in sorted(self.outgoing.items()):
            outgoing.is_held = self._channels[channel].receiver in receivers
            outgoing.resume()

    def hold_one(self, receiver: str) -> None:
        for channel, outgoing in self.outgoing.items():
            if self._channels[channel].receiver == receiver:
                outgoing.is_held = True

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        for door in self.doors:
            door.close()
        for udp in self._udp:
            self._sockets.forget(udp.sock)
            udp.sock.close()
