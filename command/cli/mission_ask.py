"""What is asked of the planner from the command line: an area from a map, a site's vehicles with their cameras."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from command.app.intent import CLIMB_M_S, CRUISE_M_S, ENDURANCE_S
from command.cli.geojson import Feature, place_of, read_features, ring_of
from command.errors import BadInput
from command.up.mission_line import MissionLog
from fleet.model import LinkState, VehicleKind, VehicleState
from missions.model import PatrolRequest, SearchIntent, VehicleOffer
from world.ids import IntentId, MissionId, OperatorId, VehicleId
from world.position import Geodetic

PATROLS = frozenset({VehicleKind.ROVER, VehicleKind.SUB, VehicleKind.BOAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A map of a search: where, from where the person was seen last, and who drives which way."""

    area: tuple[Geodetic, ...]
    last_known_point: Geodetic | None
    patrols: tuple[tuple[VehicleId, tuple[Geodetic, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Optics:
    """A camera as the command line says it; None where the vehicle's own word counts."""

    hfov_deg: float | None
    pixels: tuple[int, int] | None
    pitch_deg: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the search is wanted."""

    name: str | None
    vehicles: tuple[str, ...]
    """None named: every copter that is heard and stands disarmed."""
    height_agl_m: float
    min_looks: int
    min_separation_m: float
    subjects: int
    optics: Optics


def drawn_search(path: Path) -> Drawn:
    """One polygon, at most one point, lines with "vehicle" for robots' patrols. Raises BadInput."""
    areas, points, patrols = [], [], []
    for feature in read_features(path):
        if feature.kind == "Polygon" and isinstance(feature.coordinates, list) and len(feature.coordinates) == 1:
            areas.append(ring_of(feature, feature.coordinates[0]))
        elif feature.kind == "Point":
            points.append(place_of(feature, feature.coordinates))
        elif feature.kind == "LineString" and isinstance(feature.coordinates, list):
            patrols.append(_patrol(feature))
        else:
            raise feature.wrong("is no polygon without holes, point or line: a search is drawn with these")
    if len(areas) != 1 or len(points) > 1:
        raise BadInput(
            f"{path} has {len(areas)} polygons and {len(points)} points: draw one area, and at most one point, where "
            "the person was seen last"
        )
    return Drawn(area=areas[0], last_known_point=points[0] if points else None, patrols=tuple(patrols))


def _patrol(feature: Feature) -> tuple[VehicleId, tuple[Geodetic, ...]]:
    vehicle = feature.properties.get("vehicle")
    if not isinstance(vehicle, str) or not feature.coordinates:
        raise feature.wrong('is a line without "vehicle": say whose patrol it is')
    return VehicleId(vehicle), tuple(place_of(feature, position) for position in feature.coordinates)


def search_of(drawn: Drawn, wish: Wish, log: MissionLog, by: OperatorId) -> SearchIntent:
    """Raises BadInput for vehicles that are not there, and cameras nobody has told of."""
    states = _chosen(wish, drawn, log)
    offers = tuple(_offer(state, wish.optics, log) for state in states)
    ground_m = offers[0].home.height_m
    area = tuple(replace(corner, height_m=ground_m) for corner in drawn.area)
    point = drawn.last_known_point or _middle(area)
    made = uuid4().hex[:6]
    mission = wish.name or f"search-{made}"
    return SearchIntent(
        id=IntentId(f"{mission}-{made}"), mission=MissionId(mission), asked_by=by, area=area,
        last_known_point=replace(point, height_m=ground_m), subjects=wish.subjects, offers=offers,
        patrols=tuple(PatrolRequest(vehicle=vehicle, points=points) for vehicle, points in drawn.patrols),
        height_agl_m=wish.height_agl_m, min_looks=wish.min_looks, min_separation_m=wish.min_separation_m,
    )


def _middle(area: Sequence[Geodetic]) -> Geodetic:
    return Geodetic(
        lat_deg=sum(corner.lat_deg for corner in area) / len(area),
        lon_deg=sum(corner.lon_deg for corner in area) / len(area), height_m=area[0].height_m,
    )


def _chosen(wish: Wish, drawn: Drawn, log: MissionLog) -> list[VehicleState]:
    known = {state.vehicle: state for state in (() if log.fleet is None else log.fleet.vehicles)}
    wanted = [VehicleId(name) for name in wish.vehicles] or [
        name for name, state in sorted(known.items())
        if state.kind is VehicleKind.COPTER and state.link is LinkState.FRESH and state.is_armed is False
    ]
    wanted += [vehicle for vehicle, _ in drawn.patrols if vehicle not in wanted]
    if not wanted:
        raise BadInput("no copter is heard that stands disarmed: name those you mean with --vehicle")
    missing = [name for name in wanted if name not in known]
    if missing:
        raise BadInput(f"no vehicle is called {', '.join(missing)}: this site has {', '.join(known) or 'none yet'}")
    return [known[name] for name in wanted]


def _offer(state: VehicleState, said: Optics, log: MissionLog) -> VehicleOffer:
    home = state.home or state.position
    if home is None:
        raise BadInput(f"{state.vehicle} does not know where it is yet: wait for its position, or leave it out")
    offer = VehicleOffer(
        vehicle=state.vehicle, kind=state.kind, home=home, cruise_m_s=CRUISE_M_S[state.kind],
        climb_m_s=CLIMB_M_S[state.kind], endurance_s=ENDURANCE_S[state.kind],
    )
    if state.kind is not VehicleKind.COPTER:
        return offer
    lens = log.lenses.get(state.vehicle)
    hfov_deg = said.hfov_deg or (None if lens is None else lens.hfov_deg)
    pitch_deg = said.pitch_deg if said.pitch_deg is not None else (None if lens is None else lens.pitch_deg)
    pixels = said.pixels or (None if lens is None else (lens.width_px, lens.height_px))
    if hfov_deg is None or pitch_deg is None or pixels is None:
        raise BadInput(
            f"the camera of {state.vehicle} is not known: say --hfov 35 --pixels 640x512 --pitch -45, as it is"
        )
    return replace(
        offer, camera_hfov_deg=hfov_deg, camera_width_px=pixels[0], camera_height_px=pixels[1],
        camera_pitch_deg=pitch_deg,
    )
