"""A forest fire: Rothermel's rates on a grid, minimum travel time, spotting, water on it, its heat and smoke.

Heat: each burning cell radiates as a point (35 % of its power, wood fires 0.3-0.4, SFPE Handbook, from memory). Smoke:
18 g of particles a kg of fuel (temperate forest, Andreae 2019, from memory) that take 4.5 m2/g out of light (Reid et
al. 2005: 4 to 5, from memory), in neutral air without rise. Water: what reaches fuel makes it wet by mass per mass of
fine fuel; on burning cells it takes heat (from 20 C to steam) until nothing is left of what the flames have to give.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.engine.backends import Backend
from sim.hazards.dispersion import Stability, plume
from sim.hazards.fire_grid import FireGrid
from sim.hazards.hazard import NS, Action, Arrays, Conditions, Flags, Floats, Hazard, Ignite, Rows, Water, point
from sim.hazards.rothermel import Beds, flame_length_m
from sim.hazards.spotting import SIDE, flight, lights
from sim.hazards.travel_time import Box, box_around, first_guesses, grow, segment_times, template
from sim.hazards.winds import Winds
from sim.scenarios.hazards import WildfireSpec
from sim.worlds.chance import generator
from world.terrain import Terrain

RADIANT: Final = 0.35
STEAM_KJ_KG: Final = 2591.0
"""4.19 * 80 K + 2256: from 20 C to steam at 100 C."""
FUEL_KJ_KG: Final = 18608.0
"""8000 Btu/lb, every standard fuel but GR6."""
SMOKE_M2_KG: Final = 0.018 * 4500.0
"""Light extinction by the smoke of a kg of fuel."""
_FRONT_M: Final = 1.0
"""How near the front passes to whoever is in a burning cell."""
BLACK_KW_M2: Final = 100.0
"""What flames radiate at most, a black body of 880 C."""
HEAT_REACH_M: Final = 250.0
_DRY: Final = 0.02
"""kg/m2 of water that no longer counts."""
_NOTICED: Final = 0.1
"""Change of the water on a cell that is worth working out its rates again, as a share of what was there."""
_REDRAW_S: Final = 60.0
_BLOCK: Final = 4
"""Cells a side that smoke together."""
FLAME_C: Final = 800.0
"""In flames; Drysdale, from memory."""


class Wildfire(Hazard):
    """arrival: second at which each cell catches fire, infinite if never; later than now means as things stand."""

    name = "wildfire"
    pace_ns = 10 * NS

    def __init__(
        self, spec: WildfireSpec, terrain: Terrain, winds: Winds, *, seed: int, air_c: float = 14.0,
        backend: Backend = Backend.COMPILED, in_water: Callable[[Floats], Flags] | None = None,
    ) -> None:
        super().__init__()
        self._spec, self._winds, self._seed, self._air_c, self._backend = spec, winds, seed, air_c, backend
        self.grid = grid = FireGrid(spec, terrain, in_water)
        count = grid.rows * grid.cols
        self._arrival, self._via = np.full(count, np.inf), np.full(count, -1, np.int64)
        self._lit = np.full(count, np.inf)
        """When sparks, hands and brands light it."""
        self._ends = np.full(count, np.inf)
        self._out = np.zeros(count, np.int64)
        self._wet, self._cooled_kj_m2 = np.zeros(count), np.zeros(count)
        self._shape = (grid.rows, grid.cols)
        self._progress, self._slowness, self._times = (np.zeros((len(template().offsets), count)) for _ in range(3))
        self._fastest, self._drawn_s = np.zeros(count), np.zeros(count)
        self._drawn_wet, self._drawn_out = np.zeros(count), np.zeros(count, np.int64)
        self._drawn_wind = np.zeros(1, np.int64)
        self._wants_draw, self._redrawn_s = np.zeros(1, np.int64), np.zeros(1)
        for at in spec.ignitions_m:
            self._lit[grid.cell_at(*at)] = 0.0
        self._draw(np.arange(count))
        self._guess(0.0)

    # --- what it answers

    @property
    def now_s(self) -> float:
        return self.now_ns / NS

    @property
    def arrival_s(self) -> Floats:
        """(rows, cols), infinite where the fire has not been."""
        past = np.where(self._arrival <= self.now_s, self._arrival, np.inf)
        return past.reshape(self.grid.rows, self.grid.cols)

    def is_burning(self) -> npt.NDArray[np.bool_]:
        """(n,) flames now."""
        return np.asarray((self._arrival <= self.now_s) & (self._ends > self.now_s) & (self._out == 0))

    def flames(self) -> Floats:
        """(m, 3) feet of the flames that burn now, for cameras."""
        return self.grid.centres(np.flatnonzero(self.is_burning()))

    def power_kw(self) -> Floats:
        """(n,) heat that each cell gives now."""
        hot = np.flatnonzero(self.is_burning())
        power = np.zeros(len(self._ends))
        lasts = self._ends[hot] - self._arrival[hot]
        power[hot] = self._bed.heat_kj_m2[hot] * self.grid.cell_m**2 / lasts
        return power

    def area_ha(self) -> float:
        """Where the fire is or was."""
        return float((self._arrival <= self.now_s).sum()) * self.grid.cell_m**2 / 1e4

    def feel(self, points: Floats, into: Conditions) -> None:
        burning = np.flatnonzero(self.is_burning())
        if not len(burning):
            return
        power = self.power_kw()
        heat = self._heat(points, burning, power[burning])
        into.smoke_per_m += self._smoke(points, burning, power[burning])
        inside, cells = self.grid.cells_of(points)
        flames = inside.copy()
        flames[inside] = np.isin(cells[inside], burning)
        above, fireline = points[:, 2] - self.grid.up_m[cells], self._fireline(cells)
        in_flames = flames & (above < np.maximum(flame_length_m(fireline), self._bed.depth_m[cells]))
        front = np.minimum(RADIANT * fireline / (2.0 * np.pi * _FRONT_M), BLACK_KW_M2)
        into.heat_kw_m2 += np.where(flames, np.maximum(heat, front), heat)
        into.air_c[in_flames] = np.maximum(into.air_c[in_flames], FLAME_C)
        into.is_blocked |= in_flames

    def _heat(self, points: Floats, burning: Rows, power: Floats) -> Floats:
        gap = points[:, None, :] - self.grid.centres(burning)[None, :, :]
        away = np.maximum((gap**2).sum(2), (0.5 * self.grid.cell_m) ** 2)
        near = away < HEAT_REACH_M**2
        return np.asarray((near * RADIANT * power / (4.0 * np.pi * away)).sum(1))

    def _smoke(self, points: Floats, burning: Rows, power: Floats) -> Floats:
        row, col = burning // self.grid.cols // _BLOCK, burning % self.grid.cols // _BLOCK
        _, block = np.unique(row * self.grid.cols + col, return_inverse=True)
        weight = np.bincount(block, power)
        centres = self.grid.centres(burning)
        sources = np.column_stack([np.bincount(block, power * centres[:, k]) / weight for k in range(3)])
        rates = weight / FUEL_KJ_KG * SMOKE_M2_KG
        wide = _BLOCK * self.grid.cell_m / 4.0
        return plume(points, sources, rates, self._winds.at(self.now_s), Stability.D, widen_m=wide)

    def _slow(self, cells: Rows) -> Floats:
        """(m,) seconds a metre in the direction that the fire came from; of the head where it began."""
        via = self._via[cells]
        return np.where(via >= 0, self._slowness[np.maximum(via, 0), cells], self._fastest[cells])

    def _fireline(self, cells: Rows) -> Floats:
        """(m,) kW per metre of front."""
        return np.asarray(self._bed.heat_kj_m2[cells] / np.maximum(self._slow(cells), 1e-9))

    # --- what acts on it

    def act(self, action: Action) -> bool:
        if isinstance(action, Water):
            return self._take_water(action)
        if isinstance(action, Ignite):
            cell = self.grid.cell_at(action.at.east_m, action.at.north_m)
            is_free = self._arrival[cell] > self.now_s and self._bed.rate_m_s[cell] > 0.0
            if is_free:
                self._lit[cell] = min(self._lit[cell], self.now_s)
                self._wants_draw[0] = 1
            return bool(is_free)
        return False

    def _take_water(self, water: Water) -> bool:
        cells, shares = self.grid.disc(point(water.at), water.radius_m)
        if not len(cells) or water.litres <= 0.0:
            return False
        self._wet[cells] += water.litres * self._spec.reaches_fuel * shares / self.grid.cell_m**2
        self._wants_draw[0] = 1
        return True

    # --- how it goes on

    def advance(self) -> None:
        since, until = self.now_s, (self.now_ns + self.pace_ns) / NS
        self._quench(since)
        is_due = since - self._redrawn_s[0] >= _REDRAW_S and bool(self._wet.max() > _DRY)
        turned = self._winds.index(since) != self._drawn_wind[0]
        if self._wants_draw[0] or is_due or turned:
            self._redraw(since)
        before = self._arrival <= since
        grow(
            self._arrival, self._via, self._out > 0, self._times, self.grid.cols, since, until, self._backend
        )
        fresh = np.flatnonzero((self._arrival <= until) & ~before)
        self._ends[fresh] = self._arrival[fresh] + self._lasts(fresh)
        self._throw_brands(fresh)
        self._wet *= np.exp(-self.pace_ns / NS / self._spec.dries_s)

    def _lasts(self, cells: Rows) -> Floats:
        """Seconds from a cell's first flame to its last: the front's residence and its way across."""
        cross = self._slow(cells) * self.grid.cell_m
        return np.asarray(self._bed.residence_s[cells] + np.where(np.isfinite(cross), cross, 0.0))

    def _quench(self, now_s: float) -> None:
        """Water on flames takes their heat; a cell whose flames have nothing left to give is out for good."""
        hot = np.flatnonzero(self.is_burning() & (self._wet > 0.0))
        if not len(hot):
            return
        left = (self._ends[hot] - now_s) / (self._ends[hot] - self._arrival[hot])
        heat = self._bed.heat_kj_m2[hot] * left - self._cooled_kj_m2[hot]
        taken = np.minimum(self._wet[hot] * STEAM_KJ_KG, np.maximum(heat, 0.0))
        self._wet[hot] -= taken / STEAM_KJ_KG
        self._cooled_kj_m2[hot] += taken
        out = hot[taken >= heat]
        self._out[out], self._ends[out] = 1, now_s
        if len(out):
            self._wants_draw[0] = 1

    def _redraw(self, now_s: float) -> None:
        """Where the world has changed, how far each segment has got is kept, how fast it goes on is not."""
        wet = np.where(self._wet > _DRY, self._wet, 0.0)
        changed = np.abs(wet - self._drawn_wet) > _NOTICED * np.maximum(self._drawn_wet, _DRY)
        changed |= self._out != self._drawn_out
        wind = self._winds.index(now_s)
        if wind != self._drawn_wind[0]:
            changed[:] = True
            self._drawn_wind[0] = wind
        if changed.any():
            self._advance_segments(box_around(changed, self._shape), now_s)
            self._drawn_wet[changed], self._drawn_out[changed] = wet[changed], self._out[changed]
            self._draw(np.flatnonzero(changed))
        self._redrawn_s[0] = now_s
        self._wants_draw[0] = 0
        self._guess(now_s)

    def _advance_segments(self, box: Box, now_s: float) -> None:
        """Bring the progress of all segments that start in a box up to now."""
        burnt = (self._arrival <= now_s) & (self._out == 0)
        gone = np.where(burnt, now_s - np.maximum(self._arrival, self._drawn_s), 0.0)
        progress = box.of(self._progress, self._shape)
        progress += box.of(gone, self._shape) / box.of(self._times, self._shape)
        box.of(self._drawn_s, self._shape)[:] = now_s

    def _draw(self, cells: Rows) -> None:
        """Rates at cells and times of all segments that may cross them, by what was last noticed."""
        wind = self._winds.toward_m_s[self._drawn_wind[0]]
        self._bed: Beds = self.grid.bed(self._drawn_wet, self._drawn_out > 0)
        self._slowness[:, cells] = self.grid.slowness(self._bed, wind, cells)
        self._fastest[cells] = self._slowness[:, cells].min(0)
        is_drawn = np.zeros(len(self._wet), bool)
        is_drawn[cells] = True
        box = box_around(is_drawn, self._shape)
        box.of(self._times, self._shape)[:] = segment_times(self._slowness, self._shape, self.grid.cell_m, box)

    def _guess(self, now_s: float) -> None:
        """First guesses of all later arrivals, from what burns already and from what is lit."""
        past = self._arrival <= now_s
        is_source = past & (self._out == 0)
        since = np.maximum(self._arrival, self._drawn_s)
        guess, via = first_guesses(self._progress, self._times, is_source, since, self.grid.cols, now_s)
        lit = np.where((self._bed.rate_m_s > 0.0) & (self._out == 0), np.maximum(self._lit, now_s + 1e-6), np.inf)
        via = np.where(lit < guess, -1, via)
        fresh = ~past
        self._arrival[fresh] = np.minimum(guess, lit)[fresh]
        self._via[fresh] = via[fresh]

    def _throw_brands(self, fresh: Rows) -> None:
        if self._spec.brands_per_cell <= 0.0 or not len(fresh):
            return
        fireline = dict(zip(fresh.tolist(), self._fireline(fresh).tolist(), strict=True))
        for cell in fresh.tolist():
            chance = generator(self._seed, "brands", cell)
            count = int(chance.poisson(self._spec.brands_per_cell))
            if count and fireline[cell] > 0.0:
                self._land(cell, float(self._arrival[cell]), fireline[cell], chance.random((count, 3)))

    def _land(self, cell: int, when_s: float, fireline: float, draws: Floats) -> None:
        """draws (m, 3): two make the ways along the wind and aside, one tells whether it lights."""
        wind = self._winds.at(when_s)
        speed = max(float(np.hypot(*wind)), 0.1)
        mean, deviation = flight(fireline, speed)
        size, turn = np.sqrt(-2.0 * np.log(1.0 - draws[:, 0])), 2.0 * np.pi * draws[:, 1]
        way = np.exp(mean + deviation * size * np.cos(turn))
        aside = SIDE * way * size * np.sin(turn)
        axis = wind / speed
        start = self.grid.centres(np.array([cell]))[0, :2]
        at = start + way[:, None] * axis + aside[:, None] * np.array([axis[1], -axis[0]])
        inside, goals = self.grid.cells_of(at)
        glows = np.exp(-way / self._spec.brand_life_m) * lights(self._air_c, self.grid.dead_moisture(self._wet)[goals])
        next_s = (self.now_ns + self.pace_ns) / NS
        lands = np.maximum(when_s + way / speed + self._spec.brand_kindles_s, next_s + 1e-6)
        does = inside & (draws[:, 2] < glows) & (self._bed.rate_m_s[goals] > 0.0) & (self._arrival[goals] > lands)
        for goal, moment in zip(goals[does].tolist(), lands[does].tolist(), strict=True):
            self._lit[goal] = min(self._lit[goal], moment)
            if moment < self._arrival[goal]:
                self._arrival[goal], self._via[goal] = moment, -1

    # --- state

    _KEPT: Final = (
        "arrival", "via", "lit", "ends", "out", "wet", "cooled_kj_m2", "progress", "drawn_s", "drawn_wet", "drawn_out",
        "drawn_wind", "wants_draw", "redrawn_s",
    )

    def arrays(self) -> Arrays:
        return {name: getattr(self, f"_{name}").copy() for name in self._KEPT}

    def hashed(self) -> Arrays:
        """Without the progress of segments, which is large; arrivals to come are what it leads to."""
        return {name: array for name, array in self.snapshot().items() if name != "progress"}

    def restore(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        for name in self._KEPT:
            setattr(self, f"_{name}", arrays[name].copy())
        self._draw(np.arange(len(self._wet)))
