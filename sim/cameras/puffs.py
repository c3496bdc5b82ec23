"""Flames and smoke: soft balls blended over the finished picture, rising and drifting with time."""

from typing import Final

import numpy as np
import numpy.typing as npt

from sim.cameras.jit import jit
from sim.worlds.chance import generator
from sim.worlds.model import Fire, World

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Depths = npt.NDArray[np.float32]

_BURNS_S: Final = 900.0
_RISE_M_S: Final = 2.2
_SMOKE_LIFE_S: Final = 14.0
_SMOKE_PER_CELL: Final = 3
_FLICKER_HZ: Final = 3.0


def puffs_of(world: World, fire: Fire, elapsed_s: float) -> Floats:
    """(n, 9) rows of east, north, up, radius, opacity, r, g, b, thermal count, nearest things last."""
    burning = (fire.ignites_s <= elapsed_s) & (elapsed_s < fire.ignites_s + _BURNS_S)
    cells, ground = fire.cells_m[burning], fire.ground_m[burning]
    chance = generator(world.seed, "puffs")
    phases = chance.uniform(0.0, 1.0, (len(fire.cells_m), _SMOKE_PER_CELL + 2))[burning]
    wind = world.scenario.weather
    blows_from = np.radians(wind.wind_from_deg)
    drift_m_s = -wind.wind_m_s * np.array([np.sin(blows_from), np.cos(blows_from)])
    rows = [_flames(cells, ground, phases, elapsed_s)]
    for k in range(_SMOKE_PER_CELL):
        rows.append(_smoke(cells, ground, phases[:, 2 + k], elapsed_s, drift_m_s))
    return np.concatenate(rows)


def _flames(cells: Floats, ground: Floats, phases: Floats, elapsed_s: float) -> Floats:
    flicker = 0.75 + 0.25 * np.sin(2 * np.pi * (_FLICKER_HZ * elapsed_s * (0.7 + 0.6 * phases[:, 0]) + phases[:, 1]))
    radius = (0.9 + 1.3 * phases[:, 0]) * flicker
    colour = np.column_stack([np.full(len(cells), 255.0), 120.0 + 90.0 * flicker, 30.0 + 40.0 * flicker])
    opacity, count = np.full(len(cells), 0.95), np.full(len(cells), 255.0)
    return np.column_stack([cells, ground + 0.7 * radius, radius, opacity, colour, count])


def _smoke(cells: Floats, ground: Floats, phase: Floats, elapsed_s: float, drift_m_s: Floats) -> Floats:
    age_s = np.mod(elapsed_s + phase * _SMOKE_LIFE_S, _SMOKE_LIFE_S)
    at = cells + age_s[:, None] * drift_m_s
    grey = 120.0 + 5.0 * age_s
    opacity = 0.5 * (1.0 - age_s / _SMOKE_LIFE_S)
    radius = 2.0 + 0.55 * age_s
    height = ground + 2.0 + _RISE_M_S * age_s
    return np.column_stack([at, height, radius, opacity, grey, grey, grey, np.full(len(cells), -1.0)])


@jit
def blend(puffs: Floats, origin: Floats, axes: Floats, lens: Floats, depth: Depths, rgb: Bytes, thermal: Bytes) -> None:
    """Far to near is not needed: each puff is thin. Smoke (thermal count < 0) is clear to the thermal camera."""
    height, width = depth.shape
    for n in range(puffs.shape[0]):
        dx, dy, dz = puffs[n, 0] - origin[0], puffs[n, 1] - origin[1], puffs[n, 2] - origin[2]
        z = dx * axes[0, 0] + dy * axes[0, 1] + dz * axes[0, 2]
        radius = puffs[n, 3]
        if z < radius + 0.5:
            continue
        u = lens[1] + lens[0] * (dx * axes[1, 0] + dy * axes[1, 1] + dz * axes[1, 2]) / z
        v = lens[2] + lens[0] * (dx * axes[2, 0] + dy * axes[2, 1] + dz * axes[2, 2]) / z
        size = lens[0] * radius / z
        for py in range(max(int(v - size), 0), min(int(v + size) + 1, height)):
            for px in range(max(int(u - size), 0), min(int(u + size) + 1, width)):
                away = ((px + 0.5 - u) ** 2 + (py + 0.5 - v) ** 2) / (size * size)
                if away >= 1.0 or z > depth[py, px] + radius:
                    continue
                share = puffs[n, 4] * (1.0 - away)
                for k in range(3):
                    rgb[py, px, k] = np.uint8(rgb[py, px, k] * (1.0 - share) + puffs[n, 5 + k] * share)
                if puffs[n, 8] >= 0.0:
                    thermal[py, px] = np.uint8(max(float(thermal[py, px]), puffs[n, 8] * min(1.0, 2.0 * share)))
