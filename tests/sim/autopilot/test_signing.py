"""A simulated vehicle with a signing key: believes nobody else, takes another key only from whom it may, keeps time."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import DatagramParser, parse_datagram
from fleet.wire.signing import Signer, SigningClock, SigningPolicy
from fleet.wire.signing_keys import KeyRing, SigningKey, setup_no_signing, setup_signing, signing_timestamp
from sim.machine import Machine
from sim.speak.keyholder import BOOTS_AHEAD, Kept
from tests.sim.support import Place, spec
from tests.support.signing_peer import SigningPeer

OLD, NEW, FOREIGN = (SigningKey.from_passphrase(word) for word in ("correct horse", "battery staple", "not yours"))
REFUSED = "ERROR: Signing key refused, link is not trusted"


@dataclass(slots=True)
class Ground:
    """A station on one port of a vehicle."""

    place: Place
    is_trusted: bool = False
    heard: list[bytes] = field(default_factory=list)
    port: Any = field(init=False)
    encoder: Encoder = field(default_factory=lambda: Encoder(255, 190))
    clock: SigningClock = field(default_factory=SigningClock)

    def __post_init__(self) -> None:
        self.port = self.machine.open_port(self.heard.append, is_trusted=self.is_trusted)

    @property
    def machine(self) -> Machine:
        return self.place.service.machines[0]

    def put(self, frame: bytes, key: SigningKey | None = None) -> None:
        if key is not None:
            frame = Signer(KeyRing(current=key), link_id=9, clock=self.clock).sign(frame, self.utc_ns)
        self.machine.hear(frame, self.port)

    @property
    def utc_ns(self) -> int:
        return self.place.service.now().utc_ns

    def set_key(self, key: SigningKey, signed_with: SigningKey | None = None, *, system: int = 1) -> None:
        self.put(setup_signing(
            self.encoder, key, target_system=system, target_component=1, utc_ns=self.utc_ns
        ), signed_with)

    def answers(self, key: SigningKey | None = None) -> bool:
        """Whether it answers a command signed so."""
        before = self._count("COMMAND_ACK")
        self.put(self.encoder.encode(
            "COMMAND_LONG", target_system=1, target_component=1, command=512, confirmation=0, param1=242.0,
            **{f"param{n}": 0.0 for n in range(2, 8)},
        ), key)
        return self._count("COMMAND_ACK") > before

    def _count(self, name: str) -> int:
        decoder = Decoder([name])
        return sum(decoder.decode(frame) is not None for data in self.heard for frame in parse_datagram(data))

    def texts(self) -> list[str]:
        decoder = Decoder(["STATUSTEXT"])
        found = [decoder.decode(frame) for data in self.heard for frame in parse_datagram(data)]
        return [message.text for message in found if message is not None]


def ground(kept: Kept | None = None, *, is_trusted: bool = False) -> Ground:
    return Ground(Place([spec(signing=kept or Kept())]), is_trusted)


def test_with_a_key_only_its_holders_are_heard() -> None:
    made = ground(Kept(key=OLD))
    assert not made.answers()
    assert not made.answers(FOREIGN)
    assert made.answers(OLD)
    assert made.port.seal.refused == 2
    assert all(frame.is_signed for frame in parse_datagram(made.heard[-1]))


def test_a_frame_is_taken_once() -> None:
    made = ground(Kept(key=OLD))
    frame = Signer(KeyRing(current=OLD), link_id=9).sign(
        made.encoder.encode("REQUEST_DATA_STREAM", target_system=1, target_component=1, req_stream_id=6,
                            req_message_rate=4, start_stop=1), made.utc_ns
    )
    made.put(frame)
    made.put(frame)
    assert made.port.seal.refused == 1


def test_accepting_and_the_cable_let_unsigned_frames_in() -> None:
    assert ground(Kept(key=OLD, policy=SigningPolicy.ACCEPT)).answers()
    assert not ground(Kept(key=OLD, policy=SigningPolicy.ACCEPT)).answers(FOREIGN)
    assert ground(Kept(key=OLD), is_trusted=True).answers()


def test_the_first_link_may_be_the_cable() -> None:
    place = Place([spec(signing=Kept(key=OLD, has_cable=True))])
    first = place.service.machines[0]._ship.voice.ports[0]
    assert first.seal.is_trusted
    assert not Ground(place).port.seal.is_trusted


def test_pymavlink_believes_it() -> None:
    made = ground(Kept(key=OLD))
    now = signing_timestamp(made.utc_ns)
    peer, foreigner = (SigningPeer(key.secret, sysid=255, compid=190, timestamp=now) for key in (OLD, FOREIGN))
    made.put(peer.heartbeat())
    assert made.port.seal.refused == 0
    made.place.pass_time(1.5)
    assert made.heard
    frames = [raw for data in made.heard for _, raw in DatagramParser().parse_raw(data)]
    assert all(peer.takes(frame) for frame in frames)
    assert not any(foreigner.takes(frame) for frame in frames)


def test_the_first_key_comes_by_the_cable_and_counts_on_every_link() -> None:
    made = ground(is_trusted=True)
    radio = Ground(made.place)
    assert radio.answers()
    made.set_key(OLD)
    assert not radio.answers()
    assert radio.answers(OLD)
    assert made.answers()
    assert made.machine.signing.key == OLD


def test_without_the_cable_a_key_needs_the_present_ones_signature() -> None:
    made = ground()
    made.set_key(FOREIGN)
    assert made.machine.signing.key is None
    assert REFUSED in made.texts()
    made = ground(Kept(key=OLD))
    for signed_with in (None, FOREIGN):
        made.set_key(FOREIGN, signed_with)
    assert made.machine.signing.key == OLD
    made.set_key(NEW, OLD)
    assert made.answers(NEW)
    assert not made.answers(OLD)


def test_a_key_to_everybody_is_nobodys() -> None:
    made = ground(is_trusted=True)
    for system in (0, 2):
        frame = made.encoder.encode(
            "SETUP_SIGNING", target_system=system, target_component=1, initial_timestamp=0, secret_key=OLD.secret
        )
        made.put(frame)
    assert made.machine.signing.key is None


def test_armed_it_takes_no_key() -> None:
    made = ground(Kept(key=OLD), is_trusted=True)
    ship = made.machine._ship
    ship.arm()
    made.set_key(NEW, OLD)
    assert "ERROR: Won't setup signing when armed" in made.texts()
    assert made.machine.signing.key == OLD
    ship.disarm()
    made.set_key(NEW, OLD)
    assert made.machine.signing.key == NEW


def test_a_key_of_zeros_ends_it_for_its_holder() -> None:
    made = ground(Kept(key=OLD))
    off = setup_no_signing(made.encoder, target_system=1, target_component=1)
    made.put(off)
    assert not made.answers()
    made.put(off, OLD)
    assert made.answers()
    assert made.machine.signing.key is None


@pytest.mark.parametrize("seed", range(3))
def test_switched_off_and_on_its_time_does_not_go_back(seed: int) -> None:
    """Its clock runs by its own seconds, follows who is ahead, and begins a minute past what it had kept."""
    made = ground(Kept(key=OLD, timestamp=signing_timestamp(2_000_000_000_000_000_000) + seed))
    for _ in range(3):
        made.place.pass_time(1.2)
        stamps = [int.from_bytes(data[-12:-6], "little") for data in made.heard]
        assert stamps == sorted(set(stamps))
        kept = made.machine.signing
        assert kept.timestamp >= stamps[-1]
        assert kept.timestamp < stamps[0] + BOOTS_AHEAD
        made = ground(kept)
        made.place.pass_time(1.2)
        assert int.from_bytes(made.heard[0][-12:-6], "little") > kept.timestamp
