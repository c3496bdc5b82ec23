"""What must hold for any bytes on any socket: no exception, nothing undamaged lost, nothing invented, all counted."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.wire.bulk import BulkDecoder
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import Frame, FrameSplitter, WireCounters, parse_datagram

reproducible = settings(derandomize=True, deadline=None)

# Bytes that look like beginnings are what confuses a reader; plain random bytes seldom hold any.
teasing = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from([b"\xfd", b"\xfe", b"\xfd\xff\0\0", b"\xfe\x09\0\x01\x01\0", b"\xfd\x09\0\0\0\x01\x01\0\0\0"]),
    ),
    max_size=6,
).map(b"".join)
harmless = st.binary(max_size=60).map(lambda data: data.replace(b"\xfd", b"").replace(b"\xfe", b""))
positions = st.builds(
    lambda lat, hdg: Encoder(3, 1).encode(
        "GLOBAL_POSITION_INT", time_boot_ms=1, lat=lat, lon=0, alt=0, relative_alt=0, vx=0, vy=0, vz=0, hdg=hdg
    ),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(0, 65_535),
)


@reproducible
@given(data=st.one_of(st.binary(max_size=600), teasing))
def test_any_datagram_is_read_without_an_exception(data: bytes) -> None:
    counters = WireCounters()
    frames = parse_datagram(data, counters)
    for frame in frames:
        Decoder().decode(frame)
    assert counters.frames == len(frames)
    assert counters.garbage_bytes <= len(data)


@reproducible
@given(pieces=st.lists(teasing, max_size=12))
def test_any_stream_in_any_pieces_gives_the_frames_of_the_whole(pieces: list[bytes]) -> None:
    splitter = FrameSplitter()
    frames = [frame for piece in pieces for frame in splitter.feed(piece)] + splitter.finish()
    assert frames == parse_datagram(b"".join(pieces))


@reproducible
@given(noise=st.lists(teasing, min_size=2, max_size=5), good=st.lists(positions, min_size=4, max_size=4))
def test_undamaged_frames_in_noise_are_all_found_in_order(noise: list[bytes], good: list[bytes]) -> None:
    stream = b"".join(piece for pair in zip(noise, good, strict=False) for piece in pair) + noise[-1]
    expected = [parse_datagram(frame)[0] for frame, _ in zip(good, noise, strict=False)]
    assert known(parse_datagram(stream)) == expected
    assert known(split(stream)) == expected


@reproducible
@given(good=positions, before=harmless, after=harmless)
def test_noise_without_beginnings_is_counted_to_the_byte(good: bytes, before: bytes, after: bytes) -> None:
    counters = WireCounters()
    assert len(parse_datagram(before + good + after, counters)) == 1
    assert counters.garbage_bytes == len(before) + len(after)


@reproducible
@given(good=positions, bit=st.integers(min_value=0))
def test_a_frame_with_any_bit_wrong_is_never_taken_for_that_message(good: bytes, bit: int) -> None:
    damaged = bytearray(good)
    damaged[bit // 8 % len(good)] ^= 1 << bit % 8
    assert known(parse_datagram(bytes(damaged))) == []


@settings(reproducible, max_examples=40)
@given(pieces=st.lists(st.one_of(positions, teasing), min_size=90, max_size=120))
def test_a_large_read_gives_what_small_ones_give(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    decoder = Decoder()
    singly = [decoder.decode(frame) for frame in parse_datagram(data)]
    assert BulkDecoder().read(data).messages == [message for message in singly if message is not None]


def known(frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame.is_known]


def split(stream: bytes) -> list[Frame]:
    splitter = FrameSplitter()
    return splitter.feed(stream) + splitter.finish()
