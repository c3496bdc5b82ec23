"""Small places for the tests of disasters."""

import numpy as np

from world.terrain import Terrain


def plain(size_m: float = 600.0, slope: tuple[float, float] = (0.0, 0.0), cell_m: float = 10.0) -> Terrain:
    """Level or tilted ground, centred on the origin."""
    nodes = round(size_m / cell_m) + 1
    axis = -size_m / 2 + cell_m * np.arange(nodes)
    east, north = np.meshgrid(axis, axis)
    heights = (slope[0] * east + slope[1] * north).astype(np.float32)
    return Terrain(west_m=-size_m / 2, south_m=-size_m / 2, cell_m=cell_m, heights_m=heights)
