"""Water that runs through galleries: Chezy's law on the level between cells, full ones under pressure, none lost.

Diffusive wave: flow = C A sqrt(R |dh| / dx), no inertia. A full cell keeps taking water into a narrow slot above it
(Preissmann), whose level is the pressure; the slot holds 1 % of the cell's area. Only + - * / and roots, in one order,
so that both back ends agree to the bit.
"""

from typing import Final

import numpy as np

from sim.cameras.jit import jit
from sim.engine.backends import Backend
from sim.hazards.hazard import Floats, Rows
from sim.hazards.mine_map import MineMap

STEP_S: Final = 0.02
SLOT: Final = 0.01


def level_up(mine: MineMap, water_m3: Floats) -> Floats:
    """(c,) level in each cell, above the floor's roof where pressure stands."""
    depth = water_m3 / mine.plan_m2
    over = np.maximum(depth - mine.extent, 0.0)
    return np.asarray(mine.floor_up + np.minimum(depth, mine.extent) + over / SLOT)


def flow(
    mine: MineMap, water_m3: Floats, ease: Floats, source_m3_s: Floats, seconds: float, chezy: float, backend: Backend
) -> Floats:
    """Advance `water_m3` in place; ease (l,) 1 in open roads, less through rubble. Mean flow (l,) m3/s from a to b."""
    steps = round(seconds / STEP_S)
    share = 0.5 / np.maximum(mine.degree[mine.a], mine.degree[mine.b])
    work = _compiled if backend is Backend.COMPILED else _arrays
    passed = work(
        water_m3, mine.a, mine.b, mine.floor_up, mine.extent, mine.plan_m2, mine.degree, mine.link_m, mine.link_wide,
        mine.link_high, ease * chezy, share, source_m3_s, steps,
    )
    return np.asarray(passed / seconds)


@jit
def _compiled(
    water: Floats, a: Rows, b: Rows, floor: Floats, extent: Floats, plan: Floats, degree: Floats, length: Floats,
    wide: Floats, high: Floats, chezy: Floats, share: Floats, source: Floats, steps: int,
) -> Floats:
    passed = np.zeros(a.size)
    moved = np.zeros(a.size)
    level, surface, change = np.zeros(water.size), np.zeros(water.size), np.zeros(water.size)
    for _ in range(steps):
        for c in range(water.size):
            depth = water[c] / plan[c]
            over = max(depth - extent[c], 0.0)
            level[c] = floor[c] + min(depth, extent[c]) + over / SLOT
            surface[c] = plan[c] * (SLOT if over > 0.0 else 1.0)
            change[c] = source[c] * STEP_S
        for n in range(a.size):
            drop = level[a[n]] - level[b[n]]
            top, sill = max(level[a[n]], level[b[n]]), max(floor[a[n]], floor[b[n]])
            deep = min(max(top - sill, 0.0), high[n])
            fall = min(abs(drop), max(top - sill, 0.0))
            section = wide[n] * deep
            radius = section / (wide[n] + 2.0 * deep)
            volume = chezy[n] * section * np.sqrt(radius * fall / length[n]) * STEP_S
            volume = min(volume, share[n] * fall * min(surface[a[n]], surface[b[n]]))
            giver = a[n] if drop > 0.0 else b[n]
            volume = min(volume, water[giver] / degree[giver])
            moved[n] = volume if drop > 0.0 else -volume
            passed[n] += moved[n]
        for n in range(a.size):
            change[a[n]] -= moved[n]
        for n in range(a.size):
            change[b[n]] += moved[n]
        for c in range(water.size):
            water[c] += change[c]
    return passed


def _arrays(
    water: Floats, a: Rows, b: Rows, floor: Floats, extent: Floats, plan: Floats, degree: Floats, length: Floats,
    wide: Floats, high: Floats, chezy: Floats, share: Floats, source: Floats, steps: int,
) -> Floats:
    passed = np.zeros(a.size)
    sill = np.maximum(floor[a], floor[b])
    for _ in range(steps):
        depth = water / plan
        over = np.maximum(depth - extent, 0.0)
        level = floor + np.minimum(depth, extent) + over / SLOT
        surface = plan * np.where(over > 0.0, SLOT, 1.0)
        drop = level[a] - level[b]
        head = np.maximum(np.maximum(level[a], level[b]) - sill, 0.0)
        deep, fall = np.minimum(head, high), np.minimum(np.abs(drop), head)
        section = wide * deep
        volume = chezy * section * np.sqrt(section / (wide + 2.0 * deep) * fall / length) * STEP_S
        volume = np.minimum(volume, share * fall * np.minimum(surface[a], surface[b]))
        giver = np.where(drop > 0.0, a, b)
        volume = np.minimum(volume, water[giver] / degree[giver])
        moved = np.where(drop > 0.0, volume, -volume)
        passed += moved
        change = source * STEP_S
        np.subtract.at(change, a, moved)
        np.add.at(change, b, moved)
        water += change
    return passed
