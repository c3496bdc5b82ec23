"""MAVFTP's small exchanges as steps: one request, one answer, repeated with the same sequence number until it comes."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from fleet.commands import AckResult
from fleet.drivers.mavlink.commands import is_for_us
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Step, StepFailed, Talk, perform
from fleet.wire.ftp import FtpPacket, packet_of, payload_of
from fleet.wire.ftp_codes import FTP_LONGEST_DATA, FtpError, FtpOpcode
from fleet.wire.message import Message
from world.time import Instant

REPEAT_S = 1.5
REPEATS = 16
BUSY_AGAIN_S = 2.0
BUSY_TRIES = 8
"""A server keeps a forgotten session for 3 s (ArduPilot) to 10 s (PX4)."""
MOST_ENTRIES = 10_000
AFTER_BURST = 4096
"""Sequence numbers left out after a burst, which uses one per answer: no answer of it can be taken for a later one."""


@dataclass(slots=True)
class Line:
    """One client's sequence numbers and session, chosen from the time so that late answers to older reads fit none."""

    seq: int
    session: int

    @classmethod
    def at(cls, now: Instant) -> "Line":
        return cls(seq=now.mono_ns // 1_000_000 * 7 & 0xFFFF, session=now.mono_ns // 100_000_000 % 255 + 1)

    def next(self, step: int = 1) -> int:
        self.seq = (self.seq + step) & 0xFFFF
        return self.seq


class Refused(StepFailed):
    """The vehicle's file server said no."""

    def __init__(self, what: str, answer: FtpPacket) -> None:
        super().__init__(f"the vehicle does not {what}: {answer.why()}")
        self.code = answer.error()


class Unanswered(StepFailed):
    """The vehicle's file server said nothing."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the vehicle does not answer when asked to {what}", AckResult.TIMED_OUT)


class Exchange(Step[FtpPacket]):
    """One request until its answer comes. `what` completes "asked to …"."""

    def __init__(self, talk: Talk, line: Line | None, request: FtpPacket, what: str, *, times: int = REPEATS) -> None:
        super().__init__()
        self._talk, self.line, self._request, self._what = talk, line, request, what
        self._pace = Pace(every_s=REPEAT_S, times=times)
        self._is_numbered = False

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._pace.is_spent(now):
            raise Unanswered(self._what)
        if not self._is_numbered:
            self.line = self.line or Line.at(now)
            self._request = replace(self._request, seq=self.line.next(), session=self.line.session)
            self._is_numbered = True
        return [ftp_message(self._talk, self._request)] if self._pace.is_due(now) else []

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        answer = answer_in(message)
        is_ours = answer is not None and answer.asked == self._request.opcode
        if answer is None or not is_ours or answer.seq != (self._request.seq + 1) & 0xFFFF:
            return []
        if answer.opcode == FtpOpcode.ACK:
            self.end(answer)
            return []
        raise Refused(self._what, answer)


def ftp_message(talk: Talk, packet: FtpPacket) -> Outgoing:
    return Outgoing(
        name="FILE_TRANSFER_PROTOCOL", fields=talk.target | {"target_network": 0, "payload": payload_of(packet)}
    )


def answer_in(message: Message) -> FtpPacket | None:
    """The file server's answer to us that this message is."""
    if message.SPEC.name != "FILE_TRANSFER_PROTOCOL" or not is_for_us(message):
        return None
    packet = packet_of(message)
    return packet if packet is not None and packet.opcode in (FtpOpcode.ACK, FtpOpcode.NAK) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a folder. `size` None: the server did not say."""

    name: str
    is_folder: bool
    size: int | None = None


def list_folder(talk: Talk, path: str) -> Generator[Step[Any], Any, list[Entry]]:
    """All entries, page by page. StepFailed says why not."""
    entries: list[Entry] = []
    line: Line | None = None
    what = f"list {path}"
    count = 0
    while True:
        request = replace(with_path(FtpOpcode.LIST_DIRECTORY, path, what), offset=count)
        step = Exchange(talk, line, request, what)
        try:
            answer = yield from perform(step)
        except Refused as refused:
            if refused.code == FtpError.EOF:
                return entries
            raise
        line = step.line
        lines = [each for each in answer.data.split(b"\0") if each]
        count += len(lines)
        if not lines or count > MOST_ENTRIES:
            raise StepFailed(f"the vehicle's list of {path} makes no sense: page {answer.data[:20]!r} at {count}")
        entries += [entry for entry in map(_entry, lines) if entry is not None]


def _entry(line: bytes) -> Entry | None:
    """`F` name tab size, `D` name; `S` is an entry that the server leaves out."""
    name, _, size = line[1:].decode("utf-8", "replace").partition("\t")
    if line[:1] == b"D":
        return Entry(name=name, is_folder=True)
    if line[:1] == b"F":
        return Entry(name=name, is_folder=False, size=int(size) if size.isascii() and size.isdigit() else None)
    return None


def with_path(opcode: FtpOpcode, path: str, what: str) -> FtpPacket:
    data = path.encode()
    if not data or len(data) >= FTP_LONGEST_DATA or b"\0" in data:
        raise StepFailed(f"cannot {what}: a path has 1 to {FTP_LONGEST_DATA - 1} bytes")
    return FtpPacket(seq=0, opcode=opcode, size=len(data), data=data)
