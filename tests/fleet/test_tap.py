"""A tap hears every frame of its vehicle once, as it was sent, and no key; without one nothing is kept."""

from fleet.links.address import Address, LinkSpec
from fleet.roster import PathSpec
from fleet.wire.encode import Encoder
from fleet.wire.frame import FLAG_SIGNED
from fleet.wire.signing import Signer
from fleet.wire.signing_keys import KeyRing, SigningKey, setup_no_signing
from tests.fleet.test_switchboard import LAN, OLD, U01, Place, at

STREAM = LinkSpec(name="wire", address=Address.parse("tcpout:10.0.0.7:5760"))
UNKNOWN = b"\xfd\x03\x00\x00\x07\x01\x01\xee\xee\x7a\x01\x02\x03\xab\xcd"


def beat(seq: int, compid: int = 1) -> bytes:
    encoder = Encoder(1, compid, seq)
    return encoder.encode("HEARTBEAT", custom_mode=4, type=2, autopilot=3, base_mode=81, system_status=4)


def test_frames_come_as_they_were_sent_of_any_component_and_id() -> None:
    place, raw = Place(), list[bytes]()
    place.beat(OLD, 1.0)
    end = place.board.tap(U01, lambda frame, octets: raw.append(octets))
    said = [beat(1), beat(1, 100), UNKNOWN]
    for data in said:
        place.board.receive("lan", data, OLD, at(1.1))
    assert raw == said
    assert len(place.heard) == 3
    end()
    place.board.receive("lan", beat(2), OLD, at(1.2))
    assert raw == said
    assert len(place.heard) == 4


def test_a_stream_cut_anywhere_is_heard_whole_when_a_tap_begins_and_ends() -> None:
    place, raw = Place(links=(STREAM,), paths=(PathSpec(link="wire"),)), list[bytes]()
    first, second, third = beat(1), beat(2), beat(3)
    place.board.receive("wire", first[:9], "", at(1.0))
    end = place.board.tap(U01, lambda frame, octets: raw.append(octets))
    place.board.receive("wire", first[9:] + second[:5], "", at(1.1))
    end()
    place.board.receive("wire", second[5:] + third, "", at(1.2))
    assert raw == [first]
    assert len(place.heard) == 3


def test_by_two_paths_each_frame_is_heard_once() -> None:
    place, raw = Place(links=(LAN, STREAM), paths=(PathSpec(link="lan"), PathSpec(link="wire"))), list[bytes]()
    place.board.tap(U01, lambda frame, octets: raw.append(octets))
    place.beat(OLD, 1.0)
    for seq in range(1, 4):
        place.board.receive("lan", beat(seq), OLD, at(1.0 + seq))
        place.board.receive("wire", beat(seq), "", at(1.0 + seq))
    assert raw == [beat(1), beat(2), beat(3)]


def test_keys_are_not_heard_and_signatures_are_taken_off() -> None:
    place, raw = Place(), list[bytes]()
    place.beat(OLD, 1.0)
    place.board.tap(U01, lambda frame, octets: raw.append(octets))
    key = setup_no_signing(Encoder(1, 1), target_system=255, target_component=190)
    place.board.receive("lan", key, OLD, at(1.1))
    signed = Signer(KeyRing(current=SigningKey(secret=b"k" * 32)), link_id=0).sign(beat(1), 1)
    assert signed[2] == FLAG_SIGNED
    place.board.receive("lan", signed, OLD, at(1.2))
    assert raw == [beat(1)]
