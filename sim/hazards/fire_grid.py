"""The ground that a wildfire burns over: cells with fuel, height and slope, and how slow fire is in each of them."""

from collections.abc import Callable
from typing import Final

import numpy as np

from sim.hazards.fuels import standard_fuels
from sim.hazards.hazard import Flags, Floats, Rows, inside_polygon
from sim.hazards.rothermel import Beds, beds, midflame_share, spread
from sim.hazards.travel_time import template
from sim.scenarios.hazards import WildfireSpec
from world.terrain import Terrain

TEN_M_OVER_20_FT: Final = 1.15
"""Wind at 10 m over wind at 20 ft (Turner & Lawson 1978, as in BehavePlus)."""
_MOST_MOISTURE: Final = 3.0
_LEAST_FINE_KG_M2: Final = 0.05
_DROPS: Final = 64


class FireGrid:
    """Flat arrays, row major, row 0 southernmost. up_m (n,), slope (n, 2) gradient, fuel (n,) rows of the table.

    Where `in_water` says so nothing burns, whatever the scenario's fuels are.
    """

    def __init__(
        self, spec: WildfireSpec, terrain: Terrain, in_water: Callable[[Floats], Flags] | None = None
    ) -> None:
        self._spec = spec
        self.cell_m = spec.cell_m
        self.west_m, self.south_m = terrain.west_m, terrain.south_m
        self.cols = int((terrain.east_m - terrain.west_m) / spec.cell_m)
        self.rows = int((terrain.north_m - terrain.south_m) / spec.cell_m)
        axes = [start + (np.arange(count) + 0.5) * spec.cell_m for start, count in self._sides()]
        self.east_m, self.north_m = (axis.ravel() for axis in np.meshgrid(*axes))
        self.up_m = terrain.heights_at(self.east_m, self.north_m)
        heights = self.up_m.reshape(self.rows, self.cols)
        rise_n, rise_e = np.gradient(heights, spec.cell_m)
        self.slope = np.column_stack([rise_e.ravel(), rise_n.ravel()])
        self.fuel = self._fuels()
        if in_water is not None:
            self.fuel[in_water(np.column_stack([self.east_m, self.north_m]))] = standard_fuels().row("NB8")
        dead = [spec.dead_1h_pct, spec.dead_10h_pct, spec.dead_100h_pct]
        percent = np.array([*dead, spec.live_herbs_pct, spec.live_woody_pct])
        self._moisture = np.tile(percent / 100.0, (len(self.fuel), 1))
        self._dry = beds(standard_fuels(), self.fuel, self._moisture)
        self._midflame = midflame_share(self._dry.depth_m, spec.canopy_cover, spec.canopy_height_m) / TEN_M_OVER_20_FT
        self._tilt = np.sqrt(1.0 + (template().units @ self.slope.T) ** 2)

    def _sides(self) -> tuple[tuple[float, int], tuple[float, int]]:
        return (self.west_m, self.cols), (self.south_m, self.rows)

    def _fuels(self) -> Rows:
        table = standard_fuels()
        fuel = np.full(self.rows * self.cols, table.row(self._spec.fuel), np.int64)
        for patch in self._spec.patches:
            fuel[inside_polygon(patch.area_m, self.east_m, self.north_m)] = table.row(patch.fuel)
        return fuel

    def cell_at(self, east_m: float, north_m: float) -> int:
        """The nearest cell, also from outside."""
        col = min(max(int((east_m - self.west_m) // self.cell_m), 0), self.cols - 1)
        row = min(max(int((north_m - self.south_m) // self.cell_m), 0), self.rows - 1)
        return row * self.cols + col

    def cells_of(self, points: Floats) -> tuple[Flags, Rows]:
        """(n,) whether points (n, 2 or 3) lie on the grid, and their cells, 0 for those outside."""
        col = np.floor((points[:, 0] - self.west_m) / self.cell_m).astype(np.int64)
        row = np.floor((points[:, 1] - self.south_m) / self.cell_m).astype(np.int64)
        inside = (col >= 0) & (col < self.cols) & (row >= 0) & (row < self.rows)
        return inside, np.where(inside, row * self.cols + col, 0)

    def centres(self, cells: Rows) -> Floats:
        """(m, 3) ENU."""
        return np.column_stack([self.east_m[cells], self.north_m[cells], self.up_m[cells]])

    def disc(self, at: Floats, radius_m: float) -> tuple[Rows, Floats]:
        """Cells under a disc and the share of it that each has, by a sunflower of 64 drops."""
        number = np.arange(_DROPS) + 0.5
        away, turn = radius_m * np.sqrt(number / _DROPS), number * np.pi * (3.0 - np.sqrt(5.0))
        drops = np.column_stack([at[0] + away * np.cos(turn), at[1] + away * np.sin(turn)])
        inside, cells = self.cells_of(drops)
        found, counts = np.unique(cells[inside], return_counts=True)
        return found, counts / _DROPS

    def dead_moisture(self, wet_kg_m2: Floats) -> Floats:
        """(n,) of the finest fuel."""
        gain = wet_kg_m2 / np.maximum(self._dry.fine_kg_m2, _LEAST_FINE_KG_M2)
        return np.asarray(np.minimum(self._moisture[:, 0] + gain, _MOST_MOISTURE))

    def bed(self, wet_kg_m2: Floats, is_out: Flags) -> Beds:
        """Of every cell, with water on it; no rate where the fire was put out."""
        changed = np.flatnonzero(wet_kg_m2 > 0.0)
        fields = {name: getattr(self._dry, name).copy() for name in Beds.__dataclass_fields__}
        if len(changed):
            moisture = self._moisture[changed].copy()
            gain = self.dead_moisture(wet_kg_m2)[changed] - moisture[:, 0]
            moisture[:, :3] = np.minimum(moisture[:, :3] + gain[:, None], _MOST_MOISTURE)
            soaked = beds(standard_fuels(), self.fuel[changed], moisture)
            for name in ("rate_m_s", "wind_most_m_s"):
                fields[name][changed] = getattr(soaked, name)
        fields["rate_m_s"][is_out | (fields["rate_m_s"] < 1e-7)] = 0.0
        return Beds(**fields)

    def slowness(self, bed: Beds, wind_m_s: Floats, cells: Rows) -> Floats:
        """(k, m) seconds per horizontal metre in the directions of the template at cells, for a wind (2,) at 10 m."""
        part = Beds(**{name: getattr(bed, name)[cells] for name in Beds.__dataclass_fields__})
        ellipse = spread(part, self._midflame[cells, None] * wind_m_s, self.slope[cells])
        tilts = self._tilt[:, cells]
        with np.errstate(divide="ignore"):
            return np.stack([tilt / ellipse.toward(unit) for unit, tilt in zip(template().units, tilts, strict=True)])
