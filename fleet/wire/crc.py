"""CRC-16/MCRF4XX as MAVLink uses it: over the frame after its first byte, then one seed byte per message."""

from typing import Final

from fastcrc.crc16 import mcrf4xx

_POLYNOMIAL: Final = 0x8408  # 0x1021 reflected


def _entry(index: int) -> int:
    value = index
    for _ in range(8):
        value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
    return value


CRC_TABLE: Final = tuple(_entry(index) for index in range(256))
"""Byte-wise table; folds in the seed byte without a second call into fastcrc."""


def frame_crc(body: bytes, crc_extra: int) -> int:
    """Checksum of a frame; `body` is header without magic, then payload."""
    crc: int = mcrf4xx(body)
    return CRC_TABLE[(crc ^ crc_extra) & 0xFF] ^ (crc >> 8)


def bit_flip(following: int) -> int:
    """What a checksum changes by when the lowest bit of a byte with so many bytes behind it, seed included, changes.

    The checksum is linear, so neither the other bytes nor the seed need be known.
    """
    change = CRC_TABLE[1]
    for _ in range(following):
        change = CRC_TABLE[change & 0xFF] ^ (change >> 8)
    return change
