"""Who takes part in time: joining, leaving, coming back, and the round in which everybody is counted."""

from command.timing.deadlines import Deadlines
from command.timing.ledger import Ledger
from command.timing.member import Member
from command.timing.protocol import Freeze, Have, Hello, Lost, Refused, Resume, Stop, Welcome
from command.timing.rejoin import Rejoin


class Roster:
    """A participant says hello, is welcomed when all are there, lives its journal again, is counted in, and is live."""

    def __init__(self, ledger: Ledger, deadlines: Deadlines) -> None:
        self._ledger, self._deadlines = ledger, deadlines
        self.members: dict[str, Member] = {}
        self.live: set[str] = set()
        """Counted in: these are granted time."""
        self.is_welcomed = False
        self.refused = self.rounds = 0
        self._ready: dict[str, int] = {}
        """Waiting to be counted in, with the tick their journal reached."""
        self.ports: dict[str, dict[str, int]] = {}
        self._round: Rejoin | None = None
        for name in sorted(ledger.present):
            deadlines.expect_return(name)

    @property
    def is_counting(self) -> bool:
        return self._round is not None

    def is_member(self, member: Member) -> bool:
        return self.members.get(member.name) is member

    def welcome(self, member: Member, hello: Hello) -> None:
        """Everybody is welcomed at once when all are there; who comes later, or back, at once."""
        if hello.name not in self._ledger.names or hello.name in self.members:
            reason = "is here already" if hello.name in self.members else "is named by no channel"
            self.refused += 1
            return member.send(Refused(reason=f"{hello.name} {reason}"))
        member.name = hello.name
        self.members[hello.name], self.ports[hello.name] = member, hello.ports
        self._deadlines.expect_return(hello.name)
        if self.is_welcomed:
            return member.send(Welcome(ports=self.ports))
        if self._ledger.present <= self.members.keys():
            self.is_welcomed = True
            self._tell_all(self.members, Welcome(ports=self.ports))

    def admit(self, name: str, done: int) -> None:
        """It has lived its journal again; raises JournalMismatch when that is not the life the others saw."""
        if name in self._ledger.present:
            self._ledger.check_return(name, done)
        self._ready[name] = done
        self._deadlines.met(name)

    def may_count(self) -> bool:
        """Somebody waits, and nobody is missing or still living its journal again."""
        is_replaying = any(name not in self.live and name not in self._ready for name in self.members)
        return bool(self._ready) and not is_replaying and self._ledger.present <= self.members.keys()

    def begin_round(self) -> None:
        present = frozenset(self._ledger.present)
        newcomers = {name: None if name in present else self._ledger.enter(name) for name in self._ready}
        self.rounds += 1
        self._round = Rejoin(self.rounds, self._ledger.channels, veterans=self.live, newcomers=newcomers)
        self._freeze(self._round.begin())

    def _freeze(self, messages: dict[str, Freeze]) -> None:
        for name, message in messages.items():
            self.members[name].send(message)
            self._deadlines.expect_answer(name)

    def counted(self, name: str, have: Have) -> None:
        self._deadlines.met(name)
        if not self._ledger.is_idle(name):
            self._deadlines.expect_answer(name)
        if self._round:
            self._freeze(self._round.heard(name, have))
            if not self._round.awaited:
                self._finish_round(self._round)

    def _finish_round(self, finished: Rejoin) -> None:
        self._round = None
        returned, self._ready = self._ready, {}
        self.live.update(returned)
        absent = self._absent()
        for name in sorted(self.live):
            self.members[name].send(Resume(resend=finished.resend_from(name), absent=absent))
        for name, done in returned.items():
            if not self._ledger.is_idle(name):
                self._deadlines.expect_answer(name)
                if done < self._ledger.granted[name]:
                    self.members[name].send(self._ledger.last_grant[name])

    def _absent(self) -> list[str]:
        """To these nothing may be sent, because nobody has counted yet what they have."""
        return [name for name in self._ledger.names if name not in self.live]

    def lose(self, name: str, *, is_awaited: bool) -> None:
        """Its process left. Others keep what goes to it when it is awaited, and forget it when it is not."""
        del self.members[name]
        self._ready.pop(name, None)
        self.live.discard(name)
        self._deadlines.met(name)
        self._abort_round()
        self._tell_all(self.members, Lost(name=name, is_skipped=not is_awaited))
        if is_awaited:
            self._deadlines.expect_return(name)
        else:
            self._ledger.leave(name)

    def _abort_round(self) -> None:
        """Somebody left in the middle: those who were live go on, those who wait are counted in by the next round."""
        if self._round is None:
            return
        for name, begin in self._round.newcomers.items():
            if begin is not None:
                self._ledger.leave(name)
        self._round = None
        self._tell_all(self.live, Resume(resend={}, absent=self._absent()))

    def stop(self) -> None:
        self._tell_all(self.members, Stop())

    def _tell_all(self, names: set[str] | dict[str, Member], message: Welcome | Lost | Resume | Stop) -> None:
        for name in sorted(names):
            self.members[name].send(message)
