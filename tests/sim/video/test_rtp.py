"""What is cut into RTP packets comes together again, and sender reports tie it to the camera's UTC."""

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.video.nal import nal_type, parameter_sets, split_nals
from sim.video.rtp import MOST_PAYLOAD, Packetiser, timestamp_of
from tests.sim.video.pictures import units

NALS = st.lists(
    st.tuples(st.integers(1, 23), st.integers(0, 5000)).map(lambda made: bytes([0x60 | made[0]]) + b"\x5a" * made[1]),
    min_size=1, max_size=6,
)


def joined(packets: list[bytes]) -> list[bytes]:
    """RFC 6184 receiver: single units and FU-A."""
    nals: list[bytes] = []
    for packet in packets:
        payload = packet[12:]
        if payload[0] & 0x1F != 28:
            nals.append(payload)
        elif payload[1] & 0x80:
            nals.append(bytes([(payload[0] & 0xE0) | (payload[1] & 0x1F)]) + payload[2:])
        else:
            nals[-1] += payload[2:]
    return nals


@given(NALS)
def test_packets_join_to_what_was_cut(nals: list[bytes]) -> None:
    packets = Packetiser("/U01/rgb").packets(nals, 12345)
    assert joined(packets) == nals
    assert all(len(packet) <= 12 + MOST_PAYLOAD for packet in packets)
    assert [packet[1] >> 7 for packet in packets] == [0] * (len(packets) - 1) + [1]
    numbers = [struct.unpack("!H", packet[2:4])[0] for packet in packets]
    assert all((b - a) % 65536 == 1 for a, b in pairwise(numbers))


def test_streams_of_one_name_repeat_and_others_differ() -> None:
    first, again, other = (Packetiser(name).packets([b"\x65abc"], 7) for name in ("/a", "/a", "/b"))
    assert first == again
    assert first != other


@given(st.integers(0, 2**62), st.integers(0, 2**32 - 1))
def test_sender_report_maps_rtp_to_utc(utc_ns: int, later_ns: int) -> None:
    packetiser = Packetiser("/U01/rgb")
    report = packetiser.sender_report(utc_ns)
    _, kind, _, ssrc, seconds, fraction, stamp, _, _ = struct.unpack("!BBHIIIIII", report)
    assert (kind, ssrc) == (200, packetiser.ssrc)
    whole_s = (seconds - 2_208_988_800) % 2**32
    assert whole_s == utc_ns // 10**9 % 2**32
    assert abs(fraction * 10**9 / 2**32 - utc_ns % 10**9) < 1.5
    ticks = (timestamp_of(utc_ns + later_ns, packetiser.offset) - stamp) % 2**32
    assert abs(ticks - later_ns * 9 / 100_000 % 2**32) < 2.0


def test_units_split_into_parameter_sets_and_slices() -> None:
    first, second = units(2)
    nals = split_nals(first.data)
    assert parameter_sets(nals) is not None
    assert [nal_type(nal) for nal in nals if nal_type(nal) in (1, 5)] == [5]
    assert 1 in [nal_type(nal) for nal in split_nals(second.data)]


def test_bytes_that_are_no_access_unit_give_no_nals() -> None:
    assert split_nals(b"hello") == []
    assert split_nals(b"") == []
