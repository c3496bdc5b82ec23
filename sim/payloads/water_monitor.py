"""Twin of the water monitor: ramped valve, aim, reach by flow, recoil; no water without pressure in the hose."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from fleet.wire.payload_faults import WaterMonitorFault
from fleet.wire.readings import Payload, PayloadAction
from sim.payloads.tool import Four, ToolTwin
from sim.payloads.twin import Effect, Moment, towards

RAMP_L_S2: Final = 6.0
"""The valve opens and shuts slowly: full flow in 10 s, against water hammer and recoil."""
AIM_DEG_S: Final = 15.0
FULL_L_S, FULL_MPA = 60.0, 0.8
LEAST_MPA: Final = 0.2
TIPS_AT_N: Final = 2100.0
"""Side-on recoil 0.8 m up against 500 kg on tracks 0.7 m apart: 500 * 9.8 * 0.35 / 0.8."""
_REACH_FLOW: Final = (0.0, 30.0, 40.0, 50.0, 60.0)
_REACH_M: Final = (0.0, 55.0, 60.0, 65.0, 70.0)
"""GB 19156, from memory; nothing flows nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterJet(Effect):
    """Azimuth from the vehicle's nose; `reach_m` on level ground."""

    flow_l_s: float
    azimuth_deg: float
    elevation_deg: float
    spread_deg: float
    reach_m: float
    recoil_n: float


class WaterMonitor(ToolTwin):
    name: ClassVar[str] = "water_monitor"
    payload: ClassVar[Payload] = Payload.WATER_MONITOR
    carriers: ClassVar[frozenset[str] | None] = frozenset({"rover"})
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {
        "flow_l_s": (5.0, FULL_L_S), "azimuth_deg": (-90.0, 90.0), "elevation_deg": (-15.0, 70.0),
        "spread_deg": (0.0, 90.0),
    }
    irreversible: ClassVar[frozenset[PayloadAction]] = frozenset({PayloadAction.START, PayloadAction.ADJUST})

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.flow_l_s, self.azimuth_deg, self.elevation_deg, self.spread_deg = 0.0, 0.0, 30.0, 0.0
        self._supply_mpa = 0.0

    def run(self, moment: Moment) -> bool:
        wanted = self.wanted
        self.azimuth_deg = towards(self.azimuth_deg, wanted["azimuth_deg"], AIM_DEG_S)
        self.elevation_deg = towards(self.elevation_deg, wanted["elevation_deg"], AIM_DEG_S)
        self.spread_deg = towards(self.spread_deg, wanted["spread_deg"], AIM_DEG_S)
        most = FULL_L_S * math.sqrt(self._supply_mpa / FULL_MPA)  # a nozzle's flow goes with the root of pressure
        reachable = wanted | {"flow_l_s": min(wanted["flow_l_s"], most)}
        self.flow_l_s = towards(self.flow_l_s, reachable["flow_l_s"], RAMP_L_S2)
        self.fault = WaterMonitorFault.LOW_PRESSURE if most < wanted["flow_l_s"] else 0
        return all(abs(getattr(self, name) - value) < 1e-6 for name, value in reachable.items())

    def rest(self) -> bool:
        if self.injected != WaterMonitorFault.VALVE_STUCK:
            self.flow_l_s = towards(self.flow_l_s, 0.0, RAMP_L_S2)
        return self.flow_l_s == 0.0

    def broken_by(self, moment: Moment) -> int:
        self._supply_mpa = moment.around.supply_mpa
        if self.injected:
            return self.injected
        if self._supply_mpa < LEAST_MPA:
            return WaterMonitorFault.NO_PRESSURE
        side_on = self._recoil_n() * abs(math.sin(math.radians(self.azimuth_deg)))
        return WaterMonitorFault.TIPPING if side_on > TIPS_AT_N else 0

    def fail(self, code: int) -> None:
        super().fail(code)
        if code == WaterMonitorFault.VALVE_STUCK and self.flow_l_s > 0.0:
            self.break_down(code)

    def values(self) -> Four:
        return self.flow_l_s, self.azimuth_deg, self.elevation_deg, self.spread_deg

    def effect(self) -> WaterJet | None:
        if self.flow_l_s == 0.0:
            return None
        lift = math.sin(math.radians(2.0 * max(self.elevation_deg, 5.0))) / math.sin(math.radians(60.0))
        reach_m = float(np.interp(self.flow_l_s, _REACH_FLOW, _REACH_M)) * min(lift, 1.0)
        return WaterJet(
            flow_l_s=self.flow_l_s, azimuth_deg=self.azimuth_deg, elevation_deg=self.elevation_deg,
            spread_deg=self.spread_deg, reach_m=reach_m * math.cos(math.radians(self.spread_deg / 2.0)),
            recoil_n=self._recoil_n(),
        )

    def _recoil_n(self) -> float:
        """Q sqrt(2 p rho), with the pressure that this flow takes at the nozzle."""
        pascal = FULL_MPA * 1e6 * (self.flow_l_s / FULL_L_S) ** 2
        return self.flow_l_s / 1000.0 * math.sqrt(2.0 * pascal * 1000.0)
