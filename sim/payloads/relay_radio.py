"""Twin of the radio relay: powered by a relay of the autopilot, which tells its state only when asked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Command, Component, MavResult
from sim.payloads.twin import Effect, Moment, Twin

if TYPE_CHECKING:
    from sim.autopilot.orders import Order

RELAY_STATUS: Final = ardupilotmega().spec("RELAY_STATUS").msgid
ABSENT: Final = 1
"""Broken by a relay that is not set up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioNode(Effect):
    """A relay of the mesh is on the air here."""


class RelayRadio(Twin):
    name: ClassVar[str] = "relay_radio"
    component: ClassVar[Component] = Component.AUTOPILOT
    is_single: ClassVar[bool] = True

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.is_on = False
        self.is_latched = False

    def obey(self, order: "Order", moment: Moment) -> MavResult | None:
        if order.command == Command.DO_SET_RELAY:
            return self._switch(order.p[0], order.p[1])
        if order.command != Command.REQUEST_MESSAGE or order.p[0] != RELAY_STATUS:
            return None
        present = 0 if self.injected == ABSENT else 1 << self.instance
        on = present if self.is_on else 0
        order.port.say("RELAY_STATUS", time_boot_ms=moment.boot_ms, on=on, present=present)
        return MavResult.ACCEPTED

    def effect(self) -> RadioNode | None:
        return RadioNode() if self.is_on else None

    def latch(self) -> None:
        self.is_latched, self.is_on = True, False

    def reset_by_hand(self) -> None:
        self.is_latched = False

    def _switch(self, number: float, value: float) -> MavResult:
        if number != self.instance or self.injected == ABSENT or value not in (0.0, 1.0):
            return MavResult.FAILED
        if self.is_latched and value:
            return MavResult.FAILED
        self.is_on = value == 1.0
        return MavResult.ACCEPTED
