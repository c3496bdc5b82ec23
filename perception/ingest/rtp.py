"""RTP packets and RTCP sender reports (RFC 3550), bytes to values; foreign bytes give None."""

import struct
from dataclasses import dataclass

NTP_TO_UNIX_S = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905, figure 4)."""
_SENDER_REPORT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpPacket:
    sequence: int
    timestamp: int
    is_last: bool
    """Marker bit: in H.264 the last packet of an access unit (RFC 6184, 5.1)."""
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderReport:
    """What the sender's clock read when its media clock read `timestamp`."""

    utc_ns: int
    timestamp: int


def parse_rtp(data: bytes) -> RtpPacket | None:
    if len(data) < 12 or data[0] >> 6 != 2 or 192 <= data[1] <= 223:
        return None
    marked_type, sequence, timestamp = struct.unpack_from("!BHI", data, 1)
    start = 12 + 4 * (data[0] & 0x0F)
    if data[0] & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data) - (data[-1] if data[0] & 0x20 else 0)
    if start >= end:
        return None
    return RtpPacket(
        sequence=sequence, timestamp=timestamp, is_last=bool(marked_type & 0x80), payload=data[start:end]
    )


def parse_sender_report(data: bytes) -> SenderReport | None:
    """The sender report that opens a compound RTCP packet, if there is one."""
    if len(data) < 20 or data[0] >> 6 != 2 or data[1] != _SENDER_REPORT:
        return None
    seconds, fraction, timestamp = struct.unpack_from("!III", data, 8)
    if seconds < NTP_TO_UNIX_S:
        return None
    utc_ns = (seconds - NTP_TO_UNIX_S) * 1_000_000_000 + ((fraction * 1_000_000_000 + (1 << 31)) >> 32)
    return SenderReport(utc_ns=utc_ns, timestamp=timestamp)


class MediaClock:
    """Maps RTP timestamps to UTC by the newest sender report."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._report: SenderReport | None = None

    def update(self, report: SenderReport) -> None:
        self._report = report

    def utc_ns(self, timestamp: int) -> int | None:
        """None before the first report. The 32-bit difference is taken as signed, so that wrapping does no harm."""
        if self._report is None:
            return None
        ticks = ((timestamp - self._report.timestamp + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        return self._report.utc_ns + round(ticks * 1_000_000_000 / self._rate_hz)
