"""The time owner: one process grants time to all others. It knows channels and counts, never payloads."""

import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from command.timing.channel import NEVER_TICK, Channel
from command.timing.errors import NoAnswer, NotJoined, ParticipantLost
from command.timing.ledger import Ledger
from command.timing.member import Deadlines, Member
from command.timing.pacing import Pacer, RealWall, Wall
from command.timing.protocol import Done, Freeze, Have, Hello, Lost, Ready, Refused, Resume, Stop, ToOwner, Welcome
from command.timing.rejoin import Rejoin

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
        self.ledger = Ledger(channels, quantum_ticks=quantum_ticks, window_ticks=window_ticks, late=late)
        self.grants = self.refused = 0
        self.busy_ns = dict.fromkeys(self.ledger.names, 0)
        self._end = NEVER_TICK if end_tick is None else end_tick
        self._path, self._wall = Path(path), wall or RealWall()
        self._pacer = Pacer(speed, self._wall.now_ns())
        self._when_lost, self._late = when_lost, frozenset(late)
        self._answer_timeout_s, self._return_timeout_s = answer_timeout_s, return_timeout_s
        self._on_progress, self._on_lost, self._on_started = on_progress, on_lost, on_started
        self._members: dict[str, Member] = {}
        self._ports: dict[str, dict[str, int]] = {}
        self._ready: dict[str, int] = {}
        """(Re)joined and waiting to be let in, with the tick their journal reached."""
        self._live: set[str] = set()
        """Let in: these are granted time."""
        self._deadlines = Deadlines()
        self._round: Rejoin | None = None
        self._rounds = 0
        self._orders: deque[Callable[[], None]] = deque()
        self._is_started, self._is_stopped, self._reported_tick = False, False, 0
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        self._server = self._listen()
        for name in sorted(self.ledger.present):
            self._expect_return(name)

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
                self._deadlines.check(self._wall.now_ns())
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
        now_ns, ledger = self._wall.now_ns(), self.ledger
        waits = [
            self._pacer.wait_ns(now_ns, ledger.done[name] + ledger.quantum_ticks)
            for name in self._live
            if ledger.is_idle(name) and ledger.bound(name) >= ledger.done[name] + ledger.quantum_ticks
        ]
        return min([wait / 1e9 for wait in waits if wait is not None], default=_LONGEST_WAIT_S)

    def _expect_answer(self, name: str) -> None:
        granted, done = self.ledger.granted[name], self.ledger.done[name]
        otherwise = NoAnswer(f"{name} does not answer: granted through tick {granted}, done through {done}")
        self._deadlines.expect(name, self._wall.now_ns() + int(self._answer_timeout_s * 1e9), otherwise)

    def _expect_return(self, name: str) -> None:
        otherwise = NotJoined(f"{name} did not (re)join within {self._return_timeout_s:.0f} s")
        self._deadlines.expect(name, self._wall.now_ns() + int(self._return_timeout_s * 1e9), otherwise)

    def _accept(self) -> None:
        member = Member(self._server.accept()[0], timeout_s=self._answer_timeout_s)
        self._selector.register(member.sock, selectors.EVENT_READ, lambda: self._read(member))

    def _read(self, member: Member) -> None:
        messages = member.receive()
        if messages is None:
            self._selector.unregister(member.sock)
            member.sock.close()
            if self._members.get(member.name) is member:
                self._lose(member.name)
            return
        for message in messages:
            self._handle(member, message)

    def _handle(self, member: Member, message: ToOwner) -> None:
        match message:
            case Hello():
                self._welcome(member, message)
            case _ if self._members.get(member.name) is not member:
                self.refused += 1
            case Ready():
                self._admit(member.name, message.done)
            case Done():
                self._answered(member.name, message)
            case Have():
                self._counted(member.name, message)

    def _welcome(self, member: Member, hello: Hello) -> None:
        if hello.name not in self.ledger.names or hello.name in self._members:
            reason = "is here already" if hello.name in self._members else "is named by no channel"
            self.refused += 1
            return member.send(Refused(reason=f"{hello.name} {reason}"))
        member.name = hello.name
        self._members[hello.name], self._ports[hello.name] = member, hello.ports
        self._expect_return(hello.name)
        if self._is_started:
            return self._send_welcome(hello.name)
        if self.ledger.present <= self._members.keys():
            for name in sorted(self._members):
                self._send_welcome(name)
            self._is_started = True

    def _send_welcome(self, name: str) -> None:
        self._members[name].send(Welcome(ports=self._ports))

    def _absent(self) -> list[str]:
        """To these nothing may be sent, because nobody has counted yet what they have."""
        newcomers = self._round.newcomers if self._round else {}
        return [name for name in self.ledger.names if name not in self._live and name not in newcomers]

    def _admit(self, name: str, done: int) -> None:
        if name in self.ledger.present:
            self.ledger.check_return(name, done)
        self._ready[name] = done
        self._deadlines.met(name)

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
        del self._members[name]
        self._ready.pop(name, None)
        self._live.discard(name)
        self._deadlines.met(name)
        self._abort_round()
        is_awaited = name in self.ledger.present - self._late and self._when_lost is WhenLost.PAUSE
        if is_awaited and self._on_lost is None:
            granted, done = self.ledger.granted[name], self.ledger.done[name]
            raise ParticipantLost(f"{name} left: granted through tick {granted}, done through {done}")
        for other in sorted(self._members):
            self._members[other].send(Lost(name=name, is_skipped=not is_awaited))
        if is_awaited:
            self._expect_return(name)
        else:
            self.ledger.leave(name)
        if self._on_lost:
            self._on_lost(name)

    def _abort_round(self) -> None:
        """Somebody left in the middle: those who were there go on, those who wait are let in by the next round."""
        if self._round is None:
            return
        for name, begin in self._round.newcomers.items():
            if begin is not None:
                self.ledger.leave(name)
        self._round = None
        for name in sorted(self._live):
            self._members[name].send(Resume(resend={}, absent=self._absent()))

    def _advance(self) -> None:
        """Lets (re)joiners in, then grants; a dead one stops everybody by itself: nobody is granted past its bounds."""
        if not self._is_started or self._round:
            return
        if self._ready and all(name in self._members for name in self.ledger.present) and not self._is_replaying():
            return self._begin_round()
        limit = self._pacer.limit(self._wall.now_ns(), self.ledger.slowest_tick())
        for name in self.ledger.names:
            if name in self._live and self.ledger.is_idle(name):
                self._grant(name, limit)

    def _is_replaying(self) -> bool:
        return any(name not in self._live and name not in self._ready for name in self._members)

    def _grant(self, name: str, limit: int) -> None:
        grant = self.ledger.grant(name, limit, self._end)
        if grant:
            self.grants += 1
            self._expect_answer(name)
            self._members[name].send(grant)

    def _begin_round(self) -> None:
        newcomers = {name: None if name in self.ledger.present else self.ledger.enter(name) for name in self._ready}
        self._rounds += 1
        self._round = Rejoin(self._rounds, self.ledger.channels, veterans=self._live, newcomers=newcomers)
        self._freeze(self._round.begin())

    def _freeze(self, messages: dict[str, Freeze]) -> None:
        for name, message in messages.items():
            self._members[name].send(message)
            self._expect_answer(name)

    def _counted(self, name: str, have: Have) -> None:
        self._deadlines.met(name)
        if not self.ledger.is_idle(name):
            self._expect_answer(name)
        if self._round:
            self._freeze(self._round.heard(name, have))
            if not self._round.awaited:
                self._finish_round(self._round)

    def _finish_round(self, finished: Rejoin) -> None:
        for name in sorted(self._live | self._ready.keys()):
            self._members[name].send(Resume(resend=finished.resend_from(name), absent=self._absent()))
        for name, done in self._ready.items():
            if self.ledger.granted[name] > self.ledger.done[name]:
                self._expect_answer(name)
                if done < self.ledger.granted[name]:
                    self._members[name].send(self.ledger.last_grant[name])
        self._live.update(self._ready)
        self._ready.clear()
        self._round = None
        if self._rounds == 1 and self._on_started:
            self._on_started()

    def _close(self) -> None:
        for member in self._members.values():
            member.send(Stop())
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._ringer.close()
        self._selector.close()
        self._path.unlink(missing_ok=True)
