"""A burning building: fires that grow with the square of time, a hot smoky layer in every room, holes, water.

Two zones a room. Sources: growth NFPA 72 and 204; plume Zukoski 1981, 0.071 Q^1/3 z^5/3; flow of the hot layer through
a hole by hydrostatics, discharge 0.68 (Emmons, SFPE Handbook); air for 1500 kW per m2 sqrt(m) of opening (Kawagoe 1958
with 3 MJ a kg of air); 13.1 MJ a kg of oxygen (Huggett 1980); loss to walls 0.03 kW/m2 K as in the correlation of
McCaffrey, Quintiere & Harkleroad 1981, which the tests compare with, so that radiation stays in the room; decay after
70 % of the fuel (EN 1991-1-2 E.4); light extinction 8.7 m2/g of soot (Mulholland & Croarkin 2000). Handbook values and
yields are from memory.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.hazards.floor_plan import FloorPlan
from sim.hazards.hazard import (
    FRESH_O2_PCT,
    NS,
    Action,
    Arrays,
    Blow,
    Collapse,
    Conditions,
    Flags,
    Floats,
    Hazard,
    Ignite,
    Water,
    point,
)
from sim.hazards.wildfire import RADIANT, STEAM_KJ_KG
from sim.scenarios.hazards import BuildingSpec, Growth

ALPHA_KW_S2: Final = {Growth.SLOW: 0.00293, Growth.MEDIUM: 0.01172, Growth.FAST: 0.0469, Growth.ULTRAFAST: 0.1876}
AIR_KW: Final = 1500.0
O2_KJ_KG: Final = 13100.0
LOSS_KW_M2_K: Final = 0.03
CP: Final = 1.005
KG_K_M3: Final = 353.0
"""Density times absolute temperature of air at sea level."""
DISCHARGE: Final = 0.68
SOOT, CO, CO2, O2 = 0, 1, 2, 3
YIELD_PER_KJ: Final = np.array([0.05, 0.005, 1.5, 0.0]) / 17500.0
"""kg of soot, CO and CO2 a kg of fuel with 17.5 MJ (wood, EN 1991-1-2)."""
STARVED_CO_PER_KJ: Final = 0.2 / 17500.0
FLASHOVER_C: Final = 500.0
"""Of the layer, from which a room's fuel catches fire (500 to 600 C: Drysdale, from memory)."""
HOTTEST_C: Final = 1100.0
"""What burns beyond this burns outside, as flames from windows (rooms after flashover: Drysdale, from memory)."""
HELD_S: Final = 20.0
"""Heat in burning surfaces that water must take, in seconds of the fire's power; estimate."""
WATER_SHARE: Final = 0.35
"""Of a jet that turns to steam in a room; estimate."""
BREACH_REACH_M: Final = 2.0
FLAME_REACH_M: Final = 1.0
_SIGMA: Final = 5.67e-11
"""kW/m2 K4."""
_STEP_S: Final = 0.5
_G: Final = 9.81


class Building(Hazard):
    """Per room: mass, heat and species of the hot layer, power of the fire, fuel burnt. Per opening: whether open."""

    name = "building"
    pace_ns = NS

    def __init__(self, spec: BuildingSpec, *, ground_up_m: float = 0.0, air_c: float = 14.0) -> None:
        super().__init__()
        self._spec, self._air_k = spec, air_c + 273.15
        self.plan = plan = FloorPlan(spec, ground_up_m)
        count = len(spec.rooms)
        self._fuel_kj = np.array([room.fuel_mj_m2 for room in spec.rooms]) * 1e3 * plan.area_m2
        self._cap_kw = np.array([room.power_kw_m2 for room in spec.rooms]) * plan.area_m2
        self._alpha = np.array([ALPHA_KW_S2[room.growth] for room in spec.rooms])
        self._mass = plan.area_m2 * 0.05 * KG_K_M3 / self._air_k
        self._heat = CP * self._mass * self._air_k
        self._species = np.zeros((count, 4))
        self._power, self._burnt_kj = np.zeros(count), np.zeros(count)
        self._lit = np.zeros(count, np.int64)
        self._air_kj = plan.area_m2 * plan.size[:, 2] * KG_K_M3 / self._air_k * 0.232 * O2_KJ_KG * 0.4
        """What the air of a closed room can burn before the flames go out, near 13 % of oxygen."""
        self._water_kj = np.zeros(count)
        self._fallen = np.zeros(count, np.int64)
        self._open = np.array([hole.is_open for hole in spec.openings], np.int64)
        self._given_j = np.zeros(len(spec.openings))
        self._needs_j = np.array([hole.breach_j for hole in spec.openings])

    # --- what it answers

    @property
    def now_s(self) -> float:
        return self.now_ns / NS

    def power_kw(self, room: str) -> float:
        return float(self._power[self.plan.rooms[room]])

    def layer_c(self) -> Floats:
        """(r,) of the hot layer."""
        return self._layer_k() - 273.15

    def clear_m(self) -> Floats:
        """(r,) height of the air under the smoke."""
        deep = self._mass * self._layer_k() / KG_K_M3 / self.plan.area_m2
        return np.asarray(np.maximum(self.plan.size[:, 2] - deep, 0.0))

    def is_open(self, opening: int) -> bool:
        """Whether one can go through an opening, by its number in the scenario."""
        return bool(self._open[opening])

    def shelters(self, points: Floats) -> Flags:
        return self.plan.room_of(points) >= 0

    def feel(self, points: Floats, into: Conditions) -> None:
        rooms = self.plan.room_of(points)
        at = np.flatnonzero(rooms >= 0)
        room = rooms[at]
        layer, above = self._layer_k()[room], points[at, 2] - self.plan.low[room, 2]
        in_smoke = above >= self.clear_m()[room]
        from_layer = _SIGMA * (layer**4 - self._air_k**4)
        centre = self.plan.low[room] + self.plan.size[room] * np.array([0.5, 0.5, 0.1])
        away = np.maximum(((points[at] - centre) ** 2).sum(1), 0.25)
        into.heat_kw_m2[at] += np.where(in_smoke, 2.0, 1.0) * from_layer
        into.heat_kw_m2[at] += RADIANT * self._power[room] / (4.0 * np.pi * away)
        into.heat_kw_m2 += self._through_windows(points) * (rooms < 0)
        smoky, inner = at[in_smoke], room[in_smoke]
        into.air_c[smoky] = np.maximum(into.air_c[smoky], layer[in_smoke] - 273.15)
        per_kg = self._species[inner] / self._mass[inner][:, None]
        volume = self._mass[inner] * self._layer_k()[inner] / KG_K_M3
        into.smoke_per_m[smoky] += 8700.0 * self._species[inner, SOOT] / volume
        into.co_ppm[smoky] += 1e6 * per_kg[:, CO] * 29.0 / 28.0
        into.co2_pct[smoky] += 100.0 * per_kg[:, CO2] * 29.0 / 44.0
        into.o2_pct[smoky] -= FRESH_O2_PCT * np.minimum(per_kg[:, O2] / 0.232, 1.0)
        into.is_blocked |= self.plan.in_wall(points, self._open > 0)
        into.is_blocked[at] |= self._fallen[room] > 0

    def _through_windows(self, points: Floats) -> Floats:
        """Hot gas seen through holes to the outside."""
        out = np.flatnonzero((self._open > 0) & (self.plan.beyond < 0))
        glow = _SIGMA * (self._layer_k()[self.plan.room[out]] ** 4 - self._air_k**4)
        away = np.maximum(((points[:, None, :] - self.plan.hole[out]) ** 2).sum(2), 1.0)
        return np.asarray((glow * self.plan.wide[out] * self.plan.tall[out] / (np.pi * away)).sum(1))

    def blocks(self, one: Floats, other: Floats) -> bool:
        return self.plan.between(one, other, self._open > 0)

    # --- what acts on it

    def act(self, action: Action) -> bool:
        at = point(action.at)
        if isinstance(action, Blow):
            return self._blow(at, action.joules)
        room = int(self.plan.room_of(at[None])[0])
        if isinstance(action, Water) and room >= 0:
            self._water_kj[room] += action.litres * STEAM_KJ_KG * WATER_SHARE
            return action.litres > 0.0
        if isinstance(action, Ignite):
            room = room if room >= 0 else self._nearest_room(at)
            return room >= 0 and self._ignite(room)
        if isinstance(action, Collapse) and room >= 0:
            self._fallen[room], self._power[room] = 1, 0.0
            return True
        return False

    def _nearest_room(self, at: Floats) -> int:
        """-1 when none is within reach of a flame."""
        gap = (np.maximum(np.maximum(self.plan.low - at, at - self.plan.high), 0.0) ** 2).sum(1)
        return int(np.argmin(gap)) if gap.min() <= FLAME_REACH_M**2 else -1

    def _ignite(self, room: int) -> bool:
        is_new = not self._lit[room] and self._fuel_kj[room] > 0.0 and not self._fallen[room]
        if is_new:
            self._lit[room] = 1
        return bool(is_new)

    def can_breach(self, at: Floats) -> bool:
        """Whether a tool at a point (3,) reaches a shut hole that yields to force."""
        return self._within_reach(at) >= 0

    def _within_reach(self, at: Floats) -> int:
        return self.plan.nearest_opening(at, (self._open == 0) & (self._needs_j > 0.0), BREACH_REACH_M)

    def _blow(self, at: Floats, joules: float) -> bool:
        hole = self._within_reach(at)
        if hole < 0:
            return False
        self._given_j[hole] += joules
        if self._given_j[hole] >= self._needs_j[hole]:
            self._open[hole] = 1
        return True

    def set_open(self, opening: int, is_open: bool) -> None:
        """Somebody opens or shuts a door."""
        self._open[opening] = int(is_open)

    # --- how it goes on

    def advance(self) -> None:
        for fire in self._spec.fires:
            due = self.now_s <= fire.at_s < self.now_s + self.pace_ns / NS
            if due:
                self._ignite(self.plan.rooms[fire.room])
        is_cold = not self._lit.any() and bool((self._layer_k() < self._air_k + 0.5).all())
        for _ in range(0 if is_cold else round(self.pace_ns / NS / _STEP_S)):
            self._burn(_STEP_S)
            self._exchange(_STEP_S)
        self._flash_over()
        self._water_kj *= 0.98  # runs off within a minute

    def _flash_over(self) -> None:
        """A room catches fire from its own hot layer and from a hot one behind an open hole."""
        hot = self.layer_c() > FLASHOVER_C
        joins = (self._open > 0) & (self.plan.beyond >= 0)
        room, beyond = self.plan.room[joins], self.plan.beyond[joins]
        near = hot.copy()
        near[room[hot[beyond]]] = True
        near[beyond[hot[room]]] = True
        for each in np.flatnonzero(near & (self._lit == 0) & (self._water_kj <= 0.0)).tolist():
            self._ignite(each)

    def _layer_k(self) -> Floats:
        return np.asarray(self._heat / (CP * self._mass))

    def _air_kw(self) -> Floats:
        """(r,) power that the air through open holes allows; through another room at most what that room gets."""
        passes = AIR_KW * self.plan.wide * self.plan.tall**1.5 * (self._open > 0)
        count = len(self._power)
        inner = self.plan.beyond >= 0
        own: Floats = np.asarray(np.bincount(self.plan.room[~inner], passes[~inner], count), float)
        total = own.copy()
        for room, beyond, most in zip(self.plan.room[inner], self.plan.beyond[inner], passes[inner], strict=True):
            total[room] += min(most, own[beyond])
            total[beyond] += min(most, own[room])
        return total

    def _burn(self, dt: float) -> None:
        grown = self._alpha * (np.sqrt(self._power / self._alpha) + dt) ** 2
        left = np.maximum(self._fuel_kj - self._burnt_kj, 0.0)
        fading = np.minimum(left / np.maximum(0.3 * self._fuel_kj, 1.0), 1.0)
        most = self._cap_kw * fading
        air = self._air_kw() + self._air_kj / dt
        is_starved = most > air
        power = np.where(self._lit > 0, np.minimum(grown, np.minimum(most, air)), 0.0)
        used = np.minimum(self._water_kj, power * HELD_S)
        power = power - used / HELD_S
        self._water_kj -= used
        self._put_out((self._lit > 0) & (power < 0.5 * self._alpha * dt**2) & (used > 0.0))
        self._put_out((self._lit > 0) & (left <= 0.0))
        self._power = np.where(self._lit > 0, power, 0.0)
        self._burnt_kj += self._power * dt
        self._air_kj = np.maximum(self._air_kj - np.maximum(self._power - self._air_kw(), 0.0) * dt, 0.0)
        made = self._power[:, None] * dt * YIELD_PER_KJ
        made[:, CO] += np.where(is_starved, self._power * dt * STARVED_CO_PER_KJ, 0.0)
        made[:, O2] = self._power * dt / O2_KJ_KG
        self._species += made

    def _put_out(self, which: Flags) -> None:
        self._lit[which] = 0

    def _exchange(self, dt: float) -> None:
        """Plumes fill the layers, holes drain them, walls and water cool them."""
        clear, layer, area = self.clear_m(), self._layer_k(), self.plan.area_m2
        convected = (1.0 - RADIANT) * self._power
        rises = 0.071 * np.cbrt(convected) * np.maximum(clear, 0.05) ** (5.0 / 3.0)
        mass, heat, species = rises * dt, (self._power + CP * rises * self._air_k) * dt, np.zeros_like(self._species)
        rim = 2.0 * (self.plan.size[:, 0] + self.plan.size[:, 1])
        touched = area + rim * (self.plan.size[:, 2] - clear)
        heat -= np.minimum(LOSS_KW_M2_K * touched * dt, 0.5 * CP * self._mass) * (layer - self._air_k)
        steam = np.minimum(self._water_kj, np.maximum(self._heat - CP * self._mass * 373.0, 0.0) * 0.5)
        heat -= steam
        self._water_kj -= steam
        self._drain(dt, clear, layer, mass, heat, species)
        self._mass += mass
        self._heat += heat
        self._species += species
        self._heat = np.minimum(self._heat, CP * self._mass * (HOTTEST_C + 273.15))
        self._vent_excess()

    def _drain(
        self, dt: float, clear: Floats, layer: Floats, mass: Floats, heat: Floats, species: Floats
    ) -> None:
        """Hot gas through the tops of open holes, into the room beyond or away."""
        for hole in np.flatnonzero(self._open > 0).tolist():
            sides = (int(self.plan.room[hole]), int(self.plan.beyond[hole]))
            for room, beyond in (sides, sides[::-1]):
                if room < 0:
                    continue
                top = self.plan.hole[hole, 2] + self.plan.tall[hole] / 2 - self.plan.low[room, 2]
                deep = min(top - clear[room], self.plan.tall[hole])
                cold = self._beyond_k(beyond, clear, layer, top - deep / 2)
                if deep <= 0.0 or layer[room] <= cold + 0.01:
                    continue
                thin, thick = KG_K_M3 / layer[room], KG_K_M3 / cold
                rate = 2 / 3 * DISCHARGE * self.plan.wide[hole] * np.sqrt(2.0 * thin * (thick - thin) * _G) * deep**1.5
                share = min(rate * dt / self._mass[room], 0.2)
                for amount, whole in ((mass, self._mass), (heat, self._heat), (species, self._species)):
                    amount[room] -= share * whole[room]
                    if beyond >= 0:
                        amount[beyond] += share * whole[room]

    def _beyond_k(self, beyond: int, clear: Floats, layer: Floats, height: float) -> float:
        return float(layer[beyond]) if beyond >= 0 and clear[beyond] < height else self._air_k

    def _vent_excess(self) -> None:
        """A layer that would reach below the floor leaks out through cracks."""
        volume = self._mass * self._layer_k() / KG_K_M3
        most = self.plan.area_m2 * self.plan.size[:, 2]
        keep = np.minimum(most / volume, 1.0)
        self._mass *= keep
        self._heat *= keep
        self._species *= keep[:, None]

    # --- state

    _KEPT: Final = (
        "mass", "heat", "species", "power", "burnt_kj", "lit", "air_kj", "water_kj", "fallen", "open", "given_j",
    )

    def arrays(self) -> Arrays:
        return {name: getattr(self, f"_{name}").copy() for name in self._KEPT}

    def restore(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        for name in self._KEPT:
            setattr(self, f"_{name}", arrays[name].copy())
