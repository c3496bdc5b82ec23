"""Open water: currents of a river and a reservoir, and the sediment that hides what is in them.

River: parabola across, one-seventh power of the height above the bed (Chow 1959, Open-Channel Hydraulics). Reservoir: a
turn without divergence that is still at the shore, and the wind's push that fades downward. Sight: 4.8 over the beam
attenuation (Davies-Colley 1988), attenuation 0.3 + 0.5 per mg/l (from memory). Sediment stirred up drifts, spreads at
0.05 m2/s (estimate) and settles by Stokes's law.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.hazards.hazard import NS, Action, Arrays, Conditions, Flags, Floats, Hazard, point
from sim.hazards.winds import Winds
from sim.scenarios.hazards import WatersSpec
from sim.worlds.model import Water as Lake
from world.position import Enu
from world.terrain import Terrain

SPREAD_M2_S: Final = 0.05
_FADE_M: Final = 2.0
"""Depth at which the wind's push is down to 1/e; estimate."""
_CLOUD_M: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stir(Action):
    """Sediment that a thruster, a track or a fall brings up."""

    kg: float


def settling_m_s(grain_um: float) -> float:
    """Stokes, quartz in water at 15 C: (2650 - 1000) g d2 / 18 mu; too fast above 100 micrometres."""
    diameter = grain_um * 1e-6
    return 1650.0 * 9.81 * diameter**2 / (18.0 * 1.14e-3)


def sight_m(sediment_mg_l: Floats) -> Floats:
    """How far a dark thing is seen through water."""
    return np.asarray(4.8 / (0.3 + 0.5 * sediment_mg_l))


class Waters(Hazard):
    """Clouds of sediment (m, 3), kg and age of each; the rest is a function of place and time."""

    name = "waters"
    pace_ns = 10 * NS

    def __init__(self, spec: WatersSpec, terrain: Terrain, winds: Winds, *, lake: Lake | None = None) -> None:
        super().__init__()
        self._spec, self._terrain, self._winds, self._lake = spec, terrain, winds, lake
        self._at, self._kg, self._age = np.zeros((0, 3)), np.zeros(0), np.zeros(0)
        self._settles = settling_m_s(spec.grain_um)

    @property
    def now_s(self) -> float:
        return self.now_ns / NS

    def depth_m(self, points: Floats) -> Floats:
        """(n,) from surface to bed at points (n, 2 or 3), 0 on land."""
        river = self._on_river(points)
        return np.maximum(self._lake_depth(points), river[2])

    def surface_up_m(self, points: Floats) -> Floats:
        """(n,) NaN on land."""
        up = np.where(self._lake_depth(points) > 0.0, self._lake.surface_m if self._lake else np.nan, np.nan)
        _, level, depth, _ = self._on_river(points)
        return np.where(np.isnan(up) & (depth > 0.0), level, up)

    def current_m_s(self, points: Floats) -> Floats:
        """(n, 3) of the water at points (n, 3); above the surface that of the surface, in the bed none."""
        surface, depth = self.surface_up_m(points), self.depth_m(points)
        below = np.clip(np.nan_to_num(surface) - points[:, 2], 0.0, None)
        wet = (depth > 0.0) & (below <= depth)
        flow = np.zeros((len(points), 3))
        unit, _, river_depth, share = self._on_river(points)
        if self._spec.river is not None:
            height = np.clip(1.0 - below / np.maximum(river_depth, 1e-9), 0.0, 1.0)
            speed = self._spec.river.speed_m_s * 1.5 * (1.0 - share**2) * (8.0 / 7.0) * height ** (1.0 / 7.0)
            flow[:, :2] += unit * np.where(river_depth > 0.0, speed, 0.0)[:, None]
        in_lake = self._lake_depth(points) > 0.0
        flow[:, :2] += self._gyre(points) * in_lake[:, None]
        push = self._spec.wind_share * np.exp(-below / _FADE_M) * self._shore(points)
        flow[:, :2] += self._winds.at(self.now_s) * (push * in_lake)[:, None]
        return flow * wet[:, None]

    def _lake_depth(self, points: Floats) -> Floats:
        if self._lake is None:
            return np.zeros(len(points))
        return self._lake.spec.depth_m * self._shore(points)

    def _shore(self, points: Floats) -> Floats:
        """(n,) 1 in the middle of the reservoir, 0 at its shore and on land."""
        if self._lake is None:
            return np.zeros(len(points))
        share = (points[:, :2] - np.array(self._lake.spec.at_m)) / np.array(self._lake.spec.half_axes_m)
        return np.asarray(np.maximum(1.0 - (share**2).sum(1), 0.0))

    def _gyre(self, points: Floats) -> Floats:
        """(n, 2) curl of psi = (1 - r2) ** 2: no divergence, no flow at the shore; scaled to its fastest place."""
        if self._lake is None:
            return np.zeros((len(points), 2))
        half = np.array(self._lake.spec.half_axes_m)
        share = (points[:, :2] - np.array(self._lake.spec.at_m)) / half
        inward = np.maximum(1.0 - (share**2).sum(1), 0.0)
        shape = inward[:, None] * share[:, ::-1] * np.array([1.0, -1.0]) / half[::-1]
        fastest = (1.0 - 1.0 / 3.0) / np.sqrt(3.0) / half.min()
        return np.asarray(self._spec.gyre_m_s * shape / fastest)

    def _on_river(self, points: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Downstream unit (n, 2), level (n,), depth (n,) and share of the half width from the middle (n,)."""
        river, count = self._spec.river, len(points)
        if river is None:
            return np.zeros((count, 2)), np.full(count, np.nan), np.zeros(count), np.ones(count)
        line = np.array(river.line_m)
        start, way = line[:-1], np.diff(line, axis=0)
        gap = points[:, None, :2] - start
        along = np.clip((gap * way).sum(2) / (way**2).sum(1), 0.0, 1.0)
        off = gap - along[:, :, None] * way
        away = np.hypot(off[:, :, 0], off[:, :, 1])
        leg, row = np.argmin(away, axis=1), np.arange(count)
        foot = start[leg] + along[row, leg][:, None] * way[leg]
        share = np.minimum(away[row, leg] / (river.width_m / 2), 1.0)
        unit = way[leg] / np.hypot(*way[leg].T)[:, None]
        return unit, self._terrain.heights_at(foot[:, 0], foot[:, 1]), river.depth_m * (1.0 - share**2), share

    def sediment_mg_l(self, points: Floats) -> Floats:
        """(n,) what is always there and what was stirred up, mixed over the depth of its cloud."""
        if not len(self._kg):
            return np.full(len(points), self._spec.sediment_mg_l)
        wide = np.sqrt(_CLOUD_M**2 + 2.0 * SPREAD_M2_S * self._age)
        gap = points[:, None, :] - self._at
        flat = (gap[:, :, 0] ** 2 + gap[:, :, 1] ** 2) / wide**2
        deep = np.maximum(self.depth_m(self._at), 0.5)
        stirred = (self._kg / (2.0 * np.pi * wide**2 * deep) * np.exp(-0.5 * flat)).sum(1)
        return np.asarray(self._spec.sediment_mg_l + 1000.0 * stirred)

    def feel(self, points: Floats, into: Conditions) -> None:
        wet = self.depth_m(points) > 0.0
        at = points[wet]
        into.water_up_m[wet] = self.surface_up_m(at)
        into.current_m_s[wet] = self.current_m_s(at)
        into.sight_m[wet] = sight_m(self.sediment_mg_l(at))
        into.is_blocked[wet] |= at[:, 2] < into.water_up_m[wet] - self.depth_m(at) - 0.5

    def in_water(self, points: Floats) -> Flags:
        return self.depth_m(points) > 0.0

    def act(self, action: Action) -> bool:
        if not isinstance(action, Stir) or not self.in_water(point(action.at)[None])[0]:
            return False
        self._at = np.vstack([self._at, point(action.at)])
        self._kg, self._age = np.append(self._kg, action.kg), np.append(self._age, 0.0)
        return True

    def advance(self) -> None:
        if not len(self._kg):
            return
        seconds = self.pace_ns / NS
        self._at += self.current_m_s(self._at) * seconds
        self._age += seconds
        self._kg *= np.exp(-self._settles * seconds / np.maximum(self.depth_m(self._at), 0.5))
        kept = self._kg > 1e-6
        self._at, self._kg, self._age = self._at[kept], self._kg[kept], self._age[kept]

    _KEPT: Final = ("at", "kg", "age")

    def arrays(self) -> Arrays:
        return {name: getattr(self, f"_{name}").copy() for name in self._KEPT}

    def restore(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        for name in self._KEPT:
            setattr(self, f"_{name}", arrays[name].copy())


def surface_point(waters: Waters, east_m: float, north_m: float) -> Enu | None:
    """Where somebody would swim, None on land."""
    up = float(waters.surface_up_m(np.array([[east_m, north_m]]))[0])
    return None if np.isnan(up) else Enu(east_m=east_m, north_m=north_m, up_m=up)
