"""A step is one exchange with a vehicle, a programme a generator that runs steps one by one. No I/O."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from fleet.commands import AckResult
from fleet.drivers.mavlink.items import Mission
from fleet.drivers.mavlink.keys import Keys
from fleet.drivers.mavlink.known import Known
from fleet.wire.message import Message
from world.time import Instant

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to send, by its MAVLink name and fields."""

    name: str
    fields: Mapping[str, Any]


class StepFailed(Exception):
    """A step ended without its effect; thrown into the programme, which may have another way."""

    def __init__(self, reason: str, result: AckResult = AckResult.REFUSED_BY_VEHICLE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.result = result


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A programme's view of its vehicle: address, newest knowledge, and whom to tell of a mission verified on board."""

    sysid: int
    known: Callable[[], Known]
    on_mission: Callable[[Mission], None]
    keys: Keys | None = None
    """Signing keys that it may be given; None where nobody has any."""

    @property
    def target(self) -> dict[str, int]:
        return {"target_system": self.sysid, "target_component": self.known().vitals.component}


class Step(Generic[T]):
    """One exchange: `poll` is called first and every tick, `hear` for every message; `end` or StepFailed ends it."""

    def __init__(self) -> None:
        self.is_ended = False
        self.value: T | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        """What to send now: the first time, and again when no answer came."""
        return []

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        """What to answer to a message; `known` has it folded in already."""
        return []

    def end(self, value: T | None = None) -> None:
        self.value = value
        self.is_ended = True


Programme = Generator[Step[Any], Any, None]


def perform(step: Step[T]) -> Generator[Step[Any], Any, T]:
    """Run a step inside a programme: `value = yield from perform(step)`."""
    value: T = yield step
    return value


class Run:
    """Drives one programme to its end, fed with messages and ticks; `result` is None while it runs."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._step: Step[Any] | None = None
        self.result: AckResult | None = None
        self.reason = ""

    def begin(self, known: Known, now: Instant) -> list[Outgoing]:
        return self._go_on(lambda: next(self._programme), known, now)

    def tick(self, known: Known, now: Instant) -> list[Outgoing]:
        return self._drive(lambda step: step.poll(known, now), known, now)

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        return self._drive(lambda step: step.hear(message, known, now), known, now)

    def close(self, result: AckResult, reason: str) -> None:
        """End it from outside: pre-empted, out of time, link lost."""
        if self.result is None:
            self._programme.close()
            self.result, self.reason = result, reason

    def _drive(self, act: Callable[[Step[Any]], list[Outgoing]], known: Known, now: Instant) -> list[Outgoing]:
        step = self._step
        if self.result is not None or step is None:
            return []
        try:
            sent = act(step)
        except StepFailed as failure:
            return self._go_on(partial(self._programme.throw, failure), known, now)
        return sent + self._after(step, known, now)

    def _after(self, step: Step[Any], known: Known, now: Instant) -> list[Outgoing]:
        return self._go_on(lambda: self._programme.send(step.value), known, now) if step.is_ended else []

    def _go_on(self, resume: Callable[[], Step[Any]], known: Known, now: Instant) -> list[Outgoing]:
        try:
            self._step = resume()
        except StopIteration:
            self.result = AckResult.ACCEPTED
        except StepFailed as failure:
            self.result, self.reason = failure.result, failure.reason
        else:
            return self._drive(lambda step: step.poll(known, now), known, now)
        self._step = None
        return []
