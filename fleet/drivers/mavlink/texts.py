"""The texts of a vehicle, long ones put together again, and reasons against arming, which expire unless repeated."""

from dataclasses import dataclass, field

from fleet.wire.message import Message
from fleet.wire.statustext import TextJoiner
from world.time import Instant

KEPT_TEXTS = 20
# ArduPilot repeats failing pre-arm checks every 30 s.
REASON_LASTS_S = 35.0
_REASON_MARKS = ("PreArm: ", "Arm: ", "Preflight Fail: ", "Arming denied: ")
"""Of ArduPilot and PX4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One complete status text. `severity` as in MAVLink: 0 emergency to 7 debug."""

    at: Instant
    severity: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLog:
    """The newest texts, oldest first; grows by `heard`, never changes."""

    texts: tuple[Text, ...] = ()
    joiner: TextJoiner = field(default_factory=TextJoiner)

    def heard(self, message: Message, now: Instant) -> "TextLog":
        """The log with one STATUSTEXT more; a text whose rest was lost is taken as far as it came."""
        joiner, late = self.joiner.expired(now.mono_ns)
        joiner, whole = joiner.add(0, 0, message, now.mono_ns)
        said = late if whole is None else (*late, whole)
        newest = tuple(Text(at=now, severity=each.severity, text=each.text) for each in said)
        return TextLog(texts=(*self.texts, *newest)[-KEPT_TEXTS:], joiner=joiner)

    def since(self, mono_ns: int) -> tuple[Text, ...]:
        return tuple(text for text in self.texts if text.at.mono_ns >= mono_ns)

    def reasons(self, now: Instant) -> tuple[str, ...]:
        """Why the vehicle will not arm, each once, in order of first mention; old ones are forgotten."""
        found: dict[str, None] = {}
        for text in self.texts:
            reason = reason_of(text.text)
            if reason is not None and text.at.age_s(now) <= REASON_LASTS_S:
                found[reason] = None
        return tuple(found)


def reason_of(text: str) -> str | None:
    """The reason in a pre-arm text, None in any other."""
    for mark in _REASON_MARKS:
        if text.startswith(mark):
            return text.removeprefix(mark)
    return None
