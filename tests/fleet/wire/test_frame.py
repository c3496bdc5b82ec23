"""Frames out of bytes: both versions, signed, unknown, damaged; and what is counted."""

import pytest
from pymavlink.dialects.v20 import ardupilotmega as reference

from fleet.wire.encode import Encoder
from fleet.wire.frame import DatagramParser, FrameSplitter, WireCounters, parse_datagram

HEARTBEAT = {"type": 2, "autopilot": 3, "base_mode": 81, "custom_mode": 4, "system_status": 4}


def heartbeat(seq: int = 0, sysid: int = 1, compid: int = 1) -> bytes:
    return Encoder(sysid, compid, seq).encode("HEARTBEAT", **HEARTBEAT)


def unknown_frame(payload: bytes = b"from the future") -> bytes:
    """A MAVLink 2 frame whose id (0x012345) this dialect does not have."""
    return bytes([0xFD, len(payload), 0, 0, 9, 7, 1, 0x45, 0x23, 0x01]) + payload + b"\x12\x34"


def signed_frame() -> bytes:
    link = reference.MAVLink(None, 5, 1)
    link.signing.secret_key = bytes(32)
    link.signing.sign_outgoing = True
    frame: bytes = reference.MAVLink_heartbeat_message(2, 3, 81, 4, 4, 3).pack(link)
    return frame


def test_a_frame_says_who_sent_what() -> None:
    (frame,) = parse_datagram(heartbeat(seq=9, sysid=7, compid=190))
    assert (frame.msgid, frame.sysid, frame.compid, frame.seq) == (0, 7, 190, 9)
    assert (frame.version, frame.is_known, frame.is_signed) == (2, True, False)
    assert len(frame.payload) == 9


def test_a_signed_frame_is_read_and_says_so() -> None:
    frames = parse_datagram(signed_frame() + heartbeat())
    assert [frame.is_signed for frame in frames] == [True, False]


def test_an_unknown_message_passes_through_marked() -> None:
    counters = WireCounters()
    frames = parse_datagram(unknown_frame() + heartbeat(), counters)
    assert [(frame.msgid, frame.is_known) for frame in frames] == [(0x012345, False), (0, True)]
    assert (counters.unknown, counters.frames, counters.garbage_bytes) == (1, 2, 0)


def test_a_checked_frame_inside_an_unknown_one_proves_it_noise() -> None:
    counters = WireCounters()
    frames = parse_datagram(unknown_frame(b"noise" + heartbeat() + b"noise"), counters)
    assert [frame.msgid for frame in frames] == [0]
    assert counters.unknown == 0


def test_many_false_starts_before_a_frame_cost_no_more_than_one() -> None:
    false_start = bytes([0xFD, 255, 0, 0, 0, 1, 1, 0xFF, 0xFF, 1])
    counters = WireCounters()
    frames = parse_datagram(false_start * 20 + heartbeat() + bytes(300), counters)
    assert [frame.msgid for frame in frames] == [0]
    assert counters.unknown == 0
    assert counters.garbage_bytes == 20 * len(false_start) + 300


def test_unknown_incompatibility_flags_are_not_parsed() -> None:
    changed = bytearray(heartbeat())
    changed[2] = 0x02
    assert parse_datagram(bytes(changed)) == []


def test_a_damaged_frame_is_counted_and_the_next_one_found() -> None:
    damaged = bytearray(heartbeat())
    damaged[12] ^= 0x10
    parser = DatagramParser()
    (frame,) = parser.parse(bytes(damaged) + heartbeat(seq=1))
    assert frame.seq == 1
    assert parser.counters.bad_crc == 1
    assert parser.counters.garbage_bytes == len(damaged)


def test_boot_text_before_the_first_frame_is_counted_as_garbage() -> None:
    counters = WireCounters()
    text = b"\r\nInit ArduCopter V4.5.7\r\n"
    assert len(parse_datagram(text + heartbeat(), counters)) == 1
    assert counters.garbage_bytes == len(text)


def test_a_stream_in_single_bytes_gives_every_frame_once() -> None:
    splitter = FrameSplitter()
    stream = heartbeat(0) + signed_frame() + unknown_frame() + heartbeat(1) + heartbeat(2)
    frames = [frame for byte in stream for frame in splitter.feed(bytes([byte]))]
    assert [frame.msgid for frame in frames] == [0, 0, 0x012345, 0, 0]
    assert splitter.counters.garbage_bytes == 0


def test_the_end_of_a_stream_frees_frames_behind_an_unfinished_one() -> None:
    splitter = FrameSplitter()
    false_start = bytes([0xFD, 200, 0, 0])
    assert splitter.feed(false_start + heartbeat()) == []
    assert [frame.msgid for frame in splitter.finish()] == [0]
    assert splitter.finish() == []


def test_an_endless_false_start_does_not_grow_the_tail() -> None:
    splitter = FrameSplitter()
    for _ in range(100):
        splitter.feed(bytes([0xFD, 255, 0, 0]) * 100)
    splitter.feed(bytes(600))
    splitter.feed(heartbeat())
    assert len(splitter.feed(heartbeat(1))) == 1


@pytest.mark.parametrize(
    ("sequence", "missing"),
    [
        ([0, 1, 2], 0),
        ([0, 3], 2),
        ([254, 255, 0, 1], 0),
        ([254, 1], 2),
        ([250, 251, 2], 6),
        ([5, 5, 6], 0),
        ([5, 7, 6, 8], 1),
        ([200], 0),
    ],
)
def test_gaps_are_counted_over_the_wrap_and_not_for_repeats(sequence: list[int], missing: int) -> None:
    counters = WireCounters()
    parse_datagram(b"".join(heartbeat(seq) for seq in sequence), counters)
    assert counters.gaps.get((1, 1), 0) == missing


def test_gaps_belong_to_one_component_of_one_system() -> None:
    counters = WireCounters()
    parse_datagram(heartbeat(0, 1, 1) + heartbeat(7, 1, 100) + heartbeat(1, 1, 1) + heartbeat(9, 1, 100), counters)
    assert counters.gaps == {(1, 100): 1}
