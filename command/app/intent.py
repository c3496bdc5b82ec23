"""What an operator would ask for in a scenario: its area, its last known point, its machines."""

from collections.abc import Callable

from fleet.model import VehicleKind
from missions.model import PatrolRequest, SearchIntent, VehicleOffer
from sim.scenarios.model import Point, Scenario, VehicleSpec
from world.ids import IntentId, MissionId, OperatorId
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Terrain

CRUISE_M_S = {
    VehicleKind.COPTER: 8.0, VehicleKind.ROVER: 1.5, VehicleKind.SUB: 1.0, VehicleKind.PLANE: 17.0,
    VehicleKind.BOAT: 2.0,
}
"""Planning speeds; DOMAIN tables: live watch of video 5.4 m/s, later review up to 15 m/s; robots 0-1.76 m/s.
A plane's is an airspeed, in still air (sim/vehicles/plane.toml)."""
CLIMB_M_S = {
    VehicleKind.COPTER: 2.5, VehicleKind.ROVER: 0.8, VehicleKind.SUB: 0.3, VehicleKind.PLANE: 2.5,
    VehicleKind.BOAT: 0.5,
}
"""A robot on tracks gains height along its slope: 1.5 m/s on 35 degrees is 0.86 m/s."""
ENDURANCE_S = {
    VehicleKind.COPTER: 1050.0, VehicleKind.ROVER: 5000.0, VehicleKind.SUB: 3500.0, VehicleKind.PLANE: 2000.0,
    VehicleKind.BOAT: 3000.0,
}
"""Plans use less than the guard grants: 85 % of the battery at its slower speeds (fleet/guard/limits.py)."""
MIN_SEPARATION_M = 10.0
"""Default 10 m horizontal or 5 m layers (no statutory figure)."""


def search_intent(
    scenario: Scenario, terrain: Terrain, *, asked_by: OperatorId, water_up_m: float | None
) -> SearchIntent:
    """terrain: the survey DEM, in which homes and drawn points get their heights; `water_up_m`: the lake's gauge."""
    frame = scenario.frame()
    places = [(vehicle, _place_of(vehicle, frame, terrain, water_up_m)) for vehicle in scenario.vehicles]
    return SearchIntent(
        id=IntentId(f"{scenario.name}-{scenario.seed}"),
        mission=MissionId(scenario.name),
        asked_by=asked_by,
        area=tuple(_on_ground(frame, terrain, point) for point in scenario.search.area_m),
        last_known_point=_on_ground(frame, terrain, scenario.search.last_known_point_m),
        subjects=len(scenario.people.poses),
        offers=tuple(_offer(scenario, place, vehicle) for vehicle, place in places),
        patrols=tuple(_patrol(place, vehicle) for vehicle, place in places if vehicle.patrol_m),
        min_separation_m=MIN_SEPARATION_M,
    )


Place = Callable[[Point, float], Geodetic]
"""Puts a drawn point on the map, so many metres below the surface there."""


def _on_ground(frame: LocalFrame, terrain: Terrain, point: Point) -> Geodetic:
    east_m, north_m = point
    return frame.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=terrain.height_m(east_m, north_m)))


def _place_of(vehicle: VehicleSpec, frame: LocalFrame, terrain: Terrain, water_up_m: float | None) -> Place:
    """A survey has no better idea of a lake's level than of its banks; the gauge has."""

    def place(point: Point, below_m: float) -> Geodetic:
        if not vehicle.kind.swims or water_up_m is None:
            return _on_ground(frame, terrain, point)
        return frame.to_geodetic(Enu(east_m=point[0], north_m=point[1], up_m=water_up_m - below_m))

    return place


def _offer(scenario: Scenario, place: Place, vehicle: VehicleSpec) -> VehicleOffer:
    kind = VehicleKind(vehicle.kind.value)
    has_camera = kind is VehicleKind.COPTER
    camera = scenario.camera
    return VehicleOffer(
        vehicle=vehicle.id,
        kind=kind,
        home=place(vehicle.home_m, 0.0),
        cruise_m_s=CRUISE_M_S[kind],
        climb_m_s=CLIMB_M_S[kind],
        endurance_s=ENDURANCE_S[kind],
        camera_hfov_deg=camera.hfov_deg if has_camera else None,
        camera_width_px=camera.width_px if has_camera else None,
        camera_height_px=camera.height_px if has_camera else None,
        camera_pitch_deg=camera.pitch_deg if has_camera else None,
    )


def _patrol(place: Place, vehicle: VehicleSpec) -> PatrolRequest:
    points = tuple(place(point, vehicle.depth_m) for point in vehicle.patrol_m)
    return PatrolRequest(vehicle=vehicle.id, points=points)
