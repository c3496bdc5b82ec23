"""One vehicle's desk for questions: one at a time beside whatever is commanded; answers come in parts and truly end."""

from collections import deque
from collections.abc import Callable, Generator, Mapping
from typing import Any

from fleet.commands import AckResult
from fleet.drivers.mavlink.answers import MakeAsk, Part
from fleet.drivers.mavlink.step import Outgoing, Run, Step, Talk
from fleet.inquiries import Answer, Inquiry, Question
from fleet.wire.message import Message
from world.time import Instant

LONGEST_QUEUE = 16

Send = Callable[[Outgoing, Instant], str | None]


class InquiryDesk:
    """Takes questions, runs their programmes, tells parts and ends. Harmless: the guard lets questions pass freely."""

    def __init__(
        self, *, talk: Talk, asks: Mapping[Question, MakeAsk], send: Send, on_answer: Callable[[Answer], None]
    ) -> None:
        self._talk, self._asks, self._send, self._on_answer = talk, asks, send, on_answer
        self._waiting: deque[Inquiry] = deque()
        self._inquiry: Inquiry | None = None
        self._run: Run | None = None
        self._value: dict[str, Any] = {}
        self._now: Instant | None = None

    @property
    def is_busy(self) -> bool:
        return self._inquiry is not None

    def submit(self, inquiry: Inquiry, now: Instant) -> None:
        """Ask it now, or after those before it; the same one again is no second question."""
        known = [each.id for each in (self._inquiry, *self._waiting) if each is not None]
        if inquiry.id in known:
            return
        if inquiry.question not in self._asks:
            self.end(inquiry, AckResult.REFUSED_BY_VEHICLE, f"nobody here can ask for {inquiry.question}", now)
        elif len(self._waiting) >= LONGEST_QUEUE:
            self.end(inquiry, AckResult.SUPERSEDED, f"{LONGEST_QUEUE} questions are waiting already", now)
        else:
            self._waiting.append(inquiry)
            self._next(now)

    def hear(self, message: Message, now: Instant) -> None:
        if self._run is not None:
            self._now = now
            self._dispatch(self._run.hear(message, self._talk.known(), now), now)

    def tick(self, now: Instant) -> None:
        """Repeat what was not answered; end what is out of time."""
        if self._inquiry is None and not self._waiting:
            return
        self._now = now
        for late in [each for each in self._waiting if each.deadline.mono_ns <= now.mono_ns]:
            self._waiting.remove(late)
            self.end(late, AckResult.TIMED_OUT, "it waited behind other questions until its deadline", now)
        run, inquiry = self._run, self._inquiry
        if run is None or inquiry is None:
            return
        if now.mono_ns >= inquiry.deadline.mono_ns:
            run.close(AckResult.TIMED_OUT, "the answer was not whole before the deadline")
            self._dispatch([], now)
        else:
            self._dispatch(run.tick(self._talk.known(), now), now)

    def end(
        self, inquiry: Inquiry, result: AckResult, reason: str, now: Instant, value: dict[str, Any] | None = None
    ) -> None:
        """The end of an answer."""
        self._on_answer(Answer(
            inquiry=inquiry.id, vehicle=inquiry.vehicle, question=inquiry.question, is_final=True, at=now,
            result=result, reason=reason, value=value or {},
        ))

    def _next(self, now: Instant) -> None:
        while self._waiting and self._inquiry is None:
            self._inquiry, self._value, self._now = self._waiting.popleft(), {}, now
            self._run = Run(self._kept(self._inquiry))
            self._dispatch(self._run.begin(self._talk.known(), now), now)

    def _kept(self, inquiry: Inquiry) -> Generator[Step[Any], Any, None]:
        """The question's programme, what it returns kept."""
        self._value = yield from self._asks[inquiry.question](self._talk, inquiry, self._tell)

    def _tell(self, part: Part) -> None:
        if self._inquiry is not None and self._now is not None:
            self._on_answer(Answer(
                inquiry=self._inquiry.id, vehicle=self._inquiry.vehicle, question=self._inquiry.question,
                is_final=False, at=self._now, data=part.data, offset=part.offset, progress=part.progress,
            ))

    def _dispatch(self, outgoing: list[Outgoing], now: Instant) -> None:
        run, inquiry = self._run, self._inquiry
        if run is None or inquiry is None:
            return
        for message in outgoing:
            fault = self._send(message, now)
            if fault is not None:
                run.close(AckResult.REFUSED_BY_GUARD, fault)
                break
        if run.result is not None:
            value = self._value if run.result is AckResult.ACCEPTED else None
            self._inquiry, self._run = None, None
            self.end(inquiry, run.result, run.reason, now, value)
            self._next(now)
