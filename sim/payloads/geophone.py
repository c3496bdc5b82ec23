"""Twin of the geophone: onsets of tremors that stand out of the noise, only while it touches quiet ground."""

import math
from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from fleet.wire.payload_faults import GeophoneFault
from fleet.wire.readings import GeophoneArrival, Payload, PayloadState
from fleet.wire.tunnel import tunnel_fields
from sim.payloads.surroundings import Tremor
from sim.payloads.tool import Four, ToolTwin
from sim.payloads.twin import Moment, Said

WAVE_M_S: Final = 800.0
"""P waves in broken ground, estimate."""
QUIET_M_S: Final = 1e-6
ROLLING_M_S: Final = 1e-3
LOUDEST_M_S: Final = 5e-4
"""Noise above this drowns every knock."""
LEAST_DB: Final = 6.0
SIGMA_S: Final = 0.001


class Geophone(ToolTwin):
    name: ClassVar[str] = "geophone"
    payload: ClassVar[Payload] = Payload.GEOPHONE
    carriers: ClassVar[frozenset[str] | None] = frozenset({"rover"})
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"rate_hz": (0.1, 5.0)}

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self._heard_until_us: int | None = None
        self._told_us = 0

    def step(self, moment: Moment) -> None:
        super().step(moment)
        if self.state is PayloadState.RUNNING:
            self.fault = GeophoneFault.OVERRANGE if self._noise_m_s(moment) > LOUDEST_M_S else 0

    def broken_by(self, moment: Moment) -> int:
        is_off = moment.is_aloft or self.injected == GeophoneFault.NOT_COUPLED
        return GeophoneFault.NOT_COUPLED if is_off else 0

    def readings(self, moment: Moment) -> list[Said]:
        since, self._heard_until_us = self._heard_until_us, moment.utc_us
        if self.state is not PayloadState.RUNNING or since is None:
            return []
        arrivals = (self._arrival(tremor, since, moment) for tremor in moment.around.tremors)
        said = []
        for arrival in sorted((each for each in arrivals if each is not None), key=lambda each: each.arrival_utc_us):
            if arrival.arrival_utc_us - self._told_us >= 0.999e6 / self.wanted["rate_hz"]:
                self._told_us = arrival.arrival_utc_us
                said.append(Said("TUNNEL", self.component, tunnel_fields(arrival)))
        return said

    def values(self) -> Four:
        return self.wanted["rate_hz"] if self.state is PayloadState.RUNNING else 0.0, None, None, None

    def _arrival(self, tremor: Tremor, since_us: int, moment: Moment) -> GeophoneArrival | None:
        at, source = moment.at, tremor.at
        apart_m = math.dist((at.east_m, at.north_m, at.up_m), (source.east_m, source.north_m, source.up_m))
        true_us = tremor.utc_us + round(apart_m / WAVE_M_S * 1e6)
        if not since_us < true_us <= moment.utc_us:
            return None
        peak = tremor.peak_velocity_m_s / max(apart_m, 1.0)
        snr_db = 20.0 * math.log10(max(peak, 1e-12) / self._noise_m_s(moment))
        error_us = float(self.dice.standard_normal()) * SIGMA_S * 1e6
        if snr_db < LEAST_DB:
            return None
        return GeophoneArrival(
            instance=self.instance, time_utc_us=moment.utc_us, arrival_utc_us=round(true_us + error_us),
            arrival_sigma_s=SIGMA_S, peak_velocity_m_s=peak, signal_to_noise_db=snr_db,
        )

    def _noise_m_s(self, moment: Moment) -> float:
        own = ROLLING_M_S if moment.speed_m_s > 0.05 else 0.0
        loud = 1.0 if self.injected == GeophoneFault.OVERRANGE else 0.0
        return QUIET_M_S + moment.around.shaking_m_s + own + loud
