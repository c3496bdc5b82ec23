"""Frames of the whole dialect, and what befalls them on the way: cut, doubled, bits flipped, bytes lost or gained."""

import random
from collections.abc import Callable
from typing import Final

from fleet.wire.crc import frame_crc
from fleet.wire.dialect import MessageSpec, ardupilotmega
from fleet.wire.frame import (
    CRC_LENGTH,
    FLAG_SIGNED,
    HEADER_LENGTH_V1,
    HEADER_LENGTH_V2,
    MAGIC_V1,
    MAGIC_V2,
    SIGNATURE_LENGTH,
)
from fleet.wire.signing import Signer
from fleet.wire.signing_keys import TAG_LENGTH, KeyRing, SigningKey

Damage = Callable[[random.Random, bytearray], None]

KEY: Final = SigningKey(bytes(range(32)))
NOW_NS: Final = 1_780_000_000 * 10**9
EXTRAS: Final = ardupilotmega().crc_extras


def good_frame(chance: random.Random, spec: MessageSpec) -> bytes:
    """MAVLink 2, or 1 for every eighth message that has one; any payload is a valid one."""
    payload = chance.randbytes(spec.max_length).rstrip(b"\0") or b"\0"
    seq, sysid, compid = chance.randrange(256), chance.randrange(1, 256), chance.randrange(1, 256)
    if spec.msgid < 256 and chance.random() < 0.125:
        payload = chance.randbytes(spec.min_length)
        body = bytes([len(payload), seq, sysid, compid, spec.msgid]) + payload
        magic = MAGIC_V1
    else:
        body = bytes([len(payload), 0, 0, seq, sysid, compid]) + spec.msgid.to_bytes(3, "little") + payload
        magic = MAGIC_V2
    return bytes([magic]) + body + frame_crc(body, spec.crc_extra).to_bytes(CRC_LENGTH, "little")


def unknown_frame(chance: random.Random) -> bytes:
    """A MAVLink 2 frame of a message that the dialect does not have."""
    payload = chance.randbytes(chance.randrange(256))
    head = bytes([MAGIC_V2, len(payload), 0, 0, chance.randrange(256), 7, 1])
    return head + chance.randrange(60_000, 1 << 24).to_bytes(3, "little") + payload + chance.randbytes(CRC_LENGTH)


def signed_frame(chance: random.Random, frame: bytes) -> bytes:
    """The frame signed with KEY, as one just sent; MAVLink 1 stays as it is."""
    if frame[0] == MAGIC_V1:
        return frame
    return Signer(KeyRing(current=KEY), link_id=chance.randrange(4)).sign(frame, NOW_NS + chance.randrange(10**9))


def flip_bits(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def flip_in_head(chance: random.Random, data: bytearray) -> None:
    data[chance.randrange(min(len(data), HEADER_LENGTH_V2))] = chance.randrange(256)


def cut(chance: random.Random, data: bytearray) -> None:
    del data[chance.randrange(len(data)) :]


def lose_bytes(chance: random.Random, data: bytearray) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.randrange(1, 9)]


def gain_bytes(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.choice([b"\xfd", b"\xfe", chance.randbytes(chance.randrange(1, 20))])


def repeat(chance: random.Random, data: bytearray) -> None:
    start = chance.randrange(len(data))
    data += data[start:]


def nothing(chance: random.Random, data: bytearray) -> None:
    """One frame of seven arrives as it was sent."""


DAMAGES: Final[tuple[Damage, ...]] = (flip_bits, flip_in_head, cut, lose_bytes, gain_bytes, repeat, nothing)


def mended(data: bytes) -> bytes:
    """The bytes with right checksums and signatures wherever a frame of the dialect stands: damage past the door."""
    whole, at = bytearray(data), 0
    while at < len(whole):
        length = _mend(whole, at)
        at += length or 1
    return bytes(whole)


def _mend(data: bytearray, at: int) -> int:
    """Mend the frame at a position; its length, or 0 when none stands there."""
    head = {MAGIC_V1: HEADER_LENGTH_V1, MAGIC_V2: HEADER_LENGTH_V2}.get(data[at])
    if head is None or len(data) < at + head:
        return 0
    flags = data[at + 2] if data[at] == MAGIC_V2 else 0
    msgid = int.from_bytes(data[at + 7 : at + 10], "little") if data[at] == MAGIC_V2 else data[at + 5]
    stop = at + head + data[at + 1]
    end = stop + CRC_LENGTH + (SIGNATURE_LENGTH if flags == FLAG_SIGNED else 0)
    if flags & ~FLAG_SIGNED or end > len(data) or msgid not in EXTRAS:
        return 0
    data[stop : stop + CRC_LENGTH] = frame_crc(bytes(data[at + 1 : stop]), EXTRAS[msgid]).to_bytes(CRC_LENGTH, "little")
    if flags:
        data[end - TAG_LENGTH : end] = KEY.tag(bytes(data[at : end - TAG_LENGTH]))
    return end - at
