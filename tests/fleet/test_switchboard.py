"""Who is where: addresses that move are followed, doubled ones named, strangers kept out, floods borne."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.drivers.mavlink.step import Outgoing
from fleet.links.address import Address, LinkSpec
from fleet.model import VehicleKind
from fleet.roster import PathSpec, RosterEntry
from fleet.switchboard import HEARTBEAT, Heard, Stranger, Switchboard
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from world.ids import VehicleId
from world.time import Instant

U01 = VehicleId("U01")
LAN = LinkSpec(name="lan", address=Address.parse("udpin:0.0.0.0:14550"))
OPEN = LinkSpec(name="lan", address=Address.parse("udpin:0.0.0.0:14550"), adopts=True)
OLD, NEW = "10.0.0.7:14550", "10.0.0.8:14550"


def at(seconds: float) -> Instant:
    return Instant(mono_ns=round(seconds * 1e9), utc_ns=0)


class Open:
    """In the guard's place: lets everything out, by the board's own way."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board

    def transmit(self, vehicle: VehicleId, data: bytes, now: Instant) -> str | None:
        self._board.carry(vehicle, data)
        return None


class Once(Open):
    """Lets one out."""

    def transmit(self, vehicle: VehicleId, data: bytes, now: Instant) -> str | None:
        if self._is_used:
            return "one is enough"
        self._is_used = True
        return super().transmit(vehicle, data, now)

    _is_used = False


@dataclass(slots=True)
class Place:
    """A board with one vehicle on a link, and everything that was told of it."""

    links: tuple[LinkSpec, ...] = (LAN,)
    paths: tuple[PathSpec, ...] = (PathSpec(link="lan"),)
    sent: list[tuple[str, str]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)
    seqs: dict[str, Encoder] = field(default_factory=dict)
    board: Switchboard = field(init=False)

    def __post_init__(self) -> None:
        self.board = Switchboard(lambda link, peer, data: self.sent.append((link, peer)), self.links)
        self.board.on_stranger = lambda stranger, now: self.strangers.append(stranger)
        self.board.add(RosterEntry(vehicle=U01, kind=VehicleKind.COPTER, sysid=1, paths=self.paths), self)

    def alive(self, now: Instant) -> None:
        return None

    def take(self, heard: Heard, now: Instant) -> None:
        self.heard.append(heard)

    def beat(self, peer: str, seconds: float, *, sysid: int = 1, autopilot: int = 3) -> None:
        encoder = self.seqs.setdefault(f"{peer}/{sysid}", Encoder(sysid, 1))
        data = encoder.encode(
            "HEARTBEAT", custom_mode=4, type=2, autopilot=autopilot, base_mode=81, system_status=4
        )
        self.board.receive("lan", data, peer, at(seconds))

    def send(self, seconds: float, outgoing: Outgoing = HEARTBEAT) -> list[tuple[str, str]]:
        self.sent.clear()
        self.board.send(U01, outgoing, Open(self.board), at(seconds))
        return self.sent


def test_nobody_is_sent_to_before_somebody_spoke() -> None:
    place = Place()
    assert place.send(0.0) == []
    place.beat(OLD, 1.0)
    assert place.send(1.1) == [("lan", OLD)]


def test_a_vehicle_that_moves_is_followed_once_its_old_address_is_silent() -> None:
    place = Place()
    for second in range(5):
        place.beat(OLD, float(second))
    place.beat(NEW, 5.0)
    assert place.send(5.1) == [("lan", OLD)], "it may be somebody else, for now"
    place.beat(NEW, 6.5)
    assert place.send(6.6) == [("lan", NEW)]
    assert place.board.paths(U01).primary.claimed_by is None


def test_two_machines_with_one_system_id_are_told_and_the_second_never_takes_over() -> None:
    place = Place()
    for step in range(40):
        place.beat(OLD, step * 0.5)
        place.beat(NEW, step * 0.5 + 0.25)
    assert place.board.paths(U01).primary.claimed_by == NEW
    heard = len(place.heard)
    for step in range(40, 80):  # the first one is switched off: the second one is still another machine
        place.beat(NEW, step * 0.5)
    assert len(place.heard) == heard
    assert place.send(45.0) == [("lan", OLD)]
    assert place.board.noise()["lan"][1] == 80


def test_only_the_address_in_the_roster_may_speak() -> None:
    place = Place(paths=(PathSpec(link="lan", peer="10.0.0.7"),))
    place.beat(NEW, 1.0)
    assert place.heard == []
    place.beat(OLD, 1.1)
    assert len(place.heard) == 1


def test_strangers_are_told_of_only_where_they_are_wanted_and_only_autopilots() -> None:
    shut = Place()
    shut.beat(OLD, 1.0, sysid=9)
    assert shut.strangers == []
    assert shut.board.noise()["lan"] == (0, 1)
    wide = Place(links=(OPEN,))
    wide.beat(OLD, 1.0, sysid=9, autopilot=8)
    wide.beat(OLD, 1.0, sysid=9)
    assert [(each.link, each.peer, each.sysid, each.type) for each in wide.strangers] == [("lan", OLD, 9, 2)]


def test_a_flood_of_addresses_is_borne_and_counted() -> None:
    place = Place()
    place.beat(OLD, 0.0)
    for number in range(6000):
        place.board.receive("lan", b"\xfd\x00\x00", f"10.1.{number // 250}.{number % 250}:9", at(1.0))
    assert place.board.refused_peers > 1000
    place.beat(OLD, 2.0)
    assert len(place.heard) == 2


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([OLD, NEW, "10.0.0.9:1"]), st.binary(max_size=80))))
def test_no_bytes_from_anywhere_raise(said: list[tuple[str, bytes]]) -> None:
    place = Place(links=(OPEN,))
    for number, (peer, data) in enumerate(said):
        place.board.receive("lan", data, peer, at(0.1 * number))


def test_messages_sent_together_are_one_datagram_each_past_the_guard() -> None:
    place, out = Place(), []
    place.board._transmit = lambda link, peer, data: out.append(data)
    path = place.board.paths(U01).primary
    assert place.board.send_together(U01, [HEARTBEAT, HEARTBEAT], Open(place.board), at(0.5), path) is None
    assert out == [], "nobody spoke yet"
    place.beat(OLD, 1.0)
    assert place.board.send_together(U01, [HEARTBEAT, HEARTBEAT], Open(place.board), at(1.5), path) is None
    assert [len(parse_datagram(data)) for data in out] == [2]
    out.clear()
    fault = place.board.send_together(U01, [HEARTBEAT] * 3, Once(place.board), at(2.0), path)
    assert fault == "one is enough"
    assert [len(parse_datagram(data)) for data in out] == [1], "what was let through has left, and nothing after it"
    place.board.send(U01, HEARTBEAT, Open(place.board), at(2.5))
    assert len(out) == 2
