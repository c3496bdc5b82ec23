"""Physical sense of the [hazard.*] tables: nobody inside rock, no gallery to nowhere, nothing lit that cannot burn."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as ShapelyPoint

from sim.hazards.fuels import standard_fuels
from sim.hazards.hazard import Floats
from sim.people.lost import OURS, NoBehaviour, distances
from sim.scenarios import mine_sense
from sim.scenarios.hazards import HazardSpec, OpeningSpec, PersonKind, Point, RoomSpec
from sim.scenarios.model import Pose, Scenario
from sim.scenarios.source import Source

MOST_CELLS = 90_000
_ON_WALL_M = 0.3
_OUTSIDE = "outside"

InReservoir = Callable[[Scenario, Point], bool]


def check(source: Source, scenario: Scenario, in_reservoir: InReservoir) -> None:
    """Raises ScenarioError for the first thing that makes no sense."""
    _points(source, scenario)
    _wind(source, scenario.hazard)
    _wildfire(source, scenario)
    mine_sense.check(source, scenario.hazard)
    _building(source, scenario.hazard)
    _rubble(source, scenario.hazard)
    _plume(source, scenario.hazard)
    _waters(source, scenario)
    _people(source, scenario, in_reservoir)


def with_whole_paths(scenario: Scenario, file: Path) -> Scenario:
    """Files that a scenario names are looked for beside it."""
    people = tuple(
        replace(person, behaviour=str(file.parent / person.behaviour)) if person.behaviour else person
        for person in scenario.hazard.people
    )
    return replace(scenario, hazard=replace(scenario.hazard, people=people))


def _all_points(hazard: HazardSpec) -> Iterable[tuple[str, Point]]:
    if fire := hazard.wildfire:
        yield from ((f"hazard.wildfire.ignitions_m[{n}]", at) for n, at in enumerate(fire.ignitions_m))
    if mine := hazard.gallery:
        yield from ((f"hazard.gallery.nodes[{n}].at_m", node.at_m) for n, node in enumerate(mine.nodes))
    if house := hazard.building:
        for n, room in enumerate(house.rooms):
            yield f"hazard.building.rooms[{n}].at_m", room.at_m
            yield f"hazard.building.rooms[{n}].size_m", (room.at_m[0] + room.size_m[0], room.at_m[1] + room.size_m[1])
    if hazard.rubble:
        yield "hazard.rubble.at_m", hazard.rubble.at_m
    if hazard.plume:
        yield "hazard.plume.at_m", hazard.plume.at_m
    if hazard.waters and hazard.waters.river:
        yield from ((f"hazard.waters.river.line_m[{n}]", at) for n, at in enumerate(hazard.waters.river.line_m))
    for n, person in enumerate(hazard.people):
        if person.at_m:
            yield f"hazard.people[{n}].at_m", person.at_m


def _points(source: Source, scenario: Scenario) -> None:
    half = scenario.terrain.size_m / 2
    for field, (east, north) in _all_points(scenario.hazard):
        if max(abs(east), abs(north)) > half:
            raise source.error(field, f"lies outside the terrain; keep both numbers within ±{half:g}")


def _wind(source: Source, hazard: HazardSpec) -> None:
    for n, step in enumerate(hazard.wind[1:], start=1):
        if step.at_s <= hazard.wind[n - 1].at_s:
            raise source.error(f"hazard.wind[{n}].at_s", f"does not come after {hazard.wind[n - 1].at_s:g}; sort them")


def _wildfire(source: Source, scenario: Scenario) -> None:
    fire = scenario.hazard.wildfire
    if fire is None:
        return
    fuels = standard_fuels()
    named = [("hazard.wildfire.fuel", fire.fuel)]
    named += [(f"hazard.wildfire.patches[{n}].fuel", patch.fuel) for n, patch in enumerate(fire.patches)]
    for field, fuel in named:
        if fuel not in fuels.names:
            raise source.error(field, f"{fuel!r} is no fuel model; use FM1 to FM13 or a code such as GR2, TU1, NB8")
    for n, patch in enumerate(fire.patches):
        if len(patch.area_m) < 3 or not Polygon(patch.area_m).is_valid:
            raise source.error(f"hazard.wildfire.patches[{n}].area_m", "is no simple polygon; give 3 or more corners")
    if (scenario.terrain.size_m / fire.cell_m) ** 2 > MOST_CELLS:
        least = scenario.terrain.size_m / MOST_CELLS**0.5
        raise source.error("hazard.wildfire.cell_m", f"makes too many cells; give at least {least:.1f}")
    for n, at in enumerate(fire.ignitions_m):
        over = [patch.fuel for patch in fire.patches if Polygon(patch.area_m).contains(ShapelyPoint(at))]
        fuel = over[-1] if over else fire.fuel
        if not fuels.loads[fuels.row(fuel)].any():
            raise source.error(f"hazard.wildfire.ignitions_m[{n}]", f"lies on {fuel}, which does not burn; move it")


def _building(source: Source, hazard: HazardSpec) -> None:
    house = hazard.building
    if house is None:
        return
    if not house.rooms:
        raise source.error("hazard.building.rooms", "is empty; add a [[hazard.building.rooms]] table")
    rooms = {room.id: room for room in house.rooms}
    for (_, first), (k, second) in combinations(enumerate(house.rooms), 2):
        if first.id == second.id:
            raise source.error(f"hazard.building.rooms[{k}].id", f"{second.id!r} is taken; give another id")
        if _overlap(first, second):
            raise source.error(f"hazard.building.rooms[{k}].at_m", f"lies over {first.id}; rooms may only touch")
    for n, hole in enumerate(house.openings):
        _opening(source, rooms, f"hazard.building.openings[{n}]", hole)
    for n, fire in enumerate(house.fires):
        if fire.room not in rooms:
            raise source.error(f"hazard.building.fires[{n}].room", _unknown(fire.room, "room", rooms))


def _overlap(one: RoomSpec, other: RoomSpec) -> bool:
    low = [max(one.at_m[k], other.at_m[k]) for k in (0, 1)] + [max(one.up_m, other.up_m)]
    high = [min(one.at_m[k] + one.size_m[k], other.at_m[k] + other.size_m[k]) for k in (0, 1)]
    high.append(min(one.up_m + one.height_m, other.up_m + other.height_m))
    return all(a < b - 1e-6 for a, b in zip(low, high, strict=True))


def _opening(source: Source, rooms: dict[str, RoomSpec], field: str, hole: OpeningSpec) -> None:
    if hole.room not in rooms:
        raise source.error(f"{field}.room", _unknown(hole.room, "room", rooms))
    if hole.to != _OUTSIDE and hole.to not in rooms:
        raise source.error(f"{field}.to", f'{hole.to!r} is no room; use "outside" or one of {", ".join(rooms)}')
    if hole.to == hole.room:
        raise source.error(f"{field}.to", f"leads from {hole.room} to itself; name another room")
    for name in (hole.room, hole.to):
        if name != _OUTSIDE and _off_wall(rooms[name], hole.at_m) > _ON_WALL_M:
            raise source.error(f"{field}.at_m", f"is not in a wall of {name}; put it on its edge")
    if hole.sill_m + hole.height_m > rooms[hole.room].height_m + 1e-9:
        most = rooms[hole.room].height_m - hole.sill_m
        raise source.error(f"{field}.height_m", f"reaches above the ceiling of {hole.room}; give at most {most:g}")


def _off_wall(room: RoomSpec, at: Point) -> float:
    (west, south), (wide, deep) = room.at_m, room.size_m
    edge = Polygon([(west, south), (west + wide, south), (west + wide, south + deep), (west, south + deep)]).exterior
    return float(edge.distance(ShapelyPoint(at)))


def _rubble(source: Source, hazard: HazardSpec) -> None:
    pile = hazard.rubble
    if pile is None:
        return
    for n, void in enumerate(pile.cavities):
        fits = all(abs(void.at_m[k] - pile.at_m[k]) + void.size_m[k] / 2 <= pile.size_m[k] / 2 for k in (0, 1))
        if not fits or not void.size_m[2] / 2 <= void.up_m <= pile.height_m - void.size_m[2] / 2:
            remedy = f"{void.id} does not fit into the pile; move or shrink it"
            raise source.error(f"hazard.rubble.cavities[{n}]", remedy)
        if void.id in [other.id for other in pile.cavities[:n]]:
            raise source.error(f"hazard.rubble.cavities[{n}].id", f"{void.id!r} is taken; give another id")


def _plume(source: Source, hazard: HazardSpec) -> None:
    plume = hazard.plume
    if plume is None:
        return
    if plume.stability not in ("", *"ABCDEF"):
        raise source.error("hazard.plume.stability", f"is {plume.stability!r}; give one of A, B, C, D, E, F")
    rooms = [room.id for room in hazard.building.rooms] if hazard.building else []
    if plume.burns_in and plume.burns_in not in rooms:
        raise source.error("hazard.plume.burns_in", _unknown(plume.burns_in, "room", rooms))
    if plume.rate_kg_s == 0.0 and not (plume.burns_in and plume.kg_per_mj > 0.0):
        raise source.error("hazard.plume.rate_kg_s", "is 0, so nothing is let go; give it, or burns_in and kg_per_mj")
    if plume.until_s <= plume.from_s:
        raise source.error("hazard.plume.until_s", f"is not after from_s; give more than {plume.from_s:g}")


def _waters(source: Source, scenario: Scenario) -> None:
    waters = scenario.hazard.waters
    if waters is None:
        return
    if waters.river is None and scenario.reservoir is None:
        raise source.error("hazard.waters", "has no water; add [hazard.waters.river] or [reservoir]")
    line = waters.river.line_m if waters.river else ()
    if waters.river and (len(line) < 2 or any(a == b for a, b in pairwise(line))):
        raise source.error("hazard.waters.river.line_m", "is no line; give two or more different points, downstream")


def _people(source: Source, scenario: Scenario, in_reservoir: InReservoir) -> None:
    hazard = scenario.hazard
    places = places_of(hazard)
    for n, person in enumerate(hazard.people):
        field = f"hazard.people[{n}]"
        if person.id in [other.id for other in hazard.people[:n]]:
            raise source.error(f"{field}.id", f"{person.id!r} is taken; give another id")
        if person.pose not in list(Pose):
            raise source.error(f"{field}.pose", f"is {person.pose!r}; use one of {', '.join(Pose)}")
        if person.kind is PersonKind.TRAPPED:
            if person.inside not in places:
                known = f"use one of {', '.join(places)}" if places else "add a gallery, building or rubble"
                where = f"{person.inside!r} is no node, room or cavity"
                raise source.error(f"{field}.inside", f"{person.id} would be inside rock: {where}; {known}")
            continue
        if person.at_m is None:
            raise source.error(f"{field}.at_m", "is missing; add at_m = [east, north]")
        is_wet = in_reservoir(scenario, person.at_m) or _in_river(hazard, person.at_m)
        if person.kind is PersonKind.SWIMMER and not is_wet:
            raise source.error(f"{field}.at_m", f"is on land, but {person.id} is a swimmer; move it into the water")
        if person.kind is PersonKind.HIKER:
            _hiker(source, field, hazard, n, is_wet)


def _hiker(source: Source, field: str, hazard: HazardSpec, n: int, is_wet: bool) -> None:
    person = hazard.people[n]
    at = person.at_m or (0.0, 0.0)
    if is_wet:
        raise source.error(f"{field}.at_m", f"is in the water, but {person.id} is a hiker; move it on land")
    if (pile := hazard.rubble) and all(abs(at[k] - pile.at_m[k]) <= pile.size_m[k] / 2 for k in (0, 1)):
        raise source.error(f"{field}.at_m", f"is inside the rubble; move {person.id} or make it trapped in a cavity")
    file = source.file.parent / person.behaviour if person.behaviour else OURS
    try:
        distances(person.category, person.country, file)
    except NoBehaviour as reason:
        raise source.error(f"{field}.category", str(reason)) from reason


def _in_river(hazard: HazardSpec, at: Point) -> bool:
    river = hazard.waters.river if hazard.waters else None
    return river is not None and float(LineString(river.line_m).distance(ShapelyPoint(at))) < river.width_m / 2


def places_of(hazard: HazardSpec) -> dict[str, Floats]:
    """Where people can be trapped, by name: nodes and rooms at their floor, cavities at their bottom."""
    places: dict[str, Floats] = {}
    for node in hazard.gallery.nodes if hazard.gallery else ():
        places[node.id] = np.array([*node.at_m, node.up_m])
    for room in hazard.building.rooms if hazard.building else ():
        places[room.id] = np.array([room.at_m[0] + room.size_m[0] / 2, room.at_m[1] + room.size_m[1] / 2, room.up_m])
    for void in hazard.rubble.cavities if hazard.rubble else ():
        places[void.id] = np.array([*void.at_m, void.up_m - void.size_m[2] / 2 + 0.05])
    return places


def _unknown(name: str, what: str, known: Iterable[str]) -> str:
    names = list(known)
    return f"{name!r} is no {what}; " + (f"use one of {', '.join(names)}" if names else f"add a {what}")

