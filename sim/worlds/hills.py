"""The ground: seeded hills with a levelled launch site and a lake, and the survey that operators have of it."""

from typing import Final

import numpy as np
import numpy.typing as npt

from sim.scenarios.model import LaunchSpec, ReservoirSpec, Scenario
from sim.worlds.chance import generator
from sim.worlds.field import fractal_field, smooth_step
from world.terrain import Terrain

Floats = npt.NDArray[np.float64]

_ROUGHNESS: Final = 2.1
"""Eroded hills: Hurst exponent near 1 keeps slopes walkable (steepest about 30 degrees at 120 m of relief)."""


def synthesise(scenario: Scenario) -> Terrain:
    """Heights rounded to 1 mm; the ground at the origin lies at 0."""
    spec = scenario.terrain
    nodes = round(spec.size_m / spec.cell_m) + 1
    half = spec.size_m / 2
    shape = generator(scenario.seed, "hills")
    hills = fractal_field(shape, (nodes, nodes), cell_m=spec.cell_m, longest_m=spec.feature_m, roughness=_ROUGHNESS)
    heights = hills * (spec.relief_m / max(np.ptp(hills), 1e-9))
    axis = -half + spec.cell_m * np.arange(nodes)
    east, north = np.meshgrid(axis, axis)
    heights = _level_launch(scenario.launch, heights, east, north)
    if scenario.reservoir:
        heights = _level_lake(scenario.reservoir, heights, east, north)
    heights = heights - heights[nodes // 2, nodes // 2]
    return Terrain(west_m=-half, south_m=-half, cell_m=spec.cell_m, heights_m=np.round(heights, 3).astype(np.float32))


def survey_dem(truth: Terrain, *, cell_m: float, sigma_m: float, seed: int) -> Terrain:
    """What operators have: an older, coarser and noisier model, wrong alike over some 60 m as photogrammetry is."""
    columns = int((truth.east_m - truth.west_m) / cell_m) + 1
    rows = int((truth.north_m - truth.south_m) / cell_m) + 1
    east, north = np.meshgrid(truth.west_m + cell_m * np.arange(columns), truth.south_m + cell_m * np.arange(rows))
    error = fractal_field(generator(seed, "survey"), (rows, columns), cell_m=cell_m, longest_m=60.0, roughness=0.5)
    heights = truth.heights_at(east, north) + sigma_m * error
    return Terrain(
        west_m=truth.west_m, south_m=truth.south_m, cell_m=cell_m, heights_m=np.round(heights, 3).astype(np.float32)
    )


def _level_launch(site: LaunchSpec, heights: Floats, east: Floats, north: Floats) -> Floats:
    away = np.hypot(east - site.at_m[0], north - site.at_m[1])
    level = heights[away <= site.radius_m].mean()
    keep = smooth_step(site.radius_m, 2.2 * site.radius_m, away)
    return np.asarray(level + keep * (heights - level))


def _level_lake(lake: ReservoirSpec, heights: Floats, east: Floats, north: Floats) -> Floats:
    away = np.hypot((east - lake.at_m[0]) / lake.half_axes_m[0], (north - lake.at_m[1]) / lake.half_axes_m[1])
    level = heights[away <= 1.0].min()
    keep = smooth_step(1.0, 1.9, away)
    return np.asarray(level + keep * (heights - level))
