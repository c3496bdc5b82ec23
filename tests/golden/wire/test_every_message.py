"""Byte-exact against pymavlink, for every message of the dialect: one at a time, in columns, and in one large read."""

import random
from itertools import groupby

import pytest

from benchmarks import wire_parity as parity
from fleet.wire.batch import Engine
from fleet.wire.decode import Decoder
from fleet.wire.dialect import ardupilotmega
from fleet.wire.frame import Frame, parse_datagram

CASES = list(parity.samples(seed=385, rounds=3))


def test_the_whole_dialect_is_covered() -> None:
    assert len({case.spec.msgid for case in CASES}) == len(ardupilotmega().by_id) > 290


def test_each_message_is_encoded_and_decoded_as_pymavlink_does() -> None:
    assert [difference for case in CASES for difference in parity.disagreements(case)] == []


@pytest.mark.parametrize("engine", list(Engine))
def test_each_message_is_packed_in_columns_as_pymavlink_does(engine: Engine) -> None:
    groups = [list(cases) for _, cases in groupby(CASES, key=lambda case: case.spec.msgid)]
    assert [difference for cases in groups for difference in parity.batch_disagreements(cases, engine)] == []


def test_each_message_is_read_in_bulk_as_pymavlink_does() -> None:
    shuffled = random.Random(0).sample(CASES, len(CASES))
    assert parity.bulk_disagreements(shuffled) == []


def test_mavlink_1_frames_are_read_as_pymavlink_does() -> None:
    for case in CASES:
        if case.spec.msgid > 255:
            continue
        frame = parity.reference_frame(case.spec, case.values, case.seq, force_mavlink1=True)
        (ours,) = parse_datagram(frame)
        message = Decoder().decode(ours)
        assert message is not None
        assert ours.version == 1
        assert parity.field_differences(message, parity.reference_message(frame)) == []


def test_a_payload_cut_anywhere_in_its_zeros_or_grown_by_a_newer_dialect_reads_the_same() -> None:
    for case in CASES[::7]:
        (frame,) = parse_datagram(case.frame)
        expected = parity.reference_message(case.frame)
        grown = Frame(frame.msgid, 1, 1, 0, frame.payload.ljust(case.spec.max_length, b"\0") + b"new")
        padded = Frame(frame.msgid, 1, 1, 0, frame.payload + b"\0")
        for variant in (grown, padded):
            message = Decoder().decode(variant)
            assert message is not None
            assert parity.field_differences(message, expected) == []
