"""Who owes the time owner something, until when on the wall, and the error that says so."""

from command.timing.errors import NoAnswer, NotJoined, TimingError
from command.timing.ledger import Ledger
from command.timing.pacing import Wall


class Deadlines:
    """One debt per participant: an answer, or to (re)join."""

    def __init__(self, ledger: Ledger, wall: Wall, *, answer_timeout_s: float, return_timeout_s: float) -> None:
        self._ledger, self._wall = ledger, wall
        self._answer_timeout_s, self._return_timeout_s = answer_timeout_s, return_timeout_s
        self._owed: dict[str, tuple[int, TimingError]] = {}

    def expect_answer(self, name: str) -> None:
        granted, done = self._ledger.granted[name], self._ledger.done[name]
        otherwise = NoAnswer(f"{name} does not answer: granted through tick {granted}, done through {done}")
        self._owed[name] = (self._wall.now_ns() + int(self._answer_timeout_s * 1e9), otherwise)

    def expect_return(self, name: str) -> None:
        otherwise = NotJoined(f"{name} did not (re)join within {self._return_timeout_s:.0f} s")
        self._owed[name] = (self._wall.now_ns() + int(self._return_timeout_s * 1e9), otherwise)

    def met(self, name: str) -> None:
        self._owed.pop(name, None)

    def check(self) -> None:
        """Raises the error of the first debt that is overdue."""
        now_ns = self._wall.now_ns()
        for by_ns, otherwise in self._owed.values():
            if now_ns >= by_ns:
                raise otherwise
