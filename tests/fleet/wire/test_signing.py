"""Signed links: what is let in, what is refused and counted, and that a stranger cannot do harm by trying."""

import pytest

from fleet.wire.encode import Encoder
from fleet.wire.frame import DatagramParser, Frame, FrameSplitter
from fleet.wire.signing import (
    CannotSign,
    KeyMissing,
    Refusal,
    SignatureCheck,
    Signer,
    SigningClock,
    SigningPolicy,
    Stream,
    without_signature,
)
from fleet.wire.signing_keys import KeyRing, SigningKey, signing_timestamp
from tests.support.signing_peer import SigningPeer

SECRET = bytes(range(32))
KEYS = KeyRing(current=SigningKey(SECRET))
OTHER = KeyRing(current=SigningKey(bytes(range(1, 33))))
NOW_NS = 1_780_000_000 * 10**9
SECOND_NS = 10**9
ACCEPT, REQUIRE, REFUSE = SigningPolicy.ACCEPT, SigningPolicy.REQUIRE, SigningPolicy.REFUSE


def heartbeat(seq: int = 0, sysid: int = 1, compid: int = 1) -> bytes:
    return Encoder(sysid, compid, seq).encode(
        "HEARTBEAT", type=2, autopilot=3, base_mode=81, custom_mode=4, system_status=4
    )


def radio_status() -> bytes:
    fields = dict.fromkeys(["rssi", "remrssi", "txbuf", "noise", "remnoise", "rxerrors", "fixed"], 1)
    return Encoder(51, 68).encode("RADIO_STATUS", **fields)


def one(raw: bytes) -> tuple[Frame, bytes]:
    (pair,) = DatagramParser().parse_raw(raw)
    return pair


def judge(check: SignatureCheck, raw: bytes, utc_ns: int = NOW_NS) -> Refusal | None:
    return check.refusal(*one(raw), utc_ns)


def signer(keys: KeyRing = KEYS, link_id: int = 1) -> Signer:
    return Signer(keys, link_id=link_id)


@pytest.mark.parametrize(
    ("policy", "unsigned", "signed", "foreign"),
    [
        (ACCEPT, None, None, Refusal.WRONG),
        (REQUIRE, Refusal.UNSIGNED, None, Refusal.WRONG),
        (REFUSE, None, Refusal.UNEXPECTED, Refusal.UNEXPECTED),
    ],
)
def test_the_policy_of_a_link_says_what_comes_in(
    policy: SigningPolicy, unsigned: Refusal | None, signed: Refusal | None, foreign: Refusal | None
) -> None:
    check = SignatureCheck(KEYS, policy)
    assert judge(check, heartbeat()) is unsigned
    assert judge(check, signer().sign(heartbeat(), NOW_NS)) is signed
    assert judge(check, signer(OTHER).sign(heartbeat(), NOW_NS)) is foreign
    assert judge(check, radio_status()) is None
    refused = [reason for reason in (unsigned, signed, foreign) if reason is not None]
    assert sorted(check.counters.refused.elements()) == sorted(refused)
    assert check.counters.verified == (signed is None)
    assert check.counters.unsigned == 1 + (unsigned is None)


def test_a_signed_radio_status_must_be_signed_well() -> None:
    check = SignatureCheck(KEYS, REQUIRE)
    assert judge(check, signer(OTHER).sign(radio_status(), NOW_NS)) is Refusal.WRONG
    assert judge(check, signer().sign(radio_status(), NOW_NS)) is None


def test_mavlink_1_counts_as_unsigned() -> None:
    old = Encoder(1, 1, version=1).encode("MISSION_CURRENT", seq=1)
    assert judge(SignatureCheck(KEYS, REQUIRE), old) is Refusal.UNSIGNED
    assert judge(SignatureCheck(KEYS, ACCEPT), old) is None


def test_a_link_without_keys_lets_signed_frames_in_and_says_that_none_was_checked() -> None:
    check = SignatureCheck(None)
    assert judge(check, signer().sign(heartbeat(), NOW_NS)) is None
    assert (check.counters.verified, check.counters.unverified) == (0, 1)
    with pytest.raises(KeyMissing, match="no signing key"):
        SignatureCheck(None, REQUIRE)
    check.policy = REQUIRE
    assert judge(check, signer().sign(heartbeat(), NOW_NS)) is Refusal.WRONG


def test_every_frame_of_a_link_has_a_later_timestamp_even_when_the_clock_stands_or_goes_back() -> None:
    ours, check = signer(), SignatureCheck(KEYS, REQUIRE)
    for seq, utc_ns in enumerate([NOW_NS, NOW_NS, NOW_NS - 3600 * SECOND_NS, NOW_NS - 1, NOW_NS + 5]):
        for compid in (1, 100):
            assert judge(check, ours.sign(heartbeat(seq, compid=compid), utc_ns)) is None


def test_a_frame_heard_twice_is_refused_the_second_time() -> None:
    ours, check = signer(), SignatureCheck(KEYS, REQUIRE)
    first, second = ours.sign(heartbeat(0), NOW_NS), ours.sign(heartbeat(1), NOW_NS)
    assert [judge(check, raw) for raw in (second, second, first)] == [None, Refusal.REPLAYED, Refusal.REPLAYED]


def test_replay_is_watched_for_each_link_system_and_component_by_itself() -> None:
    check = SignatureCheck(KEYS, REQUIRE)
    for link_id, sysid, compid in [(1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2)]:
        raw = signer(link_id=link_id).sign(heartbeat(sysid=sysid, compid=compid), NOW_NS)
        assert judge(check, raw) is None
        assert judge(check, raw) is Refusal.REPLAYED


def test_links_refuse_what_another_link_heard_only_when_they_share_what_they_remember() -> None:
    raw = signer().sign(heartbeat(), NOW_NS)
    alone = [SignatureCheck(KEYS, REQUIRE) for _ in range(2)]
    assert [judge(check, raw) for check in alone] == [None, None]
    streams: dict[Stream, int] = {}
    together = [SignatureCheck(KEYS, REQUIRE, streams=streams) for _ in range(2)]
    assert [judge(check, raw) for check in together] == [None, Refusal.REPLAYED]


@pytest.mark.parametrize(
    ("age_s", "verdict"), [(0, None), (59.9, None), (60.1, Refusal.STALE), (86_400, Refusal.STALE)]
)
def test_a_stream_not_heard_before_may_be_a_minute_behind(age_s: float, verdict: Refusal | None) -> None:
    raw = signer().sign(heartbeat(), NOW_NS - round(age_s * SECOND_NS))
    assert judge(SignatureCheck(KEYS, REQUIRE), raw) is verdict


def test_a_stream_heard_before_may_be_late_as_long_as_it_goes_on() -> None:
    check, ours = SignatureCheck(KEYS, REQUIRE), signer()
    early = ours.sign(heartbeat(0), NOW_NS)
    late = ours.sign(heartbeat(1), NOW_NS)
    assert judge(check, early) is None
    assert judge(check, late, NOW_NS + 3600 * SECOND_NS) is None


def test_a_stranger_who_signs_with_a_time_far_ahead_does_not_lock_the_true_one_out() -> None:
    check, ours = SignatureCheck(KEYS, REQUIRE), signer()
    assert judge(check, signer(OTHER).sign(heartbeat(), NOW_NS + 10**18)) is Refusal.WRONG
    assert judge(check, ours.sign(heartbeat(), NOW_NS)) is None


def test_we_follow_a_vehicle_whose_clock_is_ahead_so_that_it_goes_on_taking_our_frames() -> None:
    clock = SigningClock()
    ahead = signing_timestamp(NOW_NS) + 100_000_000
    vehicle = SigningPeer(SECRET, link_id=3, timestamp=ahead)
    ours, check = Signer(KEYS, link_id=1, clock=clock), SignatureCheck(KEYS, REQUIRE, clock=clock)
    assert not vehicle.takes(ours.sign(heartbeat(sysid=255), NOW_NS))
    assert judge(check, vehicle.heartbeat()) is None
    assert clock.latest == ahead
    assert vehicle.takes(ours.sign(heartbeat(sysid=255), NOW_NS))


def test_a_vehicle_at_the_end_of_time_does_not_take_us_there() -> None:
    clock = SigningClock()
    check = SignatureCheck(KEYS, REQUIRE, clock=clock)
    assert judge(check, SigningPeer(SECRET, timestamp=(1 << 48) - 2).heartbeat()) is None
    assert clock.now(NOW_NS) == signing_timestamp(NOW_NS)


def test_the_time_line_survives_a_restart_with_a_clock_set_back() -> None:
    before = SigningClock()
    captured = Signer(KEYS, link_id=1, clock=before).sign(heartbeat(), NOW_NS)
    before.next(NOW_NS + 3600 * SECOND_NS)
    after = SignatureCheck(KEYS, REQUIRE, clock=SigningClock(before.latest))
    assert judge(after, captured, NOW_NS) is Refusal.STALE


def test_keys_are_changed_without_a_frame_lost() -> None:
    old, new = KEYS, KEYS.rotated(SigningKey(bytes(range(5, 37))), old_until_utc_ns=NOW_NS + 600 * SECOND_NS)
    check, ours, vehicle = SignatureCheck(old, REQUIRE), signer(old), signer(old, link_id=7)
    assert judge(check, vehicle.sign(heartbeat(0), NOW_NS)) is None
    check.keys = ours.keys = new
    assert judge(check, vehicle.sign(heartbeat(1), NOW_NS)) is None  # not yet moved over
    assert SigningPeer(new.current.secret, timestamp=1).takes(ours.sign(heartbeat(2), NOW_NS))
    vehicle.keys = new
    assert judge(check, vehicle.sign(heartbeat(3), NOW_NS)) is None
    vehicle.keys = old
    assert judge(check, vehicle.sign(heartbeat(4), NOW_NS), NOW_NS + 601 * SECOND_NS) is Refusal.WRONG


def test_a_damaged_signed_frame_is_refused_wherever_it_was_hit() -> None:
    raw = signer().sign(heartbeat(), NOW_NS)
    for position in range(len(raw)):
        for bit in range(8):
            damaged = bytearray(raw)
            damaged[position] ^= 1 << bit
            check = SignatureCheck(KEYS, REQUIRE)
            verdicts = [check.refusal(*pair, NOW_NS) for pair in DatagramParser().parse_raw(bytes(damaged))]
            assert None not in verdicts, (position, bit)


def test_a_signed_frame_cut_short_is_no_frame_and_its_bytes_prove_nothing() -> None:
    raw = signer().sign(heartbeat(), NOW_NS)
    frame, _ = one(raw)
    for length in range(len(raw)):
        assert DatagramParser().parse(raw[:length]) == []
        assert SignatureCheck(KEYS, REQUIRE).refusal(frame, raw[:length], NOW_NS) is Refusal.WRONG
    assert SignatureCheck(KEYS, REQUIRE).refusal(frame, raw + b"\0", NOW_NS) is Refusal.WRONG


def test_frames_of_messages_unknown_here_are_signed_and_checked_too() -> None:
    future = bytes([0xFD, 3, 0, 0, 9, 7, 1, 0x45, 0x23, 0x01]) + b"new" + b"\x12\x34"
    raw = signer().sign(future, NOW_NS)
    frame, _ = one(raw)
    assert not frame.is_known
    assert judge(SignatureCheck(KEYS, REQUIRE), raw) is None
    assert judge(SignatureCheck(OTHER, REQUIRE), raw) is Refusal.WRONG
    assert without_signature(raw) == future


def test_logs_get_frames_without_signatures() -> None:
    assert without_signature(signer().sign(heartbeat(), NOW_NS)) == heartbeat()
    assert without_signature(heartbeat()) == heartbeat()
    old = Encoder(1, 1, version=1).encode("SYSTEM_TIME", time_unix_usec=1, time_boot_ms=0x0101)
    assert without_signature(old) == old


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "whole MAVLink 2 frame"),
        (b"\xfd" * 5, "whole MAVLink 2 frame"),
        (Encoder(1, 1, version=1).encode("MISSION_CURRENT", seq=1), "MAVLink 2"),
        (heartbeat()[:-1], "not 20 bytes long"),
        (heartbeat() + heartbeat(), "not 42 bytes long"),
        (heartbeat()[:2] + b"\x02" + heartbeat()[3:], "unknown flags"),
        (signer().sign(heartbeat(), NOW_NS), "signed already"),
    ],
)
def test_what_cannot_be_signed_is_said_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(CannotSign, match=words):
        signer().sign(raw, NOW_NS)


def test_signed_frames_come_through_a_stream_in_any_pieces() -> None:
    ours, check, splitter = signer(), SignatureCheck(KEYS, REQUIRE), FrameSplitter()
    stream = b"noise".join(ours.sign(heartbeat(seq), NOW_NS) for seq in range(20))
    pairs = [pair for at in range(0, len(stream), 7) for pair in splitter.feed_raw(stream[at : at + 7])]
    assert [frame.seq for frame in check.let_in(pairs, NOW_NS)] == list(range(20))
    assert check.counters.verified == 20
