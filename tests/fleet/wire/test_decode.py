"""Messages as objects: only the wanted ones, fields by their MAVLink names."""

import pytest

from fleet.wire.decode import Decoder
from fleet.wire.dialect import UnknownMessage
from fleet.wire.encode import Encoder
from fleet.wire.frame import Frame, parse_datagram
from fleet.wire.message import as_dict, octets

ITEM_COUNT = {"target_system": 1, "target_component": 1, "count": 7, "mission_type": 2}


def test_only_wanted_messages_are_decoded() -> None:
    decoder = Decoder(["MISSION_COUNT", 0])
    encoder = Encoder(1, 1)
    frames = parse_datagram(encoder.encode("MISSION_COUNT", **ITEM_COUNT) + encoder.encode("MISSION_CURRENT", seq=1))
    count, other = (decoder.decode(frame) for frame in frames)
    assert count is not None
    assert other is None
    assert count.count == 7  # a tuple's own `count` does not hide the field
    assert type(count).__name__ == count.SPEC.name == "MISSION_COUNT"


def test_an_unknown_frame_decodes_to_nothing() -> None:
    assert Decoder().decode(Frame(0x012345, 1, 1, 0, b"x", is_known=False)) is None


def test_wanting_a_message_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UnknownMessage, match="ATTITUDES"):
        Decoder(["ATTITUDES"])


def test_messages_compare_print_and_do_not_change() -> None:
    frame = Encoder(1, 1).encode("STATUSTEXT", severity=4, text="PreArm: Need Position Estimate")
    first, second = (Decoder().decode(parse_datagram(frame)[0]) for _ in range(2))
    assert first == second
    assert first is not None
    assert repr(first) == "STATUSTEXT(severity=4, text='PreArm: Need Position Estimate', id=0, chunk_seq=0)"
    assert as_dict(first)["text"].startswith("PreArm")
    for name in ("text", "severity", "note"):
        with pytest.raises(AttributeError):
            setattr(first, name, "changed")


def test_arrays_and_bytes() -> None:
    encoder = Encoder(1, 1)
    fields = {"time_usec": 0, "group_mlx": 0, "target_system": 0, "target_component": 0, "controls": [0.5] * 8}
    data = encoder.encode("SET_ACTUATOR_CONTROL_TARGET", **fields) + encoder.encode(
        "TUNNEL", target_system=0, target_component=0, payload_type=1, payload_length=2, payload=b"\x01\x02"
    )
    actuators, tunnel = (Decoder().decode(frame) for frame in parse_datagram(data))
    assert actuators is not None
    assert actuators.controls == (0.5,) * 8
    assert tunnel is not None
    assert tunnel.payload == b"\x01\x02" + bytes(126)


def test_text_that_is_not_utf_8_is_shown_and_kept() -> None:
    data = Encoder(1, 1).encode("STATUSTEXT", severity=4, text=b"caf\xe9\0tail")
    message = Decoder().decode(parse_datagram(data)[0])
    assert message is not None
    assert message.text == "caf\N{REPLACEMENT CHARACTER}"
    assert octets(message, "text")[:9] == b"caf\xe9\0tail"
    with pytest.raises(LookupError, match="severity"):
        octets(message, "severity")
