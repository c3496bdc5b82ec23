"""Terrain as a regular grid of heights in the incident's local frame, with bilinear look-up and ray intersection."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Heights = npt.NDArray[np.float32]


class OutsideTerrain(ValueError):
    """A look-up beyond the grid: heights there are unknown, never zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """Heights in metres above the local origin's AMSL height, row 0 southernmost, column 0 westernmost, at grid nodes.

    heights_m: (rows, cols) float32; node (r, c) lies at east = west_m + c * cell_m, north = south_m + r * cell_m.
    """

    west_m: float
    south_m: float
    cell_m: float
    heights_m: Heights

    @property
    def east_m(self) -> float:
        return float(self.west_m + (self.heights_m.shape[1] - 1) * self.cell_m)

    @property
    def north_m(self) -> float:
        return float(self.south_m + (self.heights_m.shape[0] - 1) * self.cell_m)

    def contains(self, east_m: Floats, north_m: Floats) -> npt.NDArray[np.bool_]:
        east_m, north_m = np.asarray(east_m), np.asarray(north_m)
        in_columns = (east_m >= self.west_m) & (east_m <= self.east_m)
        in_rows = (north_m >= self.south_m) & (north_m <= self.north_m)
        return np.asarray(in_columns & in_rows)

    def height_m(self, east_m: float, north_m: float) -> float:
        """What `heights_at` gives for one point, to the bit and a hundred times faster; raises OutsideTerrain."""
        if not (self.west_m <= east_m <= self.east_m and self.south_m <= north_m <= self.north_m):
            raise OutsideTerrain("a point lies outside the terrain grid")
        x, y = (float(east_m) - self.west_m) / self.cell_m, (float(north_m) - self.south_m) / self.cell_m
        c, r = min(int(x), self.heights_m.shape[1] - 2), min(int(y), self.heights_m.shape[0] - 2)
        u, v, node = x - c, y - r, self.heights_m.item
        low = node(r, c) * (1 - u) + node(r, c + 1) * u
        high = node(r + 1, c) * (1 - u) + node(r + 1, c + 1) * u
        return float(low * (1 - v) + high * v)

    def heights_at(self, east_m: Floats, north_m: Floats) -> Floats:
        """Bilinear heights at arrays of points; raises OutsideTerrain when any lies beyond the grid."""
        if not self.contains(east_m, north_m).all():
            raise OutsideTerrain("a point lies outside the terrain grid")
        x = (np.asarray(east_m) - self.west_m) / self.cell_m
        y = (np.asarray(north_m) - self.south_m) / self.cell_m
        c = np.clip(x.astype(int), 0, self.heights_m.shape[1] - 2)
        r = np.clip(y.astype(int), 0, self.heights_m.shape[0] - 2)
        u, v = x - c, y - r
        h = self.heights_m
        low = h[r, c] * (1 - u) + h[r, c + 1] * u
        high = h[r + 1, c] * (1 - u) + h[r + 1, c + 1] * u
        return np.asarray(low * (1 - v) + high * v, float)

    def hit(self, origin: Floats, direction: Floats, *, reach_m: float = 2000.0) -> Floats | None:
        """First ground point (3,) along a ray from `origin` (3,) ENU, or None within `reach_m`.

        March in half-cell steps, then bisect to 1 mm along the ray.
        """
        unit = np.asarray(direction, float) / np.linalg.norm(direction)
        steps = np.arange(0.0, reach_m, self.cell_m / 2)
        points = origin[None, :] + steps[:, None] * unit[None, :]
        inside = self.contains(points[:, 0], points[:, 1])
        points, steps = points[inside], steps[inside]
        if len(points) == 0:
            return None
        below = points[:, 2] <= self.heights_at(points[:, 0], points[:, 1])
        if not below.any() or below[0]:
            return None
        k = int(np.argmax(below))
        near, far = steps[k - 1], steps[k]
        while far - near > 1e-3:
            middle = (near + far) / 2
            p = origin + middle * unit
            if p[2] <= self.height_m(p[0], p[1]):
                far = middle
            else:
                near = middle
        return np.asarray(origin + far * unit, float)
