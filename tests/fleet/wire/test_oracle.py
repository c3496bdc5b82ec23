"""What fuzzing starts from is sound, and its judge is strict: a reader that errs is caught."""

import random

import pytest

from fleet.wire.frame import FrameScanner, parse_datagram
from fleet.wire.signing import SignatureCheck
from tests.support.wire_corpus import LONGEST, mutated, seeds
from tests.support.wire_damage import DAMAGES, mended
from tests.support.wire_oracle import Oracle


def test_the_start_corpus_and_its_offspring_hold() -> None:
    chance, oracle = random.Random(1), Oracle()
    pool = list(seeds(chance))
    assert len(pool) > 300
    for data in pool:
        oracle.judge(data)
    for _ in range(300):
        data = mutated(chance, chance.choice(pool))
        assert len(data) <= LONGEST
        oracle.judge(data)
    for data in (b"", b"\0", b"\xff\xfd"):
        oracle.judge(data)
    assert oracle.totals.frames > 300
    assert oracle.totals.verified > 20


def test_mending_brings_damaged_frames_past_the_checksum() -> None:
    chance = random.Random(2)
    whole = [data[1:] for data in seeds(chance)]
    assert [mended(data) for data in whole if parse_datagram(data)[0].is_known] == [
        data for data in whole if parse_datagram(data)[0].is_known
    ]
    back = 0
    for data in whole:
        damaged = bytearray(data)
        DAMAGES[0](chance, damaged)
        back += bool(parse_datagram(mended(bytes(damaged)))) > bool(parse_datagram(bytes(damaged)))
    assert back > len(whole) // 2


def test_a_byte_that_is_not_counted_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    true_step = FrameScanner.step

    def careless(scanner: FrameScanner, data: bytes, position: int, *, is_final: bool) -> object:
        before = scanner.counters.garbage_bytes
        found = true_step(scanner, data, position, is_final=is_final)
        scanner.counters.garbage_bytes = before
        return found

    monkeypatch.setattr(FrameScanner, "step", careless)
    with pytest.raises(AssertionError):
        Oracle().judge(b"\x05noise")


def test_a_signature_that_proves_nothing_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SignatureCheck, "refusal", lambda *_: None)
    with pytest.raises(AssertionError):
        Oracle().judge(next(seeds(random.Random(1))))
