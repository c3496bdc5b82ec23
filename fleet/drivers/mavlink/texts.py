"""STATUSTEXT: long texts put together again, and the reasons against arming, which expire unless repeated."""

from dataclasses import dataclass, replace

from fleet.wire.message import Message, octets
from world.time import Instant

CHUNK_BYTES = 50
KEPT_TEXTS = 20
OPEN_CHUNKS = 4
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
class _Parts:
    """Chunks of one long text so far, by their number."""

    key: int
    chunks: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLog:
    """The newest texts, oldest first; grows by `heard`, never changes."""

    texts: tuple[Text, ...] = ()
    open_parts: tuple[_Parts, ...] = ()

    def heard(self, message: Message, now: Instant) -> "TextLog":
        """The log with one STATUSTEXT more; `id` 0 means the text is complete by itself (MAVLink 2)."""
        if message.id == 0:
            return self._with_text(message.severity, message.text, now)
        raw = octets(message, "text")
        parts = next((p for p in self.open_parts if p.key == message.id), _Parts(key=message.id, chunks=()))
        chunks = dict(parts.chunks) | {message.chunk_seq: raw}
        others = tuple(p for p in self.open_parts if p.key != message.id)
        whole = _whole(chunks)
        if whole is not None:
            return replace(self, open_parts=others)._with_text(message.severity, whole, now)
        opened = _Parts(key=message.id, chunks=tuple(sorted(chunks.items())))
        return replace(self, open_parts=(*others, opened)[-OPEN_CHUNKS:])

    def _with_text(self, severity: int, text: str, now: Instant) -> "TextLog":
        newest = Text(at=now, severity=severity, text=text)
        return replace(self, texts=(*self.texts, newest)[-KEPT_TEXTS:])

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


def _whole(chunks: dict[int, bytes]) -> str | None:
    """The text once its chunks run without a hole to one that ends (shorter than a chunk, or padded)."""
    text = b""
    for number in range(len(chunks)):
        if number not in chunks:
            return None
        piece = chunks[number].rstrip(b"\0")
        text += piece
        if len(piece) < CHUNK_BYTES:
            return text.decode("utf-8", "replace")
    return None
