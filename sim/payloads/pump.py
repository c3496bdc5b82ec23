"""Twin of the drainage pump: spins up, runs dry out of water."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from fleet.wire.payload_faults import PumpFault
from fleet.wire.readings import Payload
from sim.payloads.tool import Four, ToolTwin
from sim.payloads.twin import Effect, Moment, towards

SPIN_M3_H_S: Final = 50.0
LEAST_DEPTH_M: Final = 0.3
"""Below this the intake draws air."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain(Effect):
    flow_m3_h: float


class Pump(ToolTwin):
    name: ClassVar[str] = "pump"
    payload: ClassVar[Payload] = Payload.PUMP
    carriers: ClassVar[frozenset[str] | None] = frozenset({"rover", "sub"})
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"flow_m3_h": (20.0, 500.0)}

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.flow_m3_h = 0.0

    def run(self, moment: Moment) -> bool:
        self.flow_m3_h = towards(self.flow_m3_h, self.wanted["flow_m3_h"], SPIN_M3_H_S)
        return self.flow_m3_h == self.wanted["flow_m3_h"]

    def rest(self) -> bool:
        self.flow_m3_h = 0.0 if self.fault else towards(self.flow_m3_h, 0.0, 4.0 * SPIN_M3_H_S)
        return self.flow_m3_h == 0.0

    def broken_by(self, moment: Moment) -> int:
        is_dry = moment.around.intake_depth_m < LEAST_DEPTH_M
        return self.injected or (PumpFault.RUNS_DRY if is_dry else 0)

    def values(self) -> Four:
        return self.flow_m3_h, None, None, None

    def effect(self) -> Drain | None:
        return Drain(flow_m3_h=self.flow_m3_h) if self.flow_m3_h > 0.0 else None
