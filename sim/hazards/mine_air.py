"""Air in galleries: what fans drive through the network, and gas carried and mixed by it, none lost.

Pressure loss p = R Q |Q| with Atkinson's R = k L P / A^3 (McPherson 1993, Subsurface Ventilation Engineering). Gas is
moved upwind and mixed along; mixing 0.02 m2/s at rest, 0.5 m times the speed (estimates after Taylor 1954). Roads full
of water or rubble pass no air. Layers under the roof are not modelled: every cell is well mixed.
"""

from typing import Final

import numpy as np

from sim.cameras.jit import jit
from sim.engine.backends import Backend
from sim.hazards.hazard import Flags, Floats, Rows
from sim.hazards.mine_map import MineMap

REST_M2_S: Final = 0.02
MIX_M: Final = 0.5
LEAST_AIR: Final = 0.02
"""Share of a full cell that still holds air, so that concentrations stay finite."""
_ROUNDS: Final = 80
_SHUT: Final = 1e12
"""How much more a shut road resists."""


def airflow(mine: MineMap, friction: float, fan_pa: Floats, is_shut: Flags) -> Floats:
    """(r,) m3/s along each road from its first node to its second, mouths at the same pressure."""
    rim = 2.0 * (mine.road_wide + mine.road_high)
    resists = friction * mine.road_m * rim / (mine.road_wide * mine.road_high) ** 3
    resists = np.where(is_shut, resists * _SHUT, resists)
    free = np.flatnonzero(~mine.is_open)
    a, b = mine.road_ends[:, 0], mine.road_ends[:, 1]
    count = len(mine.node_at)
    passed = np.ones(len(resists))
    pressure = np.zeros(count)
    for _ in range(_ROUNDS):
        ease = 1.0 / (resists * np.maximum(np.abs(passed), 1e-3))
        matrix = np.zeros((count, count))
        np.add.at(matrix, (a, a), ease)
        np.add.at(matrix, (b, b), ease)
        np.add.at(matrix, (a, b), -ease)
        np.add.at(matrix, (b, a), -ease)
        push = np.zeros(count)
        np.subtract.at(push, a, ease * fan_pa)
        np.add.at(push, b, ease * fan_pa)
        if len(free):
            inner = matrix[np.ix_(free, free)] + 1e-12 * np.eye(len(free))
            pressure[free] = np.linalg.solve(inner, push[free])
        passed = 0.5 * (passed + ease * (pressure[a] - pressure[b] + fan_pa))
    return np.where(np.abs(passed) < 1e-6, 0.0, passed)


def carry(
    mine: MineMap, gas_m3: Floats, water_m3: Floats, road_m3_s: Floats, is_shut_link: Flags, seconds: float,
    backend: Backend,
) -> Floats:
    """Advance gas_m3 (c, s) in place; what leaves through the mouths, (s,).

    Volumes of pure gas; the air that enters is fresh.
    """
    room = np.maximum(mine.volume - water_m3, LEAST_AIR * mine.volume)
    stream = np.where(is_shut_link, 0.0, road_m3_s[mine.link_road])
    air_m2 = np.minimum((room / mine.length)[mine.a], (room / mine.length)[mine.b])
    speed = np.abs(stream) / np.maximum(air_m2, 0.1)
    mixing = np.where(is_shut_link, 0.0, (REST_M2_S + MIX_M * speed) * air_m2 / mine.link_m)
    out: Floats = np.asarray(np.bincount(mine.a, np.maximum(stream, 0.0) + mixing, len(mine)), float)
    out += np.bincount(mine.b, np.maximum(-stream, 0.0) + mixing, len(mine))
    leaves = _through_mouths(mine, stream)
    out[: len(leaves)] += leaves
    rounds = max(1, int(np.ceil(seconds * float((out / room).max()) / 0.5)))
    work = _carry_compiled if backend is Backend.COMPILED else _carry_arrays
    return np.asarray(work(gas_m3, room, mine.a, mine.b, stream, mixing, leaves, seconds / rounds, rounds))


@jit
def _carry_compiled(
    gas: Floats, room: Floats, a: Rows, b: Rows, stream: Floats, mixing: Floats, leaves: Floats, step: float,
    rounds: int,
) -> Floats:
    vented = np.zeros(gas.shape[1])
    moved, dense = np.zeros((a.size, gas.shape[1])), np.zeros(gas.shape)
    gone = np.zeros((leaves.size, gas.shape[1]))
    for _ in range(rounds):
        for c in range(gas.shape[0]):
            for s in range(gas.shape[1]):
                dense[c, s] = gas[c, s] / room[c]
        for n in range(a.size):
            for s in range(gas.shape[1]):
                one, other = dense[a[n], s], dense[b[n], s]
                moved[n, s] = ((one if stream[n] > 0.0 else other) * stream[n] + (one - other) * mixing[n]) * step
        for n in range(leaves.size):
            for s in range(gas.shape[1]):
                gone[n, s] = dense[n, s] * leaves[n] * step
        for n in range(a.size):
            for s in range(gas.shape[1]):
                gas[a[n], s] -= moved[n, s]
        for n in range(a.size):
            for s in range(gas.shape[1]):
                gas[b[n], s] += moved[n, s]
        for n in range(leaves.size):
            for s in range(gas.shape[1]):
                gas[n, s] -= gone[n, s]
                vented[s] += gone[n, s]
    return vented


def _carry_arrays(
    gas: Floats, room: Floats, a: Rows, b: Rows, stream: Floats, mixing: Floats, leaves: Floats, step: float,
    rounds: int,
) -> Floats:
    vented = np.zeros(gas.shape[1])
    for _ in range(rounds):
        dense = gas / room[:, None]
        one, other = dense[a], dense[b]
        upwind = np.where(stream[:, None] > 0.0, one, other)
        moved = (upwind * stream[:, None] + (one - other) * mixing[:, None]) * step
        gone = dense[: len(leaves)] * leaves[:, None] * step
        np.subtract.at(gas, a, moved)
        np.add.at(gas, b, moved)
        gas[: len(leaves)] -= gone
        for each in gone:
            vented += each
    return vented


def _through_mouths(mine: MineMap, stream: Floats) -> Floats:
    """(nodes,) m3/s that leave at each mouth."""
    count = len(mine.node_at)
    net = np.zeros(count)
    for cells, sign in ((mine.a, -1.0), (mine.b, 1.0)):
        is_node = cells < count
        net += np.bincount(cells[is_node], sign * stream[is_node], count)
    return np.where(mine.is_open, np.maximum(net, 0.0), 0.0)
