"""Twin of the breaching tool: force builds up, the tool feeds while the material yields, and jams where it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from fleet.wire.payload_faults import BreachingToolFault
from fleet.wire.readings import Payload, PayloadAction
from sim.payloads.tool import Four, ToolTwin
from sim.payloads.twin import PACE_S, Effect, Moment, towards

BUILD_N_S: Final = 20_000.0
PATIENCE_S: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach(Effect):
    """Force on the material and how deep the tool is in it."""

    force_n: float
    depth_m: float


class BreachingTool(ToolTwin):
    name: ClassVar[str] = "breaching_tool"
    payload: ClassVar[Payload] = Payload.BREACHING_TOOL
    carriers: ClassVar[frozenset[str] | None] = frozenset({"rover"})
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {
        "force_n": (500.0, 80_000.0), "depth_m": (0.01, 0.6), "feed_m_s": (0.001, 0.05),
    }
    irreversible: ClassVar[frozenset[PayloadAction]] = frozenset({PayloadAction.START, PayloadAction.ADJUST})

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.force_n, self.depth_m, self.feed_m_s = 0.0, 0.0, 0.0
        self._stuck_s = 0.0

    def begun(self) -> None:
        self._stuck_s = 0.0

    def run(self, moment: Moment) -> bool:
        wanted, yields_at = self.wanted, moment.around.yields_at_n
        self.force_n = towards(self.force_n, wanted["force_n"], BUILD_N_S)
        is_yielding = yields_at is not None and self.force_n >= yields_at
        left_m = max(wanted["depth_m"] - self.depth_m, 0.0)
        self.feed_m_s = min(wanted["feed_m_s"], left_m / PACE_S) if is_yielding else 0.0
        self.depth_m += self.feed_m_s * PACE_S
        is_built = self.force_n == wanted["force_n"]
        self._stuck_s = self._stuck_s + PACE_S if is_built and left_m > 0.0 and not is_yielding else 0.0
        return is_built and left_m < 1e-9

    def rest(self) -> bool:
        self.feed_m_s = 0.0
        self.force_n = towards(self.force_n, 0.0, 4.0 * BUILD_N_S)
        if self.injected != BreachingToolFault.JAMMED and self.fault != BreachingToolFault.JAMMED:
            self.depth_m = towards(self.depth_m, 0.0, 0.05)
        return self.force_n == 0.0 and self.depth_m == 0.0

    def broken_by(self, moment: Moment) -> int:
        if self.injected:
            return self.injected
        if self._stuck_s < PATIENCE_S:
            return 0
        is_empty = moment.around.yields_at_n is None
        return BreachingToolFault.NO_CONTACT if is_empty else BreachingToolFault.JAMMED

    def values(self) -> Four:
        return self.force_n, self.depth_m, self.feed_m_s, None

    def effect(self) -> Breach | None:
        return Breach(force_n=self.force_n, depth_m=self.depth_m) if self.force_n > 0.0 else None
