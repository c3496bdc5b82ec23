"""Terrain under the vehicles: heights for all, slopes for those that drive on it or land along it."""

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from sim.engine.columns import Columns, Floats, Rows
from world.terrain import Terrain

Heights = npt.NDArray[np.float32]
REACH_M: Final = 1.0
"""Half the length of a robot: slopes are taken over this distance."""


class Ground:
    """Beyond the grid the height of its edge goes on: a stray vehicle must not stop the others' world."""

    def __init__(self, terrain: Terrain, columns: Columns, drivers: Rows) -> None:
        self._terrain = terrain
        self._columns = columns
        self._drivers = drivers
        self._grid = np.array([terrain.west_m, terrain.south_m, terrain.cell_m])
        self._heights = np.ascontiguousarray(terrain.heights_m, np.float32)

    def refresh(self) -> None:
        """Read the columns' positions, write their `ground` and `slope`."""
        c = self._columns
        _read(self._heights, self._grid, c.pos, self._drivers, c.ground, c.slope)


@numba.njit(cache=True, error_model="numpy")
def _read(heights: Heights, grid: Floats, pos: Floats, drivers: Rows, ground: Floats, slope: Floats) -> None:
    for i in range(pos.shape[0]):
        ground[i] = _height(heights, grid, pos[i, 0], pos[i, 1])
    for i in drivers:
        slope[i, 0] = (_height(heights, grid, pos[i, 0] + REACH_M, pos[i, 1]) - ground[i]) / REACH_M
        slope[i, 1] = (_height(heights, grid, pos[i, 0], pos[i, 1] + REACH_M) - ground[i]) / REACH_M


@numba.njit(cache=True, error_model="numpy")
def _height(heights: Heights, grid: Floats, east: float, north: float) -> float:
    """As `world.terrain.Terrain`, to the bit; the edge's beyond it, and somewhere's for what is no number."""
    rows, cols = heights.shape
    x = (_held(east, grid[0], grid[0] + (cols - 1) * grid[2]) - grid[0]) / grid[2]
    y = (_held(north, grid[1], grid[1] + (rows - 1) * grid[2]) - grid[1]) / grid[2]
    c, r = min(int(x), cols - 2), min(int(y), rows - 2)
    u, v = x - c, y - r
    low = heights[r, c] * (1.0 - u) + heights[r, c + 1] * u
    high = heights[r + 1, c] * (1.0 - u) + heights[r + 1, c + 1] * u
    return float(low * (1.0 - v) + high * v)


@numba.njit(cache=True, error_model="numpy")
def _held(value: float, low: float, high: float) -> float:
    return min(max(value, low), high) if value == value else low
