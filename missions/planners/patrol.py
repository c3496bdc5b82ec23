"""Routes there and back for what an operator sends along drawn points: every kind without a search camera."""

import itertools
import math
from dataclasses import dataclass, replace

from fleet.commands import Route, RoutePoint
from fleet.model import VehicleKind
from missions.model import PatrolRequest, SearchIntent, VehicleOffer
from missions.planners.errors import PatrolEmpty, UnknownPatroller
from missions.planners.following import ground_along, keep_within
from missions.planners.timing import Knot, Pace, fly
from world.position import Enu, LocalFrame
from world.terrain import Terrain

GROUND_TOLERANCE_M = 2.0
PLANE_ABOVE_GROUND_M = 80.0
"""Between the least and the most that the guard lets a plane fly (30 and 120 m), with 40 m to spare above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patrol:
    """A patrol's route and its timed way."""

    offer: VehicleOffer
    route: Route
    knots: tuple[Knot, ...]

    @property
    def duration_s(self) -> float:
        return self.knots[-1].t_s


def patrols_of(intent: SearchIntent, terrain: Terrain, frame: LocalFrame) -> tuple[Patrol, ...]:
    offers = {offer.vehicle: offer for offer in intent.offers}
    return tuple(_patrol(request, offers.get(request.vehicle), terrain, frame) for request in intent.patrols)


def _patrol(request: PatrolRequest, offer: VehicleOffer | None, terrain: Terrain, frame: LocalFrame) -> Patrol:
    if offer is None or offer.kind is VehicleKind.COPTER:
        raise UnknownPatroller(
            f"patrol for {request.vehicle}: no such vehicle without a search camera is offered",
            f"{request.vehicle} 的巡逻路线无法执行：可用设备中没有这台无搜索相机的设备",
        )
    if not request.points:
        raise PatrolEmpty(f"patrol for {request.vehicle} has no points", f"{request.vehicle} 的巡逻路线没有航点")
    out = [frame.to_enu(offer.home), *(frame.to_enu(point) for point in request.points)]
    is_plane = offer.kind is VehicleKind.PLANE
    there = out if offer.kind in (VehicleKind.SUB, VehicleKind.BOAT) else _on_ground(out, terrain)
    if is_plane:
        there = [replace(at, up_m=at.up_m + PLANE_ABOVE_GROUND_M) for at in there]
    way = there + there[-2::-1]
    pace = Pace(cruise_m_s=offer.cruise_m_s, climb_m_s=offer.climb_m_s)
    points = tuple(
        RoutePoint(position=frame.to_geodetic(at), speed_m_s=offer.cruise_m_s if k == 0 else None)
        for k, at in enumerate(way[1:])
    )
    route = Route(
        points=points, returns_at_end=is_plane, take_off_height_m=PLANE_ABOVE_GROUND_M if is_plane else None
    )
    return Patrol(offer=offer, route=route, knots=fly(way, pace))


def _on_ground(points: list[Enu], terrain: Terrain) -> list[Enu]:
    """Drawn points are positions on the map: a ground robot's heights are the terrain's."""
    found: list[Enu] = []
    for a, b in itertools.pairwise(points):
        if math.dist((a.east_m, a.north_m), (b.east_m, b.north_m)) < 0.5:
            continue
        east, north, distance, ground = ground_along(terrain, (a.east_m, a.north_m), (b.east_m, b.north_m))
        kept = keep_within(distance, ground, GROUND_TOLERANCE_M)
        line = [Enu(east_m=float(east[k]), north_m=float(north[k]), up_m=float(ground[k])) for k in kept]
        found += line if not found else line[1:]
    if not found:
        raise PatrolEmpty("a patrol has no point away from home", "有一条巡逻路线的航点都在起点处")
    return found
