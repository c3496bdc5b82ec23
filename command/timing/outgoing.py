"""One outgoing channel: keeps what is sent until the receiver's journal has it, so that it can be repeated."""

from collections import deque
from collections.abc import Callable

Transmit = Callable[[bytes], bool]
"""Hands one message to a transport; False when nobody is connected, then `resume` tries again."""


class Outgoing:
    """The messages from number `first` on are kept; those from the cursor on are still to be transmitted."""

    def __init__(self, transmit: Transmit) -> None:
        self.transmit = transmit
        self._kept: deque[bytes] = deque()
        self._first = self._cursor = 0
        self.is_held = True
        """Nothing is transmitted before both ends were counted, nor while the receiver is away."""

    @property
    def kept(self) -> int:
        return len(self._kept)

    def send(self, data: bytes) -> None:
        self._kept.append(data)
        if self._cursor == self._first + len(self._kept) - 1:
            self.resume()

    def resume(self) -> None:
        """Transmits what is still to be, as far as the transport takes it."""
        while not self.is_held and self._cursor < self._first + len(self._kept):
            if not self.transmit(self._kept[self._cursor - self._first]):
                return
            self._cursor += 1

    def trim(self, taken: int) -> None:
        """Forgets what the receiver's journal has."""
        while self._first < taken and self._kept:
            self._kept.popleft()
            self._first += 1
        self._cursor = max(self._cursor, self._first)

    def repeat_from(self, number: int) -> None:
        self._cursor = max(number, self._first)

    def begin_at(self, number: int) -> None:
        """A late joiner's first message has this number."""
        self._kept.clear()
        self._first = self._cursor = number
