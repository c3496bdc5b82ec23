"""What the guard asks of each outgoing frame: known, addressed to its vehicle, covered by the admitted command."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fleet.commands import Command, Verb
from fleet.guard.limits import VehicleLimits
from fleet.guard.payloads import line_fault, tunnel_fault
from fleet.model import AutopilotKind, VehicleState
from fleet.wire.enums import FORCE_DISARM_MAGIC, MavFrame
from fleet.wire.enums import Command as MavCommand
from fleet.wire.message import Message
from fleet.wire.px4_modes import px4_custom_mode
from world.position import Geodetic

DEGREE_TOLERANCE = 2e-6
HEIGHT_TOLERANCE_M = 1.0
HEIGHT_PARAMETERS: Mapping[str, tuple[Verb, float]] = {
    "RTL_ALT": (Verb.SET_RETURN_HEIGHT, 100.0),
    "RTL_ALTITUDE": (Verb.SET_RETURN_HEIGHT, 1.0),
    "Q_RTL_ALT": (Verb.SET_RETURN_HEIGHT, 1.0),
    "RTL_RETURN_ALT": (Verb.SET_RETURN_HEIGHT, 1.0),
    "TKOFF_ALT": (Verb.TAKE_OFF, 1.0),
}
"""What a height in metres may be written to: for which command, and in how many units a metre."""
CHANGE_MODE = 1.0
"""The one flag of DO_REPOSITION there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One frame on its way out. `permit`: the command it is sent for, None without any."""

    message: Message
    permit: Command | None
    limits: VehicleLimits
    state: VehicleState | None


Rule = Callable[[Outbound], str | None]


def frame_fault(out: Outbound, sysid: int) -> str | None:
    """One clear sentence on why a frame must not leave, or None."""
    name = out.message.SPEC.name
    if name == "HEARTBEAT":
        return None
    rule = RULES.get(name)
    if rule is None:
        return f"{name} is not among the messages that may be sent"
    if out.message.target_system != sysid:
        return f"{name} is addressed to system {out.message.target_system}, not to {sysid}"
    return rule(out)


def _for(*verbs: Verb) -> Rule:
    """Allowed for these verbs only."""

    def rule(out: Outbound) -> str | None:
        if out.permit is not None and out.permit.verb in verbs:
            return None
        return f"{out.message.SPEC.name} needs {' or '.join(verbs)} to be under way"

    return rule


def _free(out: Outbound) -> str | None:
    """Moves nothing: questions and telemetry."""
    return None


def _command(out: Outbound) -> str | None:
    rule = COMMAND_RULES.get(out.message.command)
    return rule(out) if rule is not None else f"command {out.message.command} is not among those that may be sent"


def _mode(out: Outbound) -> str | None:
    """PX4's number is made of main and sub mode; a sub mode makes of ArduPilot's one that is not allowed."""
    main, sub = _whole(out.message.param2), _whole(out.message.param3)
    mode = px4_custom_mode(main, sub) if sub else main
    if mode not in out.limits.modes:
        return f"mode {mode} is not among those that may be ordered"
    if mode == out.limits.auto_mode:
        return _for(Verb.START_ROUTE, Verb.UPLOAD_ROUTE)(out)
    if out.permit is None:
        return f"mode {mode} needs a command to be under way"
    return None


def _whole(value: float) -> int:
    """A number in a float's clothes; -1, which is no mode, for what is none."""
    return int(value) if math.isfinite(value) else -1


def _arming(out: Outbound) -> str | None:
    if out.message.param1 == 1:
        return _for(Verb.ARM, Verb.TAKE_OFF, Verb.START_ROUTE)(out)
    if out.message.param2 == FORCE_DISARM_MAGIC:
        return _for(Verb.KILL)(out)
    return _for(Verb.DISARM)(out)


def _speed(out: Outbound) -> str | None:
    if not 0.0 < out.message.param2 <= out.limits.max_speed_m_s:
        return f"a speed of {out.message.param2:g} m/s is outside the limits"
    return _for(Verb.SET_SPEED, Verb.GO_TO)(out)


def _take_off(out: Outbound) -> str | None:
    wanted = None if out.permit is None else out.permit.height_m
    if wanted is not None and out.limits.autopilot is AutopilotKind.PX4:
        home = _home(out.state)
        wanted = None if home is None else home.height_m + wanted
    if wanted is None or not abs(out.message.param7 - wanted) <= HEIGHT_TOLERANCE_M:
        return f"a take-off to {out.message.param7:g} m was not asked for"
    return _for(Verb.TAKE_OFF)(out)


def _parameter(out: Outbound) -> str | None:
    wanted = None if out.permit is None else out.permit.height_m
    if out.message.param_id not in HEIGHT_PARAMETERS or wanted is None:
        return f"parameter {out.message.param_id} may not be set"
    verb, units_m = HEIGHT_PARAMETERS[out.message.param_id]
    if not abs(out.message.param_value - wanted * units_m) <= 1.0:
        return f"{out.message.param_id} = {out.message.param_value:g} was not asked for"
    return _for(verb)(out)


def _setpoint(out: Outbound) -> str | None:
    message = out.message
    at = Geodetic(lat_deg=message.lat_int / 1e7, lon_deg=message.lon_int / 1e7, height_m=message.alt)
    return _target(out, at, message.coordinate_frame)


def _command_int(out: Outbound) -> str | None:
    """DO_REPOSITION alone: a place in whole 1e-7 degrees, which must be the one asked for."""
    message = out.message
    if message.command != MavCommand.DO_REPOSITION:
        return f"command {message.command} is not among those that may be sent with a place"
    if message.param2 != CHANGE_MODE:
        return f"a reposition with flags {message.param2:g} is not among those that may be sent"
    at = Geodetic(lat_deg=message.x / 1e7, lon_deg=message.y / 1e7, height_m=message.z)
    return _target(out, at, message.frame)


def _target(out: Outbound, at: Geodetic, frame: int) -> str | None:
    permit = out.permit
    if permit is None or permit.verb is not Verb.GO_TO or permit.position is None:
        return _for(Verb.GO_TO)(out) or "a setpoint needs a position to be asked for"
    if _is_same_place(at, frame, permit.position, out.state):
        return None
    return "a setpoint lies elsewhere than the position asked for"


def _item(out: Outbound) -> str | None:
    fault = _for(Verb.UPLOAD_ROUTE)(out)
    is_home = out.message.seq == 0 and out.limits.autopilot is AutopilotKind.ARDUPILOT
    if fault is not None or is_home:  # which the vehicle sets itself
        return fault
    rule = ITEM_RULES.get(out.message.command)
    if rule is None:
        return f"mission item {out.message.command} is not among those that may be sent"
    return None if rule(out) else f"mission item {out.message.seq} is not part of the route that was checked"


def _is_route_point(out: Outbound) -> bool:
    message = out.message
    at = Geodetic(lat_deg=message.x / 1e7, lon_deg=message.y / 1e7, height_m=message.z)
    route = None if out.permit is None else out.permit.route
    points = () if route is None else route.points
    return any(_is_same_place(at, message.frame, point.position, out.state) for point in points)


def _is_take_off(out: Outbound) -> bool:
    route = None if out.permit is None else out.permit.route
    height_m = None if route is None else route.take_off_height_m
    return height_m is not None and abs(out.message.z - height_m) <= HEIGHT_TOLERANCE_M


def _is_allowed_speed(out: Outbound) -> bool:
    return bool(0.0 < out.message.param2 <= out.limits.max_speed_m_s)


def _is_return(out: Outbound) -> bool:
    route = None if out.permit is None else out.permit.route
    return route is not None and route.returns_at_end


def _payload_line(out: Outbound) -> str | None:
    return line_fault(out.message, out.permit)


def _is_same_place(at: Geodetic, frame: int, asked: Geodetic, state: VehicleState | None) -> bool:
    height_m = at.height_m
    if frame in (MavFrame.GLOBAL_RELATIVE_ALT, MavFrame.GLOBAL_RELATIVE_ALT_INT):
        home = _home(state)
        if home is None:
            return False
        height_m += home.height_m
    elif frame not in (MavFrame.GLOBAL, MavFrame.GLOBAL_INT):
        return False
    offset_deg = max(abs(at.lat_deg - asked.lat_deg), abs(at.lon_deg - asked.lon_deg))
    return offset_deg <= DEGREE_TOLERANCE and abs(height_m - asked.height_m) <= HEIGHT_TOLERANCE_M


def _home(state: VehicleState | None) -> Geodetic | None:
    """Where it stands, until its home is known."""
    return None if state is None else state.home or state.position


RULES: Mapping[str, Rule] = {
    "COMMAND_LONG": _command,
    "COMMAND_INT": _command_int,
    "MISSION_REQUEST_LIST": _free,
    "MISSION_REQUEST_INT": _free,
    "MISSION_ACK": _free,
    "MISSION_COUNT": _for(Verb.UPLOAD_ROUTE),
    "MISSION_ITEM_INT": _item,
    "MISSION_SET_CURRENT": _for(Verb.UPLOAD_ROUTE),
    "PARAM_SET": _parameter,
    "SET_POSITION_TARGET_GLOBAL_INT": _setpoint,
    "TUNNEL": lambda out: tunnel_fault(out.message, out.permit),
}

COMMAND_RULES: Mapping[int, Rule] = {
    MavCommand.SET_MESSAGE_INTERVAL: _free,
    MavCommand.REQUEST_MESSAGE: _free,
    MavCommand.DO_SET_MODE: _mode,
    MavCommand.COMPONENT_ARM_DISARM: _arming,
    MavCommand.NAV_TAKEOFF: _take_off,
    MavCommand.MISSION_START: _for(Verb.START_ROUTE, Verb.UPLOAD_ROUTE),
    MavCommand.DO_CHANGE_SPEED: _speed,
    MavCommand.DO_LAND_START: _for(Verb.LAND),
    MavCommand.CONDITION_YAW: _for(Verb.LOOK_AT),
    MavCommand.IMAGE_START_CAPTURE: _for(Verb.CAPTURE),
    MavCommand.DO_GRIPPER: _payload_line,
    MavCommand.DO_WINCH: _payload_line,
    MavCommand.DO_SET_RELAY: _payload_line,
    MavCommand.ILLUMINATOR_ON_OFF: _payload_line,
    MavCommand.DO_ILLUMINATOR_CONFIGURE: _payload_line,
}

ITEM_RULES: Mapping[int, Callable[[Outbound], bool]] = {
    MavCommand.NAV_WAYPOINT: _is_route_point,
    MavCommand.NAV_TAKEOFF: _is_take_off,
    MavCommand.NAV_RETURN_TO_LAUNCH: _is_return,
    MavCommand.DO_CHANGE_SPEED: _is_allowed_speed,
    MavCommand.DO_SET_CAM_TRIGG_DIST: lambda out: bool(out.message.param1 >= 0.0),
}
