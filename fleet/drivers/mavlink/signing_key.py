"""Verb.SET_SIGNING_KEY: a key handed over, taken when the vehicle signs with it; nothing here can be printed.

SETUP_SIGNING is acknowledged by no message. ArduPilot and PX4 refuse it while armed, ArduPilot with a text
(GCS_Signing.cpp), PX4 in silence (message_signing.md).
"""

from typing import Any, Final

from fleet.commands import AckResult, Command
from fleet.drivers.mavlink.keys import NOTHING, Keys, Secret
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Programme, Step, StepFailed, Talk, perform
from fleet.wire.message import Message
from fleet.wire.signing_keys import KEY_LENGTH
from world.time import Instant

REPEAT_S: Final = 2.0
REPEATS: Final = 5


class HandOver(Step[None]):
    """SETUP_SIGNING, repeated until a frame of the vehicle bears the key's signature, or none for NOTHING."""

    def __init__(self, talk: Talk, keys: Keys, fingerprint: str, secret: bytes) -> None:
        super().__init__()
        self._talk, self._keys, self._fingerprint, self._secret = talk, keys, fingerprint, Secret(secret)
        self._pace = Pace(every_s=REPEAT_S, times=REPEATS)

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._keys.shown() == self._fingerprint:
            self.end()
            return []
        if self._pace.is_spent(now):
            raise StepFailed("the vehicle does not sign with the key: does its firmware sign?", AckResult.TIMED_OUT)
        fault = self._keys.fault(self._fingerprint)
        if fault is not None:
            raise StepFailed(fault, AckResult.REFUSED_BY_GUARD)
        if not self._pace.is_due(now):
            return []
        begins = 0 if self._fingerprint == NOTHING else self._keys.now(now.utc_ns)
        fields: dict[str, Any] = {"initial_timestamp": begins, "secret_key": self._secret}
        return [Outgoing(name="SETUP_SIGNING", fields=self._talk.target | fields)]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name == "STATUSTEXT" and "signing" in message.text.lower() and "ERROR" in message.text:
            raise StepFailed(f"the vehicle says: {message.text}")
        return []


def set_signing_key(talk: Talk, command: Command) -> Programme:
    """A vehicle that signs with the key already is left as it is."""
    keys, fingerprint = talk.keys, command.key
    if keys is None or fingerprint is None:
        raise StepFailed(f"{command.verb} needs a key")
    fault = keys.fault(fingerprint)
    if fault is not None:
        raise StepFailed(fault, AckResult.REFUSED_BY_GUARD)
    if fingerprint == NOTHING:
        yield from perform(HandOver(talk, keys, NOTHING, bytes(KEY_LENGTH)))
        return
    key = keys.take_up(fingerprint)
    if key is None:
        raise StepFailed(f"no link of the vehicle has the key {fingerprint}", AckResult.REFUSED_BY_GUARD)
    yield from perform(HandOver(talk, keys, fingerprint, key.secret))
