"""Twin of the gas sensor: lag, noise, saturation; CH4 excess cuts power and stays latched until reset by hand."""

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from fleet.wire.payload_faults import GasSensorFault
from fleet.wire.readings import GasReading, Payload, PayloadState
from fleet.wire.tunnel import tunnel_fields
from sim.payloads.surroundings import Gas
from sim.payloads.tool import Four, ToolTwin
from sim.payloads.twin import PACE_S, PACE_TICKS, Moment, PowerCut, Said

CUT_CH4_PCT: Final = 1.5
"""Sensor T1 at the face: cut at 1.5 %, restore below 1.0 % (coal mine rules)."""
RESTORE_CH4_PCT: Final = 1.0
LAG_S: Final = 4.0
"""Diffusion heads: 90 % of a step within 10 s."""
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "ch4_pct": (0.0, 4.0), "co_ppm": (0.0, 1000.0), "o2_pct": (0.0, 25.0), "co2_pct": (0.0, 5.0),
    "h2s_ppm": (0.0, 100.0), "temperature_c": (-20.0, 100.0),
}
NOISE: Final = 0.005
"""Standard deviation as a share of the range."""


class GasSensor(ToolTwin):
    """Measures from the moment it has power; a mine robot never switches it off by itself."""

    name: ClassVar[str] = "gas_sensor"
    payload: ClassVar[Payload] = Payload.GAS_SENSOR
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"rate_hz": (0.1, 2.0)}

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self.state = PayloadState.RUNNING
        self.wanted = {"rate_hz": 1.0}
        self._felt: dict[str, float] = {name: getattr(Gas(), name) for name in RANGES}
        self._due_tick = 0

    def step(self, moment: Moment) -> None:
        air = moment.around.gas(moment.at)
        for name, felt in self._felt.items():
            self._felt[name] = felt + (getattr(air, name) - felt) * PACE_S / LAG_S
        super().step(moment)
        is_awake = self.state is PayloadState.RUNNING
        if is_awake and self._felt["ch4_pct"] >= CUT_CH4_PCT:
            self.state, self.fault, self.wants_to_say = PayloadState.LATCHED, GasSensorFault.CH4_EXCESS, True
        elif is_awake:
            is_beyond = any(self._felt[name] >= high for name, (_, high) in RANGES.items())
            self.fault = GasSensorFault.SATURATED if is_beyond else 0

    def readings(self, moment: Moment) -> list[Said]:
        is_measuring = self.state in (PayloadState.RUNNING, PayloadState.LATCHED)
        if not is_measuring or moment.tick < self._due_tick:
            return []
        self._due_tick = moment.tick + max(round(PACE_TICKS / self.wanted["rate_hz"] / PACE_S), PACE_TICKS)
        noise = dict(zip(RANGES, self.dice.standard_normal(len(RANGES)), strict=True))
        breath = {
            name: float(min(max(self._felt[name] + noise[name] * NOISE * (high - low), low), high))
            for name, (low, high) in RANGES.items()
        }
        reading = GasReading(instance=self.instance, time_utc_us=moment.utc_us, **breath)
        return [Said("TUNNEL", self.component, tunnel_fields(reading))]

    def broken_by(self, moment: Moment) -> int:
        return GasSensorFault.SENSOR_FAILED if self.injected == GasSensorFault.SENSOR_FAILED else 0

    def values(self) -> Four:
        return self.wanted["rate_hz"] if self.state is PayloadState.RUNNING else 0.0, None, None, None

    def effect(self) -> PowerCut | None:
        return PowerCut() if self.state is PayloadState.LATCHED else None

    def latch(self) -> None:
        """It is intrinsically safe (Ex ia): it goes on measuring."""

    def reset_by_hand(self) -> None:
        if self.state is PayloadState.LATCHED and self._felt["ch4_pct"] < RESTORE_CH4_PCT:
            self.state, self.fault, self._refusal, self.wants_to_say = PayloadState.RUNNING, 0, 0, True
