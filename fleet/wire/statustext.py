"""Long STATUSTEXTs: cut for sending and joined on arrival (fields `id` and `chunk_seq`), lost pieces shown as a gap."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from fleet.wire.message import Message, octets

CHUNK: Final = 50
"""Bytes of text in one STATUSTEXT."""
LONGEST_CHUNKS: Final = 256
_GAP: Final = " … ".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusText:
    """One whole text of a component."""

    sysid: int
    compid: int
    severity: int
    text: str
    is_complete: bool = True


@dataclass(slots=True)
class _Pending:
    severity: int
    since_mono_ns: int
    chunks: dict[int, bytes] = field(default_factory=dict)
    last: int | None = None


@dataclass(slots=True)
class StatusTextAssembler:
    """Joins the chunks of many components; a text whose rest is lost comes out after `patience_ns`."""

    patience_ns: int = 2_000_000_000
    _pending: dict[tuple[int, int, int], _Pending] = field(default_factory=dict)

    def add(self, sysid: int, compid: int, message: Message, mono_ns: int) -> StatusText | None:
        """The text that this STATUSTEXT completes, if any."""
        piece = octets(message, "text")
        if message.id == 0:
            return StatusText(sysid=sysid, compid=compid, severity=message.severity, text=_words(piece))
        key = (sysid, compid, message.id)
        pending = self._pending.setdefault(key, _Pending(message.severity, mono_ns))
        pending.chunks[message.chunk_seq] = piece.partition(b"\0")[0]
        if b"\0" in piece:
            pending.last = message.chunk_seq
        if pending.last is None or not all(number in pending.chunks for number in range(pending.last + 1)):
            return None
        return self._take(key)

    def expired(self, mono_ns: int) -> list[StatusText]:
        """Texts that have waited longer than the patience for a lost chunk."""
        late = [key for key, text in self._pending.items() if mono_ns - text.since_mono_ns > self.patience_ns]
        return [self._take(key) for key in late]

    def _take(self, key: tuple[int, int, int]) -> StatusText:
        pending = self._pending.pop(key)
        expected = range((max(pending.chunks) if pending.last is None else pending.last) + 1)
        whole = pending.last is not None and all(number in pending.chunks for number in expected)
        text = _words(b"".join(_with_gaps(pending.chunks, expected)))
        return StatusText(sysid=key[0], compid=key[1], severity=pending.severity, text=text, is_complete=whole)


def chunked(severity: int, text: str, text_id: int) -> Iterator[dict[str, Any]]:
    """Fields of the STATUSTEXTs that carry a text; `text_id` (1..65535) tells concurrent texts apart."""
    data = text.encode()
    if len(data) <= CHUNK:
        yield {"severity": severity, "text": data}
        return
    # The end is marked by a NUL, so a text that fills its last chunk needs an empty one behind it.
    for number in range(min(len(data) // CHUNK + 1, LONGEST_CHUNKS)):
        piece = data[number * CHUNK : (number + 1) * CHUNK]
        yield {"severity": severity, "text": piece, "id": text_id, "chunk_seq": number}


def _with_gaps(chunks: dict[int, bytes], expected: range) -> Iterator[bytes]:
    for number in expected:
        if number in chunks:
            yield chunks[number]
        elif number == 0 or number - 1 in chunks:
            yield _GAP


def _words(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "replace")
