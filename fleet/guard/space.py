"""The guard's own geometry, in plane metres: a fence with exclusions, and heights above terrain along legs."""

import math
from dataclasses import dataclass

import numpy as np

from world.position import Enu, Geodetic, LocalFrame
from world.terrain import OutsideTerrain, Terrain

Point = tuple[float, float]
Polygon = tuple[Point, ...]
# Half of the usual terrain cell of 10 m: no ridge hides between two samples.
SAMPLE_M = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Where vehicles must stay and where they must not go: corners in order, not closed."""

    inclusion: tuple[Geodetic, ...]
    exclusions: tuple[tuple[Geodetic, ...], ...] = ()


class Site:
    """One incident's ground: local frame, terrain, fence. Raises ValueError for a fence that is no area."""

    def __init__(self, *, frame: LocalFrame, terrain: Terrain, fence: Fence) -> None:
        self._frame, self._terrain = frame, terrain
        self._inclusion = self._polygon(fence.inclusion)
        self._exclusions = tuple(self._polygon(corners) for corners in fence.exclusions)

    def _polygon(self, corners: tuple[Geodetic, ...]) -> Polygon:
        if len(corners) < 3:
            raise ValueError(f"a fence polygon needs 3 corners or more, not {len(corners)}")
        plane = (self._frame.to_enu(corner) for corner in corners)
        return tuple((at.east_m, at.north_m) for at in plane)

    def enu(self, at: Geodetic) -> Enu:
        return self._frame.to_enu(at)

    def fence_fault(self, start: Enu, end: Enu, margin_m: float) -> str | None:
        """What is wrong with a leg by the fence, None when it keeps its margin everywhere."""
        a, b = (start.east_m, start.north_m), (end.east_m, end.north_m)
        for point in (a, b):
            if not is_inside(point, self._inclusion):
                return "leaves the fence"
            if any(is_inside(point, zone) for zone in self._exclusions):
                return "enters an exclusion zone"
        if _clearance_m(a, b, self._inclusion) < margin_m:
            return f"passes the fence closer than the stopping distance of {margin_m:.0f} m"
        if any(_clearance_m(a, b, zone) < margin_m for zone in self._exclusions):
            return f"passes an exclusion zone closer than the stopping distance of {margin_m:.0f} m"
        return None

    def agl_m(self, at: Enu) -> float | None:
        """Height above terrain, None beyond the known terrain."""
        try:
            return at.up_m - self._terrain.height_m(at.east_m, at.north_m)
        except OutsideTerrain:
            return None

    def agl_range_m(self, start: Enu, end: Enu) -> tuple[float, float] | None:
        """Least and greatest height above terrain along a leg, None when it leaves the known terrain."""
        steps = max(1, math.ceil(math.hypot(end.east_m - start.east_m, end.north_m - start.north_m) / SAMPLE_M))
        east_m = np.linspace(start.east_m, end.east_m, steps + 1)
        north_m = np.linspace(start.north_m, end.north_m, steps + 1)
        try:
            ground_m = self._terrain.heights_at(east_m, north_m)
        except OutsideTerrain:
            return None
        above_m = np.linspace(start.up_m, end.up_m, steps + 1) - ground_m
        return float(above_m.min()), float(above_m.max())


def leg_m(start: Enu, end: Enu) -> float:
    return math.hypot(end.east_m - start.east_m, end.north_m - start.north_m, end.up_m - start.up_m)


def is_inside(point: Point, polygon: Polygon) -> bool:
    """Even-odd rule."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in _edges(polygon):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _edges(polygon: Polygon) -> list[tuple[Point, Point]]:
    return [(polygon[k - 1], polygon[k]) for k in range(len(polygon))]


def _clearance_m(a: Point, b: Point, polygon: Polygon) -> float:
    """Least distance between a segment and a polygon's border, 0 where they cross."""
    return min(_apart_m(a, b, c, d) for c, d in _edges(polygon))


def _apart_m(a: Point, b: Point, c: Point, d: Point) -> float:
    if _crosses(a, b, c, d):
        return 0.0
    return min(_to_segment_m(a, c, d), _to_segment_m(b, c, d), _to_segment_m(c, a, b), _to_segment_m(d, a, b))


def _crosses(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, p: Point) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _to_segment_m(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length_2 = dx * dx + dy * dy
    share = 0.0 if length_2 == 0.0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length_2))
    return math.hypot(p[0] - a[0] - share * dx, p[1] - a[1] - share * dy)
