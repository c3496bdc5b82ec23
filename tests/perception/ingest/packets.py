"""Builds what a camera sends: NAL units to RTP packets, the three packetisations of RFC 6184 that cameras use."""

import struct

SPS = bytes([0x67]) + b"sps"
PPS = bytes([0x68]) + b"pps"
START = b"\x00\x00\x00\x01"
NTP_TO_UNIX_S = 2_208_988_800


def rtp(sequence: int, timestamp: int, payload: bytes, *, is_last: bool) -> bytes:
    head = struct.pack("!BBHII", 0x80, 96 | (0x80 if is_last else 0), sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 7)
    return head + payload


def sender_report(utc_ns: int, timestamp: int) -> bytes:
    seconds, rest_ns = divmod(utc_ns, 1_000_000_000)
    fraction = (rest_ns << 32) // 1_000_000_000
    return struct.pack("!BBHIIIIII", 0x80, 200, 6, 7, seconds + NTP_TO_UNIX_S, fraction, timestamp & 0xFFFFFFFF, 0, 0)


def payloads(nals: list[bytes], *, most: int) -> list[bytes]:
    """Small leading NAL units aggregated, large ones fragmented, the rest alone."""
    packed: list[bytes] = []
    small = [nal for nal in nals if nal[0] & 0x1F in (7, 8)]
    if len(small) > 1:
        packed.append(bytes([24]) + b"".join(len(nal).to_bytes(2, "big") + nal for nal in small))
        nals = [nal for nal in nals if nal not in small]
    for nal in nals:
        packed += [nal] if len(nal) <= most else fragments(nal, most)
    return packed


def fragments(nal: bytes, most: int) -> list[bytes]:
    body, size = nal[1:], most - 2
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return [
        bytes([nal[0] & 0xE0 | 28, nal[0] & 0x1F | (0x80 * (k == 0)) | (0x40 * (k == len(parts) - 1))]) + part
        for k, part in enumerate(parts)
    ]


def unit_packets(nals: list[bytes], *, first: int, timestamp: int, most: int = 100) -> list[bytes]:
    parts = payloads(nals, most=most)
    return [rtp(first + k, timestamp, part, is_last=k == len(parts) - 1) for k, part in enumerate(parts)]


def interleaved(packet: bytes, channel: int = 0) -> bytes:
    return b"$" + bytes([channel]) + len(packet).to_bytes(2, "big") + packet
