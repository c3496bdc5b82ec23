"""Plane areas, polygons and discs: inside, clearance of a leg from a border, one area within another."""

import math
from dataclasses import dataclass
from itertools import pairwise

LEAST_M = 0.01
"""Whatever only touches a border crosses it."""
Point = tuple[float, float]
Polygon = tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """Everything within a radius of its centre."""

    centre: Point
    radius_m: float


Area = Polygon | Disc


def is_within(point: Point, area: Area) -> bool:
    if isinstance(area, Disc):
        return math.dist(point, area.centre) < area.radius_m
    return is_inside(point, area)


def clearance_m(a: Point, b: Point, area: Area) -> float:
    """Least distance between a segment and an area's border, 0 where they cross."""
    if isinstance(area, Disc):
        near, far = _to_segment_m(area.centre, a, b), max(math.dist(a, area.centre), math.dist(b, area.centre))
        return max(0.0, near - area.radius_m, area.radius_m - far)
    return min(_apart_m(a, b, c, d) for c, d in _edges(area))


def touches(a: Point, b: Point, area: Area) -> bool:
    """Whether any of a segment lies in an area or touches it."""
    return is_within(a, area) or is_within(b, area) or clearance_m(a, b, area) < LEAST_M


def covers(outer: Area, inner: Area, tolerance_m: float) -> bool:
    """Whether one area lies in another, sticking out by no more than the tolerance."""
    if isinstance(inner, Disc):
        if isinstance(outer, Disc):
            return math.dist(inner.centre, outer.centre) + inner.radius_m <= outer.radius_m + tolerance_m
        border_m = clearance_m(inner.centre, inner.centre, outer)
        return is_inside(inner.centre, outer) and border_m >= inner.radius_m - tolerance_m
    if isinstance(outer, Disc):
        return all(math.dist(corner, outer.centre) <= outer.radius_m + tolerance_m for corner in inner)
    return all(_lies_in(a, b, outer, tolerance_m) for a, b in _edges(inner))


def _lies_in(a: Point, b: Point, outer: Polygon, tolerance_m: float) -> bool:
    """A segment in pieces between its crossings with a border: ends and middles of all must lie inside, nearly."""
    shares = sorted({0.0, 1.0, *(share for c, d in _edges(outer) if (share := _crossing(a, b, c, d)) is not None)})
    middles = [(low + high) / 2.0 for low, high in pairwise(shares)]
    points = [(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])) for share in (0.0, 1.0, *middles)]
    return all(is_inside(point, outer) or clearance_m(point, point, outer) <= tolerance_m for point in points)


def _crossing(a: Point, b: Point, c: Point, d: Point) -> float | None:
    """Where along a segment it crosses another, as a share of its length."""
    from_c, from_d = _side(c, d, a), _side(c, d, b)
    if not _crosses(a, b, c, d):
        return None
    return from_c / (from_c - from_d)


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
