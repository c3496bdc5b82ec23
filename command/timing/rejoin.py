"""How a participant comes (back) in: everybody stops, counts what has come, and the senders repeat what was lost.

Transports carry bare bytes without numbers, so both ends must hold still while they are counted: first those who were
there report what they have received, then the newcomer empties its fresh sockets and reports what its journal holds.
"""

from collections.abc import Iterable, Mapping

from command.timing.channel import Channel
from command.timing.protocol import Freeze, Have


class Rejoin:
    """One round. `begin` and `heard` return whom to freeze now; it is over when nobody is awaited any more."""

    def __init__(
        self,
        number: int,
        channels: Mapping[int, Channel],
        *,
        veterans: Iterable[str],
        newcomers: Mapping[str, tuple[int, dict[int, int]] | None],
    ) -> None:
        """`newcomers` maps a name to where it begins, or to None when its journal says so."""
        self._number, self._channels = number, channels
        self._veterans, self.newcomers = sorted(veterans), newcomers
        self.awaited: set[str] = set()
        self._is_counting_newcomers = False
        self._counts: dict[int, int] = {}

    def begin(self) -> dict[str, Freeze]:
        self.awaited = set(self._veterans)
        if not self.awaited:
            return self._count_newcomers()
        return {name: Freeze(round=self._number) for name in self._veterans}

    def heard(self, name: str, have: Have) -> dict[str, Freeze]:
        """Books one count; freezes the newcomers once everybody else is counted."""
        if have.round != self._number or name not in self.awaited:
            return {}
        self._counts.update(have.counts)
        self.awaited.discard(name)
        if self.awaited:
            return {}
        return {} if self._is_counting_newcomers else self._count_newcomers()

    def _count_newcomers(self) -> dict[str, Freeze]:
        self._is_counting_newcomers = True
        self.awaited = set(self.newcomers)
        return {name: self._freeze_newcomer(name) for name in sorted(self.newcomers)}

    def _freeze_newcomer(self, name: str) -> Freeze:
        begin = self.newcomers[name]
        if begin is None:
            return Freeze(round=self._number, is_newcomer=True)
        return Freeze(round=self._number, is_newcomer=True, begin_tick=begin[0], begin_counts=begin[1])

    def resend_from(self, sender: str) -> dict[int, int]:
        """The number of the first message to send again, by channel."""
        return {
            c.id: self._counts[c.id]
            for c in self._channels.values()
            if c.sender == sender and c.id in self._counts and {sender, c.receiver} & self.newcomers.keys()
        }
