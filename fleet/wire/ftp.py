"""The payload of FILE_TRANSFER_PROTOCOL: its head, and its errors in words."""

import struct
from dataclasses import dataclass

from fleet.wire.ftp_codes import FTP_LONGEST_DATA, FtpError
from fleet.wire.message import Message

_HEAD = struct.Struct("<HBBBBBxI")
_WORDS = {
    FtpError.FAIL: "it failed without a reason",
    FtpError.INVALID_DATA_SIZE: "it does not take a request of this size",
    FtpError.INVALID_SESSION: "another file is open",
    FtpError.NO_SESSIONS_AVAILABLE: "it has no session free",
    FtpError.EOF: "there is nothing more",
    FtpError.UNKNOWN_COMMAND: "it does not know this request",
    FtpError.FILE_EXISTS: "there is such a file already",
    FtpError.FILE_PROTECTED: "the file is protected",
    FtpError.FILE_NOT_FOUND: "there is no such file",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpPacket:
    """One request or answer. `asked` is the opcode that an answer is about."""

    seq: int
    opcode: int
    session: int = 0
    size: int = 0
    asked: int = 0
    is_burst_complete: bool = False
    offset: int = 0
    data: bytes = b""

    def error(self) -> int:
        """Of a NAK; FAIL when it says none."""
        return self.data[0] if self.data else FtpError.FAIL

    def why(self) -> str:
        """A NAK in words."""
        code = self.error()
        if code == FtpError.FAIL_ERRNO:
            return f"its system answers error {self.data[1] if len(self.data) > 1 else 'unknown'}"
        words = _WORDS.get(FtpError(code)) if code in set(FtpError) else None
        return words or f"error {code}"


def packet_of(message: Message) -> FtpPacket | None:
    """From a message; None when its head contradicts itself."""
    payload: bytes = message.payload
    seq, session, opcode, size, asked, complete, offset = _HEAD.unpack_from(payload)
    if size > FTP_LONGEST_DATA:
        return None
    return FtpPacket(
        seq=seq, opcode=opcode, session=session, size=size, asked=asked, is_burst_complete=bool(complete),
        offset=offset, data=payload[_HEAD.size : _HEAD.size + size],
    )


def payload_of(packet: FtpPacket) -> bytes:
    head = _HEAD.pack(
        packet.seq, packet.session, packet.opcode, packet.size, packet.asked, packet.is_burst_complete, packet.offset
    )
    return head + packet.data
