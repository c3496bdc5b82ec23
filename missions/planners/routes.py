"""From strips to flown paths: pad, layer, strips with their triggers, layer, pad; and from paths to routes and timed
flights."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fleet.commands import Route, RoutePoint
from missions.planners.following import follow, layer
from missions.planners.looks import Leg
from missions.planners.partition import Part, entry, leave
from missions.planners.separation import Flight
from missions.planners.strips import turned_back
from missions.planners.sweep import AGL_TOLERANCE_M, Sweep
from missions.planners.timing import TOUCH_DOWN_M, TOUCH_DOWN_M_S, Knot, Pace, fly
from world.ids import VehicleId
from world.position import Enu, LocalFrame
from world.terrain import Terrain

TAKE_OFF_M = 20.0
CLEARANCE_M = 15.0
"""Least height over the ground anywhere on a way between pad and strips."""
STEEPEST = 0.9
"""Share of the climb rate that a climbing leg asks for at cruise."""
LAYER_SPARE_M = 2.0
"""Two paths along the ceiling each keep within 1 m of it."""
FLOWN_SPARE_M = 4.0
"""Vehicles cut corners, lag and drift in wind: plans keep this much more than the separation wanted, where they can."""
LINGERS_S = 5.0
"""Over its pad a copter stands so long before it lands: ArduPilot's RTL_LOIT_TIME."""
LAYERS = 4
"""As many as fit between searching vehicles and HIGHEST_M; vehicles that share one are kept apart by place and time."""
HIGHEST_M = 115.0
"""Over the ground: controlled airspace begins at 120 m true height (China's UAS regulation, article 19)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A point of a path; `trigger_m` as in RoutePoint."""

    at: Enu
    trigger_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Airspace:
    """The ground, the smooth surface above it that layers are counted from, and the heights agreed over them."""

    ground: Terrain
    ceiling: Terrain
    search_m: float
    separation_m: float

    def layer_m(self, rank: int) -> float:
        """Height of a transit layer over the ceiling: the lowest clears every searching vehicle."""
        step_m = self.separation_m + LAYER_SPARE_M
        return self.search_m + AGL_TOLERANCE_M + step_m * (rank % LAYERS + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One vehicle's whole way. `ends_on_pad`: the last spot is over home and the vehicle lands there."""

    vehicle: VehicleId
    pace: Pace
    home: Enu
    rank: int
    spots: tuple[Spot, ...]
    begins_on_pad: bool
    start_s: float = 0.0


def search_spots(part: Part, sweep: Sweep, angle_rad: float, space: Airspace) -> list[Spot]:
    """Strips at search height over the ground, photographed; the ways between them not."""
    spots: list[Spot] = []
    for strip in part.strips:
        begin, end = (turned_back(*point, angle_rad) for point in (entry(strip, sweep), leave(strip, sweep)))
        if spots:
            last = spots[-1].at
            between = follow([(last.east_m, last.north_m), begin], space.ground, space.search_m, AGL_TOLERANCE_M)
            spots += [Spot(at=at) for at in between[1:-1]]
        along = follow([begin, end], space.ground, space.search_m, AGL_TOLERANCE_M)
        spots.append(Spot(at=along[0], trigger_m=sweep.trigger_m))
        spots += [Spot(at=at) for at in along[1:-1]]
        spots.append(Spot(at=along[-1], trigger_m=0.0))
    return spots


def between(a: Enu, b: Enu, rank: int, pace: Pace, space: Airspace) -> list[Enu]:
    """The way from a to b through the vehicle's own layer, both ends included."""
    slope = STEEPEST * pace.climb_m_s / pace.cruise_m_s
    return layer(
        a,
        b,
        space.ceiling,
        space.ground,
        height_m=space.layer_m(rank),
        slope=slope,
        lowest_m=CLEARANCE_M,
        highest_m=HIGHEST_M,
    )


def raised(at: Enu, up_m: float) -> Enu:
    return replace(at, up_m=up_m)


def over_pad_m(home: Enu, rank: int, space: Airspace, *, is_stacked: bool) -> float:
    """Height at which a vehicle leaves and reaches the column over its pad: its own layer when stacked, else just
    clear of it."""
    if not is_stacked:
        return home.up_m + TAKE_OFF_M
    return space.ceiling.height_m(home.east_m, home.north_m) + space.layer_m(rank)


def whole_path(
    part: Part, home: Enu, rank: int, sweep: Sweep, angle_rad: float, space: Airspace, *, is_stacked: bool
) -> Path:
    """From the pad over the strips back to the pad."""
    pace = part.worker.pace
    top = raised(home, over_pad_m(home, rank, space, is_stacked=is_stacked))
    search = search_spots(part, sweep, angle_rad, space)
    out = between(top, search[0].at, rank, pace, space)
    back = between(search[-1].at, top, rank, pace, space)
    spots = [Spot(at=at) for at in out[:-1]] + search + [Spot(at=at) for at in back[1:]]
    return Path(vehicle=part.worker.vehicle, pace=pace, home=home, rank=rank, spots=tuple(spots), begins_on_pad=True)


def knots_of(path: Path) -> tuple[Knot, ...]:
    """Timed flight from the ground or from where the vehicle is, to the ground."""
    points = [spot.at for spot in path.spots]
    if path.begins_on_pad:
        points = [path.home, *points]
    flown = fly(points, path.pace, start_s=path.start_s)
    top = flown[-1]
    slow_m = min(TOUCH_DOWN_M, max(0.0, top.at.up_m - path.home.up_m))
    low = replace(path.home, up_m=path.home.up_m + slow_m)
    begins_s = top.t_s + LINGERS_S
    low_s = begins_s + path.pace.leg_s(0.0, top.at.up_m - low.up_m)
    landing = (Knot(t_s=low_s, at=low), Knot(t_s=low_s + slow_m / TOUCH_DOWN_M_S, at=path.home))
    return (*flown, Knot(t_s=begins_s, at=top.at), *landing)


def flight_of(path: Path) -> Flight:
    knots = knots_of(path)
    return Flight(
        times_s=np.array([knot.t_s for knot in knots]),
        positions_m=np.array([[knot.at.east_m, knot.at.north_m, knot.at.up_m] for knot in knots]),
    )


def legs_of(spots: Sequence[Spot]) -> list[Leg]:
    """The legs of a path on which images are taken."""
    legs: list[Leg] = []
    trigger_m = 0.0
    for a, b in itertools.pairwise(spots):
        trigger_m = trigger_m if a.trigger_m is None else a.trigger_m
        if trigger_m > 0:
            legs.append(Leg(a=a.at, b=b.at, trigger_m=trigger_m, restarts=a.trigger_m is not None))
    return legs


def route_of(path: Path, frame: LocalFrame) -> Route:
    """What is uploaded.

    The first spot of a path from the pad is reached by the take-off itself. The first of any other is where the
    vehicle was when
    it was planned: it stays in the route for the trigger in force there, and the vehicle begins with the next.
    """
    spots = path.spots[1:] if path.begins_on_pad else path.spots
    points = tuple(
        RoutePoint(
            position=frame.to_geodetic(spot.at),
            speed_m_s=path.pace.cruise_m_s if k == 0 else None,
            trigger_distance_m=spot.trigger_m,
        )
        for k, spot in enumerate(spots)
    )
    take_off_m = path.spots[0].at.up_m - path.home.up_m if path.begins_on_pad else None
    return Route(points=points, take_off_height_m=take_off_m, start_index=0 if path.begins_on_pad else 1)
