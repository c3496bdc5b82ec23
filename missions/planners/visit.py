"""Send a second vehicle to look at a suspected person: from where, facing which way, and by which way there and
back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from shapely import LineString

from missions.planners.following import ground_along
from missions.planners.replan import Survivor
from missions.planners.routes import FLOWN_SPARE_M, Airspace, Path, Spot, between, flight_of, raised
from missions.planners.separation import Flight, least_distance
from missions.planners.timing import Knot, fly
from world.ids import VehicleId
from world.position import Enu
from world.terrain import OutsideTerrain

VISIT_AGL_M = 30.0
STAY_S = 14.0
"""Turning to the contact and taking the images."""
AZIMUTHS = 8
CLEAR_OF_VISITS_M = 50.0
"""Nobody flies this near to another visit under way: its timing is not known well enough for anything closer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A vehicle flies `out`, looks along `heading_deg` from the last point of it, and flies `back` to where its route
    goes on."""

    vehicle: VehicleId
    target: Enu
    out: tuple[Enu, ...]
    heading_deg: float
    back: tuple[Enu, ...]
    takes_s: float
    min_separation_m: float


def planned_visit(
    target: Enu,
    helpers: Sequence[Survivor],
    everyone: Sequence[Survivor],
    space: Airspace,
    *,
    seen_from_deg: float | None,
    under_way: Sequence[Sequence[Enu]] = (),
) -> Visit | None:
    """The quickest visit that keeps the separation, from another side than the contact was seen from; None when there
    is none. `under_way`: the ways of visits that others make now.

    A direct way is tried before the way through the vehicle's own layer.
    """
    flights = {one.vehicle: flight_of(one.path()) for one in everyone}
    options = [
        option
        for helper in helpers
        for azimuth in range(AZIMUTHS)
        for option in _options(helper, target, 360.0 * azimuth / AZIMUTHS, space, seen_from_deg)
    ]
    barely: Visit | None = None
    for visit in sorted(options, key=lambda option: (option.takes_s, option.vehicle, option.heading_deg)):
        if not _is_clear(visit, under_way):
            continue
        others = [flight for vehicle, flight in flights.items() if vehicle != visit.vehicle]
        helper = next(helper for helper in helpers if helper.vehicle == visit.vehicle)
        nearest_m = min((least_distance(_flight(visit, helper), other)[0] for other in others), default=math.inf)
        if nearest_m >= space.separation_m + FLOWN_SPARE_M:
            return replace(visit, min_separation_m=nearest_m)
        if barely is None and nearest_m >= space.separation_m:
            barely = replace(visit, min_separation_m=nearest_m)
    return barely


def _is_clear(visit: Visit, under_way: Sequence[Sequence[Enu]]) -> bool:
    way = _plan_view((*visit.out, *visit.back))
    return all(way.distance(_plan_view(other)) >= CLEAR_OF_VISITS_M for other in under_way)


def _plan_view(points: Sequence[Enu]) -> LineString:
    flat = [(point.east_m, point.north_m) for point in points]
    return LineString(flat if len(flat) > 1 else flat * 2)


def _options(
    helper: Survivor, target: Enu, heading_deg: float, space: Airspace, seen_from_deg: float | None
) -> list[Visit]:
    """The ways to look at the target along one heading, with their durations."""
    if seen_from_deg is not None and abs((heading_deg - seen_from_deg + 180.0) % 360.0 - 180.0) < 30.0:
        return []
    stand = _stand_off(helper, target, heading_deg, space)
    if stand is None:
        return []
    resume = helper.at
    try:
        ways = [
            (_direct(helper.at, stand, space), _direct(stand, resume, space)),
            _layered(helper, stand, resume, space),
        ]
    except OutsideTerrain:
        return []
    return [
        _visit(helper, target, out, back, heading_deg) for out, back in ways if out is not None and back is not None
    ]


def _visit(helper: Survivor, target: Enu, out: tuple[Enu, ...], back: tuple[Enu, ...], heading_deg: float) -> Visit:
    takes_s = _way(out, helper)[-1].t_s + STAY_S + _way(back, helper)[-1].t_s
    return Visit(
        vehicle=helper.vehicle,
        target=target,
        out=out[1:],
        heading_deg=heading_deg,
        back=back[1:],
        takes_s=takes_s,
        min_separation_m=math.inf,
    )


def _way(points: Sequence[Enu], helper: Survivor) -> tuple[Knot, ...]:
    return fly(points, helper.searcher.pace)


def _stand_off(helper: Survivor, target: Enu, heading_deg: float, space: Airspace) -> Enu | None:
    """Where the target is in the middle of the image, `VISIT_AGL_M` over the ground there; found by iteration on a
    slope."""
    sin_h, cos_h = math.sin(math.radians(heading_deg)), math.cos(math.radians(heading_deg))
    up_m = target.up_m + VISIT_AGL_M
    for _ in range(6):
        ahead_m = helper.searcher.camera.centre_ahead_m(up_m - target.up_m)
        east_m, north_m = target.east_m - ahead_m * sin_h, target.north_m - ahead_m * cos_h
        if not space.ground.contains(np.array([east_m]), np.array([north_m])).all():
            return None
        up_m = max(space.ground.height_m(east_m, north_m), target.up_m - VISIT_AGL_M / 3) + VISIT_AGL_M
    return Enu(east_m=east_m, north_m=north_m, up_m=up_m)


def _direct(a: Enu, b: Enu, space: Airspace) -> tuple[Enu, ...] | None:
    """Straight, when that stays well over the ground."""
    _, _, distance, ground = ground_along(space.ground, (a.east_m, a.north_m), (b.east_m, b.north_m))
    share = distance / distance[-1] if distance[-1] > 0 else distance
    clear = a.up_m + share * (b.up_m - a.up_m) - ground
    return (a, b) if float(clear.min()) >= min(VISIT_AGL_M, float(clear[0]), float(clear[-1])) - 5.0 else None


def _layered(helper: Survivor, stand: Enu, resume: Enu, space: Airspace) -> tuple[tuple[Enu, ...], tuple[Enu, ...]]:
    pace = helper.searcher.pace
    top = {
        at: raised(at, space.ceiling.height_m(at.east_m, at.north_m) + space.layer_m(helper.rank))
        for at in (helper.at, stand, resume)
    }
    out = between(top[helper.at], top[stand], helper.rank, pace, space)
    back = between(top[stand], top[resume], helper.rank, pace, space)
    return (helper.at, *out, stand), (stand, *back, resume)


def _flight(visit: Visit, helper: Survivor) -> Flight:
    """The visit and all that follows, for the check against everyone else's plans."""
    out = _way((helper.at, *visit.out), helper)
    after_s = out[-1].t_s + STAY_S
    spots = (Spot(at=out[-1].at), *(Spot(at=at) for at in visit.back), *helper.search, *helper.way_home)
    rest = Path(
        vehicle=helper.vehicle,
        pace=helper.searcher.pace,
        home=helper.searcher.home,
        rank=helper.rank,
        spots=spots,
        begins_on_pad=False,
        start_s=after_s,
    )
    later = flight_of(rest)
    times = np.array([*(knot.t_s for knot in out), *later.times_s])
    positions = np.array([*((k.at.east_m, k.at.north_m, k.at.up_m) for k in out), *later.positions_m])
    return Flight(times_s=times, positions_m=positions)
