"""Trees in clumps, bushes and sun-warmed rocks: what hides people, and what may be mistaken for them."""

from itertools import pairwise
from math import pi

import numpy as np
import numpy.typing as npt

from sim.scenarios.model import Scenario
from sim.worlds.chance import generator
from sim.worlds.field import fractal_field
from sim.worlds.model import Blobs
from world.terrain import Terrain

Floats = npt.NDArray[np.float64]

_CLEAR_OF_ROUTE_M = 5.0
_MEAN_CROWN_M = 2.3
_GREENS = np.array([[54, 84, 38], [66, 92, 40], [48, 72, 44], [84, 96, 46], [96, 94, 50]], float)
_GREYS = np.array([[132, 128, 120], [116, 110, 104], [146, 138, 124]], float)


def grow(scenario: Scenario, terrain: Terrain) -> Blobs:
    """All standing things of the place; none in water, on the launch site or on a robot's route."""
    return _joined(_trees(scenario, terrain), _rocks(scenario, terrain))


def _trees(scenario: Scenario, terrain: Terrain) -> Blobs:
    spec = scenario.forest
    chance = generator(scenario.seed, "trees")
    half = scenario.terrain.size_m / 2
    cells = round(scenario.terrain.size_m / 10.0)
    clumps = fractal_field(chance, (cells, cells), cell_m=10.0, longest_m=spec.clump_m, roughness=1.0)
    density = np.clip(clumps - np.quantile(clumps, 0.45), 0.0, 1.6)
    wanted = spec.cover * (2 * half) ** 2 / (pi * _MEAN_CROWN_M**2)
    odds = density / max(density.mean(), 1e-9)
    candidates = int(wanted * odds.max())
    at = chance.uniform(-half + 3, half - 3, (candidates, 2))
    draw = chance.uniform(0.0, odds.max(), candidates)
    row, column = ((at[:, k] + half) / 10.0 for k in (1, 0))
    grown = draw < odds[np.clip(row.astype(int), 0, cells - 1), np.clip(column.astype(int), 0, cells - 1)]
    at = at[grown & _is_free(scenario, at, 2.0)]
    count = len(at)
    height = np.clip(chance.normal(spec.height_m, 0.18 * spec.height_m, count), 0.4 * spec.height_m, None)
    radius = np.clip(0.23 * height * chance.uniform(0.75, 1.25, count), 0.9, 4.5)
    half_height = 0.5 * (height - np.clip(0.3 * height, 1.2, 3.2))
    ground = terrain.heights_at(at[:, 0], at[:, 1])
    tint = _GREENS[chance.integers(0, len(_GREENS), count)] * chance.uniform(0.85, 1.15, (count, 1))
    return Blobs(
        centre_m=np.column_stack([at, ground + height - half_height]),
        radius_m=radius,
        half_height_m=half_height,
        trunk_m=0.014 * height,
        holes=np.clip(spec.transparency * chance.uniform(0.7, 1.3, count), 0.0, 0.95),
        rgb=tint,
        warm_c=scenario.weather.air_c + chance.uniform(-0.5, 1.5, count),
        ground_m=ground,
    )


def _rocks(scenario: Scenario, terrain: Terrain) -> Blobs:
    """Rocks of 0.4 to 3 m, warmed by the sun to 18-30 C: warm blobs of the wrong size and shape."""
    chance = generator(scenario.seed, "rocks")
    half = scenario.terrain.size_m / 2
    count = round(scenario.forest.rocks_per_ha * (2 * half) ** 2 / 1e4)
    at = chance.uniform(-half + 3, half - 3, (count, 2))
    at = at[_is_free(scenario, at, 2.0)]
    count = len(at)
    radius = 0.4 + 1.1 * chance.uniform(0.0, 1.0, count) ** 3
    flatness = chance.uniform(0.3, 0.6, count)
    ground = terrain.heights_at(at[:, 0], at[:, 1])
    return Blobs(
        centre_m=np.column_stack([at, ground]),
        radius_m=radius,
        half_height_m=radius * flatness,
        trunk_m=np.zeros(count),
        holes=np.zeros(count),
        rgb=_GREYS[chance.integers(0, len(_GREYS), count)] * chance.uniform(0.85, 1.15, (count, 1)),
        warm_c=scenario.weather.air_c + chance.uniform(4.0, 16.0, count),
        ground_m=ground,
    )


def _is_free(scenario: Scenario, at: Floats, margin_m: float) -> npt.NDArray[np.bool_]:
    free = np.hypot(at[:, 0] - scenario.launch.at_m[0], at[:, 1] - scenario.launch.at_m[1]) > scenario.launch.radius_m
    if lake := scenario.reservoir:
        x = (at[:, 0] - lake.at_m[0]) / (lake.half_axes_m[0] + 3 * margin_m)
        y = (at[:, 1] - lake.at_m[1]) / (lake.half_axes_m[1] + 3 * margin_m)
        free &= x * x + y * y > 1.0
    for vehicle in scenario.vehicles:
        route = np.array([vehicle.home_m, *vehicle.patrol_m, vehicle.home_m])
        for start, end in pairwise(route):
            free &= _distance_to_leg(at, start, end) > _CLEAR_OF_ROUTE_M
    return np.asarray(free)


def _distance_to_leg(at: Floats, start: Floats, end: Floats) -> Floats:
    leg = end - start
    along = np.clip((at - start) @ leg / max(float(leg @ leg), 1e-9), 0.0, 1.0)
    return np.asarray(np.linalg.norm(at - start - along[:, None] * leg, axis=1))


def _joined(first: Blobs, second: Blobs) -> Blobs:
    def both(name: str) -> Floats:
        return np.concatenate([getattr(first, name), getattr(second, name)])

    return Blobs(**{name: both(name) for name in Blobs.__dataclass_fields__})
