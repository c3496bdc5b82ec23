"""Where an incident's vehicles may be: the guard's fence around everything it uses, and how far that is from a home."""

import math

from shapely.geometry import Polygon

from fleet.guard import Fence
from sim.scenarios.model import Point, Scenario
from world.position import Enu
from world.terrain import Terrain

FENCE_MARGIN_M = 150.0
"""The fence holds the search area, every home and every drawn route, this much wider."""


def fence_of(scenario: Scenario, terrain: Terrain) -> Fence:
    """Clipped to the known terrain."""
    known = Polygon.from_bounds(terrain.west_m, terrain.south_m, terrain.east_m, terrain.north_m)
    area = _used(scenario).intersection(known.buffer(-5.0))
    frame = scenario.frame()
    corners = [Enu(east_m=east_m, north_m=north_m, up_m=0.0) for east_m, north_m in area.exterior.coords[:-1]]
    return Fence(inclusion=tuple(frame.to_geodetic(corner) for corner in corners))


def reach_m(scenario: Scenario, home_m: Point) -> float:
    """From a home to the farthest corner of the fence, before it is clipped."""
    return max(math.dist(home_m, corner) for corner in _used(scenario).exterior.coords)


def _used(scenario: Scenario) -> Polygon:
    """Convex hull of everything the incident uses, with the margin."""
    points = [*scenario.search.area_m, *(v.home_m for v in scenario.vehicles)]
    points += [point for v in scenario.vehicles for point in v.patrol_m]
    return Polygon(points).convex_hull.buffer(FENCE_MARGIN_M, quad_segs=2)
