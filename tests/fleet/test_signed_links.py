"""A link with keys signs what leaves and believes only what is signed, as its policy says; keys rotate in flight."""

from fleet.links.address import Address, LinkSpec
from fleet.model import VehicleKind
from fleet.roster import PathSpec, RosterEntry
from fleet.switchboard import HEARTBEAT, Switchboard
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.signing import Refusal, Signer, SigningClock, SigningMemory, SigningPolicy
from fleet.wire.signing_keys import KeyRing, SigningKey, signing_timestamp
from tests.fleet.test_switchboard import OLD, Open, Place, at
from world.ids import VehicleId
from world.time import Instant

KEYS = KeyRing(current=SigningKey.from_passphrase("correct horse"))
OTHERS = KeyRing(current=SigningKey.from_passphrase("battery staple"))
NOON_NS = 1_800_000_000_000_000_000


def place(policy: SigningPolicy) -> Place:
    lan = LinkSpec(name="lan", address=Address.parse("udpin:0.0.0.0:14550"), policy=policy, keys=KEYS)
    return Place(links=(lan,))


def beat(signed_by: KeyRing | None, seconds: float) -> bytes:
    data = Encoder(1, 1, seq=round(seconds * 10) & 0xFF).encode(
        "HEARTBEAT", custom_mode=4, type=2, autopilot=3, base_mode=81, system_status=4
    )
    return data if signed_by is None else Signer(signed_by, link_id=3).sign(data, round(seconds * 1e9) + NOON_NS)


def hear(made: Place, signed_by: KeyRing | None, seconds: float) -> int:
    now = Instant(mono_ns=round(seconds * 1e9), utc_ns=NOON_NS + round(seconds * 1e9))
    made.board.receive("lan", beat(signed_by, seconds), OLD, now)
    return len(made.heard)


def test_a_link_that_requires_signatures_believes_nothing_else() -> None:
    made = place(SigningPolicy.REQUIRE)
    assert hear(made, None, 1.0) == 0
    assert hear(made, OTHERS, 2.0) == 0
    assert hear(made, KEYS, 3.0) == 1


def test_a_link_that_accepts_still_refuses_a_wrong_signature() -> None:
    made = place(SigningPolicy.ACCEPT)
    assert hear(made, None, 1.0) == 1
    assert hear(made, OTHERS, 2.0) == 1
    assert hear(made, KEYS, 3.0) == 2


def test_what_leaves_is_signed_and_the_guard_sees_it_before() -> None:
    made = place(SigningPolicy.REQUIRE)
    hear(made, KEYS, 1.0)
    out: list[bytes] = []
    made.board._transmit = lambda link, peer, data: out.append(data)
    made.board.send(VehicleId("U01"), HEARTBEAT, Open(made.board), at(1.5))
    (frame,) = parse_datagram(out[0])
    assert frame.is_signed
    assert made.board.seals.is_signing("lan")


class Before(SigningMemory):
    """Of a run that ended with times far ahead of the vehicle's."""

    latest = floor = signing_timestamp(NOON_NS) + 1_000_000_000


def test_a_vehicle_that_lags_is_not_believed_but_hears_our_heartbeat() -> None:
    """And is believed again once it follows our time; nothing but heartbeats goes to it before."""
    lan = LinkSpec(
        name="lan", address=Address.parse("udpin:0.0.0.0:14550"), policy=SigningPolicy.REQUIRE, keys=KEYS
    )
    made = Place(links=(lan,))
    out: list[bytes] = []
    made.board = Switchboard(lambda link, peer, data: out.append(data), (lan,), memory=lambda link: Before())
    made.board.add(RosterEntry(
        vehicle=VehicleId("U01"), kind=VehicleKind.COPTER, sysid=1, paths=(PathSpec(link="lan"),)
    ), made)
    assert hear(made, KEYS, 1.0) == 0
    assert made.board.seals.refused()["lan"][Refusal.STALE].peer == OLD
    made.board.send(VehicleId("U01"), HEARTBEAT, Open(made.board), at(1.5))
    ours = int.from_bytes(out[0][-12:-6], "little")
    assert ours > Before.floor
    late = Signer(KEYS, link_id=3, clock=SigningClock(ours)).sign(beat(None, 2.0), 0)
    made.board.receive("lan", late, OLD, at(2.0))
    assert len(made.heard) == 1


def test_who_was_refused_is_known_with_address_and_number() -> None:
    made = place(SigningPolicy.REQUIRE)
    hear(made, None, 1.0)
    hear(made, OTHERS, 2.0)
    hear(made, KEYS, 3.0)
    hear(made, KEYS, 3.0)
    refused = made.board.seals.refused()["lan"]
    assert set(refused) == {Refusal.UNSIGNED, Refusal.WRONG, Refusal.REPLAYED}
    assert {(one.count, one.peer, one.sysid) for one in refused.values()} == {(1, OLD, 1)}


def test_a_vehicle_is_answered_with_the_key_that_it_has() -> None:
    """While keys are changed, one by one: each goes on with its own, and the link says who has which."""
    made = place(SigningPolicy.REQUIRE)
    seals = made.board.seals
    hear(made, KEYS, 1.0)
    seals.rekey("lan", KEYS.rotated(OTHERS.current, old_until_utc_ns=None))
    assert seals.signing("lan", 1).vehicle_key == KEYS.current.fingerprint
    assert seals.signing("lan", 1).link_key == OTHERS.current.fingerprint
    out: list[bytes] = []
    made.board._transmit = lambda link, peer, data: out.append(data)
    made.board.send(VehicleId("U01"), HEARTBEAT, Open(made.board), at(1.5))
    assert hear(made, OTHERS, 2.0) == 2
    made.board.send(VehicleId("U01"), HEARTBEAT, Open(made.board), at(2.5))
    assert [KEYS.current.fits(out[0][:-6], out[0][-6:]), OTHERS.current.fits(out[1][:-6], out[1][-6:])] == [True, True]
    assert seals.signing("lan", 1).vehicle_key == OTHERS.current.fingerprint
