"""A selector whose waiting is granted time.

asyncio calls its selector exactly when nothing is left to run, so "this participant is done" needs no guessing.
"""

import heapq
import selectors
from collections.abc import Callable
from typing import Any

from command.timing.channel import TICK_S, Channel
from command.timing.errors import Stopped, WrongChannel
from command.timing.journal import Entry

Handler = Callable[[bytes], None]


class Barrier(selectors.SelectSelector):
    """Moves `now` from event to event through the granted ticks, then asks `next_entry` for more."""

    def __init__(
        self, incoming: dict[int, Channel], handlers: dict[int, Handler], next_entry: Callable[[int], Entry]
    ) -> None:
        super().__init__()
        self.now = self.granted = 0
        self.call_soon: Callable[[Handler, bytes], Any] = lambda handler, data: handler(data)
        """The loop's, once there is one."""
        self.failure: BaseException | None = None
        self.is_closing = False
        self._latency = {channel.id: channel.latency_ticks for channel in incoming.values()}
        self._handlers, self._next_entry = handlers, next_entry
        self._due: list[tuple[int, int, int, bytes]] = []
        self._order = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Sockets are none of its business: it returns no events, it only lets time pass."""
        if self.failure and not self.is_closing:
            raise self.failure  # asyncio would log a broken handler and go on: here it ends the run
        if timeout is not None and timeout <= 0:
            return []
        if self.is_closing:
            raise Stopped("a task waited for time that will not come")
        while not self._step(timeout):
            self._accept(self._next_entry(self.granted))
        return []

    def _step(self, timeout: float | None) -> bool:
        """Goes to the next timer or message within the granted ticks; False when there is none."""
        target = None if timeout is None else self.now + max(1, int(-(-(timeout / TICK_S - 1e-6) // 1)))
        if self._due and (target is None or self._due[0][0] < target):
            target = self._due[0][0]
        if target is None or target > self.granted:
            return False
        self.now = target
        while self._due and self._due[0][0] == target:  # one order for all: tick, channel, number; then the timers
            _, channel, _, data = heapq.heappop(self._due)
            if channel not in self._handlers:
                raise WrongChannel(f"a message came on channel {channel}, which nobody handles")
            self.call_soon(self._handlers[channel], data)
        return True

    def _accept(self, entry: Entry) -> None:
        if entry.begin > self.granted:  # a late joiner: its past is empty
            self.now = entry.begin
        for channel, sent, data in entry.arrivals:
            due = entry.begin + 1 if sent is None else sent + self._latency[channel]
            if due > entry.begin:
                self._order += 1
                heapq.heappush(self._due, (due, channel, self._order, data))
        self.granted = entry.until
