"""Places the lost group: in groups near the last known point, on land, half hidden by trees, seen from enough sides."""

from math import cos, hypot, pi, sin

import numpy as np
import numpy.typing as npt
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry import Polygon

from sim.scenarios.model import Point, Pose, Scenario
from sim.scenarios.sense import inside_reservoir
from sim.worlds.chance import generator
from sim.worlds.model import Blobs, Person
from sim.worlds.sight import AZIMUTHS, clear_azimuths
from world.position import Enu
from world.terrain import Terrain

Floats = npt.NDArray[np.float64]

_SEEN_FROM = round(0.45 * AZIMUTHS)
"""Azimuths of 16 that must be clear at 45 degrees: with looks from both lane directions nobody is invisible."""
_EDGE_M = 15.0
_GROUPS_APART_M = (45.0, 120.0)
_DRAWS = 4000
_CHEST_M = {Pose.STANDING: 1.2, Pose.WAVING: 1.2, Pose.SITTING: 0.8, Pose.LYING: 0.2}


class NoRoomForPeople(ValueError):
    """The scenario leaves no spot that satisfies every condition: less forest or a wider radius is needed."""


def place(scenario: Scenario, terrain: Terrain, blobs: Blobs) -> tuple[Person, ...]:
    """One person per pose, in a seeded order. Raises NoRoomForPeople."""
    chance = generator(scenario.seed, "people")
    poses = [scenario.people.poses[k] for k in chance.permutation(len(scenario.people.poses))]
    placed: list[tuple[Point, int]] = []
    people: list[Person] = []
    for number, pose in enumerate(poses):
        group = number * scenario.people.groups // len(poses)
        at = _spot(scenario, terrain, blobs, chance, placed, group, pose)
        placed.append((at, group))
        person = Person(
            id=f"P{number + 1}",
            at=Enu(east_m=at[0], north_m=at[1], up_m=terrain.height_m(*at)),
            heading_deg=round(float(chance.uniform(0.0, 360.0)), 1),
            pose=pose,
            height_m=round(float(chance.uniform(1.62, 1.84)), 2),
            slope=_slope(terrain, at),
            look=number,
        )
        people.append(person)
    return tuple(people)


def _slope(terrain: Terrain, at: Point) -> tuple[float, float]:
    east = terrain.height_m(at[0] + 0.5, at[1]) - terrain.height_m(at[0] - 0.5, at[1])
    north = terrain.height_m(at[0], at[1] + 0.5) - terrain.height_m(at[0], at[1] - 0.5)
    return east, north


def _spot(
    scenario: Scenario,
    terrain: Terrain,
    blobs: Blobs,
    chance: np.random.Generator,
    placed: list[tuple[Point, int]],
    group: int,
    pose: Pose,
) -> Point:
    """A free spot, rather one under the edge of a canopy for every second person; centimetres are enough."""
    area = Polygon(scenario.search.area_m).buffer(-_EDGE_M)
    wants_canopy = len(placed) % 2 == 1
    spare: Point | None = None
    for draw in range(_DRAWS):
        at = _candidate(scenario, chance, placed, group)
        if not area.contains(ShapelyPoint(at)) or inside_reservoir(scenario, at):
            continue
        if not _apart(scenario, at, placed, group) or not _stands_free(at, blobs):
            continue
        chest = np.array([at[0], at[1], terrain.height_m(*at) + _CHEST_M[pose]])
        seen = int(clear_azimuths(chest, blobs, terrain).sum())
        if seen < _SEEN_FROM:
            continue
        if not wants_canopy or seen < AZIMUTHS or draw > 300:
            return spare or at
        spare = spare or at
    if spare:
        return spare
    raise NoRoomForPeople("no free spot near search.last_known_point_m; lower forest.cover or raise people.within_m")


def _candidate(
    scenario: Scenario, chance: np.random.Generator, placed: list[tuple[Point, int]], group: int
) -> Point:
    """Near a member of the same group, or a new group's first place within the radius."""
    spec = scenario.people
    mates = [at for at, other in placed if other == group]
    if mates:
        base = mates[int(chance.integers(len(mates)))]
        reach = float(chance.uniform(spec.apart_min_m, spec.apart_max_m))
    else:
        base = scenario.search.last_known_point_m
        reach = (spec.within_m - 2 * spec.apart_max_m) * float(chance.uniform(0.0, 1.0)) ** 0.5
    bearing = float(chance.uniform(0.0, 2 * pi))
    return (round(base[0] + reach * sin(bearing), 2), round(base[1] + reach * cos(bearing), 2))


def _apart(scenario: Scenario, at: Point, placed: list[tuple[Point, int]], group: int) -> bool:
    spec = scenario.people
    lkp = scenario.search.last_known_point_m
    if hypot(at[0] - lkp[0], at[1] - lkp[1]) > spec.within_m:
        return False
    for other, others_group in placed:
        gap = hypot(at[0] - other[0], at[1] - other[1])
        if gap < spec.apart_min_m:
            return False
        if others_group != group and not _GROUPS_APART_M[0] <= gap <= _GROUPS_APART_M[1] + 2 * spec.apart_max_m:
            return False
    return True


def _stands_free(at: Point, blobs: Blobs) -> bool:
    """Not in a trunk or rock, and not inside a low crown."""
    away = np.hypot(blobs.centre_m[:, 0] - at[0], blobs.centre_m[:, 1] - at[1])
    is_rock = blobs.trunk_m == 0.0
    low = blobs.centre_m[:, 2] - blobs.half_height_m - blobs.ground_m < 2.2
    solid = np.where(is_rock | low, blobs.radius_m + 0.6, blobs.trunk_m + 0.6)
    return bool((away > solid).all())
