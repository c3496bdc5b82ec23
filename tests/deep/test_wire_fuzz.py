"""Millions of damaged frames of the whole dialect: no exception, every byte and frame counted, no memory kept.

TAIHANG_FUZZ_FRAMES says how many frames each reader gets (default 1,000,000), TAIHANG_FUZZ_SEED which ones.
"""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.wire.bulk import BulkDecoder
from fleet.wire.crc import frame_crc
from fleet.wire.decode import Decoder
from fleet.wire.dialect import MessageSpec, ardupilotmega
from fleet.wire.frame import (
    CRC_LENGTH,
    HEADER_LENGTH_V1,
    HEADER_LENGTH_V2,
    MAGIC_V1,
    MAGIC_V2,
    DatagramParser,
    Frame,
    FrameSplitter,
    WireCounters,
    parse_datagram,
)

FRAMES = int(os.environ.get("TAIHANG_FUZZ_FRAMES", "1000000"))
SEED = int(os.environ.get("TAIHANG_FUZZ_SEED", "20260912"))
ROUND = 1000
WARM_UP_ROUNDS = 20
MOST_GROWTH_BYTES = 20 << 20
"""A reader remembers one sequence number and one gap count for each of 65,536 possible senders: about 17 MiB."""

pytestmark = pytest.mark.deep

Damage = Callable[[random.Random, bytearray], None]


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


DAMAGES: tuple[Damage, ...] = (flip_bits, flip_in_head, cut, lose_bytes, gain_bytes, repeat, nothing)


def rounds() -> Iterator[list[tuple[bytes, bool]]]:
    """Damaged frames, each with whether it is in fact undamaged."""
    chance = random.Random(SEED)
    good = [good_frame(chance, spec) for spec in ardupilotmega().by_id.values() for _ in range(4)]
    left = FRAMES
    while left > 0:
        made = []
        for frame in chance.choices(good, k=min(ROUND, left)):
            data = bytearray(frame)
            chance.choice(DAMAGES)(chance, data)
            made.append((bytes(data), data == frame))
        left -= len(made)
        yield made


def wire_length(frame: Frame) -> int:
    head = HEADER_LENGTH_V2 if frame.version == 2 else HEADER_LENGTH_V1
    return head + len(frame.payload) + frame.trailer_length


class Ledger:
    """What went in and what came out; at the end both sides agree."""

    def __init__(self, counters: WireCounters) -> None:
        self._counters = counters
        self._decoder = Decoder()
        self._bytes_in = self._bytes_out = self._frames = self._unknown = 0
        self._rounds, self._resident_bytes = 0, 0

    def put(self, data: bytes) -> bytes:
        self._bytes_in += len(data)
        return data

    def take(self, frames: list[Frame]) -> None:
        for frame in frames:
            assert (self._decoder.decode(frame) is not None) == frame.is_known
            self._bytes_out += wire_length(frame)
            self._unknown += not frame.is_known
        self._frames += len(frames)

    def end_round(self) -> None:
        self._rounds += 1
        if self._rounds == WARM_UP_ROUNDS:
            self._resident_bytes = resident_bytes()

    def close(self) -> None:
        assert self._counters.frames == self._frames
        assert self._counters.unknown == self._unknown
        assert self._bytes_out + self._counters.garbage_bytes == self._bytes_in
        assert self._frames > FRAMES // 10
        if self._rounds > WARM_UP_ROUNDS:
            assert resident_bytes() - self._resident_bytes <= MOST_GROWTH_BYTES


def resident_bytes() -> int:
    """Of this process now (proc(5), statm); getrusage only knows the most there ever was."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_datagrams() -> None:
    parser = DatagramParser()
    ledger = Ledger(parser.counters)
    for made in rounds():
        for data, is_whole in made:
            frames = parser.parse(ledger.put(data))
            assert not is_whole or [wire_length(frame) for frame in frames] == [len(data)]
            ledger.take(frames)
        ledger.end_round()
    ledger.close()


def test_a_stream_in_pieces_of_any_size() -> None:
    splitter, chance = FrameSplitter(), random.Random(SEED + 1)
    ledger = Ledger(splitter.counters)
    for made in rounds():
        data, begin = ledger.put(b"".join(frame for frame, _ in made)), 0
        while begin < len(data):
            end = begin + chance.randrange(1, 2000)
            ledger.take(splitter.feed(data[begin:end]))
            begin = end
        ledger.end_round()
    ledger.take(splitter.finish())
    ledger.close()


def test_large_reads_give_what_small_ones_give() -> None:
    bulk, plain, decoder = BulkDecoder(), WireCounters(), Decoder()
    ledger = Ledger(bulk.counters)
    for made in rounds():
        data = ledger.put(b"".join(frame for frame, _ in made))
        frames = parse_datagram(data, plain)
        expected = [message for frame in frames if (message := decoder.decode(frame)) is not None]
        # by their text: NaN is not equal to itself
        assert repr(bulk.read(data).messages) == repr(expected)
        ledger.take(frames)
        ledger.end_round()
    ledger.close()
    assert (bulk.counters.bad_crc, bulk.counters.gaps) == (plain.bad_crc, plain.gaps)
