"""From where a point on the ground can be seen: lines of sight past tree crowns and hills."""

import numpy as np
import numpy.typing as npt

from sim.worlds.model import Blobs
from world.terrain import Terrain

Floats = npt.NDArray[np.float64]

AZIMUTHS = 16


def clear_azimuths(
    target: Floats, blobs: Blobs, terrain: Terrain, *, elevation_deg: float = 45.0, reach_m: float = 57.0
) -> npt.NDArray[np.bool_]:
    """(16,) whether the straight line from `target` (3,) up towards each azimuth meets neither crown nor hill.

    Crowns count as solid: with their holes people are seen more often than this says.
    """
    azimuth = np.arange(AZIMUTHS) * (2 * np.pi / AZIMUTHS)
    flat, up = np.cos(np.radians(elevation_deg)), np.sin(np.radians(elevation_deg))
    rays = np.column_stack([flat * np.sin(azimuth), flat * np.cos(azimuth), np.full(AZIMUTHS, up)])
    near = np.hypot(*(blobs.centre_m[:, :2] - target[:2]).T) < 20.0
    radii = np.column_stack([blobs.radius_m, blobs.radius_m, blobs.half_height_m])[near]
    start = (target - blobs.centre_m[near]) / radii
    clear = np.array([not _meets(start, ray / radii) for ray in rays])
    steps = np.arange(2.0, reach_m, 2.0)
    for k in np.flatnonzero(clear):
        points = target + steps[:, None] * rays[k]
        points = points[terrain.contains(points[:, 0], points[:, 1])]
        clear[k] = bool((points[:, 2] > terrain.heights_at(points[:, 0], points[:, 1])).all())
    return clear


def _meets(start: Floats, step: Floats) -> bool:
    """Whether a ray, in coordinates where every crown is a unit ball at 0, meets any of them."""
    a = (step * step).sum(1)
    b = (start * step).sum(1)
    c = (start * start).sum(1) - 1.0
    inside = c < 0.0
    return bool((inside | ((b < 0.0) & (b * b - a * c > 0.0))).any())
