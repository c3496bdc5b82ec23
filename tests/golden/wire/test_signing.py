"""Signatures to the byte: frozen ones made by pymavlink, and every message of the dialect signed both ways."""

import json
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import ardupilotmega as reference

from benchmarks import wire_parity as parity
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.signing import Refusal, SignatureCheck, Signer, SigningClock, SigningPolicy, without_signature
from fleet.wire.signing_keys import KeyRing, SigningKey
from tests.support.signing_peer import SigningPeer

GOLDEN = json.loads((Path(__file__).parent / "signing.json").read_text())
KEYS = KeyRing(current=SigningKey(bytes(range(32))))
EPOCH_NS = 1_420_070_400 * 10**9


@pytest.mark.parametrize("row", GOLDEN, ids=[row["what"] for row in GOLDEN])
def test_frozen_signatures_are_made_and_taken(row: dict[str, str | int]) -> None:
    unsigned, signed = bytes.fromhex(str(row["unsigned"])), bytes.fromhex(str(row["signed"]))
    keys = KeyRing(current=SigningKey.from_passphrase(str(row["passphrase"])))
    utc_ns = EPOCH_NS + int(row["timestamp"]) * 10_000
    assert Signer(keys, link_id=int(row["link_id"])).sign(unsigned, utc_ns) == signed
    assert without_signature(signed) == unsigned
    (frame,) = parse_datagram(signed)
    assert SignatureCheck(keys, SigningPolicy.REQUIRE).refusal(frame, signed, utc_ns) is None
    assert SignatureCheck(KEYS, SigningPolicy.REQUIRE).refusal(frame, signed, utc_ns) is Refusal.WRONG


def test_every_message_is_signed_as_pymavlink_does() -> None:
    timestamp = 7_000_000_000_000
    theirs = SigningPeer(KEYS.current.secret, link_id=9, timestamp=timestamp)
    ours = Signer(KEYS, link_id=9, clock=SigningClock(timestamp - 1))
    for case in parity.samples(seed=5):
        values = {name: value.encode() if isinstance(value, str) else value for name, value in case.values.items()}
        expected = theirs.signed(reference.mavlink_map[case.spec.msgid](**values))
        unsigned = Encoder(5, 1, expected[4]).encode(case.spec.name, **case.values)
        assert ours.sign(unsigned, 0) == expected, case.spec.name


def test_each_side_takes_every_message_of_the_other_once() -> None:
    check = SignatureCheck(KEYS, SigningPolicy.REQUIRE)
    theirs, listener = SigningPeer(KEYS.current.secret, link_id=3), SigningPeer(KEYS.current.secret, timestamp=5)
    ours, encoder = Signer(KEYS, link_id=4), Encoder(8, 1)
    for case in parity.samples(seed=6):
        values = {name: value.encode() if isinstance(value, str) else value for name, value in case.values.items()}
        raw = theirs.signed(reference.mavlink_map[case.spec.msgid](**values))
        (frame,) = parse_datagram(raw)
        assert [check.refusal(frame, raw, 0) for _ in range(2)] == [None, Refusal.REPLAYED]
        signed = ours.sign(encoder.encode(case.spec.name, **case.values), EPOCH_NS)
        assert [listener.takes(signed) for _ in range(2)] == [True, False]
