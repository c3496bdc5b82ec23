"""Byte streams and datagrams -> MAVLink 1 and 2 frames: checked, counted, and never an exception on foreign bytes."""

import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from struct import Struct
from typing import Final, NamedTuple

from fastcrc.crc16 import mcrf4xx

from fleet.wire.crc import CRC_TABLE, frame_crc
from fleet.wire.dialect import Dialect, ardupilotmega

MAGIC_V1: Final = 0xFE
MAGIC_V2: Final = 0xFD
HEADER_LENGTH_V1: Final = 6
HEADER_LENGTH_V2: Final = 10
CRC_LENGTH: Final = 2
SIGNATURE_LENGTH: Final = 13
FLAG_SIGNED: Final = 0x01

_MAGICS: Final = re.compile(rb"[\xfd\xfe]")
# magic, length, incompat flags, compat flags, sequence, system, component, then 3 bytes of id and one byte beyond
_HEADER_V2: Final = Struct("<BBBxBBBI")
_SHORTEST_V2: Final = HEADER_LENGTH_V2 + CRC_LENGTH
# A jump backwards by less than half the ring is a reordered or repeated frame, not 200 lost ones.
_LARGEST_GAP: Final = 128


class Frame(NamedTuple):
    """One frame. `payload` as on the wire (zeros may be cut off); unknown ids come unchecked, `is_known` False."""

    msgid: int
    sysid: int
    compid: int
    seq: int
    payload: bytes
    incompat_flags: int = 0
    version: int = 2
    is_known: bool = True

    @property
    def is_signed(self) -> bool:
        return bool(self.incompat_flags & FLAG_SIGNED)

    @property
    def trailer_length(self) -> int:
        """Bytes behind the payload: checksum, and signature if any."""
        return CRC_LENGTH + (SIGNATURE_LENGTH if self.is_signed else 0)

    @property
    def wire_length(self) -> int:
        """Bytes of the whole frame."""
        head = HEADER_LENGTH_V2 if self.version == 2 else HEADER_LENGTH_V1
        return head + len(self.payload) + self.trailer_length


class _NotYetSeen(dict[int, int]):
    """Next sequence number by source; -1 for a source not heard before."""

    def __missing__(self, source: int) -> int:
        return -1


@dataclass(slots=True, kw_only=True)
class WireCounters:
    """What a link has carried so far; `gaps` counts frames missing in the sequence of each (sysid, compid)."""

    frames: int = 0
    bad_crc: int = 0
    garbage_bytes: int = 0
    unknown: int = 0
    gaps: dict[tuple[int, int], int] = field(default_factory=dict)
    expected: "dict[int, int] | array[int]" = field(default_factory=_NotYetSeen, repr=False)
    """Next sequence number by sysid << 8 | compid, -1 before the first."""

    def note_sequence(self, sysid: int, compid: int, seq: int) -> None:
        """Count the frames missing before this one."""
        source = sysid << 8 | compid
        expected = self.expected[source]
        missing = (seq - expected) & 0xFF if expected >= 0 else 0
        if missing < _LARGEST_GAP:
            self.expected[source] = (seq + 1) & 0xFF
            if missing:
                self.note_gap(sysid, compid, missing)

    def note_gap(self, sysid: int, compid: int, missing: int) -> None:
        """Add missing frames of one source."""
        self.gaps[sysid, compid] = self.gaps.get((sysid, compid), 0) + missing


class _Verdict(Enum):
    """What stands at a magic byte."""

    FRAME = auto()
    INCOMPLETE = auto()
    BAD_CRC = auto()
    NOTHING = auto()


class _Candidate(NamedTuple):
    """`end` of a frame, or of noise where that is known (else 0)."""

    verdict: _Verdict
    end: int = 0
    frame: Frame | None = None


_INCOMPLETE: Final = _Candidate(_Verdict.INCOMPLETE)
_NOTHING: Final = _Candidate(_Verdict.NOTHING)
_BAD_CRC: Final = _Candidate(_Verdict.BAD_CRC)

# Frame(...) without the keyword handling of NamedTuple: half the cost of the common case.
_new_frame: Final[Callable[[type[Frame], tuple[int, int, int, int, bytes, int, int, bool]], Frame]] = tuple.__new__


@cache
def _plain_extras() -> dict[int, int]:
    """One for all scanners: a read-only view of a dictionary is slower to look into."""
    return dict(ardupilotmega().crc_extras)


class FrameScanner:
    """Finds the frames of a buffer; keeps no bytes between calls."""

    __slots__ = ("_crc_extras", "counters")

    def __init__(self, counters: WireCounters | None = None, dialect: Dialect | None = None) -> None:
        self.counters = counters if counters is not None else WireCounters()
        self._crc_extras = _plain_extras() if dialect is None else dict(dialect.crc_extras)

    def scan(self, data: bytes, *, is_final: bool) -> tuple[list[Frame], int]:
        """Frames in order and the number of bytes used; the rest waits for more unless `is_final`."""
        frames: list[Frame] = []
        counters, sequence, extras = self.counters, self.counters.expected, self._crc_extras
        header, table = _HEADER_V2.unpack_from, CRC_TABLE
        position, end, regular = 0, len(data), 0
        while position < end:
            if end - position >= _SHORTEST_V2:
                # The common case, written out for speed: an unsigned, complete, known MAVLink 2 frame.
                magic, length, flags, seq, sysid, compid, tail = header(data, position)
                stop = position + HEADER_LENGTH_V2 + length
                extra = extras.get(tail & 0xFFFFFF)
                if magic == MAGIC_V2 and not flags and extra is not None and stop + CRC_LENGTH <= end:
                    crc = mcrf4xx(data[position + 1 : stop])
                    if data[stop] | data[stop + 1] << 8 == table[(crc ^ extra) & 0xFF] ^ (crc >> 8):
                        payload = data[position + HEADER_LENGTH_V2 : stop]
                        frames.append(_new_frame(Frame, (tail & 0xFFFFFF, sysid, compid, seq, payload, 0, 2, True)))
                        if sequence[sysid << 8 | compid] == seq:
                            sequence[sysid << 8 | compid] = (seq + 1) & 0xFF
                        else:
                            counters.note_sequence(sysid, compid, seq)
                        position = stop + CRC_LENGTH
                        regular += 1
                        continue
            frame, following = self.step(data, position, is_final=is_final)
            if following == position:
                break
            if frame is not None:
                frames.append(frame)
            position = following
        counters.frames += regular
        return frames, position

    def scan_raw(self, data: bytes, *, is_final: bool) -> tuple[list[tuple[Frame, bytes]], int]:
        """As `scan`, each frame with its bytes: for who passes frames on as they came, or checks their signatures."""
        found: list[tuple[Frame, bytes]] = []
        position, end = 0, len(data)
        while position < end:
            frame, following = self.step(data, position, is_final=is_final)
            if following == position:
                break
            if frame is not None:
                found.append((frame, data[position:following]))
            position = following
        return found, position

    def step(self, data: bytes, position: int, *, is_final: bool) -> tuple[Frame | None, int]:
        """Take one frame or one piece of noise, and say where to go on: at `position` when more bytes are needed."""
        candidate = self._candidate(data, position)
        if candidate.frame is not None and not candidate.frame.is_known:
            candidate = self._unless_hiding(data, position, candidate, is_final=is_final)
        if candidate.frame is not None:
            frame = candidate.frame
            self.counters.frames += 1
            self.counters.unknown += not frame.is_known
            self.counters.note_sequence(frame.sysid, frame.compid, frame.seq)
            return frame, candidate.end
        if candidate.verdict is _Verdict.INCOMPLETE and not is_final:
            return None, position
        self.counters.bad_crc += candidate.verdict is _Verdict.BAD_CRC
        following = candidate.end or self._next_magic(data, position + 1)
        self.counters.garbage_bytes += following - position
        return None, following

    @staticmethod
    def _next_magic(data: bytes, position: int) -> int:
        match = _MAGICS.search(data, position)
        return match.start() if match else len(data)

    def _candidate(self, data: bytes, position: int) -> _Candidate:
        """Judge the bytes at `position` as a frame of either version."""
        magic, available = data[position], len(data) - position
        if magic == MAGIC_V2:
            return self._candidate_v2(data, position, available)
        if magic == MAGIC_V1:
            return self._candidate_v1(data, position, available)
        return _NOTHING

    def _candidate_v2(self, data: bytes, position: int, available: int) -> _Candidate:
        if available >= 3 and data[position + 2] & ~FLAG_SIGNED:
            return _NOTHING  # unknown incompatibility flags: must not be parsed (MAVLink 2 specification)
        if available < _SHORTEST_V2:
            return _INCOMPLETE
        _, length, flags, seq, sysid, compid, tail = _HEADER_V2.unpack_from(data, position)
        stop = position + HEADER_LENGTH_V2 + length
        end = stop + CRC_LENGTH + (SIGNATURE_LENGTH if flags else 0)
        if end > len(data):
            return _INCOMPLETE
        extra = self._crc_extras.get(tail & 0xFFFFFF)
        if extra is not None and frame_crc(data[position + 1 : stop], extra) != data[stop] | data[stop + 1] << 8:
            return _BAD_CRC
        payload = data[position + HEADER_LENGTH_V2 : stop]
        frame = Frame(tail & 0xFFFFFF, sysid, compid, seq, payload, flags, 2, extra is not None)
        return _Candidate(_Verdict.FRAME, end, frame)

    def _candidate_v1(self, data: bytes, position: int, available: int) -> _Candidate:
        if available < HEADER_LENGTH_V1:
            return _INCOMPLETE
        _, length, seq, sysid, compid, msgid = data[position : position + HEADER_LENGTH_V1]
        extra = self._crc_extras.get(msgid)
        if extra is None:
            return _NOTHING  # without a CRC seed nothing tells a MAVLink 1 frame from noise
        stop = position + HEADER_LENGTH_V1 + length
        if stop + CRC_LENGTH > len(data):
            return _INCOMPLETE
        if frame_crc(data[position + 1 : stop], extra) != data[stop] | data[stop + 1] << 8:
            return _BAD_CRC
        payload = data[position + HEADER_LENGTH_V1 : stop]
        return _Candidate(_Verdict.FRAME, stop + CRC_LENGTH, Frame(msgid, sysid, compid, seq, payload, 0, 1))

    def _unless_hiding(self, data: bytes, position: int, unknown: _Candidate, *, is_final: bool) -> _Candidate:
        """An unknown id has no checksum to trust: a checked frame that starts inside it proves it noise up to there."""
        for match in _MAGICS.finditer(data, position + 1, unknown.end):
            inner = self._candidate(data, match.start())
            if inner.frame is not None and inner.frame.is_known:
                return _Candidate(_Verdict.NOTHING, match.start())
            if inner.verdict is _Verdict.INCOMPLETE and not is_final and self._may_be_known(data, match.start()):
                return _INCOMPLETE
        return unknown

    def _may_be_known(self, data: bytes, position: int) -> bool:
        """Whether an incomplete frame can still turn out to be one of the dialect."""
        header = data[position : position + HEADER_LENGTH_V2]
        if header[0] == MAGIC_V1 or len(header) < HEADER_LENGTH_V2:
            return True
        return int.from_bytes(header[7:10], "little") in self._crc_extras


class FrameSplitter:
    """Frames of a byte stream (serial line, TCP); resynchronises after noise. The unfinished tail stays bounded."""

    __slots__ = ("_scanner", "_tail")

    def __init__(self, counters: WireCounters | None = None) -> None:
        self._scanner = FrameScanner(counters)
        self._tail = b""

    @property
    def counters(self) -> WireCounters:
        return self._scanner.counters

    def feed(self, data: bytes) -> list[Frame]:
        """Frames completed by these bytes."""
        buffer = self._tail + data
        frames, used = self._scanner.scan(buffer, is_final=False)
        self._tail = buffer[used:]
        return frames

    def feed_raw(self, data: bytes) -> list[tuple[Frame, bytes]]:
        """As `feed`, each frame with its bytes."""
        buffer = self._tail + data
        found, used = self._scanner.scan_raw(buffer, is_final=False)
        self._tail = buffer[used:]
        return found

    def finish(self) -> list[Frame]:
        """Frames still hidden behind an unfinished one, once no more bytes come."""
        return [frame for frame, _ in self.finish_raw()]

    def finish_raw(self) -> list[tuple[Frame, bytes]]:
        """As `finish`, each frame with its bytes."""
        found, _ = self._scanner.scan_raw(self._tail, is_final=True)
        self._tail = b""
        return found


class DatagramParser:
    """Frames of datagrams (UDP): a frame never spans two of them."""

    __slots__ = ("_scanner",)

    def __init__(self, counters: WireCounters | None = None) -> None:
        self._scanner = FrameScanner(counters)

    @property
    def counters(self) -> WireCounters:
        return self._scanner.counters

    def parse(self, datagram: bytes) -> list[Frame]:
        """All frames of one datagram."""
        return self._scanner.scan(datagram, is_final=True)[0]

    def parse_raw(self, datagram: bytes) -> list[tuple[Frame, bytes]]:
        """All frames of one datagram, each with its bytes."""
        return self._scanner.scan_raw(datagram, is_final=True)[0]


def parse_datagram(datagram: bytes, counters: WireCounters | None = None) -> list[Frame]:
    """Frames of one datagram; a receiver of many keeps a DatagramParser instead."""
    return DatagramParser(counters).parse(datagram)
