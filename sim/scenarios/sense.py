"""Physical sense of a scenario that reads well: things lie where they can be, and names are unique."""

from collections.abc import Callable
from itertools import combinations
from math import dist

from shapely.geometry import Point as ShapelyPoint
from shapely.geometry import Polygon

from sim.payloads.rack import TWINS
from sim.scenarios import hazard_sense
from sim.scenarios.expect import check_expectations
from sim.scenarios.model import SCHEMA, Point, Scenario, VehicleKind
from sim.scenarios.source import Source

PAD_SPACING_M = 12.0
"""Copters on the ground: two 450-class machines that drift 3 m on take-off keep 6 m."""


def check(source: Source, scenario: Scenario) -> None:
    """Raises ScenarioError for the first thing that makes no sense."""
    for rule in _RULES:
        rule(source, scenario)
    hazard_sense.check(source, scenario, inside_reservoir)


def inside_reservoir(scenario: Scenario, at: Point) -> bool:
    lake = scenario.reservoir
    if lake is None:
        return False
    x, y = ((at[k] - lake.at_m[k]) / lake.half_axes_m[k] for k in (0, 1))
    return x * x + y * y <= 1.0


def _inside_terrain(source: Source, scenario: Scenario) -> None:
    half = scenario.terrain.size_m / 2
    points = [("search.last_known_point_m", scenario.search.last_known_point_m), ("launch.at_m", scenario.launch.at_m)]
    points += [(f"search.area_m[{n}]", at) for n, at in enumerate(scenario.search.area_m)]
    if scenario.fire:
        points.append(("fire.at_m", scenario.fire.at_m))
    if scenario.reservoir:
        points.append(("reservoir.at_m", scenario.reservoir.at_m))
    for n, vehicle in enumerate(scenario.vehicles):
        points.append((f"vehicles[{n}].home_m", vehicle.home_m))
        points += [(f"vehicles[{n}].patrol_m[{k}]", at) for k, at in enumerate(vehicle.patrol_m)]
    for field, (east, north) in points:
        if max(abs(east), abs(north)) > half:
            raise source.error(field, f"lies outside the terrain; keep both numbers within ±{half:g}")


def _area(source: Source, scenario: Scenario) -> None:
    corners = scenario.search.area_m
    if len(corners) < 3 or not Polygon(corners).is_valid:
        raise source.error("search.area_m", "is no simple polygon; give 3 or more corners in order, no crossing edges")
    area = Polygon(corners)
    if not area.contains(ShapelyPoint(scenario.search.last_known_point_m)):
        raise source.error("search.last_known_point_m", "lies outside search.area_m; move it or widen the area")
    if scenario.fire and area.distance(ShapelyPoint(scenario.fire.at_m)) <= scenario.fire.radius_m:
        raise source.error("fire.at_m", "burns inside search.area_m; move it or make fire.radius_m smaller")
    if scenario.reservoir and inside_reservoir(scenario, scenario.search.last_known_point_m):
        raise source.error("search.last_known_point_m", "lies in the reservoir; move it on land")


def _people(source: Source, scenario: Scenario) -> None:
    people = scenario.people
    if not people.poses:
        raise source.error("people.poses", "is empty; give one pose per person")
    if people.apart_max_m < 2 * people.apart_min_m:
        raise source.error("people.apart_max_m", f"leaves no room; give at least {2 * people.apart_min_m:g}")
    if people.groups > len(people.poses):
        raise source.error("people.groups", f"is more than there are people; give at most {len(people.poses)}")


def _names(source: Source, scenario: Scenario) -> None:
    if not scenario.vehicles:
        raise source.error("vehicles", "is empty; add a [[vehicles]] table")
    for (n, first), (k, second) in combinations(enumerate(scenario.vehicles), 2):
        if first.id == second.id:
            raise source.error(f"vehicles[{k}].id", f"{second.id!r} is taken by vehicles[{n}]; give another id")
        if first.sysid == second.sysid:
            raise source.error(f"vehicles[{k}].sysid", f"{second.sysid} is taken by {first.id}; give another sysid")
    known = {vehicle.id for vehicle in scenario.vehicles}
    for n, event in enumerate(scenario.events):
        if event.vehicle not in known:
            remedy = f"{event.vehicle!r} is no vehicle; use one of {', '.join(sorted(known))}"
            raise source.error(f"events[{n}].vehicle", remedy)


def _homes(source: Source, scenario: Scenario) -> None:
    for n, vehicle in enumerate(scenario.vehicles):
        is_plane = vehicle.kind is VehicleKind.PLANE
        route = [(f"vehicles[{n}].home_m", vehicle.home_m)]
        route += [(f"vehicles[{n}].patrol_m[{k}]", at) for k, at in enumerate(vehicle.patrol_m)]
        for field, at in route:
            in_water = inside_reservoir(scenario, at)
            if vehicle.kind.swims and not in_water:
                remedy = f"is on land, but {vehicle.id} is a {vehicle.kind}; move it into the reservoir"
                raise source.error(field, remedy)
            if not vehicle.kind.swims and in_water and (field.endswith("home_m") or not is_plane):
                raise source.error(field, f"is in the reservoir, but {vehicle.id} is a {vehicle.kind}; move it on land")
        if vehicle.depth_m > 0 and (vehicle.kind is not VehicleKind.SUB):
            raise source.error(f"vehicles[{n}].depth_m", "is for subs only; remove it")
    for (_, first), (k, second) in combinations(enumerate(scenario.vehicles), 2):
        both_fly = {first.kind, second.kind} <= {VehicleKind.COPTER, VehicleKind.PLANE}
        if both_fly and (gap := dist(first.home_m, second.home_m)) < PAD_SPACING_M:
            remedy = f"is {gap:.1f} m from {first.id}; keep pads {PAD_SPACING_M:g} m apart"
            raise source.error(f"vehicles[{k}].home_m", remedy)


def _payloads(source: Source, scenario: Scenario) -> None:
    for n, vehicle in enumerate(scenario.vehicles):
        for k, name in enumerate(vehicle.payloads):
            field = f"vehicles[{n}].payloads[{k}]"
            if name not in TWINS:
                raise source.error(field, f"{name!r} is no payload; use one of {', '.join(TWINS)}")
            carriers = TWINS[name].carriers
            if carriers is not None and vehicle.kind.value not in carriers:
                remedy = f"{name} is not carried by a {vehicle.kind}; give it to a {' or '.join(sorted(carriers))}"
                raise source.error(field, remedy)
            if TWINS[name].is_single and name in vehicle.payloads[:k]:
                raise source.error(field, f"{name} is there twice; its status names no instance, so keep one")


def _schema(source: Source, scenario: Scenario) -> None:
    if scenario.schema < 1:
        raise source.error("schema", f"is {scenario.schema}; give {SCHEMA}")


def _ending(source: Source, scenario: Scenario) -> None:
    if not scenario.mission and scenario.until_s is None:
        raise source.error("mission", "is false, so nothing ends a run; add until_s, in simulated seconds")


_RULES: tuple[Callable[[Source, Scenario], None], ...] = (
    _schema, _inside_terrain, _area, _people, _names, _homes, _payloads, _ending, check_expectations,
)
