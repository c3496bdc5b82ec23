"""MAVFTP: one whole file by bursts, holes filled one by one, the end proven by the server's own word."""

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from fleet.commands import AckResult
from fleet.drivers.mavlink.allowance import Allowance
from fleet.drivers.mavlink.answers import Part
from fleet.drivers.mavlink.ftp import (
    AFTER_BURST,
    BUSY_AGAIN_S,
    BUSY_TRIES,
    Exchange,
    Line,
    Refused,
    Unanswered,
    answer_in,
    ftp_message,
    with_path,
)
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pieces import Pieces, TooLong
from fleet.drivers.mavlink.step import Outgoing, Step, StepFailed, Talk, perform
from fleet.wire.ftp import FtpPacket
from fleet.wire.ftp_codes import FTP_LONGEST_DATA, FtpError, FtpOpcode
from fleet.wire.message import Message
from world.time import Instant

LONGEST_FILE = 64 << 20
BURST_SILENT_S = 1.2
ASK_AGAIN_S = 1.6
STALLED_S = 30.0
WINDOW = 4
"""Reads under way at once; ArduPilot queues 5 requests."""
LONG_HOLE = 8 * FTP_LONGEST_DATA
"""Holes longer than this are read by a burst."""
BURST_ANSWERS = 2000
"""ArduPilot sends so many at most."""
EXCHANGE_BYTES = 2 * (12 + 15) + FTP_LONGEST_DATA
CLOSE_TRIES = 4
CHECKSUM_TRIES = 8
REOPENINGS = 6
_BUSY = (FtpError.FAIL, FtpError.INVALID_SESSION, FtpError.NO_SESSIONS_AVAILABLE)
_CLOSED = (FtpError.FILE_NOT_FOUND, FtpError.INVALID_SESSION, FtpError.FAIL)
"""What a read is answered when its session is gone: silence was too long, or an old request came late."""

OnPart = Callable[[Part], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    offset: int
    at: Instant


class ReadOpened(Step[bytes]):
    """Everything of a file that is open on `line`. One size of request throughout: ArduPilot pads its parameter file by
    it, and refuses another one.

    Bytes come by bursts unless an allowance holds them back; then by single reads.
    """

    def __init__(
        self, talk: Talk, line: Line, path: str, pieces: Pieces, *, size: int, on_part: OnPart,
        allowance: Allowance | None,
    ) -> None:
        super().__init__()
        self._talk, self._line, self._path, self._size, self._on_part = talk, line, path, size, on_part
        self._allowance, self._may_burst = allowance or Allowance(), allowance is None
        self._pieces = pieces
        self._end: int | None = None
        """Least offset at which the server said there is nothing."""
        self._is_tail_open = True
        """More may come behind the last byte had."""
        self._burst: tuple[int, int] | None = None
        """First sequence number of a burst under way, and where it began."""
        self._reads: dict[int, _Asked] = {}
        self._heard: Instant | None = None
        self._news: Instant | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self._news = self._news or now
        if self._news.age_s(now) > STALLED_S:
            stopped = f"{self._path} stopped at byte {self._pieces.front}"
            raise StepFailed(f"{stopped}: the vehicle sends no more of it", AckResult.TIMED_OUT)
        if self._burst is not None and (self._heard or now).age_s(now) < BURST_SILENT_S:
            return []
        self._burst = None
        return self._ask(now)

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        answer = answer_in(message)
        if answer is None or answer.session != self._line.session:
            return []
        if answer.asked == FtpOpcode.BURST_READ_FILE and self._is_of_burst(answer):
            self._heard = now
            self._burst_answer(answer, now)
        elif answer.asked == FtpOpcode.READ_FILE and (answer.seq - 1) & 0xFFFF in self._reads:
            self._read_answer(self._reads.pop((answer.seq - 1) & 0xFFFF), answer, now)
        else:
            return []
        if self._end is not None and self._pieces.front >= self._end:
            self.end(self._pieces.data)
            return []
        return self._ask(now) if self._burst is None else []

    def _is_of_burst(self, answer: FtpPacket) -> bool:
        if self._burst is None:
            return False
        first, begin = self._burst
        number = (answer.seq - first - 1) & 0xFFFF
        is_data = answer.opcode == FtpOpcode.ACK
        return number <= BURST_ANSWERS and (not is_data or answer.offset >= begin)

    def _burst_answer(self, answer: FtpPacket, now: Instant) -> None:
        if answer.opcode == FtpOpcode.ACK:
            self._take(answer.offset, answer, now)
            if answer.is_burst_complete:
                self._burst = None
        elif answer.error() == FtpError.EOF:
            self._burst, self._is_tail_open = None, False
        elif answer.error() == FtpError.UNKNOWN_COMMAND:
            self._burst, self._may_burst = None, False
        else:
            raise Refused(f"read {self._path}", answer)

    def _read_answer(self, asked: _Asked, answer: FtpPacket, now: Instant) -> None:
        if answer.opcode == FtpOpcode.ACK:
            self._take(asked.offset, answer, now)
        elif answer.error() == FtpError.EOF:
            self._news = now
            self._end = asked.offset if self._end is None else min(self._end, asked.offset)
            if self._pieces.last > self._end:
                raise StepFailed(f"{self._path} grew shorter while it was read")
        else:
            raise Refused(f"read {self._path}", answer)

    def _take(self, offset: int, answer: FtpPacket, now: Instant) -> None:
        try:
            is_new = self._pieces.add(offset, answer.data)
        except TooLong as reason:
            raise StepFailed(f"{self._path} is longer than a vehicle's file may be: {reason}") from reason
        if not is_new:
            return
        self._news = now
        begin, data = self._pieces.fresh()
        if data:
            share = min(1.0, (begin + len(data)) / self._size) if self._size else None
            self._on_part(Part(data=data, offset=begin, progress=share))

    def _ask(self, now: Instant) -> list[Outgoing]:
        """A burst for a long hole or an open end, else reads of the holes and of what lies behind the last byte."""
        holes = self._pieces.missing(self._pieces.last)
        is_long = self._is_tail_open or sum(end - begin for begin, end in holes) > LONG_HOLE
        if self._may_burst and is_long:
            self._reads.clear()
            return [self._send_burst(self._pieces.front, now)]
        self._reads = {seq: asked for seq, asked in self._reads.items() if asked.at.age_s(now) < ASK_AGAIN_S}
        under_way = {asked.offset for asked in self._reads.values()}
        sent = []
        for offset in self._wanted():
            if len(self._reads) >= WINDOW:
                break
            if offset not in under_way and self._allowance.take(EXCHANGE_BYTES, now):
                sent.append(self._send_read(offset, now))
        return sent

    def _wanted(self) -> list[int]:
        """Where to read: the holes, and behind the last byte as long as the end is not known."""
        ahead = 0 if self._may_burst else WINDOW * FTP_LONGEST_DATA
        until = self._pieces.last + ahead if self._end is None else self._end
        wanted = [at for begin, end in self._pieces.missing(until) for at in range(begin, end, FTP_LONGEST_DATA)]
        return wanted if ahead or self._end is not None else [*wanted, self._pieces.last]

    def _send_burst(self, offset: int, now: Instant) -> Outgoing:
        seq = self._line.next()
        self._burst, self._heard = (seq, offset), now
        self._line.next(AFTER_BURST)
        return self._request(FtpOpcode.BURST_READ_FILE, seq, offset)

    def _send_read(self, offset: int, now: Instant) -> Outgoing:
        seq = self._line.next()
        self._reads[seq] = _Asked(offset=offset, at=now)
        return self._request(FtpOpcode.READ_FILE, seq, offset)

    def _request(self, opcode: FtpOpcode, seq: int, offset: int) -> Outgoing:
        packet = FtpPacket(seq=seq, opcode=opcode, session=self._line.session, size=FTP_LONGEST_DATA, offset=offset)
        return ftp_message(self._talk, packet)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """A whole file. `crc32` None: the vehicle computes none for it."""

    data: bytes
    crc32: int | None


def read_file(
    talk: Talk, path: str, *, on_part: OnPart = lambda part: None, allowance: Allowance | None = None
) -> Generator[Step[Any], Any, FileRead]:
    """A whole file; StepFailed says why not. A real file's checksum is compared where the vehicle computes one."""
    pieces, closings = Pieces(limit=LONGEST_FILE), 0
    while True:
        line, size = yield from _open(talk, path)
        reading = ReadOpened(talk, line, path, pieces, size=size, on_part=on_part, allowance=allowance)
        try:
            data = yield from perform(reading)
            break
        except StepFailed as failure:
            closings += 1
            if not isinstance(failure, Refused) or failure.code not in _CLOSED or closings > REOPENINGS:
                yield from _close(talk, line)
                raise
    yield from _close(talk, line)
    # what begins with @ is made anew at each reading, padded for its reader
    checksum = None if path.startswith("@") else (yield from _checksum(talk, line, path))
    if checksum is not None and checksum != file_crc32(data):
        raise StepFailed(f"{path} was read with another checksum than the vehicle computes; it may be changing")
    return FileRead(data=data, crc32=checksum)


def file_crc32(data: bytes) -> int:
    """As MAVFTP counts it: CRC-32 that begins with 0 and is not inverted at its end."""
    return crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


class Pause(Step[None]):
    """Nothing for a while."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._begun: Instant | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self._begun = self._begun or now
        if self._begun.age_s(now) >= self._seconds:
            self.end()
        return []


def _open(talk: Talk, path: str) -> Generator[Step[Any], Any, tuple[Line, int]]:
    """Session and announced size, which is a guess for files that are made when read."""
    line: Line | None = None
    for is_last in (*(False,) * (BUSY_TRIES - 1), True):
        opening = Exchange(talk, line, with_path(FtpOpcode.OPEN_FILE_RO, path, f"open {path}"), f"open {path}")
        try:
            answer = yield from perform(opening)
        except Refused as refused:
            if refused.code not in _BUSY or is_last:
                raise
            line = opening.line
            yield from perform(Pause(BUSY_AGAIN_S))
            # closes a session that an earlier read left behind; not at first, for it closes what is open at its repeat
            reset = FtpPacket(seq=0, opcode=FtpOpcode.RESET_SESSION)
            yield from perform(Exchange(talk, line, reset, "end other reads"))
            continue
        opened = opening.line or Line(seq=0, session=0)
        return Line(seq=opened.seq, session=answer.session), int.from_bytes(answer.data[:4], "little")
    raise StepFailed(f"the vehicle does not open {path}")


def _close(talk: Talk, line: Line) -> Generator[Step[Any], Any, None]:
    """The server forgets a session by itself, so its silence is no failure."""
    with suppress(StepFailed):
        yield from perform(Exchange(
            talk, line, FtpPacket(seq=0, opcode=FtpOpcode.TERMINATE_SESSION), "end the read", times=CLOSE_TRIES
        ))


def _checksum(talk: Talk, line: Line, path: str) -> Generator[Step[Any], Any, int | None]:
    try:
        answer = yield from perform(Exchange(
            talk, line, with_path(FtpOpcode.CALC_FILE_CRC, path, "compute a checksum"), "compute a checksum",
            times=CHECKSUM_TRIES,
        ))
    except (Refused, Unanswered):
        return None
    return int.from_bytes(answer.data[:4], "little") if len(answer.data) >= 4 else None
