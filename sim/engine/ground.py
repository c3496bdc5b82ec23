"""Terrain under the vehicles: heights for all, slopes for those that drive on it."""

from typing import Final

import numpy as np

from sim.engine.columns import Columns, Rows
from world.terrain import Terrain

REACH_M: Final = 1.0
"""Half the length of a robot: slopes are taken over this distance."""


class Ground:
    """Beyond the grid the height of its edge goes on: a stray vehicle must not stop the others' world."""

    def __init__(self, terrain: Terrain, columns: Columns, drivers: Rows) -> None:
        self._terrain = terrain
        self._columns = columns
        self._drivers = drivers
        count = len(columns.yaw)
        self._points = np.empty((count + 2 * len(drivers), 2))
        self._low = (terrain.west_m, terrain.south_m)
        self._high = (terrain.east_m, terrain.north_m)

    def refresh(self) -> None:
        """Read the columns' positions, write their `ground` and `slope`."""
        c, points, drivers = self._columns, self._points, self._drivers
        count, driving = len(c.yaw), len(drivers)
        points[:count] = c.pos[:, :2]
        points[count : count + driving] = c.pos[drivers, :2] + (REACH_M, 0.0)
        points[count + driving :] = c.pos[drivers, :2] + (0.0, REACH_M)
        np.clip(points, self._low, self._high, out=points)
        np.nan_to_num(points, copy=False)
        heights = self._terrain.heights_at(points[:, 0], points[:, 1])
        c.ground[:] = heights[:count]
        here = heights[drivers]
        c.slope[drivers, 0] = (heights[count : count + driving] - here) / REACH_M
        c.slope[drivers, 1] = (heights[count + driving :] - here) / REACH_M
