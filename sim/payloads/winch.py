"""Twin of the winch: DO_WINCH as the standard has it, absolute lengths by PayloadCommand, WINCH_STATUS out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from fleet.wire.enums import Command, Component, MavResult, WinchAction, WinchStatus
from fleet.wire.payload_faults import WinchFault
from fleet.wire.readings import Payload, PayloadState
from sim.payloads.tool import ACTIVE, Four, ToolTwin
from sim.payloads.twin import PACE_S, Effect, Moment, Said

if TYPE_CHECKING:
    from sim.autopilot.orders import Order

LINE_M: Final = 30.0
MOST_KG: Final = 10.0
RATE_M_S: Final = 1.0
"""Without a load; half of it at the greatest load."""
LOW_C: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Effect):
    """The line out, and what hangs on it."""

    length_m: float
    load_kg: float


class Winch(ToolTwin):
    name: ClassVar[str] = "winch"
    payload: ClassVar[Payload] = Payload.WINCH
    component: ClassVar[Component] = Component.WINCH
    is_single: ClassVar[bool] = True
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"length_m": (0.0, LINE_M), "rate_m_s": (0.05, RATE_M_S)}

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.length_m, self.speed_m_s, self.load_kg = 0.0, 0.0, 0.0
        self._is_abandoned = False

    def obey(self, order: "Order", moment: Moment) -> MavResult | None:
        if order.command != Command.DO_WINCH or round(order.p[0]) not in (0, self.instance + 1):
            return None
        _, action, length_m, rate_m_s = order.p
        wanted = {
            WinchAction.RELATIVE_LENGTH_CONTROL: self.length_m + length_m,
            WinchAction.RETRACT: 0.0,
            WinchAction.ABANDON_LINE: LINE_M,
        }
        if action == WinchAction.RATE_CONTROL:
            end = self.length_m if rate_m_s == 0.0 else LINE_M if rate_m_s > 0.0 else 0.0
        elif action in wanted:
            end = wanted[WinchAction(int(action))]
        elif action == WinchAction.HOLD:
            end = self.length_m
        else:
            return MavResult.UNSUPPORTED
        if not 0.0 <= end <= LINE_M or abs(rate_m_s) > RATE_M_S:
            return MavResult.DENIED
        self.given(moment.utc_us)
        return self._wind(end, abs(rate_m_s) or RATE_M_S, is_abandoning=action == WinchAction.ABANDON_LINE)

    def run(self, moment: Moment) -> bool:
        self.load_kg = 0.0 if self._is_abandoned and self.length_m >= LINE_M else moment.around.load_kg
        left_m = self.wanted["length_m"] - self.length_m
        most = min(self.wanted["rate_m_s"], RATE_M_S * (1.0 - 0.5 * self.load_kg / MOST_KG)) * PACE_S
        moved_m = min(max(left_m, -most), most)
        self.length_m += moved_m
        self.speed_m_s = moved_m / PACE_S
        return abs(self.wanted["length_m"] - self.length_m) < 1e-9

    def is_adjustable(self) -> bool:
        return True

    def rest(self) -> bool:
        self.speed_m_s = 0.0
        return True

    def broken_by(self, moment: Moment) -> int:
        if self.injected == WinchFault.LINE_LOST:
            self.length_m, self.load_kg = LINE_M, 0.0
        reels_in = self.wanted.get("length_m", self.length_m) < self.length_m
        is_heavy = reels_in and moment.around.load_kg > MOST_KG
        return self.injected or (WinchFault.OVERLOADED if is_heavy else 0)

    def values(self) -> Four:
        return self.length_m, abs(self.speed_m_s), None, None

    def statements(self, moment: Moment) -> list[Said]:
        flags = WinchStatus(0) if self.state is PayloadState.FAULT else WinchStatus.HEALTHY
        flags |= WinchStatus.FULLY_RETRACTED if self.length_m == 0.0 else WinchStatus(0)
        flags |= WinchStatus.MOVING if self.speed_m_s else WinchStatus(0)
        fields = {
            "time_usec": moment.utc_us, "line_length": self.length_m, "speed": self.speed_m_s,
            "tension": self.load_kg if self.length_m > 0.0 else 0.0, "voltage": float("nan"),
            "current": float("nan"), "status": int(flags | WinchStatus.CLUTCH_ENGAGED), "temperature": LOW_C,
        }
        return [Said("WINCH_STATUS", self.component, fields), *super().statements(moment)]

    def effect(self) -> Line | None:
        return Line(length_m=self.length_m, load_kg=self.load_kg) if self.length_m > 0.0 else None

    def _wind(self, length_m: float, rate_m_s: float, *, is_abandoning: bool) -> MavResult:
        self.wants_to_say = True
        if self.state in (PayloadState.FAULT, PayloadState.LATCHED):
            return MavResult.ACCEPTED if length_m == self.length_m else MavResult.FAILED
        self._is_abandoned = is_abandoning
        self.wanted = {"length_m": length_m, "rate_m_s": rate_m_s}
        if length_m != self.length_m or self.state in ACTIVE:
            self.state = PayloadState.STARTING
        return MavResult.ACCEPTED
