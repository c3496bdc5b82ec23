"""A gallery network cut into cells that hold water and air, with the links between them; and where a point is in it."""

import math

import numpy as np

from sim.hazards.hazard import Floats, Rows
from sim.scenarios.hazards import GallerySpec

_SLACK_M = 0.5
"""A point this far outside the walls still counts as inside: estimates and feet are not exact."""
_STEEP = 0.7
"""Sine of the slope beyond which a road is a shaft."""


class MineMap:
    """Cells (c,): one per node first, then those of each road in order. Links (l,) of cells a and b.

    floor_up and extent give each cell's lowest point and height, plan_m2 its area seen from above, so that volume is
    plan times extent, for level roads and for shafts.
    """

    def __init__(self, spec: GallerySpec) -> None:
        self.nodes = {node.id: k for k, node in enumerate(spec.nodes)}
        self.node_at = np.array([(*node.at_m, node.up_m) for node in spec.nodes])
        self.is_open = np.array([node.is_open for node in spec.nodes])
        ends = [tuple(self.nodes[name] for name in road.between) for road in spec.roads]
        self.road_ends: Rows = np.array(ends, np.int64).reshape(-1, 2)
        self.road_wide = np.array([road.width_m for road in spec.roads])
        self.road_high = np.array([road.height_m for road in spec.roads])
        self.start, self.way = self.node_at[self.road_ends[:, 0]], self._ways()
        self.road_m = np.sqrt((self.way**2).sum(1))
        self.road_cells: Rows = np.maximum(1, np.rint(self.road_m / spec.cell_m).astype(np.int64))
        before = np.concatenate([[0], np.cumsum(self.road_cells)[:-1]]).astype(np.int64)
        self.road_first: Rows = len(spec.nodes) + before
        self._cut(spec)
        self._link(spec)

    def _ways(self) -> Floats:
        return np.asarray(self.node_at[self.road_ends[:, 1]] - self.node_at[self.road_ends[:, 0]])

    def _cut(self, spec: GallerySpec) -> None:
        at, wide, high, length, rise, road = [], [], [], [], [], []
        for k, node in enumerate(spec.nodes):
            touching = (self.road_ends == k).any(1)
            at.append((*node.at_m, node.up_m))
            wide.append(self.road_wide[touching].max(initial=1.0))
            high.append(self.road_high[touching].max(initial=1.0))
            length.append(wide[-1])
            rise.append(0.0)
            road.append(-1)
        for k, count in enumerate(self.road_cells.tolist()):
            for n in range(count):
                at.append(tuple(self.start[k] + self.way[k] * (n + 0.5) / count))
                wide.append(self.road_wide[k])
                high.append(self.road_high[k])
                length.append(self.road_m[k] / count)
                rise.append(abs(self.way[k][2]) / self.road_m[k])
                road.append(k)
        self.at, self.wide, self.high = np.array(at), np.array(wide), np.array(high)
        self.length, self.road = np.array(length), np.array(road, np.int64)
        sine = np.array(rise)
        self.volume = self.wide * self.high * self.length
        self.extent = self.high * np.sqrt(1.0 - sine**2) + self.length * sine
        self.floor_up = self.at[:, 2] - 0.5 * self.length * sine
        self.plan_m2 = self.volume / self.extent

    def _link(self, spec: GallerySpec) -> None:
        links = []
        for k, count in enumerate(self.road_cells.tolist()):
            first, last = self.road_first[k], self.road_first[k] + count - 1
            links += [(self.road_ends[k, 0], first, k)]
            links += [(first + n, first + n + 1, k) for n in range(count - 1)]
            links += [(last, self.road_ends[k, 1], k)]
        table = np.array(links, np.int64).reshape(-1, 3)
        self.a, self.b, self.link_road = (np.ascontiguousarray(table[:, n]) for n in range(3))
        self.link_m = np.maximum(0.5 * (self.length[self.a] + self.length[self.b]), 0.5)
        self.link_wide = np.minimum(self.wide[self.a], self.wide[self.b])
        self.link_high = np.minimum(self.extent[self.a], self.extent[self.b])
        degree = np.bincount(self.a, minlength=len(self.at)) + np.bincount(self.b, minlength=len(self.at))
        self.degree = np.maximum(degree, 1).astype(float)

    def __len__(self) -> int:
        return len(self.at)

    def cells_of(self, points: Floats) -> Rows:
        """(n,) cell that each point (n, 3) is in, -1 for rock and open country."""
        gap = points[:, None, :] - self.start[None, :, :]
        share = np.clip((gap * self.way).sum(2) / self.road_m**2, 0.0, 1.0)
        off = gap - share[:, :, None] * self.way
        is_steep = np.abs(self.way[:, 2]) > _STEEP * self.road_m
        aside = np.hypot(off[:, :, 0], off[:, :, 1])
        level = (aside <= self.road_wide / 2 + _SLACK_M) & (off[:, :, 2] >= -_SLACK_M)
        level &= off[:, :, 2] <= self.road_high + _SLACK_M
        away = np.sqrt((off**2).sum(2))
        shaft = away <= np.maximum(self.road_wide, self.road_high) / 2 + _SLACK_M
        inside = np.where(is_steep, shaft, level)
        away = np.where(inside, away, np.inf)
        road = np.argmin(away, axis=1)
        row = np.arange(len(points))
        number = np.minimum((share[row, road] * self.road_cells[road]).astype(np.int64), self.road_cells[road] - 1)
        return np.where(inside[row, road], self.road_first[road] + number, -1)

    def nearest(self, at: Floats) -> int:
        """The cell whose middle is nearest to a point (3,)."""
        return int(np.argmin(((self.at - at) ** 2).sum(1)))

    def along(self, road: int, share: float) -> Floats:
        """(3,) the point at a share of a road."""
        return np.asarray(self.start[road] + share * self.way[road])

    def road_between(self, one: str, other: str) -> int:
        """-1 when no road joins the two."""
        wanted = {self.nodes.get(one, -1), self.nodes.get(other, -1)}
        found = [k for k, ends in enumerate(self.road_ends.tolist()) if set(ends) == wanted]
        return found[0] if found else -1

    def around(self, at: Floats, length_m: float) -> Rows:
        """Road cells that lie within half a length of a point, along the nearest cell's road; at least that cell."""
        roads = np.flatnonzero(self.road >= 0)
        centre = int(roads[np.argmin(((self.at[roads] - at) ** 2).sum(1))])
        same = np.flatnonzero(self.road == self.road[centre])
        away = np.sqrt(((self.at[same] - self.at[centre]) ** 2).sum(1))
        return np.asarray(same[away <= max(length_m / 2, math.ulp(1.0))])
