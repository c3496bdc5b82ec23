"""SET_SIGNING_KEY: done when the vehicle signs with the key, refused with its own words, and nothing to be read."""

from dataclasses import dataclass, field, replace

import pytest

from fleet.commands import AckResult, Command, Verb
from fleet.drivers.mavlink.keys import NOTHING, Secret
from fleet.drivers.mavlink.signing_key import REPEATS, set_signing_key
from fleet.drivers.mavlink.step import Outgoing, Run
from fleet.drivers.registry import DRIVERS
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.signing_keys import SigningKey
from tests.support.conversation import Conversation
from world.ids import CommandId, OperatorId, VehicleId

KEY = SigningKey.from_passphrase("correct horse")


@dataclass
class Ring:
    """In the links' place: what the vehicle shows is said by the test."""

    shows: str | None = NOTHING
    refuses: str | None = None
    knows: bool = True
    taken_up: list[str] = field(default_factory=list)

    def shown(self) -> str | None:
        return self.shows

    def now(self, utc_ns: int) -> int:
        return utc_ns // 10_000

    def fault(self, fingerprint: str) -> str | None:
        return self.refuses

    def take_up(self, fingerprint: str) -> SigningKey | None:
        self.taken_up.append(fingerprint)
        return KEY if self.knows else None


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def started(talk: Conversation, ring: Ring | None, key: str | None) -> tuple[Run, list[Outgoing]]:
    order = Command(
        id=CommandId("c"), vehicle=VehicleId("U01"), verb=Verb.SET_SIGNING_KEY, issued_by=OperatorId("li"), key=key,
        deadline=talk.now.plus_s(60.0),
    )
    run = Run(set_signing_key(replace(talk.talk, keys=ring), order))
    return run, run.begin(talk.known, talk.now)


def later(talk: Conversation, run: Run, seconds: float) -> list[Outgoing]:
    return run.tick(talk.known, talk.now.plus_s(seconds))


def test_every_kind_knows_the_verb() -> None:
    assert all(Verb.SET_SIGNING_KEY in driver.programmes for driver in DRIVERS.values())


def test_it_is_repeated_until_the_vehicle_signs_with_it(talk: Conversation) -> None:
    ring = Ring()
    run, (sent,) = started(talk, ring, KEY.fingerprint)
    assert (sent.name, sent.fields["secret_key"], sent.fields["target_system"]) == ("SETUP_SIGNING", KEY.secret, 1)
    assert sent.fields["initial_timestamp"] == talk.now.utc_ns // 10_000
    assert "hidden" in repr(sent)
    assert KEY.secret.hex() not in repr(sent)
    assert repr(KEY.secret) not in f"{sent} {sent.fields['secret_key']}"
    assert later(talk, run, 1.0) == []
    (again,) = later(talk, run, 2.5)
    assert again.fields["secret_key"] == KEY.secret
    ring.shows = KEY.fingerprint
    assert later(talk, run, 2.6) == []
    assert run.result is AckResult.ACCEPTED
    frame = Encoder(255, 190).encode(sent.name, **sent.fields)
    message = Decoder().decode(parse_datagram(frame)[0])
    assert message is not None
    assert KEY.secret.hex() not in str(message)


def test_who_has_it_is_left_alone(talk: Conversation) -> None:
    run, sent = started(talk, Ring(shows=KEY.fingerprint), KEY.fingerprint)
    assert (run.result, sent) == (AckResult.ACCEPTED, [])


def test_zeros_take_it_away(talk: Conversation) -> None:
    ring = Ring(shows=KEY.fingerprint)
    run, (sent,) = started(talk, ring, NOTHING)
    assert (sent.fields["secret_key"], sent.fields["initial_timestamp"]) == (bytes(32), 0)
    assert ring.taken_up == []
    ring.shows = NOTHING
    later(talk, run, 0.1)
    assert run.result is AckResult.ACCEPTED


def test_a_vehicle_that_never_signs_is_said(talk: Conversation) -> None:
    run, _ = started(talk, Ring(), KEY.fingerprint)
    sent = [len(later(talk, run, 2.1 * number)) for number in range(1, REPEATS + 1)]
    assert sum(sent) == REPEATS - 1
    assert run.result is AckResult.TIMED_OUT
    assert "does not sign" in run.reason


def test_what_forbids_it_is_the_answer(talk: Conversation) -> None:
    run, sent = started(talk, Ring(refuses="the key would travel in clear"), KEY.fingerprint)
    assert (run.result, run.reason, sent) == (AckResult.REFUSED_BY_GUARD, "the key would travel in clear", [])
    ring = Ring()
    run, _ = started(talk, ring, KEY.fingerprint)
    ring.refuses = "another path carries on"
    assert later(talk, run, 2.5) == []
    assert run.reason == "another path carries on"
    run, _ = started(talk, Ring(knows=False), KEY.fingerprint)
    assert "no link of the vehicle has the key" in run.reason
    for ring_or_none, key in ((None, KEY.fingerprint), (Ring(), None)):
        run, _ = started(talk, ring_or_none, key)
        assert run.reason == "set_signing_key needs a key"


def test_the_vehicles_own_words_are_told(talk: Conversation) -> None:
    run, _ = started(talk, Ring(), KEY.fingerprint)
    data = Encoder(1, 1).encode("STATUSTEXT", severity=4, text="ERROR: Won't setup signing when armed")
    message = Decoder().decode(parse_datagram(data)[0])
    assert message is not None
    run.hear(message, talk.known, talk.now)
    assert run.result is AckResult.REFUSED_BY_VEHICLE
    assert "Won't setup signing when armed" in run.reason


def test_secrets_do_not_print() -> None:
    assert f"{Secret(b'abc')} {Secret(b'abc')!r} {[Secret(b'abc')]}" == "hidden hidden [hidden]"
