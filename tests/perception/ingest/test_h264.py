"""Pictures come out as they went in, and every loss marks exactly what it may have spoilt."""

from hypothesis import given
from hypothesis import strategies as st

from perception.ingest.h264 import Depacketiser, Picture
from perception.ingest.rtp import parse_rtp
from perception.ingest.unit import IngestCounters
from tests.perception.ingest.packets import PPS, SPS, START, rtp, unit_packets

KEY_SLICE = bytes([0x65, 0x88]) + b"key"
bodies = st.binary(min_size=1, max_size=600)
Unit = tuple[bool, bytes]


def nals_of(unit: Unit) -> list[bytes]:
    is_key, body = unit
    return [SPS, PPS, bytes([0x65]) + body] if is_key else [bytes([0x41]) + body]


def packets_of(units: list[Unit], *, first: int = 65_500, most: int = 100) -> list[list[bytes]]:
    packed, sequence = [], first
    for number, unit in enumerate(units):
        packed.append(unit_packets(nals_of(unit), first=sequence, timestamp=3000 * number, most=most))
        sequence += len(packed[-1])
    return packed


def feed(packets: list[bytes], counters: IngestCounters | None = None) -> list[Picture]:
    depacketiser = Depacketiser(counters or IngestCounters())
    parsed = [packet for raw in packets if (packet := parse_rtp(raw)) is not None]
    return [picture for packet in parsed for picture in depacketiser.feed(packet)]


streams = st.lists(st.tuples(st.booleans(), bodies), min_size=1, max_size=8).map(lambda rest: [(True, b"key"), *rest])


@given(streams, st.integers(20, 300))
def test_whole_streams_come_out_as_they_went_in(units: list[Unit], most: int) -> None:
    pictures = feed([packet for unit in packets_of(units, most=most) for packet in unit])
    assert [picture.data for picture in pictures] == [b"".join(START + nal for nal in nals_of(unit)) for unit in units]
    assert [picture.is_key for picture in pictures] == [is_key for is_key, _ in units]
    assert not any(picture.is_damaged for picture in pictures)


@given(streams, st.data())
def test_after_a_loss_nothing_is_shown_before_a_whole_key_picture(units: list[Unit], data: st.DataObject) -> None:
    packed = packets_of(units)
    flat = [(number, packet) for number, unit in enumerate(packed) for packet in unit]
    lost = data.draw(st.sets(st.integers(0, len(flat) - 1), max_size=4))
    pictures = feed([packet for at, (_, packet) in enumerate(flat) if at not in lost])
    hurt = {flat[at][0] for at in lost}
    shown = {picture.timestamp // 3000 for picture in pictures if not picture.is_damaged}
    is_sound = False
    for number, (is_key, _) in enumerate(units):
        is_sound = number not in hurt and (is_key or is_sound)
        assert number not in shown or is_sound
    for picture in pictures:
        if not picture.is_damaged:
            expected = b"".join(START + nal for nal in nals_of(units[picture.timestamp // 3000]))
            assert picture.data == expected


def test_lost_packets_are_counted_and_repeated_ones_ignored() -> None:
    packed = packets_of([(True, b"k" * 500), (False, b"p" * 500), (True, b"k" * 500)])
    flat = [packet for unit in packed for packet in unit]
    counters = IngestCounters()
    pictures = feed([*flat[:2], flat[1], *flat[2:8], *flat[9:]], counters)
    assert counters.lost_packets == 1
    assert counters.bad_packets == 1
    assert [picture.is_damaged for picture in pictures] == [False, True, False]


def test_parameter_sets_of_the_session_description_go_before_bare_key_pictures() -> None:
    depacketiser = Depacketiser(IngestCounters(), parameter_sets=(SPS, PPS))
    packet = parse_rtp(rtp(1, 0, KEY_SLICE, is_last=True))
    assert packet is not None
    (picture,) = depacketiser.feed(packet)
    assert picture.data == START + SPS + START + PPS + START + KEY_SLICE


def test_nothing_comes_before_the_first_key_picture() -> None:
    assert feed(packets_of([(False, b"a"), (False, b"b")])[0]) == []


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_no_bytes_raise(packets: list[bytes]) -> None:
    feed(packets)
