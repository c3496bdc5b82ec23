"""How far away a vehicle is in time, and how far its clock is from ours: TIMESYNC once a second on one path."""

from collections import deque
from dataclasses import dataclass
from statistics import median

from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.wire.message import Message
from world.time import NS_PER_S, Instant

EVERY_S = 1.0
WINDOW = 16
FORGOTTEN_S = 10.0
MOST_ANSWERS = 4
# Samples in a row that contradict all before: the vehicle's clock was set anew, as by a reboot.
CONTRADICTIONS = 3
# Clocks of autopilots and of computers together drift less than this (crystals of 50 ppm each).
DRIFT = 100e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    at_ns: int
    rtt_ns: int
    offset_ns: int
    """The vehicle's clock less ours, if the way up took as long as the way down."""

    def error_ns(self, now_ns: int) -> int:
        """The truth is within this, however unequal the two ways were."""
        return self.rtt_ns // 2 + round(DRIFT * max(now_ns - self.at_ns, 0))

    def contradicts(self, other: "_Sample") -> bool:
        now_ns = max(self.at_ns, other.at_ns)
        return abs(self.offset_ns - other.offset_ns) > self.error_ns(now_ns) + other.error_ns(now_ns)


class TimeSync:
    """A chore, one per path. `rtt_s`, `offset_ns` and `offset_error_ns` are None until the first answer.

    The round trip is the median of a window, which outliers do not move; the offset is that of the quickest exchange,
    whose two ways can differ least.
    """

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._sent: dict[int, Instant] = {}
        self._last: Instant | None = None
        self._samples: deque[_Sample] = deque(maxlen=WINDOW)
        self._odd: list[_Sample] = []
        self._answers: list[Outgoing] = []
        self.lost = 0
        """Questions that were never answered."""

    @property
    def rtt_s(self) -> float | None:
        return median(sample.rtt_ns for sample in self._samples) / NS_PER_S if self._samples else None

    @property
    def offset_ns(self) -> int | None:
        best = self._best()
        return None if best is None else best.offset_ns

    @property
    def offset_error_ns(self) -> int | None:
        """The offset is true within so much."""
        best = self._best()
        return None if best is None else best.error_ns(self._samples[-1].at_ns)

    def hear(self, message: Message, now: Instant) -> None:
        if message.SPEC.name != "TIMESYNC":
            return
        if message.tc1 == 0:
            if len(self._answers) < MOST_ANSWERS:
                fields = {"tc1": _stamp(now), "ts1": message.ts1}
                self._answers.append(Outgoing(name="TIMESYNC", fields=fields))
            return
        sent = self._sent.pop(message.ts1, None)  # an answer to another station, or a second one, is not ours
        if sent is not None and message.tc1 > 0:
            rtt_ns = max(now.mono_ns - sent.mono_ns, 0)
            offset_ns = message.tc1 - (sent.mono_ns + rtt_ns // 2)
            self._take(_Sample(at_ns=now.mono_ns, rtt_ns=rtt_ns, offset_ns=offset_ns))

    def answers(self) -> list[Outgoing]:
        """To the vehicle's own questions since the last call: they age while they wait."""
        answers, self._answers = self._answers, []
        return answers

    def requests(self, now: Instant) -> list[Outgoing]:
        answers = self.answers()
        if self._talk.known().vitals.heartbeat is None:
            return answers
        if self._last is not None and self._last.age_s(now) < EVERY_S:
            return answers
        self._last = now
        self._forget(now)
        self._sent[_stamp(now)] = now
        return [*answers, Outgoing(name="TIMESYNC", fields={"tc1": 0, "ts1": _stamp(now)})]

    def _forget(self, now: Instant) -> None:
        old = [stamp for stamp, sent in self._sent.items() if sent.age_s(now) > FORGOTTEN_S]
        self.lost += len(old)
        for stamp in old:
            del self._sent[stamp]

    def _best(self) -> _Sample | None:
        newest = self._samples[-1].at_ns if self._samples else 0
        return min(self._samples, key=lambda sample: sample.error_ns(newest), default=None)

    def _take(self, sample: _Sample) -> None:
        if all(not sample.contradicts(other) for other in self._samples):
            self._odd.clear()
            self._samples.append(sample)
            return
        self._odd.append(sample)
        if len(self._odd) >= CONTRADICTIONS:
            self._samples = deque(self._odd, maxlen=WINDOW)
            self._odd = []


def _stamp(now: Instant) -> int:
    """0 would be read as a question."""
    return max(now.mono_ns, 1)
