"""The control protocol between the time owner and its participants: ticks and counts, never payloads."""

import socket
from typing import Generic, TypeVar

import msgspec

from command.timing.errors import FrameTooLong
from command.timing.framing import FrameReader, framed

Sent = tuple[int, int, int]
"""Channel, tick it was sent, how many in a row."""


class Hello(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A participant's sockets are bound; here are their ports."""

    name: str
    ports: dict[str, int]


class Ready(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Everything the journal holds has been lived again, up to this tick."""

    done: int


class Done(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Done through this tick, having sent so much; `end` asks that the run end at that tick."""

    tick: int
    busy_ns: int
    sent: list[Sent]
    end: int | None = None


class Have(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Answer to Freeze: how many messages have come on each incoming channel since the beginning."""

    round: int
    counts: dict[int, int]


class Welcome(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Everybody's ports."""

    ports: dict[str, dict[str, int]]


class Grant(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Run through this tick; these messages are yours; so many of what you sent is safe in the receivers' journals."""

    until: int
    sent: list[Sent]
    taken: dict[int, int]


class Freeze(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Somebody (re)joins: stop, read what has come, say how much. A late joiner is told where to begin."""

    round: int
    is_newcomer: bool = False
    begin_tick: int | None = None
    begin_counts: dict[int, int] = {}


class Resume(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Go on; send again from these numbers on these channels, and hold what goes to the absent."""

    resend: dict[int, int]
    absent: list[str]


class Lost(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A participant's process left: keep what goes to it, or forget what came from it when time goes on without it."""

    name: str
    is_skipped: bool


class Refused(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Nobody is awaited under this name."""

    reason: str


class Stop(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The run is over."""


ToOwner = Hello | Ready | Done | Have
ToParticipant = Welcome | Grant | Freeze | Resume | Lost | Refused | Stop

M = TypeVar("M", ToOwner, ToParticipant)
TO_OWNER: msgspec.msgpack.Decoder[ToOwner] = msgspec.msgpack.Decoder(ToOwner)
TO_PARTICIPANT: msgspec.msgpack.Decoder[ToParticipant] = msgspec.msgpack.Decoder(ToParticipant)
_ENCODER = msgspec.msgpack.Encoder()


class ControlSocket(Generic[M]):
    """One end of the control connection."""

    def __init__(self, sock: socket.socket, decoder: msgspec.msgpack.Decoder[M]) -> None:
        self.sock = sock
        self._decoder: msgspec.msgpack.Decoder[M] = decoder
        self._reader = FrameReader()

    def send(self, message: ToOwner | ToParticipant) -> None:
        """Raises OSError when the other end is gone: its end is also read, and told there."""
        self.sock.sendall(framed(_ENCODER.encode(message)))

    def receive(self) -> list[M] | None:
        """What has come, waiting if nothing has; None at the end of the stream, or when it is not this protocol."""
        try:
            piece = self.sock.recv(1 << 16)
            return [self._decoder.decode(frame) for frame in self._reader.feed(piece)] if piece else None
        except (ConnectionResetError, FrameTooLong, ValueError):  # msgspec's own, or text that is not UTF-8
            return None

    def close(self) -> None:
        self.sock.close()
