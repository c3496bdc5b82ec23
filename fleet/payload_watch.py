"""What a vehicle's payloads say, told to others when it changes."""

from typing import Any

import msgspec

from fleet.drivers.payloads.registry import HEARD, PayloadStates, fold
from fleet.model import PayloadReport
from fleet.wire.dialect import number_of
from fleet.wire.message import Message
from fleet.wire.tunnel import kind_of
from world.ids import VehicleId
from world.time import Instant

_STATES = frozenset({1, 2, 3, 4, 5, 7})
"""Rows of the TUNNEL table that payloads speak by."""
MSGIDS = frozenset(map(number_of, HEARD))
"""Messages that say something of a payload."""


class PayloadWatch:
    """Of one vehicle."""

    def __init__(self, vehicle: VehicleId) -> None:
        self._vehicle = vehicle
        self._states: PayloadStates = {}
        self._told: dict[tuple[str, int], dict[str, Any]] = {}

    def hear(self, message: Message, now: Instant) -> None:
        """A message of any of its components; what cameras say of lenses and pictures is no payload's state."""
        if message.SPEC.name == "TUNNEL" and kind_of(message) not in _STATES:
            return
        self._states = fold(self._states, message, now)

    def news(self, now: Instant) -> list[PayloadReport]:
        """Payloads whose state says something new."""
        found = []
        for (name, instance), state in self._states.items():
            says: dict[str, Any] = msgspec.to_builtins(state)
            for when in ("at", "said_us"):
                says.pop(when, None)
            if self._told.get((name, instance)) != says:
                self._told[name, instance] = says
                found.append(PayloadReport(
                    vehicle=self._vehicle, payload=name, instance=instance, at=now, state=says
                ))
        return found
