"""Large reads give what frame-by-frame reading gives: messages, order, sources, counters, leftover."""

import random

import numpy as np
import pytest

from benchmarks import wire_parity as parity
from fleet.wire.bulk import BulkDecoder
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import FrameScanner, WireCounters
from fleet.wire.message import Message
from tests.fleet.wire.test_frame import heartbeat, signed_frame, unknown_frame


def one_by_one(data: bytes, wanted: list[str] | None, *, is_final: bool) -> tuple[list[tuple[int, int, Message]], int]:
    scanner, decoder = FrameScanner(WireCounters()), Decoder(wanted)
    frames, used = scanner.scan(data, is_final=is_final)
    messages = [(frame.sysid, frame.compid, decoder.decode(frame)) for frame in frames]
    return [(sysid, compid, message) for sysid, compid, message in messages if message is not None], used


def rough_stream(seed: int) -> bytes:
    """Good frames of all kinds between noise, damage and false starts."""
    rng = random.Random(seed)
    cases = [case for case in parity.samples(seed) if rng.random() < 0.15]
    pieces: list[bytes] = []
    for case in cases:
        damaged = bytearray(case.frame)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        noise = [b"", signed_frame(), unknown_frame(), rng.randbytes(30), bytes(damaged), b"\xfd\xff\0\0", b"\xfe\x09"]
        pieces += [case.frame, rng.choice(noise)]
    return b"".join(pieces)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("is_final", [True, False])
@pytest.mark.parametrize("wanted", [None, ["HEARTBEAT", "ATTITUDE", "TUNNEL"]])
def test_a_rough_stream_reads_the_same_at_once_and_one_by_one(
    seed: int, is_final: bool, wanted: list[str] | None
) -> None:
    data = rough_stream(seed)
    assert len(data) > 4096
    expected, used = one_by_one(data, wanted, is_final=is_final)
    batch = BulkDecoder(wanted).read(data, is_final=is_final)
    assert [(sysid, compid, repr(message)) for sysid, compid, message in batch] == [
        (sysid, compid, repr(message)) for sysid, compid, message in expected
    ]
    assert batch.used == used


def test_the_loops_give_the_same_messages_uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    data = rough_stream(99)[:20_000]
    compiled = BulkDecoder(["HEARTBEAT", "TUNNEL", "BATTERY_STATUS"]).read(data)
    monkeypatch.setattr("fleet.wire.bulk.compiled", lambda loop: loop)
    plain = BulkDecoder(["HEARTBEAT", "TUNNEL", "BATTERY_STATUS"]).read(data)
    assert repr(list(plain)) == repr(list(compiled))
    assert len(plain) > 0


@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_counters_are_those_of_the_frame_reader(size: int) -> None:
    data = b"".join(heartbeat(seq=(3 * number) % 256, sysid=number % 7 + 1) for number in range(size))
    data = data + b"noise" + signed_frame() + unknown_frame() + data
    scanner = FrameScanner(WireCounters())
    scanner.scan(data, is_final=True)
    decoder = BulkDecoder()
    decoder.read(data)
    for name in ("frames", "bad_crc", "garbage_bytes", "unknown", "gaps"):
        assert getattr(decoder.counters, name) == getattr(scanner.counters, name)


def test_gaps_are_seen_across_reads_short_and_long() -> None:
    decoder = BulkDecoder()
    long_read = b"".join(heartbeat(seq=number % 256) for number in range(300))
    decoder.read(long_read)
    decoder.read(heartbeat(seq=46))
    decoder.read(b"".join(heartbeat(seq=(number + 50) % 256) for number in range(300)))
    assert decoder.counters.gaps == {(1, 1): 2 + 3}


def test_the_finished_part_of_a_stream_is_used_and_the_rest_left() -> None:
    stream = b"".join(heartbeat(seq=number % 256) for number in range(200))
    batch = BulkDecoder().read(stream[:-5], is_final=False)
    assert len(batch) == 199
    assert batch.used == len(stream) - len(heartbeat())


def test_nothing_gives_nothing() -> None:
    assert len(BulkDecoder().read(b"")) == 0
    assert len(BulkDecoder(["ATTITUDE"]).read(heartbeat() * 500)) == 0
    assert len(BulkDecoder().read(bytes(5000))) == 0


def test_a_lone_message_in_a_long_read_is_found() -> None:
    data = bytes(3000) + Encoder(3, 1).encode("SYSTEM_TIME", time_unix_usec=1, time_boot_ms=2) + bytes(3000)
    (found,) = BulkDecoder().read(data)
    assert (found[0], found[2].time_boot_ms) == (3, 2)
    assert np.isscalar(found[2].time_unix_usec)
