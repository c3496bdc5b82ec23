"""The owner's books: who is done through which tick, who may run how far, which messages are on their way. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from command.timing.channel import Channel, by_id, names_of
from command.timing.errors import JournalMismatch
from command.timing.protocol import Grant, Sent


class Ledger:
    """A participant may run to the least, over its incoming channels, of what the sender is done with plus the latency.

    What it sends at a later tick falls due later still, so nothing can arrive in the past, and the one furthest behind
    can always move: no global lock, no deadlock. A sender may also not run `window_ticks` ahead of its receivers, which
    bounds what kernels and retaining senders must hold.
    """

    def __init__(
        self, channels: Sequence[Channel], *, quantum_ticks: int, window_ticks: int, late: Iterable[str] = ()
    ) -> None:
        self.channels, self.names = by_id(channels), names_of(channels)
        for channel in channels:
            if channel.latency_ticks < quantum_ticks:
                raise ValueError(f"channel {channel.id}: {channel.latency_ticks} ticks of latency, less than a quantum")
        if window_ticks < quantum_ticks:
            raise ValueError("the window is smaller than the quantum")
        self.quantum_ticks, self.window_ticks = quantum_ticks, window_ticks
        self.present = set(self.names) - set(late)
        self.done, self.granted = dict.fromkeys(self.names, 0), dict.fromkeys(self.names, 0)
        self.declared, self.taken = dict.fromkeys(self.channels, 0), dict.fromkeys(self.channels, 0)
        self.last_grant: dict[str, Grant] = {}
        self._inbox: dict[str, list[Sent]] = {name: [] for name in self.names}
        self._safe: dict[str, dict[int, int]] = {name: {} for name in self.names}
        self._senders = self._least_latencies(channels)
        self._receivers = {n: sorted({c.receiver for c in channels if c.sender == n}) for n in self.names}

    @staticmethod
    def _least_latencies(channels: Sequence[Channel]) -> dict[str, dict[str, int]]:
        least: dict[str, dict[str, int]] = defaultdict(dict)
        for channel in channels:
            known = least[channel.receiver].get(channel.sender, channel.latency_ticks)
            least[channel.receiver][channel.sender] = min(known, channel.latency_ticks)
        return dict(least)

    def is_idle(self, name: str) -> bool:
        """It has answered every grant it was given."""
        return self.done[name] == self.granted[name]

    def slowest_tick(self) -> int:
        return min((self.done[name] for name in self.present), default=0)

    def bound(self, name: str) -> int:
        """How far the others allow this one to run."""
        senders = [self.done[s] + ticks for s, ticks in self._senders.get(name, {}).items() if s in self.present]
        receivers = [self.done[r] + self.window_ticks for r in self._receivers[name] if r in self.present]
        # asked thousands of times a second, mostly in vain: a default would be computed each time
        return min(senders + receivers) if senders or receivers else self.slowest_tick() + self.window_ticks

    def grant(self, name: str, limit: int, end: int) -> Grant | None:
        """The next grant for an idle participant, none when it is less than a quantum away."""
        until = min(self.bound(name), limit, end)
        if until - self.done[name] < (self.quantum_ticks if until < end else 1):
            return None
        grant = Grant(until=until, sent=self._inbox[name], taken=self._safe[name])
        self._inbox[name], self._safe[name] = [], {}
        self.granted[name], self.last_grant[name] = until, grant
        return grant

    def answered(self, name: str, tick: int, sent: Iterable[Sent]) -> bool:
        """Books an answer; False for the repeated one of a restarted participant."""
        if tick <= self.done[name]:
            return False
        self.done[name] = tick
        for channel, _, count in self.last_grant[name].sent:
            self._mark_taken(channel, count)
        for entry in sent:
            channel, _, count = entry
            self.declared[channel] += count
            if self.channels[channel].receiver in self.present:
                self._inbox[self.channels[channel].receiver].append(entry)
            else:
                self._mark_taken(channel, count)
        return True

    def _mark_taken(self, channel: int, count: int) -> None:
        self.taken[channel] += count
        self._safe[self.channels[channel].sender][channel] = self.taken[channel]

    def check_return(self, name: str, done: int) -> None:
        """Raises JournalMismatch when a restarted participant has not lived what the others saw of it."""
        if not self.done[name] <= done <= self.granted[name]:
            raise JournalMismatch(
                f"{name} came back at tick {done}, but it was done through {self.done[name]} and granted "
                f"{self.granted[name]}: its journal is missing or belongs to another run"
            )

    def leave(self, name: str) -> None:
        """Goes on without this one: what was on its way to or from it is forgotten, nobody is bounded by it."""
        self.present.discard(name)
        self._inbox[name] = []
        for channel in self.channels.values():
            if channel.receiver == name:
                self._mark_taken(channel.id, self.declared[channel.id] - self.taken[channel.id])
            if channel.sender == name:
                self._withdraw(channel)

    def _withdraw(self, channel: Channel) -> None:
        inbox = self._inbox[channel.receiver]
        self.declared[channel.id] -= sum(count for of, _, count in inbox if of == channel.id)
        self._inbox[channel.receiver] = [entry for entry in inbox if entry[0] != channel.id]

    def enter(self, name: str) -> tuple[int, dict[int, int]]:
        """Takes in a late joiner at a tick nobody has passed: the tick and the counts its channels begin with."""
        tick = max((self.granted[n] for n in sorted(self.present)), default=0)
        self.present.add(name)
        self.done[name] = self.granted[name] = tick
        return tick, {c.id: self.declared[c.id] for c in self.channels.values() if c.receiver == name}
