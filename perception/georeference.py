"""Pixels to ground: a pinhole camera's rays cut with the terrain, and how far off the answer may be."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perception.model import Box, Covariance
from world.attitude import Quaternion, enu_from_ned
from world.position import Enu
from world.terrain import OutsideTerrain, Terrain

Floats = npt.NDArray[np.float64]

_REACH_M = 600.0
_GRAZING = 0.05
"""Least sine between ray and ground: below it a degree moves the hit by more than the range itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """A pinhole camera without distortion."""

    width_px: int
    height_px: int
    hfov_deg: float

    @property
    def focal_px(self) -> float:
        return self.width_px / 2 / math.tan(math.radians(self.hfov_deg) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPose:
    """Where a camera was and how it looked; `attitude` turns camera FRD (forward = optical axis) into NED."""

    position: Enu
    attitude: Quaternion


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBudget:
    """Standard deviations of what goes into a ground position.

    Attitude and position errors of one vehicle hardly change from one image to the next, and the survey's height error
    not at all: they are the `bias`. Pixel noise and the shaking of the mount are fresh in every image.
    """

    attitude_bias_deg: float = 0.5
    attitude_noise_deg: float = 0.35
    position_bias_m: float = 1.0
    position_noise_m: float = 0.4
    terrain_m: float = 1.0
    pixel_px: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundPoint:
    """A point on the terrain. `noise` is fresh in every image, `bias` is common to one vehicle's images (2x2, ENU)."""

    position: Enu
    noise: Floats
    bias: Floats
    range_m: float

    @property
    def covariance(self) -> Covariance:
        total = self.noise + self.bias
        return Covariance(ee_m2=float(total[0, 0]), en_m2=float(total[0, 1]), nn_m2=float(total[1, 1]))


def foot_point(box: Box) -> tuple[float, float]:
    """Where a box's person touches the ground: the middle of its lower edge.

    From 45 degrees above, the centre of a standing person's box is hit 0.85 m behind the feet; a lying person's lower
    edge is off by a quarter of a metre at most.
    """
    return (box.left_px + box.right_px) / 2, box.bottom_px


def pixel_ray(lens: Lens, pose: CameraPose, x_px: float, y_px: float) -> Floats:
    """Unit vector (3,) in ENU through a pixel; (0, 0) is the left top corner of the picture."""
    frd = np.array([lens.focal_px, x_px - lens.width_px / 2, y_px - lens.height_px / 2])
    return enu_from_ned(pose.attitude.matrix() @ (frd / np.linalg.norm(frd)))


def locate(
    lens: Lens, pose: CameraPose, terrain: Terrain, pixel: tuple[float, float], budget: ErrorBudget
) -> GroundPoint | None:
    """The ground point under a pixel, or None above the horizon, beyond the terrain or at a grazing angle."""
    ray = pixel_ray(lens, pose, *pixel)
    origin = np.array([pose.position.east_m, pose.position.north_m, pose.position.up_m])
    hit = terrain.hit(origin, ray, reach_m=_REACH_M)
    if hit is None:
        return None
    normal = _ground_normal(terrain, hit)
    if normal is None or -float(normal @ ray) < _GRAZING:
        return None
    range_m = float(np.linalg.norm(hit - origin))
    noise, bias = _spread(ray, normal, range_m, range_m / lens.focal_px, budget)
    position = Enu(east_m=float(hit[0]), north_m=float(hit[1]), up_m=float(hit[2]))
    return GroundPoint(position=position, noise=noise, bias=bias, range_m=range_m)


def footprint(lens: Lens, pose: CameraPose, terrain: Terrain) -> tuple[Enu, ...] | None:
    """The picture's corners on the terrain, in order; None when any of them misses it."""
    origin = np.array([pose.position.east_m, pose.position.north_m, pose.position.up_m])
    right, bottom = float(lens.width_px), float(lens.height_px)
    corners: list[Enu] = []
    for pixel in ((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)):
        hit = terrain.hit(origin, pixel_ray(lens, pose, *pixel), reach_m=_REACH_M)
        if hit is None:
            return None
        corners.append(Enu(east_m=float(hit[0]), north_m=float(hit[1]), up_m=float(hit[2])))
    return tuple(corners)


def slant_ranges_m(pose: CameraPose, corners: tuple[Enu, ...]) -> tuple[float, float]:
    """Mean distance to the upper and to the lower two corners of a footprint."""
    origin = np.array([pose.position.east_m, pose.position.north_m, pose.position.up_m])
    points = np.array([(corner.east_m, corner.north_m, corner.up_m) for corner in corners])
    ranges = np.linalg.norm(points - origin, axis=1)
    return float(ranges[:2].mean()), float(ranges[2:].mean())


def _ground_normal(terrain: Terrain, at: Floats) -> Floats | None:
    """Upward unit normal (3,) of the terrain over one cell; None at its edge."""
    step = terrain.cell_m / 2
    east = at[0] + step * np.array([1, -1, 0, 0])
    north = at[1] + step * np.array([0, 0, 1, -1])
    try:
        heights = terrain.heights_at(east, north)
    except OutsideTerrain:
        return None
    slope = np.array([heights[0] - heights[1], heights[2] - heights[3]]) / terrain.cell_m
    normal = np.array([-slope[0], -slope[1], 1.0])
    return np.asarray(normal / np.linalg.norm(normal))


def _spread(
    ray: Floats, normal: Floats, range_m: float, gsd_m: float, budget: ErrorBudget
) -> tuple[Floats, Floats]:
    """Noise and bias covariances (2x2) on the local tangent plane of the ground.

    An offset of the whole ray moves the hit by that offset, slid back along the ray onto the plane: `slide`. Turning
    the ray by a small angle offsets it by range times angle across itself; a height error offsets the plane.
    """
    slide = np.eye(3) - np.outer(ray, normal) / (normal @ ray)
    across = range_m**2 * (np.eye(3) - np.outer(ray, ray))
    height = np.diag([0.0, 0.0, budget.terrain_m**2])
    noise = math.radians(budget.attitude_noise_deg) ** 2 * across + budget.position_noise_m**2 * np.eye(3)
    noise += (budget.pixel_px * gsd_m / range_m) ** 2 * across
    bias = math.radians(budget.attitude_bias_deg) ** 2 * across + budget.position_bias_m**2 * np.eye(3) + height
    return (slide @ noise @ slide.T)[:2, :2], (slide @ bias @ slide.T)[:2, :2]
