"""Keys come from what people type, are handed to vehicles, and are never seen again."""

import hashlib
import traceback

import pytest

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.message import octets
from fleet.wire.signing import SignatureCheck, Signer
from fleet.wire.signing_keys import (
    SETUP_SIGNING_ID,
    BadKey,
    KeyRing,
    SigningKey,
    setup_no_signing,
    setup_signing,
    signing_timestamp,
)

SECRET = bytes.fromhex("d0c0ffee" * 8)
KEY = SigningKey(SECRET)
NOW_NS = 1_780_000_000 * 10**9


def test_a_passphrase_makes_the_key_that_ground_stations_make_of_it() -> None:
    # printf 'mountain rescue' | sha256sum
    assert SigningKey.from_passphrase("mountain rescue").secret == hashlib.sha256(b"mountain rescue").digest()
    assert SigningKey.from_passphrase("太行").secret == hashlib.sha256("太行".encode()).digest()


def test_hex_digits_are_the_key_itself() -> None:
    assert SigningKey.from_hex(" D0C0ffee" + "d0c0ffee" * 7 + "\n") == KEY


@pytest.mark.parametrize(
    "digits", ["", "d0c0ffee", "d0c0ffee" * 8 + "00", "g" * 64, "0x" + "d0c0ffee" * 8, "d0 c0 ff " * 7 + "d", "٣" * 64]
)
def test_digits_that_are_no_key_are_refused_without_being_repeated(digits: str) -> None:
    with pytest.raises(BadKey, match="64 hexadecimal digits") as refusal:
        SigningKey.from_hex(digits)
    assert not digits or digits not in str(refusal.value)


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33), bytes(32)])
def test_a_key_has_32_bytes_and_is_not_zero(secret: bytes) -> None:
    with pytest.raises(BadKey):
        SigningKey(secret)
    with pytest.raises(BadKey, match="passphrase"):
        SigningKey.from_passphrase("")


def test_a_key_is_never_printed() -> None:
    ring = KeyRing(current=KEY).rotated(SigningKey.from_passphrase("new"), old_until_utc_ns=None)
    shown = [repr(thing) + str(thing) for thing in (KEY, ring, Signer(ring, link_id=1), SignatureCheck(ring))]
    (frame,) = parse_datagram(setup_signing(Encoder(255, 190), KEY, target_system=7, target_component=1, utc_ns=NOW_NS))
    shown.append(repr(Decoder().decode(frame)))
    assert "secret_key=hidden" in shown[-1]
    for wrong in ("d0c0ffee" * 9, "x" * 64):
        try:
            SigningKey.from_hex(wrong)
        except BadKey as refusal:
            shown.append("".join(traceback.format_exception(refusal)))
    assert not [text for text in shown if "c0ffee" in text.lower() or r"\xc0\xff" in text or "x" * 64 in text]


def test_time_is_counted_from_2015_in_steps_of_10_us() -> None:
    start_ns = 1_420_070_400 * 10**9
    assert [signing_timestamp(start_ns + step) for step in (-1, 0, 9_999, 10_000, 10**9)] == [0, 0, 0, 1, 100_000]


def test_an_old_key_is_accepted_until_its_time() -> None:
    first, second, third = (SigningKey.from_passphrase(word) for word in ("one", "two", "three"))
    ring = KeyRing(current=first).rotated(second, old_until_utc_ns=100).rotated(third, old_until_utc_ns=None)
    assert list(ring.accepted_at(99)) == [third, second, first]
    assert list(ring.accepted_at(100)) == [third, second]
    back = ring.rotated(first, old_until_utc_ns=50)
    assert list(back.accepted_at(10)) == [first, third, second]


def test_a_key_is_handed_to_one_vehicle() -> None:
    (frame,) = parse_datagram(setup_signing(Encoder(255, 190), KEY, target_system=7, target_component=1, utc_ns=NOW_NS))
    message = Decoder().decode(frame)
    assert message is not None
    assert frame.msgid == SETUP_SIGNING_ID
    assert octets(message, "secret_key") == SECRET
    assert (message.target_system, message.target_component) == (7, 1)
    assert message.initial_timestamp == signing_timestamp(NOW_NS)


@pytest.mark.parametrize(("system", "component"), [(0, 1), (7, 0), (0, 0)])
def test_a_key_is_never_broadcast(system: int, component: int) -> None:
    with pytest.raises(BadKey, match="never to all"):
        setup_signing(Encoder(255, 190), KEY, target_system=system, target_component=component, utc_ns=NOW_NS)


def test_signing_is_turned_off_by_zeros() -> None:
    (frame,) = parse_datagram(setup_no_signing(Encoder(255, 190), target_system=7, target_component=1))
    message = Decoder().decode(frame)
    assert message is not None
    assert octets(message, "secret_key") == bytes(32)
    assert message.initial_timestamp == 0
