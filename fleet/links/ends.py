"""What every kind of link offers: open, send to a peer, close; and whom it tells of bytes and of its own falls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class LinkRefused(OSError):
    """A link that cannot be opened as configured: a port in use, a device that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Whom a link tells. `received(data, peer)`; `changed(reason)`: None when it works, else why it does not.

    `met(peer)`, `gone(peer)`: connections of a TCP server, also of those who only listen.
    """

    received: Callable[[bytes, str], None]
    changed: Callable[[str | None], None]
    met: Callable[[str], None] = lambda peer: None
    gone: Callable[[str], None] = lambda peer: None


class LinkEnd(Protocol):
    """One open link. Bytes for a peer that is not there, or for a line that is full, are dropped: senders repeat."""

    async def run(self) -> None:
        """Serve until cancelled; everything is closed then."""

    def send(self, data: bytes, peer: str) -> None: ...

    def close(self) -> None:
        """Of one that was opened and is not served."""

    @property
    def port(self) -> int | None:
        """The port in use once it is open; None for lines without one."""
