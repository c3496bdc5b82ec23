"""Rooms and openings as arrays, and what of them lies between two points."""

from typing import Final

import numpy as np

from sim.hazards.hazard import Flags, Floats, Rows
from sim.scenarios.hazards import BuildingSpec

OUTSIDE: Final = "outside"
_WALL_M: Final = 0.15
"""Half of a wall."""
_FRAME_M: Final = 0.1


class FloorPlan:
    """low, high (r, 3) corners of the rooms, ENU; per opening its room, the room beyond (-1 outside) and its hole."""

    def __init__(self, spec: BuildingSpec, ground_up_m: float) -> None:
        self.rooms = {room.id: k for k, room in enumerate(spec.rooms)}
        self.low = np.array([(*room.at_m, room.up_m + ground_up_m) for room in spec.rooms])
        self.size = np.array([(*room.size_m, room.height_m) for room in spec.rooms])
        self.high = self.low + self.size
        self.area_m2 = self.size[:, 0] * self.size[:, 1]
        self.room: Rows = np.array([self.rooms[hole.room] for hole in spec.openings], np.int64)
        self.beyond: Rows = np.array([self.rooms.get(hole.to, -1) for hole in spec.openings], np.int64)
        self.wide = np.array([hole.width_m for hole in spec.openings])
        self.tall = np.array([hole.height_m for hole in spec.openings])
        self.sill = np.array([hole.sill_m for hole in spec.openings])
        foot = self.low[self.room, 2] if len(self.room) else np.zeros(0)
        at = np.array([hole.at_m for hole in spec.openings]).reshape(-1, 2)
        self.hole = np.column_stack([at, foot + self.sill + 0.5 * self.tall])

    def room_of(self, points: Floats) -> Rows:
        """(n,) -1 outside."""
        gap = points[:, None, :]
        inside = ((gap >= self.low - 1e-9) & (gap <= self.high + 1e-9)).all(2)
        return np.where(inside.any(1), np.argmax(inside, axis=1), -1)

    def nearest_opening(self, at: Floats, among: Flags, reach_m: float) -> int:
        """-1 when none of `among` has its middle within reach."""
        away = np.where(among, np.sqrt(((self.hole - at) ** 2).sum(1)), np.inf)
        return int(np.argmin(away)) if len(away) and away.min() <= reach_m else -1

    def in_hole(self, at: Floats, is_open: Flags) -> bool:
        """Whether a point of a wall lies in an open hole."""
        gap = np.abs(self.hole - at)
        aside = np.hypot(gap[:, 0], gap[:, 1]) <= self.wide / 2 + _FRAME_M
        return bool((is_open & aside & (gap[:, 2] <= self.tall / 2 + _FRAME_M)).any())

    def in_wall(self, points: Floats, is_open: Flags) -> Flags:
        """(n,) whether points are in the thickness of a wall where nothing is open."""
        gap = points[:, None, :]
        near = ((gap >= self.low - _WALL_M) & (gap <= self.high + _WALL_M)).all(2)
        shrunk = ((gap[:, :, :2] > self.low[:, :2] + _WALL_M) & (gap[:, :, :2] < self.high[:, :2] - _WALL_M)).all(2)
        inside = (near & ~shrunk).any(1)
        return np.array([bool(wall) and not self.in_hole(at, is_open) for at, wall in zip(points, inside, strict=True)])

    def between(self, one: Floats, other: Floats, is_open: Flags) -> bool:
        """Whether a straight line meets a wall, floor or ceiling where it is not open."""
        way = other - one
        for low, high in zip(self.low, self.high, strict=True):
            for axis in range(3):
                for plane in (low[axis], high[axis]):
                    if way[axis] == 0.0:
                        continue
                    share = (plane - one[axis]) / way[axis]
                    at = one + share * way
                    on = (np.delete(at, axis) >= np.delete(low, axis)) & (np.delete(at, axis) <= np.delete(high, axis))
                    if 0.0 < share < 1.0 and on.all() and not self.in_hole(at, is_open):
                        return True
        return False
