"""Frames passed on to other tools leave as they came, to the byte: damaged and foreign bytes stay behind."""

from fleet.wire.crc import frame_crc
from fleet.wire.dialect import ardupilotmega
from fleet.wire.encode import Encoder
from fleet.wire.frame import DatagramParser, FrameSplitter, parse_datagram
from fleet.wire.signing import Signer
from fleet.wire.signing_keys import KeyRing, SigningKey

SIGNER = Signer(KeyRing(current=SigningKey(bytes(range(32)))), link_id=1)
KNOWN = Encoder(1, 1).encode("PARAM_VALUE", param_id="X", param_value=1.0, param_type=9, param_count=1, param_index=0)
OLD = Encoder(1, 1, version=1).encode("MISSION_CURRENT", seq=1)
SIGNED = SIGNER.sign(KNOWN, 1_780_000_000 * 10**9)
UNKNOWN = bytes([0xFD, 5, 0, 0, 9, 7, 1, 0x45, 0x23, 0x01]) + b"newer" + b"\x12\x34"
SIGNED_UNKNOWN = SIGNER.sign(UNKNOWN, 1_780_000_000 * 10**9)
# a frame no encoder here would make, and a good one all the same: zeros not cut off, a compatibility flag set
_BODY = bytes([2, 0, 0x55, 1, 1, 1, 42, 0, 0, 3, 0])
PADDED = b"\xfd" + _BODY + frame_crc(_BODY, ardupilotmega().spec("MISSION_CURRENT").crc_extra).to_bytes(2, "little")
FRAMES = [KNOWN, OLD, SIGNED, UNKNOWN, SIGNED_UNKNOWN, PADDED, KNOWN]


def test_every_frame_of_a_datagram_comes_with_its_bytes() -> None:
    pairs = DatagramParser().parse_raw(b"".join(FRAMES))
    assert [raw for _, raw in pairs] == FRAMES
    assert [frame for frame, _ in pairs] == parse_datagram(b"".join(FRAMES))
    assert [frame.wire_length for frame, _ in pairs] == [len(raw) for raw in FRAMES]


def test_every_frame_of_a_stream_comes_with_its_bytes_in_whatever_pieces() -> None:
    stream = b"boot text\r\n".join(FRAMES)
    for size in (1, 3, 64, len(stream)):
        splitter = FrameSplitter()
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        found = [raw for piece in pieces for _, raw in splitter.feed_raw(piece)] + [
            raw for _, raw in splitter.finish_raw()
        ]
        assert found == FRAMES
        assert splitter.counters.frames == len(FRAMES)
        assert splitter.counters.garbage_bytes == len(b"boot text\r\n") * (len(FRAMES) - 1)


def test_a_damaged_frame_is_not_passed_on() -> None:
    damaged = bytearray(KNOWN)
    damaged[12] ^= 1
    parser = DatagramParser()
    assert [raw for _, raw in parser.parse_raw(bytes(damaged) + OLD)] == [OLD]
    assert parser.counters.bad_crc == 1


def test_frames_hidden_behind_an_unfinished_one_come_at_the_end_with_their_bytes() -> None:
    splitter = FrameSplitter()
    assert splitter.feed_raw(bytes([0xFD, 200, 0, 0]) + KNOWN) == []
    assert [raw for _, raw in splitter.finish_raw()] == [KNOWN]


def test_reading_with_and_without_bytes_may_alternate_on_one_stream() -> None:
    splitter = FrameSplitter()
    half = len(KNOWN) // 2
    assert splitter.feed(KNOWN[:half]) == []
    assert [raw for _, raw in splitter.feed_raw(KNOWN[half:] + OLD[:5])] == [KNOWN]
    assert len(splitter.feed(OLD[5:])) == 1
