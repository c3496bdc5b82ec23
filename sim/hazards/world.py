"""All disasters of a scenario as one: stepped in a fixed order, felt and acted upon together, one hash, one snapshot.

What one does to another happens every ten seconds, before anybody steps: a forest fire lights a house (12.5 kW/m2 on
its walls: piloted ignition of wood, from memory), a burning house lights the forest around it, the fire of a store
feeds its cloud. People are last: they feel what all others have become.
"""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.engine.backends import Backend
from sim.hazards.building import Building
from sim.hazards.gallery import Gallery
from sim.hazards.hazard import NS, Action, Arrays, Conditions, Floats, Hazard, Ignite, point
from sim.hazards.plume import Plume
from sim.hazards.rubble import Rubble
from sim.hazards.waters import Waters
from sim.hazards.wildfire import Wildfire
from sim.hazards.winds import Winds
from sim.payloads.surroundings import Gas, Surroundings
from sim.people.crowd import Crowd
from sim.scenarios.hazard_sense import places_of
from sim.scenarios.hazards import GallerySpec, WatersSpec
from sim.scenarios.model import Scenario
from sim.worlds.model import Water as Lake
from world.position import Enu
from world.terrain import Terrain

COUPLE_NS: Final = 10 * NS
PILOTED_KW_M2: Final = 12.5
_WALL_AWAY_M: Final = 0.5
_BRUSH_AWAY_M: Final = 3.0
_COVER_M: Final = 1.0
"""Least rock above a node that is no mouth."""
WALL_YIELDS_N, RUBBLE_YIELDS_N = 20_000.0, 15_000.0
"""Force at which brick and broken concrete give way to a breaching tool; estimates."""


class Misplaced(ValueError):
    """Something cannot be where the scenario puts it on this seed's ground: says what, how far off, and the remedy."""


class HazardWorld:
    """`of` a scenario: only what its tables name is there. Times are simulated nanoseconds since its start."""

    def __init__(
        self, scenario: Scenario, terrain: Terrain, *, lake: Lake | None = None, backend: Backend = Backend.COMPILED
    ) -> None:
        """Raises Misplaced."""
        self.now_ns = 0
        self._terrain = terrain
        self._air_c = scenario.weather.air_c
        spec, weather = scenario.hazard, scenario.weather
        self.winds = winds = Winds.of(weather.wind_m_s, weather.wind_from_deg, spec.wind)
        has_water = spec.waters is not None or lake is not None
        self.waters = Waters(spec.waters or WatersSpec(), terrain, winds, lake=lake) if has_water else None
        self.wildfire = Wildfire(
            spec.wildfire, terrain, winds, seed=scenario.seed, air_c=weather.air_c, backend=backend,
            in_water=self.waters.in_water if self.waters else None,
        ) if spec.wildfire else None
        rooms = [(room.at_m[0] + room.size_m[0] / 2, room.at_m[1] + room.size_m[1] / 2) for room in
                 (spec.building.rooms if spec.building else ())]
        self._house_up = float(np.mean([terrain.height_m(*at) for at in rooms])) if rooms else 0.0
        self._pile_up = terrain.height_m(*spec.rubble.at_m) if spec.rubble else 0.0
        self.building = Building(
            spec.building, ground_up_m=self._house_up, air_c=weather.air_c
        ) if spec.building else None
        self._walls, self._brush = (
            self._rim(away) if self.building else np.zeros((0, 3)) for away in (_WALL_AWAY_M, _BRUSH_AWAY_M)
        )
        self.rubble = Rubble(spec.rubble, ground_up_m=self._pile_up) if spec.rubble else None
        solid = _with_beds(terrain, self.waters)
        self.gallery = Gallery(_on_ground(spec.gallery, solid), solid, backend=backend) if spec.gallery else None
        self.plume = Plume(
            spec.plume, winds, terrain=terrain, sun_elevation_deg=weather.sun_elevation_deg
        ) if spec.plume else None
        self._fed_by = spec.plume.burns_in if spec.plume else ""
        danger = spec.plume.danger_mg_m3 if spec.plume else 29.0
        self.people = Crowd(
            spec.people, self._starts(scenario), terrain, winds, seed=scenario.seed, conditions=self.feel,
            waters=self.waters, danger_mg_m3=danger,
        )
        found: list[Hazard | None] = [
            self.waters, self.wildfire, self.building, self.rubble, self.gallery, self.plume, self.people,
        ]
        self.hazards: tuple[Hazard, ...] = tuple(hazard for hazard in found if hazard is not None)

    def _starts(self, scenario: Scenario) -> Floats:
        """(n, 3) where everybody is at first."""
        spec, starts = scenario.hazard, []
        places = places_of(spec)
        for person in spec.people:
            if person.at_m is None:
                at = places[person.inside].copy()
                if self.gallery and person.inside in self.gallery.mine.nodes:
                    at = self.gallery.mine.node_at[self.gallery.mine.nodes[person.inside]]
                elif self.building and person.inside in self.building.plan.rooms:
                    at[2] += self._house_up
                else:
                    at[2] += self._pile_up
                starts.append(at)
                continue
            up = self._terrain.height_m(*person.at_m)
            if self.waters and not np.isnan(level := self.waters.surface_up_m(np.array([person.at_m]))[0]):
                up = float(level)
            starts.append(np.array([*person.at_m, up]))
        return np.array(starts).reshape(-1, 3)

    # --- how it goes on

    def step(self, to_ns: int) -> None:
        """Through the last whole second before `to_ns`; how often it is called changes nothing."""
        while self.now_ns + NS <= to_ns:
            if self.now_ns % COUPLE_NS == 0:
                self._couple()
            self.now_ns += NS
            for hazard in self.hazards:
                hazard.step(self.now_ns)

    def _couple(self) -> None:
        if self.plume is not None and self.building is not None and self._fed_by:
            self.plume.feed(self.building.power_kw(self._fed_by))
        if self.wildfire is None or self.building is None:
            return
        walls = self._walls
        felt = Conditions.fresh(len(walls))
        self.wildfire.feel(walls, felt)
        for at in walls[felt.heat_kw_m2 > PILOTED_KW_M2]:
            self.building.act(Ignite(at=_enu(at)))
        brush = self._brush
        felt = Conditions.fresh(len(brush))
        self.building.feel(brush, felt)
        for at in brush[felt.heat_kw_m2 > PILOTED_KW_M2]:
            self.wildfire.act(Ignite(at=_enu(at)))

    def _rim(self, away_m: float) -> Floats:
        """(n, 3) points around every room at breast height, outside the building."""
        assert self.building is not None
        low, high = self.building.plan.low, self.building.plan.high
        middle = (low + high) / 2
        half = (high - low) / 2 + away_m
        sides = [middle + half * np.array(side) for side in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0))]
        points = np.vstack(sides)
        points[:, 2] = np.tile(low[:, 2], 4) + 1.2
        return points[~self.building.shelters(points)]

    # --- what it answers

    def feel(self, points: Floats) -> Conditions:
        """What points (n, 3) ENU are in. Rock shelters from all that is above ground, walls from what is outside."""
        into = Conditions.fresh(len(points), self._air_c)
        below = self.gallery.is_underground(points) if self.gallery else np.zeros(len(points), bool)
        if self.gallery is not None:
            self.gallery.feel(points, into)
        indoors = ~below & (self.building.shelters(points) if self.building else False)
        outdoors = ~below & ~indoors
        for hazard, where in (
            (self.building, ~below), (self.rubble, ~below), (self.waters, outdoors), (self.wildfire, outdoors),
            (self.plume, outdoors),
        ):
            if hazard is not None and where.any():
                _feel_some(hazard, points, where, into)
        return into

    def at(self, place: Enu) -> Conditions:
        """`feel` at one point."""
        return self.feel(point(place)[None])

    def gas(self, place: Enu) -> Gas:
        """As the gas sensor's twin asks."""
        felt = self.at(place)
        return Gas(
            ch4_pct=float(felt.ch4_pct[0]), co_ppm=float(felt.co_ppm[0]), o2_pct=float(felt.o2_pct[0]),
            co2_pct=float(felt.co2_pct[0]), temperature_c=float(felt.air_c[0]),
        )

    def blocks(self, one: Enu, other: Enu) -> bool:
        """Whether rock, rubble or a wall stands between two points."""
        ends = point(one), point(other)
        return any(hazard.blocks(*ends) for hazard in self.hazards)

    def surroundings(self, place: Enu, since_ns: int, start_utc_ns: int) -> Surroundings:
        """What a vehicle's payloads meet there; knocks since `since_ns`. Hoses and loads are not known here."""
        felt = self.at(place)
        level = float(felt.water_up_m[0])
        return Surroundings(
            gas=self.gas, tags=self.people.tags(), is_blocked=self.blocks,
            tremors=self.people.tremors(since_ns, self.now_ns, start_utc_ns),
            yields_at_n=self._yields_at_n(place),
            intake_depth_m=0.0 if np.isnan(level) else max(level - place.up_m, 0.0),
        )

    def _yields_at_n(self, place: Enu) -> float | None:
        at = point(place)
        if self.building is not None and self.building.can_breach(at):
            return WALL_YIELDS_N
        if self.rubble is not None and self.rubble.can_dig(at):
            return RUBBLE_YIELDS_N
        return None

    # --- what acts on it

    def act(self, action: Action) -> tuple[str, ...]:
        """Names of the hazards that the action changed: only those that are where it happens."""
        at = point(action.at)[None]
        found: tuple[Hazard | None, ...] = self.hazards
        if self.gallery is not None and self.gallery.is_underground(at)[0]:
            found = (self.gallery,)
        elif self.building is not None and self.building.shelters(at)[0]:
            found = (self.building, self.rubble)
        return tuple(hazard.name for hazard in found if hazard is not None and hazard.act(action))

    # --- state

    def snapshot(self) -> Arrays:
        arrays: Arrays = {"now_ns": np.array([self.now_ns], np.int64)}
        for hazard in self.hazards:
            arrays |= {f"{hazard.name}.{name}": array for name, array in hazard.snapshot().items()}
        return arrays

    def resume(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        """Go on from a snapshot of a world built of the same scenario and seed."""
        self.now_ns = int(arrays["now_ns"][0])
        for hazard in self.hazards:
            own = f"{hazard.name}."
            hazard.resume({name[len(own) :]: array for name, array in arrays.items() if name.startswith(own)})

    def digest(self) -> str:
        """32 hex digits over all of them, for the state hash of every simulated second."""
        whole = blake2b(self.now_ns.to_bytes(8, "little"), digest_size=16)
        for hazard in self.hazards:
            whole.update(f"{hazard.name} {hazard.digest()} ".encode())
        return whole.hexdigest()


def _feel_some(hazard: Hazard, points: Floats, where: npt.NDArray[np.bool_], into: Conditions) -> None:
    """Only the points at `where` feel the hazard."""
    part = into.at(where)
    hazard.feel(points[where], part)
    into.put(where, part)


def _enu(at: Floats) -> Enu:
    return Enu(east_m=float(at[0]), north_m=float(at[1]), up_m=float(at[2]))


def _with_beds(terrain: Terrain, waters: Waters | None) -> Terrain:
    """Ground as it is under water, too."""
    if waters is None:
        return terrain
    rows, cols = np.indices(terrain.heights_m.shape)
    nodes = np.column_stack([
        terrain.west_m + cols.ravel() * terrain.cell_m, terrain.south_m + rows.ravel() * terrain.cell_m
    ])
    depth = waters.depth_m(nodes).reshape(rows.shape)
    return replace(terrain, heights_m=(terrain.heights_m - depth).astype(np.float32))


def _on_ground(spec: GallerySpec, terrain: Terrain) -> GallerySpec:
    """Mouths are put on the ground; every other node must have rock above it. Raises Misplaced."""
    nodes = []
    for node in spec.nodes:
        ground = terrain.height_m(*node.at_m)
        roof = max(road.height_m for road in spec.roads if node.id in road.between)
        if node.is_open:
            node = replace(node, up_m=ground)
        elif node.up_m + roof + _COVER_M > ground:
            lower = ground - roof - _COVER_M
            raise Misplaced(
                f"hazard.gallery node {node.id} would come out of the ground, which lies at {ground:.1f} m there; give "
                f"up_m = {np.floor(lower):g} or less, or make it a mouth with is_open = true"
            )
        nodes.append(node)
    return replace(spec, nodes=tuple(nodes))
