"""Twin of the searchlight: an illuminator component that throttles and shuts off when it is hot."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from fleet.wire.enums import Command, Component, IlluminatorMode, MavResult
from fleet.wire.payload_faults import LightFault
from fleet.wire.readings import Payload, PayloadState, PayloadStatus
from fleet.wire.tunnel import tunnel_fields
from sim.payloads.twin import Effect, Moment, Said, Twin

if TYPE_CHECKING:
    from sim.autopilot.orders import Order

THROTTLED_PCT: Final = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam(Effect):
    intensity_pct: float
    strobe_hz: float


class Light(Twin):
    name: ClassVar[str] = "light"
    component: ClassVar[Component] = Component.ILLUMINATOR
    is_single: ClassVar[bool] = True

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.is_on = False
        self.is_latched = False
        self._asked_pct, self._strobe_hz = 100.0, 0.0

    def obey(self, order: "Order", moment: Moment) -> MavResult | None:
        if order.command == Command.ILLUMINATOR_ON_OFF:
            return self._switch(order.p[0])
        if order.command != Command.DO_ILLUMINATOR_CONFIGURE:
            return None
        mode, intensity_pct, period_s, _ = order.p
        if mode != IlluminatorMode.INTERNAL_CONTROL or not 0.0 <= intensity_pct <= 100.0 or period_s < 0.0:
            return MavResult.DENIED
        self._asked_pct, self._strobe_hz = intensity_pct, 1.0 / period_s if period_s > 0.0 else 0.0
        self.wants_to_say = True
        return MavResult.ACCEPTED

    def statements(self, moment: Moment) -> list[Said]:
        broken = self.injected in (LightFault.OVERHEATED, LightFault.THERMISTOR_FAILED)
        state = PayloadState.RUNNING if self._shines() else PayloadState.OFF
        state = PayloadState.LATCHED if self.is_latched else PayloadState.FAULT if broken else state
        status = PayloadStatus(
            instance=self.instance, time_utc_us=moment.utc_us, payload=Payload.LIGHT, state=state,
            fault_code=self.injected if broken or self._is_throttled() else 0,
            values=(self._intensity_pct(), self._strobe_hz, None, None),
        )
        return [Said("TUNNEL", self.component, tunnel_fields(status))]

    def effect(self) -> Beam | None:
        return Beam(intensity_pct=self._intensity_pct(), strobe_hz=self._strobe_hz) if self._shines() else None

    def latch(self) -> None:
        self.is_latched, self.is_on = True, False

    def reset_by_hand(self) -> None:
        self.is_latched = False

    def _switch(self, value: float) -> MavResult:
        if value not in (0.0, 1.0):
            return MavResult.DENIED
        self.wants_to_say = True
        if self.is_latched:
            return MavResult.FAILED if value else MavResult.ACCEPTED
        self.is_on = value == 1.0
        return MavResult.ACCEPTED

    def _shines(self) -> bool:
        return self.is_on and self.injected not in (LightFault.OVERHEATED, LightFault.THERMISTOR_FAILED)

    def _is_throttled(self) -> bool:
        return self._shines() and self.injected == LightFault.THROTTLED and self._asked_pct > THROTTLED_PCT

    def _intensity_pct(self) -> float:
        if not self._shines():
            return 0.0
        return THROTTLED_PCT if self._is_throttled() else self._asked_pct
