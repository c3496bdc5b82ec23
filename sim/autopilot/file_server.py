"""MAVFTP as ArduPilot 4.5 serves it: one session at a time, bursts, the last answer repeated when it is asked again."""

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from zlib import crc32

from fleet.wire.ftp import FtpPacket, packet_of, payload_of
from fleet.wire.ftp_codes import FTP_LONGEST_DATA, FtpError, FtpOpcode
from sim.autopilot.disk import Disk, Listed, NoSuchFile, OpenFile
from sim.engine.columns import TICKS_PER_S
from sim.speak.port import Heard, Port

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

PACKETS: Final = 40
"""Of a burst, in a tenth of a second."""
BURST_LENGTH: Final = 2000
QUEUE: Final = 5
"""Requests kept while a burst is sent; more are lost."""
IDLE_TICKS: Final = 3 * TICKS_PER_S
"""An idle session may be taken over then."""
KILL_TICKS: Final = 20 * TICKS_PER_S
_EINVAL: Final = 22


@dataclass(slots=True)
class _Session:
    number: int
    file: OpenFile
    heard: Heard


@dataclass(slots=True)
class _Burst:
    """Answers still to be sent; `reply` is the next one but for its bytes."""

    reply: FtpPacket
    heard: Heard
    size: int
    left: int = BURST_LENGTH


class FileServer:
    """`hear` takes FILE_TRANSFER_PROTOCOL; `tick` goes on with a burst ten times a second."""

    def __init__(self, ship: "Ship", disk: Disk) -> None:
        self._ship, self._disk = ship, disk
        self._session: _Session | None = None
        self._burst: _Burst | None = None
        self._waiting: deque[tuple[Heard, FtpPacket]] = deque()
        self._last: tuple[Heard, FtpPacket] | None = None
        self._last_tick = 0

    def hear(self, heard: Heard) -> None:
        request = packet_of(heard.message)
        if request is None or request.opcode in (FtpOpcode.ACK, FtpOpcode.NAK):
            return
        if self._burst is None:
            self._handle(heard, request)
        elif len(self._waiting) < QUEUE:
            self._waiting.append((heard, request))

    def tick(self) -> None:
        if self._session is not None and self._ship.tick_now - self._last_tick > KILL_TICKS:
            self._session = None
        if self._burst is not None:
            self._go_on(self._burst)
        while self._waiting and self._burst is None:
            self._handle(*self._waiting.popleft())

    def drop(self, port: Port) -> None:
        """A link has gone."""
        if self._session is not None and self._session.heard.port is port:
            self._session, self._burst = None, None
        self._waiting = deque(each for each in self._waiting if each[0].port is not port)
        if self._last is not None and self._last[0].port is port:
            self._last = None

    def _handle(self, heard: Heard, request: FtpPacket) -> None:
        last = self._last
        if last is not None and _is_again(last, heard, request):
            self._say(heard, last[1])
            return
        reply = FtpPacket(
            seq=(request.seq + 1) & 0xFFFF, opcode=FtpOpcode.ACK, session=request.session, asked=request.opcode
        )
        if request.opcode == FtpOpcode.BURST_READ_FILE and self._is_open(request):
            burst = replace(reply, offset=request.offset)
            self._burst = _Burst(reply=burst, heard=heard, size=request.size or FTP_LONGEST_DATA)
            return
        self._say(heard, self._answer(heard, request, reply))

    def _answer(self, heard: Heard, request: FtpPacket, reply: FtpPacket) -> FtpPacket:
        session, now = self._session, self._ship.tick_now
        is_other = session is not None and request.session != session.number
        if is_other and request.opcode in (FtpOpcode.TERMINATE_SESSION, FtpOpcode.RESET_SESSION):
            return reply
        if is_other and now - self._last_tick < IDLE_TICKS:
            return _no(reply, FtpError.INVALID_SESSION)
        if is_other:
            self._session = None
        if request.opcode in (FtpOpcode.NONE, FtpOpcode.TERMINATE_SESSION, FtpOpcode.RESET_SESSION):
            self._session = None if request.opcode != FtpOpcode.NONE else self._session
            return reply
        return self._read(heard, request, reply)

    def _read(self, heard: Heard, request: FtpPacket, reply: FtpPacket) -> FtpPacket:
        try:
            match request.opcode:
                case FtpOpcode.LIST_DIRECTORY:
                    return _page(self._disk.list(_path(request)), request, reply)
                case FtpOpcode.OPEN_FILE_RO:
                    return self._open(heard, request, reply)
                case FtpOpcode.READ_FILE:
                    return self._read_once(request, reply)
                case FtpOpcode.BURST_READ_FILE:
                    return _no(reply, FtpError.FILE_NOT_FOUND)
                case FtpOpcode.CALC_FILE_CRC:
                    content = self._disk.content(_path(request))
                    sum_ = crc32(content, 0xFFFFFFFF) ^ 0xFFFFFFFF  # begins with 0, is not inverted at its end
                    return replace(reply, size=4, data=sum_.to_bytes(4, "little"))
        except NoSuchFile:
            return _no(reply, FtpError.FILE_NOT_FOUND)
        return _no(reply, FtpError.UNKNOWN_COMMAND)

    def _open(self, heard: Heard, request: FtpPacket, reply: FtpPacket) -> FtpPacket:
        if self._session is not None and self._ship.tick_now - self._last_tick <= IDLE_TICKS:
            return _no(reply, FtpError.FAIL)
        file = self._disk.open(_path(request))
        self._session = _Session(request.session, file, heard)
        return replace(reply, size=4, data=file.size.to_bytes(4, "little"))

    def _read_once(self, request: FtpPacket, reply: FtpPacket) -> FtpPacket:
        if self._session is None:
            return _no(reply, FtpError.FILE_NOT_FOUND)
        return _chunk(self._session.file, request.offset, request.size, replace(reply, offset=request.offset))

    def _is_open(self, request: FtpPacket) -> bool:
        return self._session is not None and self._session.number == request.session

    def _go_on(self, burst: _Burst) -> None:
        for _ in range(PACKETS):
            if self._session is None:
                self._burst = None
                return
            reply = _chunk(self._session.file, burst.reply.offset, burst.size, burst.reply)
            burst.left -= 1
            is_end = reply.opcode == FtpOpcode.NAK or burst.left == 0
            self._say(burst.heard, replace(reply, is_burst_complete=is_end))
            if is_end:
                self._burst = None
                return
            burst.reply = replace(
                burst.reply, seq=(burst.reply.seq + 1) & 0xFFFF, offset=burst.reply.offset + reply.size
            )

    def _say(self, heard: Heard, reply: FtpPacket) -> None:
        self._last, self._last_tick = (heard, reply), self._ship.tick_now
        heard.port.say(
            "FILE_TRANSFER_PROTOCOL", target_network=0, target_system=heard.sysid, target_component=heard.compid,
            payload=payload_of(reply),
        )


def _is_again(last: tuple[Heard, FtpPacket], heard: Heard, request: FtpPacket) -> bool:
    before, reply = last
    is_same = (before.sysid, before.compid, reply.session) == (heard.sysid, heard.compid, request.session)
    return is_same and (request.seq + 1) & 0xFFFF == reply.seq


def _no(reply: FtpPacket, error: FtpError, *more: int) -> FtpPacket:
    data = bytes([error, *more])
    return replace(reply, opcode=FtpOpcode.NAK, size=len(data), data=data)


def _path(request: FtpPacket) -> str:
    return request.data.partition(b"\0")[0].decode("utf-8", "replace")


def _chunk(file: OpenFile, offset: int, size: int, reply: FtpPacket) -> FtpPacket:
    data = file.read(offset, min(size, FTP_LONGEST_DATA))
    if data is None:
        return _no(reply, FtpError.FAIL_ERRNO, _EINVAL)
    return replace(reply, size=len(data), data=data) if data else _no(reply, FtpError.EOF)


def _page(listed: list[Listed], request: FtpPacket, reply: FtpPacket) -> FtpPacket:
    """As many entries from the offset on as fit."""
    data = b""
    for entry in listed[request.offset :]:
        text = f"D{entry.name}" if entry.size is None else f"F{entry.name}\t{entry.size}"
        line = text.encode() + b"\0"
        if len(data) + len(line) >= FTP_LONGEST_DATA:
            break
        data += line
    if not data:
        return _no(replace(reply, offset=request.offset), FtpError.EOF)
    return replace(reply, offset=request.offset, size=len(data), data=data)
