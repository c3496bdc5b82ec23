"""Every message MAVLink 1 can carry, to the byte as pymavlink's own MAVLink 1 dialect sends it."""

import pytest
from pymavlink.dialects.v10 import ardupilotmega as reference

from benchmarks import wire_parity as parity
from fleet.wire.decode import Decoder
from fleet.wire.dialect import ardupilotmega
from fleet.wire.encode import Encoder, MissingField, NotInMavlink1
from fleet.wire.frame import parse_datagram

CASES = [case for case in parity.samples(seed=77, rounds=3) if case.spec.msgid < 256]


def test_all_old_messages_are_covered() -> None:
    assert {case.spec.msgid for case in CASES} == {msgid for msgid in ardupilotmega().by_id if msgid < 256}


def test_each_message_is_encoded_as_mavlink_1_without_its_extensions() -> None:
    for case in CASES:
        kept = {field.name for field in case.spec.fields if not field.is_extension}
        values = {name: case.values[name] for name in kept}
        link = reference.MAVLink(None, parity.SYSID, parity.COMPID)
        link.seq = case.seq
        theirs = {name: value.encode() if isinstance(value, str) else value for name, value in values.items()}
        expected = reference.mavlink_map[case.spec.msgid](**theirs).pack(link)
        for given in (values, case.values):
            encoder = Encoder(parity.SYSID, parity.COMPID, case.seq, version=1)
            assert encoder.encode(case.spec.name, **given) == expected, case.spec.name
            assert encoder.seq == (case.seq + 1) % 256


def test_what_is_read_back_is_what_was_sent_with_extensions_zero() -> None:
    for case in CASES[::5]:
        (frame,) = parse_datagram(Encoder(1, 1, version=1).encode(case.spec.name, **case.values))
        message = Decoder().decode(frame)
        assert message is not None
        assert (frame.version, len(frame.payload)) == (1, case.spec.min_length)
        empty = {field.name for field in case.spec.fields if field.is_extension}
        (full,) = parse_datagram(case.frame)
        expected = Decoder().decode(full)
        assert expected is not None
        for position, field in enumerate(case.spec.fields):
            if field.name not in empty:
                assert repr(message[position]) == repr(expected[position])
            elif not field.array_length:
                assert message[position] == 0


def test_messages_newer_than_mavlink_1_are_refused_in_words_and_use_up_no_number() -> None:
    encoder = Encoder(1, 1, version=1)
    with pytest.raises(NotInMavlink1, match="SETUP_SIGNING has number 256"):
        encoder.encode("SETUP_SIGNING", target_system=1, target_component=1, secret_key=bytes(32), initial_timestamp=0)
    with pytest.raises(MissingField):
        encoder.encode("ATTITUDE")
    assert encoder.seq == 0
    with pytest.raises(ValueError, match="versions 1 and 2, not 3"):
        Encoder(1, 1, version=3)
