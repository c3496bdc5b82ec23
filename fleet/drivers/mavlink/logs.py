"""The log protocol as steps: which logs there are, and one log's bytes from any offset without a hole."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from fleet.commands import AckResult
from fleet.drivers.mavlink.allowance import Allowance
from fleet.drivers.mavlink.answers import Part
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.pieces import Pieces
from fleet.drivers.mavlink.step import Outgoing, Step, StepFailed, Talk, perform
from fleet.wire.message import Message
from world.time import Instant

REPEAT_S = 2.0
LIST_TRIES = 16
SILENCE_S = 1.3
STALLED_S = 30.0
DATA_BYTES = 90
"""Of one LOG_DATA."""
WIRE_BYTES = 12 + 97
SPAN_BYTES = 1024 * DATA_BYTES
"""Asked for at once when nothing limits the rate; what is under way when nobody wants it any more goes on."""
CHEAP_BYTES = 16 * DATA_BYTES
"""So much is rather sent twice than asked for once more: a question costs a round trip."""
LONGEST_LOG = 512 << 20
ALL = 0xFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One log on board. `utc_s` None: the vehicle had no clock then."""

    number: int
    size: int
    utc_s: int | None


class _Talkative(Step[Any]):
    """What both steps of this file share: the vehicle's own words when it stays silent otherwise."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._talk = talk
        self._begun: Instant | None = None

    def begin(self, now: Instant) -> Instant:
        self._begun = self._begun or now
        return self._begun

    def silent(self, what: str, known: Known) -> StepFailed:
        """ArduPilot says "Disarm for log download" once and is silent then."""
        texts = known.texts.since(self._begun.mono_ns if self._begun else 0)
        said = "; ".join(dict.fromkeys(text.text for text in texts if "log" in text.text.lower()))
        armed = "; it is armed, and logs are read from disarmed vehicles only" if known.state.is_armed else ""
        return StepFailed(what + (f": {said}" if said else armed), AckResult.TIMED_OUT)


class ListLogs(_Talkative):
    """LOG_REQUEST_LIST until there is an entry of every number. Ends with them in order."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        self._pace = Pace(every_s=REPEAT_S, times=LIST_TRIES)
        self._found: dict[int, LogEntry] = {}
        self._count: int | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self.begin(now)
        if self._pace.is_spent(now):
            if self._count:
                raise self.silent(f"only {len(self._found)} of {self._count} entries of the list of logs came", known)
            raise self.silent("the vehicle does not answer when asked for its logs", known)
        if not self._pace.is_due(now):
            return []
        return [Outgoing(name="LOG_REQUEST_LIST", fields=self._talk.target | {"start": 0, "end": ALL})]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name != "LOG_ENTRY":
            return []
        if message.num_logs == 0:
            self.end([])
        else:
            self._keep(message, now)
        return []

    def _keep(self, message: Message, now: Instant) -> None:
        if self._count is not None and message.num_logs != self._count:
            self._found.clear()  # a log was begun or erased
        self._count = message.num_logs
        if message.id not in self._found:
            self._pace.put_off(now)
        self._found[message.id] = _entry(message)
        if len(self._found) == self._count:
            self.end([self._found[number] for number in sorted(self._found)])


def _entry(message: Message) -> LogEntry:
    return LogEntry(number=message.id, size=message.size, utc_s=message.time_utc or None)


class ReadLog(_Talkative):
    """LOG_DATA from an offset to the log's end: the first hole is asked for again and again, one request at a time.

    ArduPilot ignores a request while it answers another, so the next one goes when the last byte has come, or
    nothing more.
    """

    def __init__(
        self, talk: Talk, entry: LogEntry, *, offset: int, on_part: Callable[[Part], None], allowance: Allowance | None
    ) -> None:
        super().__init__(talk)
        self._entry, self._offset, self._on_part = entry, offset, on_part
        self._allowance, self._is_limited = allowance or Allowance(), allowance is not None
        self._pieces = Pieces(start=offset, limit=LONGEST_LOG)
        self._asked_to: int | None = None
        """Where the request under way ends."""
        self._heard: Instant | None = None
        self._news: Instant | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self.begin(now)
        self._news = self._news or now
        if self._pieces.front >= self._entry.size:
            self.end(self._pieces.data)
            return []
        if self._news.age_s(now) > STALLED_S:
            at = f"{self._pieces.front} of {self._entry.size}"
            raise self.silent(f"log {self._entry.number} stopped at byte {at}: the vehicle sends no more of it", known)
        if self._heard is not None and self._heard.age_s(now) < SILENCE_S:
            return []
        return self._ask(now)

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name != "LOG_DATA" or message.id != self._entry.number or message.count > DATA_BYTES:
            return []
        self._heard = now
        if message.ofs < self._entry.size:
            self._take(message.ofs, message.data[: min(message.count, self._entry.size - message.ofs)], now)
        if self._pieces.front >= self._entry.size:
            self.end(self._pieces.data)
            return []
        is_last = self._asked_to is not None and message.ofs + message.count >= self._asked_to
        return self._ask(now) if is_last else []

    def _take(self, offset: int, data: bytes, now: Instant) -> None:
        if not self._pieces.add(offset, data):
            return
        self._news = now
        begin, fresh = self._pieces.fresh()
        if fresh:
            self._on_part(Part(data=fresh, offset=begin, progress=self._pieces.front / self._entry.size))

    def _ask(self, now: Instant) -> list[Outgoing]:
        begin, end = self._next_run()
        if not self._allowance.take((end - begin + DATA_BYTES - 1) // DATA_BYTES * WIRE_BYTES, now):
            return []
        self._asked_to, self._heard = end, now
        fields = {"id": self._entry.number, "ofs": begin, "count": end - begin}
        return [Outgoing(name="LOG_REQUEST_DATA", fields=self._talk.target | fields)]

    def _next_run(self) -> tuple[int, int]:
        """The first hole, with those that follow close behind it."""
        longest = CHEAP_BYTES if self._is_limited else SPAN_BYTES
        holes = self._pieces.missing(self._entry.size)
        begin, end = holes[0]
        for next_begin, next_end in holes[1:]:
            if next_begin - end > CHEAP_BYTES:
                break
            end = next_end
        return begin, min(end, begin + longest)


def list_logs(talk: Talk) -> Generator[Step[Any], Any, list[LogEntry]]:
    found: list[LogEntry] = yield from perform(ListLogs(talk))
    return found


def read_log(
    talk: Talk, number: int, *, offset: int = 0, on_part: Callable[[Part], None] = lambda part: None,
    allowance: Allowance | None = None,
) -> Generator[Step[Any], Any, tuple[LogEntry, bytes]]:
    """One log's bytes from `offset` on; StepFailed says why not. The vehicle is told of the end either way."""
    entry = next((each for each in (yield from list_logs(talk)) if each.number == number), None)
    if entry is None:
        raise StepFailed(f"the vehicle has no log {number}")
    if not 0 <= offset <= entry.size:
        raise StepFailed(f"log {number} has {entry.size} bytes; byte {offset} is not among them")
    try:
        data = yield from perform(ReadLog(talk, entry, offset=offset, on_part=on_part, allowance=allowance))
    except StepFailed:
        yield from perform(EndLogs(talk))
        raise
    yield from perform(EndLogs(talk))
    return entry, data


class EndLogs(Step[None]):
    """LOG_REQUEST_END, which has no answer: the vehicle may log again."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._talk = talk

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self.end()
        return [Outgoing(name="LOG_REQUEST_END", fields=self._talk.target)]
