"""The encoder says in words what is wrong with a message, and counts its sequence."""

import numpy as np
import pytest

from fleet.wire.decode import Decoder
from fleet.wire.dialect import UnknownField, UnknownMessage
from fleet.wire.encode import Encoder, MissingField, ValueOutOfRange, encode_payload
from fleet.wire.enums import Command, Severity
from fleet.wire.frame import parse_datagram

ATTITUDE = dict.fromkeys(["roll", "pitch", "yaw", "rollspeed", "pitchspeed", "yawspeed"], 0.0)


def test_the_sequence_wraps() -> None:
    encoder = Encoder(1, 1, seq=255)
    frames = [encoder.encode("MISSION_CURRENT", seq=3) for _ in range(2)]
    assert [frame.seq for data in frames for frame in parse_datagram(data)] == [255, 0]
    assert encoder.seq == 1


def test_zeros_at_the_end_are_cut_but_one_byte_stays() -> None:
    assert len(Encoder(1, 1).encode("MISSION_CURRENT", seq=0)) == 13
    assert encode_payload("PING", {"time_usec": 0, "seq": 0, "target_system": 0, "target_component": 0}) == bytes(14)


def test_numbers_of_enums_are_taken_as_they_are() -> None:
    data = Encoder(255, 190).encode("COMMAND_ACK", command=Command.NAV_TAKEOFF, result=0)
    message = Decoder(["COMMAND_ACK"]).decode(parse_datagram(data)[0])
    assert message is not None
    assert message.command == Command.NAV_TAKEOFF


def test_text_is_utf_8() -> None:
    data = Encoder(1, 1).encode("STATUSTEXT", severity=Severity.INFO, text="太行 ready")
    message = Decoder().decode(parse_datagram(data)[0])
    assert message is not None
    assert message.text == "太行 ready"


def test_a_refused_message_does_not_use_up_a_sequence_number() -> None:
    encoder = Encoder(1, 1)
    with pytest.raises(MissingField):
        encoder.encode("ATTITUDE")
    assert encoder.seq == 0


@pytest.mark.parametrize(
    ("message", "fields", "error", "words"),
    [
        ("ATTITUDES", {}, UnknownMessage, "ATTITUDES"),
        ("ATTITUDE", ATTITUDE, MissingField, "needs time_boot_ms"),
        ("ATTITUDE", {**ATTITUDE, "time": 1}, UnknownField, "no field time"),
        ("ATTITUDE", {**ATTITUDE, "time_boot_ms": 1, "heading": 1}, UnknownField, "no field heading"),
        ("ATTITUDE", {**ATTITUDE, "time_boot_ms": -1}, ValueOutOfRange, "ATTITUDE: time_boot_ms=-1 is no uint32_t"),
        ("ATTITUDE", {**ATTITUDE, "time_boot_ms": 1.5}, ValueOutOfRange, "time_boot_ms=1.5"),
        ("ATTITUDE", {**ATTITUDE, "time_boot_ms": 1, "yaw": 1e39}, ValueOutOfRange, "yaw"),
        ("ATTITUDE", {**ATTITUDE, "time_boot_ms": 1, "yaw": None}, ValueOutOfRange, "yaw=None"),
        ("STATUSTEXT", {"severity": 1, "text": "x" * 51}, ValueOutOfRange, "takes 50 values, not 51"),
        ("STATUSTEXT", {"severity": 1, "text": 7}, ValueOutOfRange, "7 is no array"),
        ("STATUSTEXT", {"severity": 300, "text": "x"}, ValueOutOfRange, "severity=300 is no uint8_t"),
        ("STATUSTEXT", {"severity": 1, "text": [65, 300]}, ValueOutOfRange, "STATUSTEXT.text"),
        ("STATUSTEXT", {"severity": 1, "text": [None]}, ValueOutOfRange, "STATUSTEXT.text"),
        ("SET_ACTUATOR_CONTROL_TARGET", {}, MissingField, "controls"),
    ],
)
def test_what_cannot_be_sent_is_said_in_words(
    message: str, fields: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Encoder(1, 1).encode(message, **fields)


def test_bytes_may_come_as_numbers_of_any_width() -> None:
    fields = {"target_system": 0, "target_component": 0, "payload_type": 1, "payload_length": 3}
    expected = Encoder(1, 1).encode("TUNNEL", **fields, payload=b"\x01\x02\x03")
    for payload in ([1, 2, 3], np.array([1, 2, 3]), bytearray([1, 2, 3]), memoryview(b"\x01\x02\x03")):
        assert Encoder(1, 1).encode("TUNNEL", **fields, payload=payload) == expected


def test_a_number_array_must_have_its_length() -> None:
    fields = {"time_usec": 0, "group_mlx": 0, "target_system": 0, "target_component": 0, "controls": [0.0] * 7}
    with pytest.raises(ValueOutOfRange, match="takes 8 values"):
        Encoder(1, 1).encode("SET_ACTUATOR_CONTROL_TARGET", **fields)
    fields["controls"] = [0.0] * 7 + [1e39]
    with pytest.raises(ValueOutOfRange, match="controls"):
        Encoder(1, 1).encode("SET_ACTUATOR_CONTROL_TARGET", **fields)
