"""What must hold for any bytes on any socket: no exception, nothing undamaged lost, nothing invented, all counted."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fleet.wire.bulk import BulkDecoder
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import DatagramParser, Frame, FrameSplitter, WireCounters, parse_datagram
from fleet.wire.signing import RADIO_STATUS_ID, Refusal, SignatureCheck, Signer, SigningPolicy, without_signature
from fleet.wire.signing_keys import KeyRing, SigningKey, signing_timestamp
from tests.support.signing_peer import SigningPeer

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
# frames of known and of unknown messages, as any MAVLink 2 speaker may send them
foreign = st.builds(
    lambda msgid, payload, seq: (
        bytes([0xFD, len(payload), 0, 0, seq, 9, 1]) + msgid.to_bytes(3, "little") + payload + b"\1\2"
    ),
    st.integers(50_000, 2**24 - 1), harmless, st.integers(0, 255),
)
secrets = st.binary(min_size=32, max_size=32).filter(any)
times_ns = st.integers(1_420_070_400 * 10**9, 4_000_000_000 * 10**9)


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


@reproducible
@given(pieces=st.lists(st.one_of(teasing, positions, foreign), max_size=8))
def test_frames_with_their_bytes_are_the_frames_and_the_bytes_are_those_sent(pieces: list[bytes]) -> None:
    data, splitter = b"".join(pieces), FrameSplitter()
    pairs = DatagramParser().parse_raw(data)
    assert [frame for frame, _ in pairs] == parse_datagram(data)
    assert [pair for piece in pieces for pair in splitter.feed_raw(piece)] + splitter.finish_raw() == pairs
    at = 0
    for frame, raw in pairs:
        at = data.index(raw, at) + len(raw)
        assert len(raw) == frame.wire_length
        assert parse_datagram(raw) == [frame]


@reproducible
@given(secret=secrets, link_id=st.integers(0, 255), utc_ns=times_ns, sent=st.lists(positions, min_size=1, max_size=5))
def test_what_we_sign_pymavlink_takes_once_and_what_it_signs_we_take_once(
    secret: bytes, link_id: int, utc_ns: int, sent: list[bytes]
) -> None:
    keys = KeyRing(current=SigningKey(secret))
    ours, check = Signer(keys, link_id=link_id), SignatureCheck(keys, SigningPolicy.REQUIRE)
    peer = SigningPeer(secret, link_id=link_id, timestamp=signing_timestamp(utc_ns))
    for frame in sent:
        signed = ours.sign(frame, utc_ns)
        assert without_signature(signed) == frame
        assert [peer.takes(signed), peer.takes(signed)] == [True, False]
        ((heard, raw),) = DatagramParser().parse_raw(peer.heartbeat())
        assert [check.refusal(heard, raw, utc_ns) for _ in range(2)] == [None, Refusal.REPLAYED]


@reproducible
@given(secret=secrets, frame=st.one_of(positions, foreign), utc_ns=times_ns, bit=st.integers(min_value=0))
def test_a_signed_frame_with_any_bit_wrong_is_never_let_in(secret: bytes, frame: bytes, utc_ns: int, bit: int) -> None:
    keys = KeyRing(current=SigningKey(secret))
    damaged = bytearray(Signer(keys, link_id=1).sign(frame, utc_ns))
    damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
    check = SignatureCheck(keys, SigningPolicy.REQUIRE)
    assert None not in [check.refusal(heard, raw, utc_ns) for heard, raw in DatagramParser().parse_raw(bytes(damaged))]


@reproducible
@given(secret=secrets, other=secrets, pieces=st.lists(st.one_of(teasing, positions, foreign), max_size=8))
def test_without_the_key_nothing_but_a_radio_gets_in(secret: bytes, other: bytes, pieces: list[bytes]) -> None:
    assume(secret != other)
    check = SignatureCheck(KeyRing(current=SigningKey(secret)), SigningPolicy.REQUIRE)
    stranger = Signer(KeyRing(current=SigningKey(other)), link_id=1)
    signed = [stranger.sign(piece, 10**18 * 2) for piece in pieces if is_plain(piece)]
    for frame, raw in DatagramParser().parse_raw(b"".join(pieces + signed)):
        assert (check.refusal(frame, raw, 0) is None) == (frame.msgid == RADIO_STATUS_ID and not frame.is_signed)


def is_plain(piece: bytes) -> bool:
    return piece[:1] == b"\xfd" and len(piece) > 11 and not piece[2] and len(piece) == 12 + piece[1]


def known(frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame.is_known]


def split(stream: bytes) -> list[Frame]:
    splitter = FrameSplitter()
    return splitter.feed(stream) + splitter.finish()
