"""Payloads told by standard commands, which carry no id: an order ends only when all copies of it have arrived."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic

from fleet.drivers.mavlink.commands import command_long, is_for_us, result_name
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing, Programme, Step, StepFailed, Talk, perform
from fleet.drivers.payloads.shape import Asked
from fleet.drivers.payloads.tool import S, Tool, fault_words, is_broken
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MavResult
from fleet.wire.message import Message
from world.time import Instant

SETTLE_S = 2.0
"""A copy of a frame or of a status that is later than this is not expected: the slowest link class repeats after it."""
RESEND_S = 3.0

Lines = Sequence[tuple[MavCommand, tuple[float, ...]]]
Told = Callable[[Sequence[str]], bool]
"""Whether these status texts, oldest first, say that the order is carried out."""


class Settled(Step[None], Generic[S]):
    """Commands that may be repeated without harm, until the state shown after SETTLE_S of silence is the one asked."""

    def __init__(
        self, talk: Talk, asked: Asked, tool: Tool[S], lines: Callable[[Asked], Lines],
        shows: Callable[[S, Asked], bool], asks: Lines = (), told: Told | None = None,
    ) -> None:
        super().__init__()
        self._talk, self._asked, self._tool = talk, asked, tool
        self._lines, self._shows, self._questions = lines(asked), shows, asks
        self._state: S = replace(tool.unknown, instance=asked.instance)
        self._told = told
        self._begun: Instant | None = None
        self._sent: Instant | None = None
        self._inquired: Instant | None = None
        self._refusal: str | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self._begun = self._begun or now
        if self._is_told(known, now):
            self.end()
            return []
        if self._sent is None or self._sent.age_s(now) >= RESEND_S:
            if self._refusal is not None and self._sent is not None:
                raise StepFailed(f"{self._tool.title}: {self._refusal}")
            self._sent, self._inquired = now, now
            return [self._long(command, params) for command, params in self._lines]
        if self._questions and self._inquired is not None and self._inquired.age_s(now) >= 1.0:
            self._inquired = now
            return [self._long(command, params) for command, params in self._questions]
        return []

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name == "COMMAND_ACK":
            self._acknowledged(message, known)
            return []
        handler = self._tool.fold.get(message.SPEC.name)
        if handler is None or self._sent is None:
            return []
        before, self._state = self._state, handler(self._state, message, now)
        if self._state is before or self._sent.age_s(now) < SETTLE_S:
            return []
        if self._shows(self._state, self._asked):
            self.end()
        elif is_broken(self._state):
            raise StepFailed(f"{self._tool.title}: {fault_words(self._state, self._tool.faults)}")
        return []

    def _is_told(self, known: Known, now: Instant) -> bool:
        """By texts, of a payload that has no status at all."""
        is_settled = self._sent is not None and self._sent.age_s(now) >= SETTLE_S
        if self._told is None or self._begun is None or not is_settled or self._state.doing is not None:
            return False
        return self._told([text.text for text in known.texts.since(self._begun.mono_ns)])

    def _acknowledged(self, message: Message, known: Known) -> None:
        """A refusal counts only if the effect does not show: it may answer an older order."""
        if not is_for_us(message) or message.command not in [command for command, _ in self._lines]:
            return
        if message.result in (MavResult.ACCEPTED, MavResult.IN_PROGRESS):
            return
        since = self._begun.mono_ns if self._begun is not None else 0
        texts = "; ".join(text.text for text in known.texts.since(since))
        name = MavCommand(message.command).name
        self._refusal = f"{name} {result_name(message.result)}" + (f": {texts}" if texts else "")

    def _long(self, command: MavCommand, params: tuple[float, ...]) -> Outgoing:
        return command_long(self._talk, command, *params, component=self._tool.address(self._talk))


def by_commands(
    tool: Tool[S], lines: Callable[[Asked], Lines], shows: Callable[[S, Asked], bool], asks: Lines = (),
    told: Told | None = None,
) -> Callable[[Talk, Asked], Programme]:
    """A programme of standard commands."""
    return lambda talk, asked: perform(Settled(talk, asked, tool, lines, shows, asks, told))
