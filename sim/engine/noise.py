"""Random numbers that depend on seed, vehicle and sensor only, never on who asks first: Philox, one stream each."""

from enum import IntEnum
from typing import Final

import numpy as np

from sim.engine.columns import Floats

BLOCK: Final = 64


class Sensor(IntEnum):
    """What a stream of random numbers is for."""

    WIND = 1
    POSITION = 2
    ATTITUDE = 3
    VELOCITY = 4
    ARMING = 5
    BAROMETER = 6
    GYRO = 20
    ACCELEROMETER = 21
    COMPASS = 22
    PITOT = 23


def stream(seed: int, vehicle: int, sensor: Sensor) -> np.random.Generator:
    """The stream of one sensor of one vehicle (by its row)."""
    return np.random.Generator(np.random.Philox(key=[seed, vehicle << 16 | sensor]))


class NoiseBank:
    """Standard normals for all vehicles, (n, width) a draw, from one stream per vehicle."""

    def __init__(self, seed: int, count: int, sensor: Sensor, width: int) -> None:
        self._streams = [stream(seed, vehicle, sensor) for vehicle in range(count)]
        self._width = width
        self._block = np.empty((BLOCK, count, width))
        self._next = BLOCK

    def draw(self) -> Floats:
        """(n, width) fresh numbers; a view, read it before the next draw."""
        if self._next == BLOCK:
            for vehicle, source in enumerate(self._streams):
                self._block[:, vehicle] = source.standard_normal((BLOCK, self._width))
            self._next = 0
        self._next += 1
        drawn: Floats = self._block[self._next - 1]
        return drawn


class GaussMarkov:
    """First-order Gauss-Markov processes, exactly discretised, stationary from the start.

    sigma: (n, width) standard deviations; time_s: (n, 1) or scalar correlation times.
    """

    def __init__(self, bank: NoiseBank, sigma: Floats, time_s: Floats | float, step_s: float) -> None:
        self._bank = bank
        self._keep = np.exp(-step_s / np.asarray(time_s, float))
        self._kick = sigma * np.sqrt(1.0 - self._keep**2)
        self.value: Floats = sigma * bank.draw()

    def advance(self) -> None:
        self.value = self._keep * self.value + self._kick * self._bank.draw()
