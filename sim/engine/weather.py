"""Moving air and water: a mean and gusts that each vehicle meets for itself."""

import math
from dataclasses import dataclass

import numpy as np

from sim.engine.columns import STEP_S, Columns, Floats, Rows
from sim.engine.noise import GaussMarkov, NoiseBank, Sensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Gusts are Ornstein-Uhlenbeck processes; vertical gusts are half as strong as horizontal ones."""

    wind_m_s: float = 0.0
    wind_from_deg: float = 0.0
    gust_m_s: float = 0.0
    gust_time_s: float = 3.0
    current_m_s: float = 0.0
    current_toward_deg: float = 0.0


LEEWAY = 0.03
"""Share of the wind that a drifting hull takes on (Allen & Plourde 1999, Review of Leeway: small craft 2-6 %)."""


class Medium:
    """Keeps the `wind` column: air for everybody, water for underwater robots (whose gusts are a tenth) and boats."""

    def __init__(self, weather: Weather, seed: int, columns: Columns, under_water: Rows, afloat: Rows) -> None:
        count = len(columns.yaw)
        self._mean = np.tile(_toward(weather.wind_m_s, weather.wind_from_deg + 180.0), (count, 1))
        self._mean[under_water] = _toward(weather.current_m_s, weather.current_toward_deg)
        sigma = np.tile(weather.gust_m_s * np.array([1.0, 1.0, 0.5]), (count, 1))
        self._mean[afloat] = _toward(weather.current_m_s, weather.current_toward_deg) + LEEWAY * self._mean[afloat]
        sigma[afloat] *= LEEWAY
        sigma[under_water] *= 0.1 * (weather.current_m_s > 0.0)
        bank = NoiseBank(seed, count, Sensor.WIND, 3)
        self._gusts = GaussMarkov(bank, sigma, weather.gust_time_s, STEP_S)
        self._wind = columns.wind
        self._wind[:] = self._mean + self._gusts.value

    def advance(self) -> None:
        self._gusts.advance()
        np.add(self._mean, self._gusts.value, out=self._wind)


def _toward(speed_m_s: float, toward_deg: float) -> Floats:
    angle = math.radians(toward_deg)
    return np.array([speed_m_s * math.sin(angle), speed_m_s * math.cos(angle), 0.0])
