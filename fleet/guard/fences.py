"""Fences and rally points that a vehicle keeps on board: no wider than the site's, and item by item on the wire."""

import math
from dataclasses import dataclass

from fleet.commands import FenceArea
from fleet.guard.areas import Area, covers, is_within
from fleet.guard.energy import Around, left_s, way_s
from fleet.guard.routes import height_fault
from fleet.guard.space import Circle
from fleet.model import VehicleState
from fleet.wire.enums import Command as MavCommand
from world.position import Geodetic

MOST_CORNERS = 255
"""ArduPilot counts the corners of an area in eight bits."""
MOST_ITEMS = 650
MOST_RALLY_POINTS = 50
TOLERANCE_M = 2.0
"""An equal fence comes back rounded; less than this is no wider."""
RADIUS_TOLERANCE_M = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceItem:
    """One item of a fence as it must go out. `size`: corners of its polygon or metres of its radius."""

    command: int
    size: float
    place: Geodetic


def fence_items(areas: tuple[FenceArea, ...]) -> list[FenceItem]:
    """All items of a fence in order."""
    items = []
    for area in areas:
        if area.centre is not None and area.radius_m is not None:
            inside, outside = MavCommand.NAV_FENCE_CIRCLE_INCLUSION, MavCommand.NAV_FENCE_CIRCLE_EXCLUSION
            command = inside if area.is_inclusion else outside
            items.append(FenceItem(command=command, size=area.radius_m, place=area.centre))
            continue
        inside = MavCommand.NAV_FENCE_POLYGON_VERTEX_INCLUSION
        outside = MavCommand.NAV_FENCE_POLYGON_VERTEX_EXCLUSION
        command, size = inside if area.is_inclusion else outside, float(len(area.corners))
        items.extend(FenceItem(command=command, size=size, place=corner) for corner in area.corners)
    return items


def fence_fault(
    areas: tuple[FenceArea, ...] | None, state: VehicleState, around: Around, *, is_commander: bool
) -> str | None:
    """What is wrong with a fence for the autopilot, or None. It may be narrower than the site's, never wider."""
    if areas is None:
        return "there is no fence to upload"
    if not areas:
        return None if is_commander else "only a commander may take the fence of a vehicle away"
    fault = next((fault for k, area in enumerate(areas) if (fault := _form_fault(area, k)) is not None), None)
    if fault is not None:
        return fault
    if len(fence_items(areas)) > MOST_ITEMS:
        return f"the fence has {len(fence_items(areas))} items; {MOST_ITEMS} are allowed"
    inside = [_plane(area, around) for area in areas if area.is_inclusion]
    outside = [_plane(area, around) for area in areas if not area.is_inclusion]
    return _width_fault(inside, outside, around) or _place_fault(inside, outside, state, around)


def _form_fault(area: FenceArea, index: int) -> str | None:
    places = area.corners if area.centre is None else (area.centre,)
    if any(not math.isfinite(place.lat_deg + place.lon_deg) for place in places):
        return f"fence area {index} has a corner that is no finite position"
    if area.centre is None:
        is_area = 3 <= len(area.corners) <= MOST_CORNERS and area.radius_m is None
    else:
        is_area = not area.corners and area.radius_m is not None and 0.0 < area.radius_m < math.inf
    return None if is_area else f"fence area {index} is neither a polygon of 3 to {MOST_CORNERS} corners nor a circle"


def _plane(area: FenceArea, around: Around) -> Area:
    if area.centre is not None and area.radius_m is not None:
        return around.site.area(Circle(centre=area.centre, radius_m=area.radius_m))
    return around.site.area(area.corners)


def _width_fault(inside: list[Area], outside: list[Area], around: Around) -> str | None:
    if not inside:
        return "the fence has no area to stay in"
    # each of them: some autopilots let a vehicle be in any one area, others want it to be in all
    if not all(covers(around.site.inclusion, area, TOLERANCE_M) for area in inside):
        return "the fence is wider than the site's"
    for index, zone in enumerate(around.site.exclusions):
        if not any(covers(area, zone, TOLERANCE_M) for area in outside):
            return f"the fence leaves the site's exclusion zone {index} open"
    return None


def _place_fault(inside: list[Area], outside: list[Area], state: VehicleState, around: Around) -> str | None:
    if state.position is None:
        return "the position of the vehicle is unknown"
    for name, at in (("the vehicle", around.site.enu(state.position)), ("its home", around.home)):
        point = (at.east_m, at.north_m)
        if not all(is_within(point, area) for area in inside) or any(is_within(point, area) for area in outside):
            return f"{name} would be outside of the fence"
    return None


def rally_fault(points: tuple[Geodetic, ...] | None, around: Around) -> str | None:
    """What is wrong with a list of rally points, or None: each inside the fence and within reach from home."""
    if points is None:
        return "there are no rally points to upload"
    if len(points) > MOST_RALLY_POINTS:
        return f"{len(points)} rally points; {MOST_RALLY_POINTS} are allowed"
    for index, point in enumerate(points):
        fault = height_fault(point) or _reach_fault(point, around)
        if fault is not None:
            return f"rally point {index} is refused: {fault}"
    return None


def _reach_fault(point: Geodetic, around: Around) -> str | None:
    place, limits = around.site.enu(point), around.limits
    fault = around.site.fence_fault(around.home, place, 0.0)
    fault = fault or around.site.hazard_fault(place, place, around.equipment, limits.max_ambient_c)
    if fault is not None:
        return f"the way there from home {fault}"
    if limits.min_agl_m is not None and limits.max_agl_m is not None:
        agl_m = around.site.agl_m(place)
        if agl_m is None or not limits.min_agl_m <= agl_m <= limits.max_agl_m:
            return f"its height is not {limits.min_agl_m:g} to {limits.max_agl_m:g} m above the known terrain"
    if way_s(around.home, place, limits.cruise_m_s, around) > left_s(100.0, limits):
        return "a full battery does not last to it from home"
    return None
