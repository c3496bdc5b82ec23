"""A toxic cloud: puffs let go every two seconds, carried by the wind of their time, widening as Pasquill says.

A puff's width is that of the way it has gone (sim/hazards/dispersion.py), the same along the wind as across. No rise,
no deposition, no heavy-gas slumping: chlorine near its source spreads lower and wider than this.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.hazards.dispersion import LEAST_WIND_M_S, Stability, puffs, stability_of, widths_m
from sim.hazards.hazard import NS, Arrays, Conditions, Floats, Hazard
from sim.hazards.winds import Winds
from sim.scenarios.hazards import PlumeSpec
from world.terrain import Terrain

REACH_M: Final = 10_000.0
"""Way after which a puff is forgotten: Briggs's widths end there."""
MOLAR_L: Final = 24.45
"""Of a gas at 25 C and 1 atm."""


def ppm(mg_m3: Floats, molar_g: float) -> Floats:
    return np.asarray(mg_m3 * MOLAR_L / molar_g)


class Plume(Hazard):
    """Puffs (m, 3): east, north, height above ground; the way each has gone, and kg in each."""

    name = "plume"
    pace_ns = 2 * NS

    def __init__(
        self, spec: PlumeSpec, winds: Winds, *, terrain: Terrain | None = None, sun_elevation_deg: float = 48.0
    ) -> None:
        super().__init__()
        self._spec, self._winds, self._terrain = spec, winds, terrain
        self._sun_deg = sun_elevation_deg
        self._at, self._way, self._kg = np.zeros((0, 3)), np.zeros(0), np.zeros(0)
        self._fire_kw = np.zeros(1)
        self._released, self._gone = np.zeros(1), np.zeros(1)

    @property
    def now_s(self) -> float:
        return self.now_ns / NS

    @property
    def lost_kg(self) -> float:
        """Unaccounted for; zero but for rounding."""
        return float(self._released[0] - self._gone[0] - self._kg.sum())

    def stability(self) -> Stability:
        if self._spec.stability:
            return Stability(self._spec.stability)
        return stability_of(float(np.hypot(*self._winds.at(self.now_s))), self._sun_deg)

    def feed(self, power_kw: float) -> None:
        """Power of the fire it comes from, until told otherwise."""
        self._fire_kw[0] = power_kw

    def rate_kg_s(self) -> float:
        is_on = self._spec.from_s <= self.now_s < self._spec.until_s
        fire = self._spec.kg_per_mj * float(self._fire_kw[0]) / 1000.0
        return (self._spec.rate_kg_s + fire) if is_on else 0.0

    def advance(self) -> None:
        seconds = self.pace_ns / NS
        wind = self._winds.at(self.now_s)
        speed = max(float(np.hypot(*wind)), LEAST_WIND_M_S)
        self._at[:, :2] += wind * seconds
        self._way += speed * seconds
        if (given := self.rate_kg_s() * seconds) > 0.0:
            start = np.array([*self._spec.at_m, self._spec.above_m])
            start[:2] += 0.5 * wind * seconds
            self._at = np.vstack([self._at, start])
            self._way = np.append(self._way, 0.5 * speed * seconds)
            self._kg = np.append(self._kg, given)
            self._released += given
        near = self._way < REACH_M
        self._gone += self._kg[~near].sum()
        self._at, self._way, self._kg = self._at[near], self._way[near], self._kg[near]

    def mg_m3(self, points: Floats) -> Floats:
        """(n,) at points (n, 3) ENU."""
        if not len(self._kg):
            return np.zeros(len(points))
        above = points.copy()
        above[:, 2] = np.maximum(points[:, 2] - self._ground(points), 0.0) if self._terrain else points[:, 2]
        wide, high = widths_m(self._way, self.stability(), is_urban=self._spec.is_urban)
        return 1e6 * puffs(above, self._at, self._kg, wide, high)

    def _ground(self, points: Floats) -> Floats:
        assert self._terrain is not None
        terrain = self._terrain
        east = np.clip(points[:, 0], terrain.west_m, terrain.east_m)
        return terrain.heights_at(east, np.clip(points[:, 1], terrain.south_m, terrain.north_m))

    def feel(self, points: Floats, into: Conditions) -> None:
        into.toxic_mg_m3 += self.mg_m3(points)

    def is_dangerous(self, points: Floats) -> npt.NDArray[np.bool_]:
        return np.asarray(self.mg_m3(points) >= self._spec.danger_mg_m3)

    _KEPT: Final = ("at", "way", "kg", "fire_kw", "released", "gone")

    def arrays(self) -> Arrays:
        return {name: getattr(self, f"_{name}").copy() for name in self._KEPT}

    def restore(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        for name in self._KEPT:
            setattr(self, f"_{name}", arrays[name].copy())
