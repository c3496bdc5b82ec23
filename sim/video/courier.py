"""The way of a mount's pictures to the one client that must get them all, though it die and come back."""

from struct import Struct
from typing import Final, Protocol

from sim.video.viewer import Burst

_LENGTH: Final = Struct("!H")


class Courier(Protocol):
    """Keeps what it is given until the client surely has it, and hands it to `RtspServer.transmit`, perhaps twice."""

    def carries(self, path: str) -> bool:
        """Whether every picture of this mount is owed to the client, present or not."""

    def send(self, path: str, unit: bytes) -> None: ...

    def resume(self, path: str) -> None:
        """The client plays (again): what waits for it may go out."""


def pack(burst: Burst) -> bytes:
    """A key access unit as bytes that can be kept; its sender report is the first piece."""
    pieces = [burst.report or b"", *burst.packets]
    return b"".join(_LENGTH.pack(len(piece)) + piece for piece in pieces)


def unpack(unit: bytes) -> Burst:
    pieces, at = list[bytes](), 0
    while at < len(unit):
        (size,) = _LENGTH.unpack_from(unit, at)
        pieces.append(unit[at + _LENGTH.size : at + _LENGTH.size + size])
        at += _LENGTH.size + size
    return Burst(packets=pieces[1:], report=pieces[0] or None, is_key=True)
