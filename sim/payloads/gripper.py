"""Twin of the gripper on an autopilot's servo: DO_GRIPPER in, jaws that take time, what they hold and what fell."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from fleet.wire.enums import Command, Component, GripperAction, MavResult, Severity
from fleet.wire.payload_faults import GripperFault
from fleet.wire.readings import Payload, PayloadState, PayloadStatus
from fleet.wire.tunnel import tunnel_fields
from sim.engine.columns import GRAVITY_M_S2
from sim.payloads.twin import Effect, Moment, Said, Twin, towards

if TYPE_CHECKING:
    from sim.autopilot.orders import Order

JAWS_PCT_S: Final = 50.0
MOST_KG: Final = 5.0
CLOSED_PCT: Final = 20.0
"""Of jaws around a load; 0 without one."""
TEXTS: Final = {
    GripperAction.GRAB: ("grabbing", "grabbed"), GripperAction.RELEASE: ("releasing", "released"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Effect):
    """What the vehicle carries more than itself, and what it has dropped so far."""

    held_kg: float
    dropped_kg: float


class Gripper(Twin):
    name: ClassVar[str] = "gripper"
    component: ClassVar[Component] = Component.AUTOPILOT

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.opening_pct = 100.0
        self.held_kg = 0.0
        self.dropped_kg = 0.0
        self.releases = 0
        self.action = GripperAction.HOLD
        self.is_bare = False
        """A servo without a sensor: it says ArduPilot's texts and nothing else."""
        self._fault = 0
        self._texts: list[str] = []

    def obey(self, order: "Order", moment: Moment) -> MavResult | None:
        if order.command != Command.DO_GRIPPER or round(order.p[0]) not in (0, self.instance + 1):
            return None
        if order.p[1] not in set(GripperAction):
            return MavResult.DENIED
        self._say_as_ardupilot(GripperAction(int(order.p[1])))
        self.action = GripperAction(int(order.p[1]))
        self._fault = 0
        return MavResult.ACCEPTED

    def step(self, moment: Moment) -> None:
        if self.injected == GripperFault.LOAD_SLIPPED and self.held_kg > 0.0:
            self._drop(GripperFault.LOAD_SLIPPED)
        if self.injected == GripperFault.JAMMED:
            self._fault = GripperFault.JAMMED
            return
        if self.action is GripperAction.GRAB:
            self._grab(moment)
        elif self.action is GripperAction.RELEASE:
            self.opening_pct = towards(self.opening_pct, 100.0, JAWS_PCT_S)
            if self.held_kg > 0.0 and self.opening_pct > 2.0 * CLOSED_PCT:
                self.releases += 1
                self._drop(0)

    def readings(self, moment: Moment) -> list[Said]:
        texts, self._texts = self._texts, []
        return [Said("STATUSTEXT", Component.AUTOPILOT, {"severity": Severity.INFO, "text": text}) for text in texts]

    def statements(self, moment: Moment) -> list[Said]:
        if self.is_bare:
            return []
        status = PayloadStatus(
            instance=self.instance, time_utc_us=moment.utc_us, payload=Payload.GRIPPER, state=self._state(),
            fault_code=self._fault, values=(self.opening_pct, self.held_kg * GRAVITY_M_S2, None, None),
        )
        return [Said("TUNNEL", Component.TUNNEL_NODE, tunnel_fields(status))]

    def effect(self) -> Load:
        return Load(held_kg=self.held_kg, dropped_kg=self.dropped_kg)

    def mend(self) -> None:
        super().mend()
        self._fault = 0

    def _grab(self, moment: Moment) -> None:
        load = self.held_kg or moment.around.load_kg
        if load > MOST_KG:
            self._fault, self.action = GripperFault.OVERLOADED, GripperAction.RELEASE
            return
        if self._fault == GripperFault.LOAD_SLIPPED:
            load = 0.0
        self.opening_pct = towards(self.opening_pct, CLOSED_PCT if load > 0.0 else 0.0, JAWS_PCT_S)
        if load > 0.0 and self.opening_pct == CLOSED_PCT:
            self.held_kg = load

    def _state(self) -> PayloadState:
        if self._fault in (GripperFault.JAMMED, GripperFault.OVERLOADED):
            return PayloadState.FAULT
        target = CLOSED_PCT if self.held_kg > 0.0 else 0.0
        if self.action is GripperAction.GRAB:
            return PayloadState.RUNNING if self.opening_pct <= target else PayloadState.STARTING
        if self.action is GripperAction.RELEASE:
            return PayloadState.OFF if self.opening_pct == 100.0 else PayloadState.STOPPING
        return PayloadState.OFF if self.opening_pct == 100.0 else PayloadState.RUNNING

    def _say_as_ardupilot(self, action: GripperAction) -> None:
        """AP_Gripper_Servo: the end of a movement is told only to those who ask for it again."""
        if action is GripperAction.HOLD:
            return
        begun, done = TEXTS[action]
        is_there = self._state() is (PayloadState.RUNNING if action is GripperAction.GRAB else PayloadState.OFF)
        if action is not self.action or is_there:
            self._texts.append(f"Gripper load {done if action is self.action else begun}")

    def _drop(self, fault: int) -> None:
        self.dropped_kg += self.held_kg
        self.held_kg, self._fault = 0.0, fault
