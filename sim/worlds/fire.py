"""The burning patch: cells of a disc that catch fire from the inside out."""

import numpy as np

from sim.scenarios.model import FireSpec, Scenario
from sim.worlds.chance import generator
from sim.worlds.model import Fire
from world.terrain import Terrain

_SPACING_M = 9.0
_HORIZON_S = 3600.0


def kindle(scenario: Scenario, spec: FireSpec, terrain: Terrain) -> Fire:
    """Burning cells on a jittered grid out to where the edge is after an hour."""
    chance = generator(scenario.seed, "fire")
    reach = spec.radius_m + spec.spread_m_s * _HORIZON_S
    axis = np.arange(-reach, reach + _SPACING_M, _SPACING_M)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    grid = grid + chance.uniform(-0.4, 0.4, grid.shape) * _SPACING_M
    away = np.hypot(grid[:, 0], grid[:, 1])
    cells, away = grid[away <= reach] + np.array(spec.at_m), away[away <= reach]
    inside = terrain.contains(cells[:, 0], cells[:, 1])
    cells, away = cells[inside], away[inside]
    late = np.maximum(away - spec.radius_m, 0.0)
    ignites = np.where(late > 0.0, late / max(spec.spread_m_s, 1e-9), -1.0)
    ground = terrain.heights_at(cells[:, 0], cells[:, 1])
    return Fire(spec=spec, cells_m=cells, ground_m=ground, ignites_s=ignites, cell_m2=_SPACING_M**2)
