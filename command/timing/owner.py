"""The time owner: one process grants time to all others. It knows channels and counts, never payloads."""

import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from command.timing.channel import NEVER_TICK, Channel
from command.timing.deadlines import Deadlines
from command.timing.errors import ParticipantLost
from command.timing.ledger import Ledger
from command.timing.member import Member
from command.timing.pacing import Pacer, RealWall, Wall
from command.timing.protocol import Done, Have, Hello, Ready, ToOwner
from command.timing.roster import Roster

_LONGEST_WAIT_S = 1.0


class WhenLost(StrEnum):
    """What a dead participant does to time."""

    PAUSE = "pause"
    SKIP = "skip"


class TimeOwner:
    """Grants time until `end_tick`, `stop()`, or a participant's request.

    `run()` blocks: call it in the main thread of a program that does nothing else, or as
    `await asyncio.to_thread(owner.run)`. `pause`, `resume`, `set_speed` and `stop` may be called from any thread and
    from signal handlers; the callbacks run in the thread of `run()`. Build the owner before starting the participants:
    its socket must be bound when they come.

    speed: None goes as fast as it can, k at most k times the wall clock. late: names that may join at any time and are
    not waited for. on_lost: called when a process leaves; returning means that it will come back within
    `return_timeout_s` (the caller restarts it), so without one a loss ends the run with ParticipantLost. With
    `when_lost=SKIP` time goes on without the dead one, and it returns as a late joiner.
    """

    def __init__(
        self,
        path: str | Path,
        channels: Sequence[Channel],
        *,
        quantum_ticks: int,
        end_tick: int | None,
        speed: float | None = None,
        late: Iterable[str] = (),
        window_ticks: int = 250,
        when_lost: WhenLost = WhenLost.PAUSE,
        answer_timeout_s: float = 60.0,
        return_timeout_s: float = 600.0,
        on_progress: Callable[[int], None] | None = None,
        on_lost: Callable[[str], None] | None = None,
        on_started: Callable[[], None] | None = None,
        wall: Wall | None = None,
    ) -> None:
        self._late = frozenset(late)
        self.ledger = Ledger(channels, quantum_ticks=quantum_ticks, window_ticks=window_ticks, late=self._late)
        self.grants = 0
        self.busy_ns = dict.fromkeys(self.ledger.names, 0)
        self._end = NEVER_TICK if end_tick is None else end_tick
        self._path, self._wall = Path(path), wall or RealWall()
        self._pacer = Pacer(speed, self._wall.now_ns())
        self._when_lost, self._answer_timeout_s = when_lost, answer_timeout_s
        self._on_progress, self._on_lost, self._on_started = on_progress, on_lost, on_started
        self._deadlines = Deadlines(
            self.ledger, self._wall, answer_timeout_s=answer_timeout_s, return_timeout_s=return_timeout_s
        )
        self._roster = Roster(self.ledger, self._deadlines)
        self._orders: deque[Callable[[], None]] = deque()
        self._is_started, self._is_stopped, self._reported_tick = False, False, 0
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        self._server = self._listen()

    @property
    def refused(self) -> int:
        """Connections that were no participant's."""
        return self._roster.refused

    def _listen(self) -> socket.socket:
        self._path.unlink(missing_ok=True)
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(str(self._path))
        server.listen(64)
        for sock in (server, self._bell, self._ringer):
            sock.setblocking(False)
        self._selector.register(server, selectors.EVENT_READ, self._accept)
        self._selector.register(self._bell, selectors.EVENT_READ, self._obey)
        return server

    def stop(self) -> None:
        """Ends the run cleanly: every participant unwinds its tasks and leaves."""
        self._order(self._stop)

    def pause(self) -> None:
        self._order(lambda: self._pacer.pause(self._wall.now_ns(), self.ledger.slowest_tick()))

    def resume(self) -> None:
        self._order(lambda: self._pacer.resume(self._wall.now_ns()))

    def set_speed(self, speed: float | None) -> None:
        self._order(lambda: self._pacer.set_speed(speed, self._wall.now_ns(), self.ledger.slowest_tick()))

    def port(self, participant: str, name: str) -> int:
        """A port that a participant reported; known once the run has started."""
        return self._roster.ports[participant][name]

    @property
    def is_paused(self) -> bool:
        return self._pacer.is_paused

    def run(self) -> None:
        """Raises TimingError by its situation; whatever happens, sockets are closed and participants told to leave."""
        try:
            while not self._is_over():
                self._advance()
                for key, _ in self._wall.wait(self._selector, self._timeout_s()):
                    key.data()
                self._deadlines.check()
        finally:
            self._close()

    def _is_over(self) -> bool:
        is_done = self._is_started and (not self.ledger.present or self.ledger.slowest_tick() >= self._end)
        return self._is_stopped or is_done

    def _stop(self) -> None:
        self._is_stopped = True

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        try:
            self._ringer.send(b"!")
        except OSError:
            return  # a full bell rings anyway, a closed one belongs to a run that is over

    def _obey(self) -> None:
        self._bell.recv(4096)
        while self._orders:
            self._orders.popleft()()

    def _timeout_s(self) -> float:
        if not self._pacer.follows_the_wall:
            return _LONGEST_WAIT_S
        now_ns, ledger = self._wall.now_ns(), self.ledger
        waits = [
            self._pacer.wait_ns(now_ns, ledger.done[name] + ledger.quantum_ticks)
            for name in self._roster.live
            if ledger.is_idle(name) and ledger.bound(name) >= ledger.done[name] + ledger.quantum_ticks
        ]
        return min([wait / 1e9 for wait in waits if wait is not None], default=_LONGEST_WAIT_S)

    def _accept(self) -> None:
        member = Member(self._server.accept()[0], timeout_s=self._answer_timeout_s)
        self._selector.register(member.sock, selectors.EVENT_READ, lambda: self._read(member))

    def _read(self, member: Member) -> None:
        messages = member.receive()
        if messages is None:
            self._selector.unregister(member.sock)
            member.sock.close()
            if self._roster.is_member(member):
                self._lose(member.name)
            elif not member.name:
                self._roster.refused += 1
            return
        for message in messages:
            self._handle(member, message)

    def _handle(self, member: Member, message: ToOwner) -> None:
        match message:
            case Hello():
                self._roster.welcome(member, message)
            case _ if not self._roster.is_member(member):
                self._roster.refused += 1
            case Ready():
                self._roster.admit(member.name, message.done)
            case Done():
                self._answered(member.name, message)
            case Have():
                self._roster.counted(member.name, message)

    def _answered(self, name: str, done: Done) -> None:
        if done.end is not None:
            self._end = min(self._end, max(done.end, *self.ledger.granted.values()))
        if not self.ledger.answered(name, done.tick, done.sent):
            return
        self._deadlines.met(name)
        self.busy_ns[name] += done.busy_ns
        tick = self.ledger.slowest_tick()
        if self._on_progress and tick > self._reported_tick:
            self._reported_tick = tick
            self._on_progress(tick)

    def _lose(self, name: str) -> None:
        is_awaited = name in self.ledger.present - self._late and self._when_lost is WhenLost.PAUSE
        self._roster.lose(name, is_awaited=is_awaited)
        if self._on_lost:
            self._on_lost(name)
        elif is_awaited:
            granted, done = self.ledger.granted[name], self.ledger.done[name]
            raise ParticipantLost(f"{name} left: granted through tick {granted}, done through {done}")

    def _advance(self) -> None:
        """Counts (re)joiners in, then grants; a dead one stops everybody by itself: nobody may pass its bounds."""
        if self._roster.is_counting:
            return
        if self._roster.may_count():
            return self._roster.begin_round()
        if self._roster.live and not self._is_started:
            self._is_started = True
            if self._on_started:
                self._on_started()
        limit = self._pacer.limit(self._wall.now_ns(), self.ledger.slowest_tick())
        for name in sorted(self._roster.live):
            if self.ledger.is_idle(name):
                self._grant(name, limit)

    def _grant(self, name: str, limit: int) -> None:
        grant = self.ledger.grant(name, limit, self._end)
        if grant:
            self.grants += 1
            self._deadlines.expect_answer(name)
            self._roster.members[name].send(grant)

    def _close(self) -> None:
        self._roster.stop()
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._ringer.close()
        self._selector.close()
        self._path.unlink(missing_ok=True)
