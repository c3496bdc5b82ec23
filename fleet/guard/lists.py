"""Lists on their way out, item by item: missions, fences and rally points must be those of the admitted command."""

from collections.abc import Callable, Mapping

from fleet.commands import Verb
from fleet.guard.fences import RADIUS_TOLERANCE_M, fence_items
from fleet.guard.outbound import HEIGHT_TOLERANCE_M, Outbound, Rule, for_verbs, is_same_place, is_same_spot
from fleet.model import AutopilotKind
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MissionType
from world.position import Geodetic


def count_fault(out: Outbound) -> str | None:
    """How long a list will be: an upload begins, or with 0 a list is cleared."""
    rule = COUNT_RULES.get(out.message.mission_type)
    return rule(out) if rule is not None else f"a list of type {out.message.mission_type} may not be sent"


def item_fault(out: Outbound) -> str | None:
    rule = LIST_RULES.get(out.message.mission_type)
    return rule(out) if rule is not None else f"a list of type {out.message.mission_type} may not be sent"


def _fence_count(out: Outbound) -> str | None:
    items = fence_items((out.permit.fence if out.permit is not None else None) or ())
    return for_verbs(Verb.UPLOAD_FENCE)(out) or _count_fault(out, len(items))


def _rally_count(out: Outbound) -> str | None:
    points = (out.permit.rally if out.permit is not None else None) or ()
    return for_verbs(Verb.UPLOAD_RALLY)(out) or _count_fault(out, len(points))


def _count_fault(out: Outbound, asked: int) -> str | None:
    return None if out.message.count == asked else f"a list of {out.message.count} items was not asked for"


def _mission_item(out: Outbound) -> str | None:
    fault = for_verbs(Verb.UPLOAD_ROUTE)(out)
    is_home = out.message.seq == 0 and out.limits.autopilot is AutopilotKind.ARDUPILOT
    if fault is not None or is_home:  # which the vehicle sets itself
        return fault
    rule = ITEM_RULES.get(out.message.command)
    if rule is None:
        return f"mission item {out.message.command} is not among those that may be sent"
    return None if rule(out) else f"mission item {out.message.seq} is not part of the route that was checked"


def _is_route_point(out: Outbound) -> bool:
    route = None if out.permit is None else out.permit.route
    points = () if route is None else route.points
    return any(is_same_place(_place(out), out.message.frame, point.position, out.state) for point in points)


def _is_take_off(out: Outbound) -> bool:
    route = None if out.permit is None else out.permit.route
    height_m = None if route is None else route.take_off_height_m
    return height_m is not None and abs(out.message.z - height_m) <= HEIGHT_TOLERANCE_M


def _is_allowed_speed(out: Outbound) -> bool:
    return bool(0.0 < out.message.param2 <= out.limits.max_speed_m_s)


def _is_return(out: Outbound) -> bool:
    route = None if out.permit is None else out.permit.route
    return route is not None and route.returns_at_end


def _fence_item(out: Outbound) -> str | None:
    fault = for_verbs(Verb.UPLOAD_FENCE)(out)
    items = fence_items((out.permit.fence if out.permit is not None else None) or ())
    seq = out.message.seq
    if fault is not None:
        return fault
    if seq < len(items):
        asked = items[seq]
        is_sized = abs(out.message.param1 - asked.size) <= RADIUS_TOLERANCE_M
        if out.message.command == asked.command and is_sized and is_same_spot(_place(out), asked.place):
            return None
    return f"fence item {seq} is not part of the fence that was checked"


def _rally_item(out: Outbound) -> str | None:
    fault = for_verbs(Verb.UPLOAD_RALLY)(out)
    points = (out.permit.rally if out.permit is not None else None) or ()
    seq = out.message.seq
    if fault is not None:
        return fault
    is_rally = seq < len(points) and out.message.command == MavCommand.NAV_RALLY_POINT
    if is_rally and is_same_place(_place(out), out.message.frame, points[seq], out.state):
        return None
    return f"rally point {seq} is not among those that were checked"


def _place(out: Outbound) -> Geodetic:
    return Geodetic(lat_deg=out.message.x / 1e7, lon_deg=out.message.y / 1e7, height_m=out.message.z)


COUNT_RULES: Mapping[int, Rule] = {
    MissionType.MISSION: for_verbs(Verb.UPLOAD_ROUTE),
    MissionType.FENCE: _fence_count,
    MissionType.RALLY: _rally_count,
}
LIST_RULES: Mapping[int, Rule] = {
    MissionType.MISSION: _mission_item,
    MissionType.FENCE: _fence_item,
    MissionType.RALLY: _rally_item,
}

ITEM_RULES: Mapping[int, Callable[[Outbound], bool]] = {
    MavCommand.NAV_WAYPOINT: _is_route_point,
    MavCommand.NAV_TAKEOFF: _is_take_off,
    MavCommand.NAV_RETURN_TO_LAUNCH: _is_return,
    MavCommand.DO_CHANGE_SPEED: _is_allowed_speed,
    MavCommand.DO_SET_CAM_TRIGG_DIST: lambda out: bool(out.message.param1 >= 0.0),
}
