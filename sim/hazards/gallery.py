"""A mine: water that breaks in and is pumped, gas in its air, roof that falls; what is cut off by which of them."""

import heapq
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.engine.backends import Backend
from sim.hazards.hazard import (
    FRESH_CO2_PCT,
    FRESH_O2_PCT,
    NS,
    Action,
    Arrays,
    Collapse,
    Conditions,
    Flags,
    Floats,
    Hazard,
    Pumped,
    Rows,
    point,
)
from sim.hazards.mine_air import LEAST_AIR, airflow, carry
from sim.hazards.mine_map import MineMap
from sim.hazards.mine_water import flow, level_up
from sim.scenarios.hazards import GallerySpec
from world.terrain import Terrain

CH4, CO, CO2 = 0, 1, 2
RUBBLE_EASE: Final = 0.02
"""Of fallen roof to water, against an open road; estimate."""
FULL: Final = 0.97
"""Share of its height from which on water shuts a cell to air."""
FALL_REACH_M: Final = 10.0
"""A fall farther from every gallery than this is no fall of theirs."""
WADES_M: Final = 1.2
"""Deeper water turns people and robots on the ground back; estimate."""
_SIGHT_M: Final = 0.3
"""Through mine water, from memory of rescue reports: next to nothing."""
_STEP_M: Final = 0.5


class Gallery(Hazard):
    """Water in m3 and pure gas in m3 for every cell of the map, and counts of what came and went."""

    name = "gallery"
    pace_ns = NS

    def __init__(
        self, spec: GallerySpec, terrain: Terrain | None = None, *, backend: Backend = Backend.COMPILED
    ) -> None:
        super().__init__()
        self._spec, self._terrain, self._backend = spec, terrain, backend
        self.mine = mine = MineMap(spec)
        self._water = np.zeros(len(mine))
        if spec.water_up_m is not None:
            self._water = mine.plan_m2 * np.clip(spec.water_up_m - mine.floor_up, 0.0, mine.extent)
        self._gas = np.zeros((len(mine), 3))
        self._fallen = np.zeros(len(mine), np.int64)
        self._stream = np.zeros(len(mine.a))
        self._air = np.zeros(len(spec.roads))
        self._shut = np.zeros(len(mine), np.int64)
        self._came, self._pumped, self._spilled = np.zeros(1), np.zeros(1), np.zeros(1)
        self._began = np.array([self._water.sum()])
        self._emitted, self._vented = np.zeros(3), np.zeros(3)
        self._falls_done = np.zeros(1, np.int64)
        self._ventilate()

    # --- what it answers

    @property
    def now_s(self) -> float:
        return self.now_ns / NS

    @property
    def water_m3(self) -> float:
        return float(self._water.sum())

    @property
    def lost_m3(self) -> float:
        """Water unaccounted for; zero but for rounding."""
        return float(self._began[0] + self._came[0] - self._pumped[0] - self._spilled[0] - self._water.sum())

    @property
    def lost_gas_m3(self) -> Floats:
        return np.asarray(self._emitted - self._vented - self._gas.sum(0))

    def level_up_m(self) -> Floats:
        """(c,) water level, the floor where a cell is dry."""
        return np.asarray(np.minimum(level_up(self.mine, self._water), self.mine.floor_up + self.mine.extent))

    def depth_m(self) -> Floats:
        return np.asarray(np.minimum(self._water / self.mine.plan_m2, self.mine.extent))

    def air_m3_s(self, one: str, other: str) -> float:
        """Air that flows from one node to another."""
        road = self.mine.road_between(one, other)
        sign = 1.0 if self.mine.road_ends[road, 0] == self.mine.nodes[one] else -1.0
        return float(sign * self._air[road])

    def share(self, gas: int) -> Floats:
        """(c,) volume fraction of a gas in the air of each cell."""
        room = np.maximum(self.mine.volume - self._water, LEAST_AIR * self.mine.volume)
        return np.asarray(np.minimum(self._gas[:, gas] / room, 1.0))

    def is_underground(self, points: Floats) -> Flags:
        """Below the ground or inside a gallery."""
        inside = self.mine.cells_of(points) >= 0
        return inside | self._is_below(points)

    def _is_below(self, points: Floats) -> Flags:
        below = np.zeros(len(points), bool)
        if self._terrain is not None:
            on = self._terrain.contains(points[:, 0], points[:, 1])
            below[on] = points[on, 2] < self._terrain.heights_at(points[on, 0], points[on, 1]) - 1.0
        return below

    def feel(self, points: Floats, into: Conditions) -> None:
        cells = self.mine.cells_of(points)
        inside = cells >= 0
        into.is_blocked |= ~inside & self._is_below(points)
        at, cell = np.flatnonzero(inside), cells[inside]
        methane, monoxide, dioxide = (self.share(gas)[cell] for gas in (CH4, CO, CO2))
        fresh = 1.0 - methane - monoxide - dioxide
        into.ch4_pct[at] = 100.0 * methane
        into.co_ppm[at] = 1e6 * monoxide
        into.co2_pct[at] = 100.0 * dioxide + FRESH_CO2_PCT * fresh
        into.o2_pct[at] = FRESH_O2_PCT * fresh
        into.air_c[at] = self._spec.rock_c
        into.is_blocked[at] |= self._fallen[cell] > 0
        wet = self.depth_m()[cell] > 0.01
        into.water_up_m[at[wet]] = self.level_up_m()[cell[wet]]
        into.sight_m[at[wet]] = _SIGHT_M
        into.current_m_s[at[wet]] = self._currents()[cell[wet]]

    def _currents(self) -> Floats:
        """(c, 3) mean speed of the water, along the road."""
        mine = self.mine
        through = np.zeros(len(mine))
        np.add.at(through, mine.a, 0.5 * self._stream)
        np.add.at(through, mine.b, 0.5 * self._stream)
        section = np.maximum(self._water / mine.length, 0.05 * mine.wide)
        unit = np.zeros((len(mine), 3))
        on = mine.road >= 0
        unit[on] = (mine.way / mine.road_m[:, None])[mine.road[on]]
        return np.asarray(unit * (through / section)[:, None])

    def blocks(self, one: Floats, other: Floats) -> bool:
        """Rock or fallen roof between two points of which one at least is underground."""
        ends = np.stack([one, other])
        if not self.is_underground(ends).any():
            return False
        count = max(int(np.sqrt(((other - one) ** 2).sum()) / _STEP_M), 1)
        points = one + (other - one) * np.linspace(0.0, 1.0, count + 1)[:, None]
        cells = self.mine.cells_of(points)
        is_rock = (cells < 0) & (self._is_below(points) if self._terrain is not None else True)
        return bool((is_rock | ((cells >= 0) & (self._fallen[cells] > 0))).any())

    def way(self, one: Floats, other: Floats, *, swims: bool = False) -> Floats | None:
        """(m, 3) the shortest way through open galleries, None when rubble or deep water cuts it."""
        mine = self.mine
        start, goal = (int(cell) for cell in mine.cells_of(np.stack([one, other])))
        if start < 0 or goal < 0:
            return None
        is_open = (self._fallen == 0) & (swims | (self.depth_m() < WADES_M))
        around: dict[int, list[tuple[int, float]]] = {}
        for a, b, length in zip(mine.a.tolist(), mine.b.tolist(), mine.link_m.tolist(), strict=True):
            around.setdefault(a, []).append((b, length))
            around.setdefault(b, []).append((a, length))
        best, came = {start: 0.0}, {start: start}
        heap = [(0.0, start)]
        while heap:
            done, cell = heapq.heappop(heap)
            if cell == goal:
                break
            for following, length in around.get(cell, []):
                if is_open[following] and done + length < best.get(following, np.inf):
                    best[following], came[following] = done + length, cell
                    heapq.heappush(heap, (done + length, following))
        if goal not in came or not is_open[start]:
            return None
        cells = [goal]
        while cells[-1] != start:
            cells.append(came[cells[-1]])
        return np.asarray(mine.at[cells[::-1]])

    # --- what acts on it

    def act(self, action: Action) -> bool:
        if isinstance(action, Pumped):
            return self._pump(action)
        if isinstance(action, Collapse):
            return self._fall(point(action.at), action.length_m)
        return False

    def _pump(self, pumped: Pumped) -> bool:
        cell = int(self.mine.cells_of(point(pumped.at)[None])[0])
        if cell < 0:
            return False
        taken = min(pumped.cubic_m, float(self._water[cell]))
        self._water[cell] -= taken
        self._pumped += taken
        return taken > 0.0

    def _fall(self, at: Floats, length_m: float) -> bool:
        nearest = self.mine.at[self.mine.nearest(at)]
        if ((nearest - at) ** 2).sum() > (FALL_REACH_M + length_m / 2) ** 2:
            return False
        cells = self.mine.around(at, length_m)
        is_new = bool((self._fallen[cells] == 0).any())
        self._fallen[cells] = 1
        return is_new

    # --- how it goes on

    def advance(self) -> None:
        seconds = self.pace_ns / NS
        self._let_roof_fall()
        source = np.zeros(len(self.mine))
        for inflow in self._spec.inflows:
            source[self.mine.nodes[inflow.node]] += self._rate(inflow.m3_h / 3600.0, inflow.from_s, inflow.halves_s)
        ease = np.where((self._fallen[self.mine.a] > 0) | (self._fallen[self.mine.b] > 0), RUBBLE_EASE, 1.0)
        self._stream = flow(
            self.mine, self._water, ease, source, seconds, self._spec.chezy_m05_s, self._backend
        )
        self._came += source.sum() * seconds
        self._spill()
        self._ventilate()
        self._breathe(seconds)

    def _rate(self, rate: float, from_s: float, halves_s: float) -> float:
        age = self.now_s - from_s
        if age < 0.0:
            return 0.0
        return rate * (0.5 ** (age / halves_s) if halves_s > 0.0 else 1.0)

    def _spill(self) -> None:
        """What stands above an open mouth runs away over the ground."""
        mouths = np.flatnonzero(self.mine.is_open)
        over = np.maximum(self._water[mouths] - self.mine.volume[mouths], 0.0)
        self._water[mouths] -= over
        self._spilled += over.sum()

    def _let_roof_fall(self) -> None:
        due = sorted(self._spec.roof_falls, key=lambda fall: fall.at_s)
        while self._falls_done[0] < len(due) and due[int(self._falls_done[0])].at_s <= self.now_s:
            fall = due[int(self._falls_done[0])]
            self._fall(self.mine.along(self.mine.road_between(*fall.between), fall.along), fall.length_m)
            self._falls_done += 1

    def _ventilate(self) -> None:
        """The network is solved again when what is shut has changed."""
        shut = ((self.depth_m() > FULL * self.mine.extent) | (self._fallen > 0)).astype(np.int64)
        if self.now_ns and (shut == self._shut).all():
            return
        self._shut = shut
        cut = np.zeros(len(self._air), bool)
        on = self.mine.road >= 0
        cut[self.mine.road[on & (shut > 0)]] = True
        cut |= (shut[self.mine.road_ends] > 0).any(1)
        fans = np.array([road.fan_pa for road in self._spec.roads])
        self._air = airflow(self.mine, self._spec.friction_kg_m3, fans, cut)

    def _breathe(self, seconds: float) -> None:
        for source in self._spec.gas:
            if source.from_s <= self.now_s < source.until_s:
                given = np.array([source.ch4_m3_min, source.co_m3_min, source.co2_m3_min]) / 60.0 * seconds
                self._gas[self.mine.nodes[source.node]] += given
                self._emitted += given
        is_shut = (self._shut[self.mine.a] > 0) | (self._shut[self.mine.b] > 0)
        if self._gas.any():
            self._vented += carry(self.mine, self._gas, self._water, self._air, is_shut, seconds, self._backend)

    # --- state

    _KEPT: Final = (
        "water", "gas", "fallen", "stream", "air", "shut", "came", "pumped", "spilled", "began", "emitted", "vented",
        "falls_done",
    )

    def arrays(self) -> Arrays:
        return {name: getattr(self, f"_{name}").copy() for name in self._KEPT}

    def restore(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        for name in self._KEPT:
            setattr(self, f"_{name}", arrays[name].copy())


def cut_off(gallery: Gallery, at: Floats) -> bool:
    """Whether no mouth can be walked to from a point."""
    mouths: Rows = np.flatnonzero(gallery.mine.is_open)
    return all(gallery.way(at, gallery.mine.at[mouth]) is None for mouth in mouths)
