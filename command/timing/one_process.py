"""Time's owner and all its participants in one process: each in a thread of its own, of which exactly one runs.

Channels, latencies, grants and the order of messages are those of many processes; only sockets are not there.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType

from command.timing.channel import Channel
from command.timing.errors import ParticipantLost, Stopped
from command.timing.inbox import Inbox
from command.timing.journal import Entry
from command.timing.ledger import Ledger
from command.timing.links import Links
from command.timing.local_links import LocalDoor
from command.timing.protocol import Done, Grant, Sent

WINDOW_TICKS = 250


@dataclass(slots=True, eq=False)
class Seat:
    """One participant's place: what Session is between processes. Its thread waits here for its next grant."""

    name: str
    owner: "OneProcess"
    wake: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    links: Links | None = None
    inbox: Inbox | None = None
    ports: dict[str, int] = field(default_factory=dict)
    grant: Grant | None = None
    answer: Done | None = None
    life: "Future[None] | None" = None
    has_joined: bool = False

    def join(self, ports: dict[str, int]) -> dict[str, dict[str, int]]:
        self.ports, self.has_joined = ports, True
        self.owner.wait(self)
        return self.owner.ports()

    def exchange(self, done: int, sent: list[Sent], end: int | None) -> Entry:
        """Raises Stopped at the end of the run."""
        assert self.links is not None
        assert self.inbox is not None
        if self.answer is None:
            self.links.hold_to(set())
            self.links.open_doors()
        self.answer = Done(tick=done, busy_ns=0, sent=sent, end=end)
        self.owner.wait(self)
        assert self.grant is not None
        self.inbox.expect(self.grant.sent)
        return Entry(begin=done, until=self.grant.until, taken=self.grant.taken, arrivals=self.inbox.take())

    def close(self) -> None:
        """Nothing is held."""


class OneProcess:
    """Start every participant, `begin`, then `advance`; `close` in any case. All of it from one thread."""

    def __init__(self, channels: Sequence[Channel], *, quantum_ticks: int, end_tick: int) -> None:
        self.ledger = Ledger(channels, quantum_ticks=quantum_ticks, window_ticks=WINDOW_TICKS)
        self.end_tick = end_tick
        self.doors: dict[int, LocalDoor] = {}
        """By channel, where outside clients would come in."""
        self._seats = {name: Seat(name, self) for name in self.ledger.names}
        self._back = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []
        self._is_stopping = False

    def seat(self, name: str, links: Links, inbox: Inbox) -> Seat:
        """Takes a participant's place, for the participant itself."""
        seat = self._seats[name]
        seat.links, seat.inbox = links, inbox
        return seat

    def ports(self) -> dict[str, dict[str, int]]:
        return {name: seat.ports for name, seat in self._seats.items()}

    def hand_over(self, channel: int, data: bytes) -> bool:
        """A message is with its receiver at once; what it must not see yet, no grant declares."""
        inbox = self._seats[self.ledger.channels[channel].receiver].inbox
        assert inbox is not None
        inbox.arrive(channel, data)
        return True

    def wait(self, seat: Seat) -> None:
        """In a participant's thread: it is somebody else's turn. Raises Stopped when there will be no other."""
        if self._is_stopping:  # who is stopped and asks again would wait for ever
            raise Stopped(f"{seat.name}: the run is over")
        self._back.release()
        seat.wake.acquire()
        if self._is_stopping:
            raise Stopped(f"{seat.name}: the run is over")

    @property
    def tick(self) -> int:
        """Everybody is done through this one."""
        return self.ledger.slowest_tick()

    @property
    def is_over(self) -> bool:
        return self.tick >= self.end_tick

    def start(self, name: str, body: Callable[[], None]) -> None:
        """Runs `body` until it joins. Raises ParticipantLost, whose cause is what the participant raised."""
        seat = self._seats[name]
        seat.life = life = Future[None]()
        life.add_done_callback(lambda _: self._back.release())
        thread = threading.Thread(target=_live, args=(life, body), name=f"role {name}", daemon=True)
        self._threads.append(thread)  # a daemon: who forgets to close must still be able to end
        thread.start()
        self._back.acquire()
        self._check(seat)

    def begin(self) -> None:
        """Everybody has been started: each learns of the others and asks for its first grant."""
        for seat in self._seats.values():
            self._let(seat)

    def advance(self, until: int) -> None:
        """Until everybody is done through this tick, or the run is over; raises ParticipantLost."""
        while self.tick < min(until, self.end_tick):
            for name, seat in self._seats.items():
                grant = self.ledger.grant(name, until, self.end_tick)
                if grant is not None:
                    seat.grant = grant
                    self._let(seat)
                    self._answered(seat)

    def _answered(self, seat: Seat) -> None:
        done = seat.answer
        assert done is not None
        if done.end is not None:
            self.end_tick = min(self.end_tick, max(done.end, *self.ledger.granted.values()))
        self.ledger.answered(seat.name, done.tick, done.sent)

    def _let(self, seat: Seat) -> None:
        seat.wake.release()
        self._back.acquire()
        self._check(seat)

    def _check(self, seat: Seat) -> None:
        if seat.life is not None and seat.life.done():
            _raise(seat.name, seat.life)
            raise ParticipantLost(f"{seat.name} left")

    def close(self) -> None:
        """Has everybody unwind, one after the other, and raises the first error that this gave; again, does nothing."""
        self._is_stopping = True
        ended: list[tuple[str, Future[None]]] = []
        for name, seat in self._seats.items():
            if seat.life is not None and not seat.life.done():
                seat.wake.release()
                self._back.acquire()
                ended.append((name, seat.life))
        for thread in self._threads:
            thread.join()
        for name, life in ended:
            _raise(name, life)


class _Kept:
    """What ends a participant is its life's result, for the thread that asks for it."""

    def __init__(self, life: "Future[None]") -> None:
        self._life = life

    def __enter__(self) -> None:
        """Nothing is held."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            self._life.set_result(None)
        else:
            self._life.set_exception(error)
        return True


def _live(life: "Future[None]", body: Callable[[], None]) -> None:
    with _Kept(life):
        body()


def _raise(name: str, life: "Future[None]") -> None:
    """ParticipantLost, caused by what the participant raised, if it did; to be stopped is none of its errors."""
    error = life.exception()
    while isinstance(error, BaseExceptionGroup):  # task groups wrap what went wrong
        error = error.exceptions[0]
    if error is not None and not isinstance(error, Stopped):
        raise ParticipantLost(f"{name}: {type(error).__name__}: {error}") from error
