"""Ten million damaged frames of the whole dialect through every reader: no exception, all counted, no memory, no stall.

TAIHANG_FUZZ_FRAMES says how many frames (default 10,000,000), TAIHANG_FUZZ_SEED which ones.
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.wire.bulk import BulkDecoder
from fleet.wire.decode import Decoder
from fleet.wire.dialect import ardupilotmega
from fleet.wire.frame import DatagramParser, Frame, FrameSplitter, WireCounters
from fleet.wire.signing import SignatureCheck, SigningPolicy
from fleet.wire.signing_keys import KeyRing
from fleet.wire.warm_up import compile_loops
from tests.support.wire_damage import DAMAGES, KEY, NOW_NS, good_frame, signed_frame, unknown_frame

FRAMES = int(os.environ.get("TAIHANG_FUZZ_FRAMES", "10000000"))
SEED = int(os.environ.get("TAIHANG_FUZZ_SEED", "20260912"))
ROUND = 1000
WARM_UP_ROUNDS = 20
READERS = 4
MOST_GROWTH_BYTES = READERS * (20 << 20)
"""A reader remembers one sequence number and one gap count for each of 65,536 possible senders: about 17 MiB."""
LEAST_BYTES_PER_CPU_S = 1_000_000
"""Of each reader, over all: a hundredth of what it does, a hundred times what a telemetry radio brings."""
MOST_ROUND_CPU_S = 2.0

pytestmark = pytest.mark.deep


def rounds() -> Iterator[list[tuple[bytes, bool]]]:
    """Damaged frames, each with whether it is in fact undamaged (and of a message of the dialect)."""
    chance = random.Random(SEED)
    good = [good_frame(chance, spec) for spec in ardupilotmega().by_id.values() for _ in range(4)]
    good += [signed_frame(chance, frame) for frame in chance.sample(good, len(good) // 4)]
    unknown = [unknown_frame(chance) for _ in range(len(good) // 20)]
    left, known = FRAMES, set(good)
    while left > 0:
        made = []
        for frame in chance.choices(good + unknown, k=min(ROUND, left)):
            data = bytearray(frame)
            chance.choice(DAMAGES)(chance, data)
            made.append((bytes(data), data == frame and frame in known))
        left -= len(made)
        yield made


class Ledger:
    """What went into one reader, what came out, and the time it took; at the end all sides agree."""

    def __init__(self, name: str, counters: WireCounters) -> None:
        self._name, self._counters = name, counters
        self._bytes_in = self._bytes_out = self._frames = self._unknown = 0
        self._cpu_s = self._started_s = 0.0

    def start(self, data: bytes) -> bytes:
        self._bytes_in += len(data)
        self._started_s = time.process_time()
        return data

    def stop(self) -> None:
        spent_s = time.process_time() - self._started_s
        assert spent_s < MOST_ROUND_CPU_S, f"{self._name}: one round took {spent_s:.2f} s"
        self._cpu_s += spent_s

    def take(self, frames: list[Frame]) -> None:
        for frame in frames:
            self._bytes_out += frame.wire_length
            self._unknown += not frame.is_known
        self._frames += len(frames)

    def close(self) -> None:
        assert self._counters.frames == self._frames > FRAMES // 10
        assert self._counters.unknown == self._unknown
        assert self._bytes_out + self._counters.garbage_bytes == self._bytes_in
        rate = self._bytes_in / self._cpu_s
        print(f"{self._name}: {self._frames} frames of {self._bytes_in} bytes, {rate / 1e6:.1f} MB per CPU second")
        assert rate > LEAST_BYTES_PER_CPU_S


class Readers:
    """Every way to read, each with its ledger, given the same damage."""

    def __init__(self) -> None:
        self._datagrams, self._splitter, self._whole = DatagramParser(), FrameSplitter(), DatagramParser()
        self._bulk, self._decoder = BulkDecoder(), Decoder()
        self._check = SignatureCheck(KeyRing(current=KEY), SigningPolicy.REQUIRE)
        self._chance = random.Random(SEED + 1)
        self._of_datagrams = Ledger("datagrams", self._datagrams.counters)
        self._of_stream = Ledger("stream", self._splitter.counters)
        self._of_raw = Ledger("raw, signatures checked", self._whole.counters)
        self._of_bulk = Ledger("bulk", self._bulk.counters)

    def read(self, made: list[tuple[bytes, bool]]) -> None:
        data = b"".join(frame for frame, _ in made)
        self._read_datagrams(made, data)
        self._read_stream(data)
        self._read_in_bulk(data, self._read_raw(data))

    def _read_datagrams(self, made: list[tuple[bytes, bool]], data: bytes) -> None:
        self._of_datagrams.start(data)
        found = [self._datagrams.parse(datagram) for datagram, _ in made]
        self._of_datagrams.stop()
        for frames, (datagram, is_whole) in zip(found, made, strict=True):
            assert not is_whole or [frame.wire_length for frame in frames] == [len(datagram)]
            self._of_datagrams.take(frames)

    def _read_stream(self, data: bytes) -> None:
        self._of_stream.start(data)
        frames, begin = list[Frame](), 0
        while begin < len(data):
            end = begin + self._chance.randrange(1, 2000)
            frames += self._splitter.feed(data[begin:end])
            begin = end
        self._of_stream.stop()
        self._of_stream.take(frames)

    def _read_raw(self, data: bytes) -> list[Frame]:
        self._of_raw.start(data)
        pairs = self._whole.parse_raw(data)
        refused = sum(self._check.refusal(frame, raw, NOW_NS) is not None for frame, raw in pairs)
        self._of_raw.stop()
        assert refused <= len(pairs)
        frames = [frame for frame, _ in pairs]
        self._of_raw.take(frames)
        return frames

    def _read_in_bulk(self, data: bytes, frames: list[Frame]) -> None:
        decoded = [(frame, self._decoder.decode(frame)) for frame in frames]
        expected = [message for _, message in decoded if message is not None]
        assert all((message is not None) == frame.is_known for frame, message in decoded)
        self._of_bulk.start(data)
        messages = self._bulk.read(data).messages
        self._of_bulk.stop()
        differing = [pair for pair in zip(messages, expected, strict=True) if pair[0] != pair[1]]
        # NaN is not equal to itself, but its text is
        assert [ours for ours, theirs in differing if repr(ours) != repr(theirs)] == []
        self._of_bulk.take(frames)

    def close(self) -> None:
        self._of_stream.take(self._splitter.finish())
        for ledger in (self._of_datagrams, self._of_stream, self._of_raw, self._of_bulk):
            ledger.close()
        bulk, plain = self._bulk.counters, self._whole.counters
        assert (bulk.bad_crc, bulk.gaps) == (plain.bad_crc, plain.gaps)
        counted = self._check.counters
        assert counted.verified > 0
        assert counted.verified + counted.unsigned + counted.refused.total() == plain.frames


def resident_bytes() -> int:
    """Of this process now (proc(5), statm); getrusage only knows the most there ever was."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_every_reader_takes_any_damage_and_all_agree() -> None:
    compile_loops()
    readers, first_bytes = Readers(), 0
    for number, made in enumerate(rounds()):
        readers.read(made)
        if number == WARM_UP_ROUNDS:
            first_bytes = resident_bytes()
    readers.close()
    if first_bytes:
        growth = resident_bytes() - first_bytes
        print(f"the process grew by {growth / (1 << 20):.1f} MiB")
        assert growth <= MOST_GROWTH_BYTES
