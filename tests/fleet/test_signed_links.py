"""A link with keys signs what leaves and believes only what is signed, as its policy says; keys rotate in flight."""

from fleet.links.address import Address, LinkSpec
from fleet.switchboard import HEARTBEAT
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.signing import Signer, SigningPolicy
from fleet.wire.signing_keys import KeyRing, SigningKey
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
    assert made.board.is_signing("lan")
