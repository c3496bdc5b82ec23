"""Paints the ground from above: grass, soil, forest floor, track, water; sun and tree shade; and its temperature."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sim.scenarios.model import Scenario
from sim.worlds.chance import generator
from sim.worlds.field import fractal_field, smooth_step
from sim.worlds.model import Blobs, Bytes, GroundMap
from world.terrain import Terrain

Floats = npt.NDArray[np.float64]

CELL_M: Final = 1.0
COLDEST_C: Final = -10.0
WARMEST_C: Final = 60.0
"""The thermal picture's fixed scale: count 0 at -10 C, 255 at 60 C, 0.2745 K a count."""

_GRASS = np.array([112.0, 116.0, 62.0])
_DRY = np.array([152.0, 140.0, 92.0])
_SOIL = np.array([134.0, 112.0, 84.0])
_LITTER = np.array([88.0, 82.0, 56.0])
_WATER = np.array([38.0, 62.0, 74.0])
_TRACK = np.array([158.0, 146.0, 120.0])


def counts_of(celsius: Floats) -> Floats:
    """Thermal counts, not yet rounded or clipped."""
    return np.asarray((celsius - COLDEST_C) * (255.0 / (WARMEST_C - COLDEST_C)))


def paint(scenario: Scenario, terrain: Terrain, blobs: Blobs, sun: Floats) -> GroundMap:
    """Colours and temperature of every square metre."""
    pixels = round(scenario.terrain.size_m / CELL_M)
    chance = generator(scenario.seed, "ground")
    patches = _upsampled(chance, pixels, longest_m=90.0)
    speckle = _upsampled(chance, pixels, longest_m=12.0)
    shade = _tree_shade(blobs, terrain, pixels, sun)
    rgb = _soil_colours(patches, speckle, _canopy(blobs, terrain, pixels))
    celsius = scenario.weather.air_c + 0.6 + 1.0 * speckle + 0.8 * patches
    rgb, celsius = _paint_sites(scenario, terrain, rgb, celsius)
    light = _hill_light(terrain, pixels, sun)
    lit = light * (1.0 - 0.55 * shade)
    celsius = celsius + 3.0 * (light - 1.0) - 1.8 * shade
    texture = np.dstack([rgb * lit[:, :, None], counts_of(celsius)])
    packed = np.ascontiguousarray(np.clip(np.rint(texture), 0, 255).astype(np.uint8))
    return GroundMap(west_m=terrain.west_m, south_m=terrain.south_m, cell_m=CELL_M, texture=packed)


def _upsampled(chance: np.random.Generator, pixels: int, *, longest_m: float) -> Floats:
    """A field made at 2 m and enlarged: finer grain comes from the cameras' detail tile."""
    small = fractal_field(chance, (pixels // 2, pixels // 2), cell_m=2.0, longest_m=longest_m, roughness=0.8)
    return np.asarray(cv2.resize(small, (pixels, pixels), interpolation=cv2.INTER_CUBIC))


def _soil_colours(patches: Floats, speckle: Floats, canopy: Floats) -> Floats:
    dry = smooth_step(-0.6, 1.0, patches + 0.4 * speckle)[:, :, None]
    bare = smooth_step(0.9, 1.6, patches - 0.5 * speckle)[:, :, None]
    rgb = _GRASS + dry * (_DRY - _GRASS)
    rgb = rgb + bare * (_SOIL - rgb)
    rgb = rgb + (0.8 * canopy[:, :, None]) * (_LITTER - rgb)
    return np.asarray(rgb * (1.0 + 0.06 * speckle[:, :, None]))


def _centres(terrain: Terrain, pixels: int) -> tuple[Floats, Floats]:
    axis = (np.arange(pixels) + 0.5) * CELL_M
    east, north = np.meshgrid(terrain.west_m + axis, terrain.south_m + axis)
    return east, north


def _paint_sites(scenario: Scenario, terrain: Terrain, rgb: Floats, celsius: Floats) -> tuple[Floats, Floats]:
    east, north = _centres(terrain, rgb.shape[0])
    away = np.hypot(east - scenario.launch.at_m[0], north - scenario.launch.at_m[1])
    bare = (1.0 - smooth_step(scenario.launch.radius_m - 8.0, scenario.launch.radius_m, away))[:, :, None]
    rgb = rgb + 0.8 * bare * (_TRACK - rgb)
    if fire := scenario.fire:
        burnt = np.hypot(east - fire.at_m[0], north - fire.at_m[1]) < fire.radius_m
        rgb = np.where(burnt[:, :, None], 0.25 * rgb, rgb)
        celsius = np.where(burnt, 40.0, celsius)
    if lake := scenario.reservoir:
        x, y = (east - lake.at_m[0]) / lake.half_axes_m[0], (north - lake.at_m[1]) / lake.half_axes_m[1]
        wet = x * x + y * y <= 1.0
        rgb = np.where(wet[:, :, None], _WATER, rgb)
        celsius = np.where(wet, scenario.weather.air_c - 2.5, celsius)
    return rgb, celsius


def _hill_light(terrain: Terrain, pixels: int, sun: Floats) -> Floats:
    slope_n, slope_e = np.gradient(terrain.heights_m.astype(float), terrain.cell_m)
    normal = np.dstack([-slope_e, -slope_n, np.ones_like(slope_e)])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    light = 0.45 + 0.55 * np.clip(normal @ sun, 0.0, None) / sun[2]
    return np.asarray(cv2.resize(light, (pixels, pixels), interpolation=cv2.INTER_LINEAR))


def _tree_shade(blobs: Blobs, terrain: Terrain, pixels: int, sun: Floats) -> Floats:
    """Fraction of the sun that crowns take, each crown's shadow laid out as an ellipse on level ground."""
    above = np.where(blobs.trunk_m > 0.0, blobs.centre_m[:, 2] - blobs.ground_m, 0.0)
    shift = -above[:, None] * sun[None, :2] / sun[2]
    stretch = np.hypot(blobs.radius_m, blobs.half_height_m * np.hypot(sun[0], sun[1]) / sun[2])
    angle = float(np.degrees(np.arctan2(sun[1], sun[0])))
    return _splat(terrain, pixels, blobs.centre_m[:, :2] + shift, stretch, blobs.radius_m, angle, 1.0 - blobs.holes)


def _canopy(blobs: Blobs, terrain: Terrain, pixels: int) -> Floats:
    """Where leaf litter lies: under and around crowns."""
    trees = np.flatnonzero(blobs.trunk_m > 0.0)
    reach = blobs.radius_m[trees] * 1.25
    raw = _splat(terrain, pixels, blobs.centre_m[trees, :2], reach, reach, 0.0, np.ones(len(trees)))
    return np.asarray(cv2.GaussianBlur(raw, (0, 0), 2.0))


def _splat(
    terrain: Terrain, pixels: int, at: Floats, long_m: Floats, wide_m: Floats, angle_deg: float, weight: Floats
) -> Floats:
    """Ellipses drawn with 1/16 px precision; where they overlap the darker one counts."""
    image: Bytes = np.zeros((pixels, pixels), np.uint8)
    where = np.rint(((at - [terrain.west_m, terrain.south_m]) / CELL_M - 0.5) * 16).astype(int)
    axes = np.rint(np.column_stack([long_m, wide_m]) / CELL_M * 16).astype(int)
    level = np.rint(255 * weight).astype(int)
    for k in np.argsort(weight, kind="stable"):
        centre, size = (int(where[k, 0]), int(where[k, 1])), (int(axes[k, 0]), int(axes[k, 1]))
        _fill(image, centre, size, angle_deg, int(level[k]))
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.6).astype(np.float32) / 255.0)


def _fill(image: Bytes, centre: tuple[int, int], size: tuple[int, int], angle_deg: float, level: int) -> None:
    outline = cv2.ellipse2Poly((0, 0), size, round(angle_deg), 0, 360, 20) + np.array(centre)
    cv2.fillConvexPoly(image, outline.astype(np.int32), level, lineType=cv2.LINE_AA, shift=4)
