"""What the guard asks of a way: fence, height, speed and energy for every point and along every leg."""

import math
from dataclasses import dataclass

from fleet.commands import Route
from fleet.guard.limits import VehicleLimits
from fleet.guard.space import Site, leg_m
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


def height_fault(at: Geodetic) -> str | None:
    if at.height_ref is not HeightRef.AMSL:
        return f"its height is {at.height_ref}, not AMSL"
    return None if math.isfinite(at.lat_deg + at.lon_deg + at.height_m) else "it is no finite position"


def leg_fault(leg: Leg, site: Site, limits: VehicleLimits, home: Enu) -> str | None:
    """One clear sentence on what is wrong with a leg, or None."""
    if not 0.0 < leg.speed_m_s <= limits.max_speed_m_s:
        return f"{leg.name} has speed {leg.speed_m_s:g} m/s; at most {limits.max_speed_m_s:g} is allowed"
    fault = site.fence_fault(leg.start, leg.end, leg.speed_m_s**2 / (2.0 * limits.braking_m_s2))
    if fault is None and leg.checks_height:
        fault = _agl_fault(leg, site, limits) or _home_height_fault(leg, limits, home)
    return None if fault is None else f"{leg.name} {fault}"


def _agl_fault(leg: Leg, site: Site, limits: VehicleLimits) -> str | None:
    if leg.floor_m is None or limits.max_agl_m is None:
        return None
    heights = site.agl_range_m(leg.start, leg.end)
    if heights is None:
        return "leaves the known terrain"
    if heights[0] < leg.floor_m:
        return f"comes down to {heights[0]:.0f} m above the terrain; {leg.floor_m:.0f} m is the least allowed"
    if heights[1] > limits.max_agl_m:
        return f"goes up to {heights[1]:.0f} m above the terrain; {limits.max_agl_m:.0f} m is the most allowed"
    return None


def _home_height_fault(leg: Leg, limits: VehicleLimits, home: Enu) -> str | None:
    above_m = leg.end.up_m - home.up_m
    low, high = limits.min_above_home_m, limits.max_above_home_m
    if low is None or high is None or low <= above_m <= high:
        return None
    return f"ends {above_m:.1f} m above the surface; {low:g} to {high:g} m is allowed"


def route_fault(route: Route, state: VehicleState, site: Site, limits: VehicleLimits) -> str | None:
    """What is wrong with a route flown from where the vehicle is now, or None."""
    fault = _form_fault(route, limits)
    if fault is not None:
        return fault
    if state.position is None:
        return "the position of the vehicle is unknown"
    home = site.enu(state.home or state.position)
    legs = _legs(route, state, site, limits, home)
    return next((fault for leg in legs if (fault := leg_fault(leg, site, limits, home)) is not None), None) or (
        energy_fault(legs, sum(point.hold_s for point in route.points[route.start_index :]), state, limits, home)
    )


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


def start_of(state: VehicleState, at: Enu, take_off_height_m: float | None, site: Site, limits: VehicleLimits) -> tuple[
    Enu, float | None
]:
    """Where the first leg begins, and its floor: a vehicle already lower than allowed may climb out."""
    if not is_under_way(state) and take_off_height_m is not None:
        return Enu(east_m=at.east_m, north_m=at.north_m, up_m=at.up_m + take_off_height_m), limits.min_agl_m
    agl_m = site.agl_m(at)
    if limits.min_agl_m is None or agl_m is None:
        return at, limits.min_agl_m
    return at, min(limits.min_agl_m, agl_m)


def _legs(route: Route, state: VehicleState, site: Site, limits: VehicleLimits, home: Enu) -> list[Leg]:
    position = state.position or route.points[0].position
    here, floor_m = start_of(state, site.enu(position), route.take_off_height_m, site, limits)
    legs: list[Leg] = []
    speed_m_s = limits.cruise_m_s
    for index, point in enumerate(route.points):
        speed_m_s = point.speed_m_s if point.speed_m_s is not None else speed_m_s
        if index < route.start_index:
            continue
        there = site.enu(point.position)
        name = f"the leg to point {index}"
        legs.append(Leg(name=name, start=here, end=there, speed_m_s=speed_m_s, floor_m=floor_m))
        here, floor_m = there, limits.min_agl_m
    if route.returns_at_end:
        speed_m_s = limits.cruise_m_s
        back = Leg(name="the way home", start=here, end=home, speed_m_s=speed_m_s, floor_m=None, checks_height=False)
        legs.append(back)
    return legs


def energy_fault(legs: list[Leg], hold_s: float, state: VehicleState, limits: VehicleLimits, home: Enu) -> str | None:
    """Battery against the whole way and back home from its end."""
    if state.battery_pct is None:
        return "the battery of the vehicle is unknown"
    needed_s = hold_s + leg_m(legs[-1].end, home) / limits.cruise_m_s
    for leg in legs:
        needed_s += leg_m(leg.start, leg.end) / min(leg.speed_m_s, limits.cruise_m_s)
        needed_s += max(0.0, leg.end.up_m - leg.start.up_m) / limits.climb_m_s
    has_s = (state.battery_pct - limits.reserve_pct) / 100.0 * limits.endurance_s
    if needed_s <= has_s:
        return None
    return f"the way and the return take {needed_s:.0f} s; the battery lasts {max(0.0, has_s):.0f} s above its reserve"
