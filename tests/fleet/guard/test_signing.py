"""Signing keys of vehicles: set by commanders, disarmed, and on the wire none but the one that was asked for."""

from typing import Any

import pytest

from fleet.authority import Authority
from fleet.commands import Verb
from fleet.guard import LIMITS, Guard, GuardedVehicle
from fleet.model import VehicleKind
from fleet.wire.signing_keys import SigningKey
from tests.fleet.guard.test_commands import NOW, command, flying, refused_as, state, verdict
from tests.fleet.guard.test_frames import U01, Gate, kept
from tests.support.fleet_bench import COMMANDER, flat_site

KEY, OTHER = SigningKey.from_passphrase("correct horse"), SigningKey.from_passphrase("battery staple")


def change(key: str | None, **rest: Any) -> Any:
    return command(Verb.SET_SIGNING_KEY, by=COMMANDER, key=key, **rest)


def test_a_commander_sets_keys_of_disarmed_vehicles() -> None:
    assert verdict(change(KEY.fingerprint)) is None
    assert verdict(change("")) is None
    refused_as("there is no key to set", change(None))
    refused_as("a commander sets signing keys", command(Verb.SET_SIGNING_KEY, key=KEY.fingerprint))
    disarmed_only = "autopilots take signing keys disarmed only; wait until it has landed"
    refused_as(disarmed_only, change(KEY.fingerprint), flying())
    refused_as(disarmed_only, change(KEY.fingerprint), state(is_armed=None))


@pytest.mark.parametrize(("asked", "carried", "passes"), [
    (KEY.fingerprint, KEY.secret, True), (KEY.fingerprint, OTHER.secret, False), (KEY.fingerprint, bytes(32), False),
    ("", bytes(32), True), ("", KEY.secret, False),
])
def test_only_the_key_that_was_asked_for_leaves(asked: str, carried: bytes, passes: bool) -> None:
    gate = Gate()
    gate.guard = Guard(
        send=lambda vehicle, data: gate.sent.append(data), authority=Authority(commanders=[COMMANDER]),
        site=flat_site(), vehicles={U01: GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER])},
    )
    assert gate.guard.admit(change(asked), state(), NOW) is None
    sentence = gate.put("SETUP_SIGNING", initial_timestamp=0, secret_key=carried)
    if passes:
        assert sentence is None
    else:
        kept(sentence, "a signing key that was not asked for")
        assert carried.hex() not in str(sentence)


def test_without_such_a_command_no_key_leaves() -> None:
    for gate in (Gate(), Gate().admit(Verb.CAPTURE)):
        kept(
            gate.put("SETUP_SIGNING", initial_timestamp=0, secret_key=KEY.secret),
            "SETUP_SIGNING needs set_signing_key to be under way",
        )
        assert gate.sent == []
