"""RTP packets for H.264 (RFC 6184, single NAL units and FU-A) and RTCP sender reports (RFC 3550), without I/O."""

import hashlib
from struct import Struct
from typing import Final

CLOCK_HZ: Final = 90_000
PAYLOAD_TYPE: Final = 96
MOST_PAYLOAD: Final = 1400
"""Bytes after the RTP header: with IP, UDP and RTP headers below the Ethernet MTU of 1500."""
_NTP_UNIX_S: Final = 2_208_988_800
"""Seconds from 1900 (NTP) to 1970 (Unix), RFC 868."""
_HEADER: Final = Struct("!BBHII")
_REPORT: Final = Struct("!BBHIIIIII")
_FU_A: Final = 28
_SENDER_REPORT: Final = 200
_NS: Final = 1_000_000_000


def timestamp_of(utc_ns: int, offset: int) -> int:
    """RTP time of a capture: 90 kHz from UTC, with the stream's own offset, modulo 2**32."""
    return (offset + utc_ns * CLOCK_HZ // _NS) & 0xFFFFFFFF


class Packetiser:
    """One stream's sequence, source id and clock offset; all derived from its name, so that bytes repeat."""

    def __init__(self, name: str) -> None:
        digest = hashlib.sha256(name.encode()).digest()
        self.ssrc = int.from_bytes(digest[:4])
        self.offset = int.from_bytes(digest[4:8])
        self.sequence = int.from_bytes(digest[8:10])
        self._packets = 0
        self._octets = 0

    def packets(self, nals: list[bytes], utc_ns: int) -> list[bytes]:
        """The RTP packets of one access unit, the last one marked."""
        stamp = timestamp_of(utc_ns, self.offset)
        payloads = [payload for nal in nals for payload in _payloads(nal)]
        self._packets += len(payloads)
        self._octets += sum(map(len, payloads))
        return [self._packet(payload, stamp, n == len(payloads) - 1) for n, payload in enumerate(payloads)]

    def sender_report(self, utc_ns: int) -> bytes:
        """RTCP SR that ties RTP time to UTC as the camera's clock has it."""
        seconds, rest = divmod(utc_ns, _NS)
        return _REPORT.pack(
            0x80,
            _SENDER_REPORT,
            6,
            self.ssrc,
            (seconds + _NTP_UNIX_S) & 0xFFFFFFFF,
            (rest << 32) // _NS,
            timestamp_of(utc_ns, self.offset),
            self._packets & 0xFFFFFFFF,
            self._octets & 0xFFFFFFFF,
        )

    def _packet(self, payload: bytes, stamp: int, is_last: bool) -> bytes:
        self.sequence = (self.sequence + 1) & 0xFFFF
        return _HEADER.pack(0x80, PAYLOAD_TYPE | (is_last << 7), self.sequence, stamp, self.ssrc) + payload


def _payloads(nal: bytes) -> list[bytes]:
    """One NAL unit as it is, or cut into FU-A fragments (RFC 6184, 5.8)."""
    if len(nal) <= MOST_PAYLOAD:
        return [nal]
    indicator, kind = (nal[0] & 0xE0) | _FU_A, nal[0] & 0x1F
    size = MOST_PAYLOAD - 2
    pieces = [nal[at : at + size] for at in range(1, len(nal), size)]
    last = len(pieces) - 1
    return [
        bytes((indicator, kind | ((n == 0) << 7) | ((n == last) << 6))) + piece for n, piece in enumerate(pieces)
    ]
