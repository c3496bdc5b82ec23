"""What has come to a participant: counted per channel, and matched with what the senders declared."""

from collections import deque
from collections.abc import Iterable

from command.timing.protocol import Sent

Arrival = tuple[int, int | None, bytes]
"""Channel, tick it was sent (None: from outside of simulated time), payload."""


class Inbox:
    """Messages wait here until a grant declares them; those from outside are taken with the next grant."""

    def __init__(self, channels: Iterable[int]) -> None:
        channels = sorted(channels)
        self.counts = dict.fromkeys(channels, 0)
        """Everything that has come since the beginning, taken or not."""
        self._declared = dict.fromkeys(channels, 0)
        self._arrived: dict[int, deque[bytes]] = {channel: deque() for channel in channels}
        self._expected: dict[int, deque[tuple[int, int]]] = {channel: deque() for channel in channels}
        self._outside: list[Arrival] = []
        self.peak = 0

    def arrive(self, channel: int, data: bytes) -> None:
        queue = self._arrived.get(channel)
        if queue is None:
            self._outside.append((channel, None, data))
            return
        queue.append(data)
        self.counts[channel] += 1
        self.peak = max(self.peak, len(queue))

    def expect(self, sent: Iterable[Sent]) -> None:
        for channel, tick, count in sent:
            self._expected[channel].append((tick, count))
            self._declared[channel] += count

    def missing(self) -> dict[int, int]:
        """Declared and not here yet, by channel."""
        short = {c: sum(n for _, n in ticks) - len(self._arrived[c]) for c, ticks in self._expected.items() if ticks}
        return {channel: count for channel, count in short.items() if count > 0}

    def take(self) -> list[Arrival]:
        """All that was declared, and all from outside, in one order whatever the sockets did."""
        arrivals: list[Arrival] = []
        for channel, ticks in self._expected.items():
            queue = self._arrived[channel]
            for tick, count in ticks:
                arrivals += [(channel, tick, queue.popleft()) for _ in range(count)]
            ticks.clear()
        arrivals += self._outside
        self._outside = []
        return arrivals

    def replay(self, arrivals: Iterable[Arrival]) -> None:
        for channel, sent, _ in arrivals:
            if sent is not None:
                self.counts[channel] += 1
                self._declared[channel] += 1

    def forget_untaken(self) -> None:
        """A newcomer drops what its fresh sockets caught: the senders repeat it in order."""
        for channel, queue in self._arrived.items():
            self.counts[channel] -= len(queue)
            queue.clear()

    def forget_undeclared(self, channels: Iterable[int]) -> None:
        """Their sender is gone for good: what it declared and never finished sending will not come."""
        for channel in channels:
            queue, keep = self._arrived[channel], deque[tuple[int, int]]()
            room = len(queue)
            for tick, count in self._expected[channel]:
                if min(count, room):
                    keep.append((tick, min(count, room)))
                room -= min(count, room)
            for _ in range(room):
                queue.pop()
            self._expected[channel] = keep
            self.counts[channel] = self._declared[channel]

    def begin_at(self, counts: dict[int, int]) -> None:
        self.counts.update(counts)
        self._declared.update(counts)
