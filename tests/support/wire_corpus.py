"""Where fuzzing of the wire starts, and how it goes on: whole frames of every message, spliced, damaged and mended."""

import random
from collections.abc import Iterator
from typing import Final

from fleet.wire.dialect import ardupilotmega
from fleet.wire.encode import Encoder
from fleet.wire.readings import Bearer, GasReading, Knock, PhoneRssi
from fleet.wire.statustext import chunked
from fleet.wire.tunnel import split_detections, tunnel_fields
from tests.support.wire_damage import DAMAGES, good_frame, mended, signed_frame, unknown_frame

LONGEST: Final = 1400
"""Bytes of one input: a large datagram."""


def seeds(chance: random.Random) -> Iterator[bytes]:
    """Inputs for the oracle: every message plain, some signed, unknown ones, long texts and Taihang's own readings."""
    for spec in ardupilotmega().by_id.values():
        yield piece_size(chance) + good_frame(chance, spec)
        if chance.random() < 0.2:
            yield piece_size(chance) + signed_frame(chance, good_frame(chance, spec))
    for _ in range(10):
        yield piece_size(chance) + unknown_frame(chance) + signed_frame(chance, unknown_frame(chance))
    encoder = Encoder(1, 1)
    texts = [encoder.encode("STATUSTEXT", **fields) for fields in chunked(4, "PreArm: 太行 " * 12, 7)]
    yield piece_size(chance) + b"".join(texts)
    yield piece_size(chance) + b"".join(reversed(texts))
    readings = (
        GasReading(ch4_pct=1.0), PhoneRssi(device_hash=1, bearer=Bearer.WIFI, frequency_mhz=2412, rssi_dbm=-70),
        Knock(count=5, first_utc_us=1, interval_s=0.5, confidence=0.9), *split_detections(1, 2, []),
    )
    for reading in readings:
        yield piece_size(chance) + encoder.encode("TUNNEL", **tunnel_fields(reading))


def piece_size(chance: random.Random) -> bytes:
    return bytes([chance.choice([0, 1, 6, 15, 63, 200, 255])])


def mutated(chance: random.Random, data: bytes) -> bytes:
    """The input with a frame more, or damaged, or put right after damage; not longer than LONGEST."""
    head, stream = data[:1] or b"\0", bytearray(data[1:])
    if chance.random() < 0.3 or not stream:
        frame = good_frame(chance, chance.choice(list(ardupilotmega().by_id.values())))
        kinds = (frame, signed_frame(chance, frame), unknown_frame(chance))
        at = chance.choice([0, len(stream), chance.randrange(len(stream) + 1)])
        stream[at:at] = chance.choice(kinds)
    for _ in range(chance.randrange(3)):
        if stream:
            chance.choice(DAMAGES)(chance, stream)
    if chance.random() < 0.1:
        head = piece_size(chance)
    return head + (mended(bytes(stream)) if chance.random() < 0.5 else bytes(stream))[: LONGEST - 1]
