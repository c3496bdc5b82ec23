"""Heights for returns that nobody planned: whose ways home may cross come home at different heights."""

from collections.abc import Sequence

import numpy as np
import shapely

from missions.planners.errors import ReturnsTooHigh
from missions.planners.routes import Airspace, Path
from world.layers import stacked
from world.terrain import Terrain

CORRIDOR_M = 30.0
"""A return that nobody planned may start this far off the planned way."""
LEAST_APART_M = 5.0
"""Between the heights of two ways home that may cross, where the separation wanted leaves no room."""
HIGHEST_M = 300.0
"""Over the pad; the guard lets no return be higher."""


def return_heights(paths: Sequence[Path], space: Airspace) -> list[float]:
    """Per path a height above its pad: over all ground on its way home, and apart from every way home it may cross.

    Raises ReturnsTooHigh.
    """
    corridors = [corridor(path) for path in paths]
    tops_m = [top_m(hull, path, space.ground) for hull, path in zip(corridors, paths, strict=True)]
    for apart_m in (space.separation_m, LEAST_APART_M):
        heights = _stacked(paths, corridors, tops_m, space.layer_m(0), apart_m)
        if max(heights, default=0.0) <= HIGHEST_M:
            return heights
    highest = max(range(len(paths)), key=lambda k: heights[k])
    raise ReturnsTooHigh(paths[highest].vehicle, heights[highest], HIGHEST_M)


def _stacked(
    paths: Sequence[Path], corridors: Sequence[shapely.Geometry], tops_m: Sequence[float], over_m: float, apart_m: float
) -> list[float]:
    """Each as low as those before it leave room, the lowest ranks first."""
    for hull in corridors:
        shapely.prepare(hull)
    up_m = stacked(
        sorted(range(len(paths)), key=lambda k: (paths[k].rank, paths[k].vehicle)),
        [top + over_m for top in tops_m],
        lambda k, j: bool(shapely.intersects(corridors[k], corridors[j])),
        apart_m,
    )
    return [up_m[k] - path.home.up_m for k, path in enumerate(paths)]


def corridor(path: Path) -> shapely.Geometry:
    """Hull of a path and its pad: any straight way home is within it."""
    spots = [path.home, *(spot.at for spot in path.spots)]
    return shapely.MultiPoint([(at.east_m, at.north_m) for at in spots]).convex_hull.buffer(CORRIDOR_M)


def top_m(hull: shapely.Geometry, path: Path, terrain: Terrain) -> float:
    """Highest ground in a corridor."""
    rows, columns = terrain.heights_m.shape
    north, east = np.mgrid[0:rows, 0:columns]
    x = (terrain.west_m + east * terrain.cell_m).ravel()
    y = (terrain.south_m + north * terrain.cell_m).ravel()
    shapely.prepare(hull)
    inside = shapely.contains_xy(hull, x, y)
    return float(terrain.heights_m.ravel()[inside].max()) if inside.any() else max(spot.at.up_m for spot in path.spots)
