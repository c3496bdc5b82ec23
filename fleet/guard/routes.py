"""What the guard asks of a way: fence, height, speed and energy for every point and along every leg."""

import math
from dataclasses import dataclass

from fleet.commands import Route
from fleet.guard.energy import Around, shortage, to_landing_s, way_s
from fleet.guard.limits import VehicleLimits
from fleet.model import VehicleState
from world.position import Enu, Geodetic, HeightRef

MAX_POINTS = 650
"""ArduPilot holds 724 items; a point takes up to three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One straight way. `name` says which, for the refusal. `checks_height` False on climbs and returns above all."""

    name: str
    start: Enu
    end: Enu
    speed_m_s: float
    floor_m: float | None
    checks_height: bool = True
    hold_s: float = 0.0
    """At its end."""


def height_fault(at: Geodetic) -> str | None:
    if at.height_ref is not HeightRef.AMSL:
        return f"its height is {at.height_ref}, not AMSL"
    return None if math.isfinite(at.lat_deg + at.lon_deg + at.height_m) else "it is no finite position"


def leg_fault(leg: Leg, around: Around) -> str | None:
    """One clear sentence on what is wrong with a leg, or None."""
    limits = around.limits
    if not 0.0 < leg.speed_m_s <= limits.max_speed_m_s:
        return f"{leg.name} has speed {leg.speed_m_s:g} m/s; at most {limits.max_speed_m_s:g} is allowed"
    fault = around.site.fence_fault(leg.start, leg.end, leg.speed_m_s**2 / (2.0 * limits.braking_m_s2))
    fault = fault or around.site.hazard_fault(leg.start, leg.end, around.equipment, limits.max_ambient_c)
    fault = fault or _slope_fault(leg, around)
    if fault is None and leg.checks_height:
        fault = _agl_fault(leg, around) or _home_height_fault(leg, around) or _ceiling_fault(leg, around)
        fault = fault or _bed_fault(leg, around)
    return None if fault is None else f"{leg.name} {fault}"


def _slope_fault(leg: Leg, around: Around) -> str | None:
    most_deg = around.limits.max_slope_deg
    if most_deg is None:
        return None
    slope_deg = around.site.steepest_deg(leg.start, leg.end)
    if slope_deg is None:
        return "leaves the known terrain"
    return None if slope_deg <= most_deg else f"has a slope of {slope_deg:.0f} deg; {most_deg:.0f} deg is allowed"


def _agl_fault(leg: Leg, around: Around) -> str | None:
    highest_m = around.limits.max_agl_m
    if leg.floor_m is None or highest_m is None:
        return None
    heights = around.site.agl_range_m(leg.start, leg.end)
    if heights is None:
        return "leaves the known terrain"
    if heights[0] < leg.floor_m:
        return f"comes down to {heights[0]:.0f} m above the terrain; {leg.floor_m:.0f} m is the least allowed"
    if heights[1] > highest_m:
        return f"goes up to {heights[1]:.0f} m above the terrain; {highest_m:.0f} m is the most allowed"
    return None


def _home_height_fault(leg: Leg, around: Around) -> str | None:
    above_m = leg.end.up_m - around.home.up_m
    low, high = around.limits.min_above_home_m, around.limits.max_above_home_m
    if low is None or high is None or low <= above_m <= high:
        return None
    return f"ends {above_m:.1f} m above the surface; {low:g} to {high:g} m is allowed"


def _ceiling_fault(leg: Leg, around: Around) -> str | None:
    """Who is above it already may come down."""
    ceiling_m = around.site.ceiling_up_m
    if ceiling_m is None or leg.end.up_m <= ceiling_m:
        return None
    return f"ends {leg.end.up_m - ceiling_m:.0f} m above the site's ceiling"


def _bed_fault(leg: Leg, around: Around) -> str | None:
    least_m = around.limits.min_over_bed_m
    if least_m is None or not around.site.knows_bed:
        return None
    over_m = around.site.least_over_bed_m(leg.start, leg.end)
    if over_m is None:
        return "leaves the known ground under water"
    return None if over_m >= least_m else f"comes within {over_m:.1f} m of the bottom; {least_m:g} m is allowed"


def route_fault(route: Route, state: VehicleState, around: Around) -> str | None:
    """What is wrong with a route flown from where the vehicle is now, or None."""
    fault = _form_fault(route, around.limits)
    if fault is not None:
        return fault
    if state.position is None:
        return "the position of the vehicle is unknown"
    legs = _legs(route, state, around)
    fault = next((fault for leg in legs if (fault := leg_fault(leg, around)) is not None), None)
    return fault or energy_fault(legs, state, around)


def _form_fault(route: Route, limits: VehicleLimits) -> str | None:
    if not 1 <= len(route.points) <= MAX_POINTS:
        return f"the route has {len(route.points)} points; 1 to {MAX_POINTS} are allowed"
    if not 0 <= route.start_index < len(route.points):
        return f"the route starts at point {route.start_index} of {len(route.points)}"
    for index, point in enumerate(route.points):
        fault = height_fault(point.position)
        if fault is not None:
            return f"point {index} is refused: {fault}"
        if not 0.0 <= point.hold_s < math.inf:
            return f"point {index} holds {point.hold_s:g} s"
    return None if route.take_off_height_m is None else take_off_fault(route.take_off_height_m, limits)


def take_off_fault(height_m: float, limits: VehicleLimits) -> str | None:
    if limits.min_agl_m is None or limits.max_agl_m is None:
        return "this kind of vehicle does not take off"
    if limits.min_agl_m <= height_m <= limits.max_agl_m:
        return None
    return f"a take-off to {height_m:g} m; {limits.min_agl_m:g} to {limits.max_agl_m:g} m is allowed"


def is_under_way(state: VehicleState) -> bool:
    return state.is_armed is True and state.is_landed is not True


def start_of(
    state: VehicleState, at: Enu, take_off_height_m: float | None, around: Around
) -> tuple[Enu, float | None]:
    """Where the first leg begins, and its floor: a vehicle already lower than allowed may climb out."""
    limits = around.limits
    if not is_under_way(state) and take_off_height_m is not None:
        return Enu(east_m=at.east_m, north_m=at.north_m, up_m=at.up_m + take_off_height_m), limits.min_agl_m
    agl_m = around.site.agl_m(at)
    if limits.min_agl_m is None or agl_m is None:
        return at, limits.min_agl_m
    return at, min(limits.min_agl_m, agl_m)


def _legs(route: Route, state: VehicleState, around: Around) -> list[Leg]:
    site, limits = around.site, around.limits
    position = state.position or route.points[0].position
    here, floor_m = start_of(state, site.enu(position), route.take_off_height_m, around)
    legs: list[Leg] = []
    speed_m_s = limits.cruise_m_s
    for index, point in enumerate(route.points):
        speed_m_s = point.speed_m_s if point.speed_m_s is not None else speed_m_s
        if index < route.start_index:
            continue
        there = site.enu(point.position)
        name = f"the leg to point {index}"
        legs.append(Leg(
            name=name, start=here, end=there, speed_m_s=speed_m_s, floor_m=floor_m, hold_s=point.hold_s
        ))
        here, floor_m = there, limits.min_agl_m
    if route.returns_at_end:
        speed_m_s = limits.cruise_m_s
        back = Leg(
            name="the way home", start=here, end=around.home, speed_m_s=speed_m_s, floor_m=None, checks_height=False
        )
        legs.append(back)
    return legs


def energy_fault(legs: list[Leg], state: VehicleState, around: Around) -> str | None:
    """Battery against the whole way, with the nearest safe landing from the end of every leg."""
    under_way_s = needed_s = 0.0
    for leg in legs:
        under_way_s += way_s(leg.start, leg.end, min(leg.speed_m_s, around.limits.cruise_m_s), around)
        under_way_s += max(0.0, leg.end.up_m - leg.start.up_m) / around.limits.climb_m_s + leg.hold_s
        needed_s = max(needed_s, under_way_s + to_landing_s(leg.end, around))
    return shortage(needed_s, state, around.limits)
