"""Long STATUSTEXTs: cut for sending and joined on arrival (fields `id` and `chunk_seq`), lost pieces shown as a gap."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from fleet.wire.message import Message, octets

CHUNK: Final = 50
"""Bytes of text in one STATUSTEXT."""
LONGEST_CHUNKS: Final = 256
MOST_OPEN: Final = 8
"""Texts under way at once; the oldest gives way."""
_GAP: Final = " … ".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusText:
    """One whole text of a component."""

    sysid: int
    compid: int
    severity: int
    text: str
    is_complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A text of which some chunks are there."""

    key: tuple[int, int, int]
    severity: int
    since_mono_ns: int
    chunks: Mapping[int, bytes]
    last: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.last is not None and all(number in self.chunks for number in range(self.last + 1))

    def text(self) -> StatusText:
        expected = range((max(self.chunks) if self.last is None else self.last) + 1)
        words = _words(b"".join(_with_gaps(self.chunks, expected)))
        sysid, compid, _ = self.key
        return StatusText(
            sysid=sysid, compid=compid, severity=self.severity, text=words, is_complete=self.is_whole
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextJoiner:
    """Joins the chunks of many components; grows by `add`, never changes. A text whose rest is lost is in `expired`.

    Chunks that come again after their text was whole are known for as long as the patience lasts.
    """

    patience_ns: int = 2_000_000_000
    open: tuple[_Open, ...] = ()
    done: tuple[tuple[tuple[int, int, int], int], ...] = ()

    def add(
        self, sysid: int, compid: int, message: Message, mono_ns: int
    ) -> tuple["TextJoiner", StatusText | None]:
        """The joiner with one STATUSTEXT more, and the text that it completes, if any."""
        piece = octets(message, "text")
        if message.id == 0:
            return self, StatusText(sysid=sysid, compid=compid, severity=message.severity, text=_words(piece))
        key = (sysid, compid, int(message.id))
        done = tuple(each for each in self.done if mono_ns - each[1] <= self.patience_ns)
        if any(known == key for known, _ in done):
            return replace(self, done=done), None
        others = tuple(each for each in self.open if each.key != key)
        before = next((each for each in self.open if each.key == key), None)
        began = _Open(key=key, severity=message.severity, since_mono_ns=mono_ns, chunks={})
        grown = _grown(before or began, int(message.chunk_seq), piece)
        if grown.is_whole:
            return replace(self, open=others, done=(*done, (key, mono_ns))[-MOST_OPEN:]), grown.text()
        return replace(self, open=(*others, grown)[-MOST_OPEN:], done=done), None

    def expired(self, mono_ns: int) -> tuple["TextJoiner", tuple[StatusText, ...]]:
        """Texts that have waited longer than the patience for a lost chunk, gaps shown."""
        late = [each for each in self.open if mono_ns - each.since_mono_ns > self.patience_ns]
        if not late:
            return self, ()
        done = (*self.done, *((each.key, mono_ns) for each in late))[-MOST_OPEN:]
        waiting = tuple(each for each in self.open if each not in late)
        return replace(self, open=waiting, done=done), tuple(each.text() for each in late)


def _grown(text: _Open, number: int, piece: bytes) -> _Open:
    chunks = dict(text.chunks) | {number: piece.partition(b"\0")[0]}
    return replace(text, chunks=chunks, last=number if b"\0" in piece else text.last)


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


def _with_gaps(chunks: Mapping[int, bytes], expected: range) -> Iterator[bytes]:
    for number in expected:
        if number in chunks:
            yield chunks[number]
        elif number == 0 or number - 1 in chunks:
            yield _GAP


def _words(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "replace")
