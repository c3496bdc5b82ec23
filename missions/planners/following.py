"""Heights along a path: as few points as keep the height over the ground, and layers that never touch the ground or
each other."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from missions.planners.errors import TerrainMissing
from world.position import Enu
from world.terrain import OutsideTerrain, Terrain

Floats = npt.NDArray[np.float64]
Corner = tuple[float, float]

STEP_M = 6.0
"""Ground heights are sampled this often along a leg; survey DEMs have 5 to 30 m cells."""
CEILING_M = 30.0
"""Half side of the window whose highest ground the ceiling keeps above."""


def ceiling_over(terrain: Terrain) -> Terrain:
    """A smooth surface never below the ground: the mean, over a window, of the highest ground in the same window."""
    size = 2 * max(1, round(CEILING_M / terrain.cell_m)) + 1
    highest = ndimage.maximum_filter(terrain.heights_m.astype(np.float64), size=size, mode="nearest")
    smooth = ndimage.uniform_filter(highest, size=size, mode="nearest")
    return Terrain(
        west_m=terrain.west_m, south_m=terrain.south_m, cell_m=terrain.cell_m, heights_m=smooth.astype(np.float32)
    )


def ground_along(terrain: Terrain, a: Corner, b: Corner) -> tuple[Floats, Floats, Floats, Floats]:
    """East, north, distance and ground height of samples from a to b, both included."""
    length_m = math.hypot(b[0] - a[0], b[1] - a[1])
    s = np.linspace(0.0, 1.0, max(1, math.ceil(length_m / STEP_M)) + 1)
    east, north = a[0] + s * (b[0] - a[0]), a[1] + s * (b[1] - a[1])
    try:
        return east, north, s * length_m, terrain.heights_at(east, north)
    except OutsideTerrain as beyond:
        raise TerrainMissing(
            f"the terrain model ends before the flight from ({a[0]:.0f}, {a[1]:.0f}) to ({b[0]:.0f}, {b[1]:.0f})",
            f"从 ({a[0]:.0f}, {a[1]:.0f}) 到 ({b[0]:.0f}, {b[1]:.0f}) 的航段超出地形模型",
        ) from beyond


def follow(path: Sequence[Corner], terrain: Terrain, height_m: float, tolerance_m: float) -> list[Enu]:
    """The path `height_m` over the terrain within `tolerance_m` at every sample; every corner stays a point."""
    points: list[Enu] = []
    for a, b in itertools.pairwise(path):
        east, north, distance, ground = ground_along(terrain, a, b)
        wanted = ground + height_m
        kept = keep_within(distance, wanted, tolerance_m)
        points += [Enu(east_m=float(east[k]), north_m=float(north[k]), up_m=float(wanted[k])) for k in kept[:-1]]
    east_m, north_m = path[-1]
    return [*points, Enu(east_m=east_m, north_m=north_m, up_m=_height(terrain, path[-1]) + height_m)]


def layer(
    a: Enu,
    b: Enu,
    ceiling: Terrain,
    ground: Terrain,
    *,
    height_m: float,
    slope: float,
    lowest_m: float,
    highest_m: float,
) -> list[Enu]:
    """From a to b by the surface `height_m` over the ceiling, up and down no steeper than `slope`.

    Never below `lowest_m` or above `highest_m` over the ground.
    """
    start, end = (a.east_m, a.north_m), (b.east_m, b.north_m)
    east, north, distance, top = ground_along(ceiling, start, end)
    _, _, _, bottom = ground_along(ground, start, end)
    wanted = np.minimum(
        top + height_m, np.minimum(a.up_m + slope * distance, b.up_m + slope * (distance[-1] - distance))
    )
    wanted = np.clip(wanted, bottom + lowest_m, bottom + highest_m)
    wanted[0], wanted[-1] = a.up_m, b.up_m
    kept = keep_within(distance, wanted, 1.0)
    return [Enu(east_m=float(east[k]), north_m=float(north[k]), up_m=float(wanted[k])) for k in kept]


def keep_within(distance: Floats, wanted: Floats, tolerance_m: float) -> list[int]:
    """Indices whose polyline stays within `tolerance_m` of every sample (Douglas and Peucker 1973, vertical
    distances)."""
    kept = [0, len(wanted) - 1]
    todo = [(0, len(wanted) - 1)]
    while todo:
        i, k = todo.pop()
        if k - i < 2:
            continue
        inner = slice(i + 1, k)
        share = (distance[inner] - distance[i]) / (distance[k] - distance[i])
        error = np.abs(wanted[inner] - (wanted[i] + share * (wanted[k] - wanted[i])))
        worst = int(np.argmax(error))
        if error[worst] > tolerance_m:
            middle = i + 1 + worst
            kept.append(middle)
            todo += [(i, middle), (middle, k)]
    return sorted(kept)


def _height(terrain: Terrain, at: Corner) -> float:
    try:
        return terrain.height_m(*at)
    except OutsideTerrain as beyond:
        raise TerrainMissing(
            f"no ground height at ({at[0]:.0f}, {at[1]:.0f})", f"({at[0]:.0f}, {at[1]:.0f}) 处没有地面高程"
        ) from beyond
