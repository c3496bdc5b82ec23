"""What the guard asks of each outgoing frame: known, addressed to its vehicle, covered by the admitted command."""

import math
from collections.abc import Mapping

from fleet.commands import Verb
from fleet.guard.lists import count_fault, item_fault
from fleet.guard.outbound import HEIGHT_TOLERANCE_M, Outbound, Rule, for_verbs, home_of, is_same_place
from fleet.guard.parameters import is_carried
from fleet.guard.payloads import line_fault, tunnel_fault
from fleet.model import AutopilotKind
from fleet.wire.enums import FORCE_DISARM_MAGIC, TargetMask
from fleet.wire.enums import Command as MavCommand
from fleet.wire.message import octets
from fleet.wire.px4_modes import px4_custom_mode
from fleet.wire.signing_keys import SigningKey
from world.position import Geodetic

UNADDRESSED = frozenset({"HEARTBEAT", "SYSTEM_TIME", "TIMESYNC"})
"""Messages without a target, which change nothing."""
TO_ALL = frozenset({"PING"})
"""Messages that may be addressed to every system."""
FTP_OPCODE = 3
"""Where FILE_TRANSFER_PROTOCOL.payload says what to do (after seq u16 and session u8)."""
READING = frozenset({0, 1, 2, 3, 4, 5, 14, 15})
"""None, TerminateSession, ResetSessions, ListDirectory, OpenFileRO, ReadFile, CalcFileCRC32, BurstReadFile."""
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
MOTION = (
    TargetMask.IGNORE_VX | TargetMask.IGNORE_VY | TargetMask.IGNORE_VZ
    | TargetMask.IGNORE_AX | TargetMask.IGNORE_AY | TargetMask.IGNORE_AZ
)
DECIDES = MOTION | TargetMask.IGNORE_X | TargetMask.IGNORE_Y | TargetMask.IGNORE_Z | TargetMask.FORCE_SET
"""Bits of a setpoint that say what moves the vehicle: only its position may, which was checked."""
HEADING_TOLERANCE_DEG = 1.0


def frame_fault(out: Outbound, sysid: int) -> str | None:
    """One clear sentence on why a frame must not leave, or None."""
    name = out.message.SPEC.name
    if name in UNADDRESSED:
        return None
    rule = RULES.get(name)
    if rule is None:
        return f"{name} is not among the messages that may be sent"
    target = out.message.target_system
    if target != sysid and not (target == 0 and name in TO_ALL):
        return f"{name} is addressed to system {target}, not to {sysid}"
    return rule(out)


def _free(out: Outbound) -> str | None:
    """Moves nothing: questions and telemetry."""
    return None


def _files(out: Outbound) -> str | None:
    opcode = octets(out.message, "payload")[FTP_OPCODE]
    return None if opcode in READING else f"file operation {opcode} is not among those that only read"


def _command(out: Outbound) -> str | None:
    rule = COMMAND_RULES.get(out.message.command)
    return rule(out) if rule is not None else f"command {out.message.command} is not among those that may be sent"


def _mode(out: Outbound) -> str | None:
    """PX4's number is made of main and sub mode; a sub mode makes of ArduPilot's one that is not allowed."""
    main, sub = _whole(out.message.param2), _whole(out.message.param3)
    mode = px4_custom_mode(main, sub) if sub else main
    if mode not in out.limits.modes:
        return f"mode {mode:g} is not among those that may be ordered"
    if mode == out.limits.auto_mode:
        return for_verbs(Verb.START_ROUTE, Verb.UPLOAD_ROUTE)(out)
    if out.permit is None:
        return f"mode {mode:g} needs a command to be under way"
    return None


def _whole(value: float) -> int:
    """A number in a float's clothes; -1, which is no mode, for what is none."""
    return int(value) if math.isfinite(value) and value == int(value) else -1


def _arming(out: Outbound) -> str | None:
    if out.message.param1 == 1:
        return for_verbs(Verb.ARM, Verb.TAKE_OFF, Verb.START_ROUTE)(out)
    if out.message.param2 == FORCE_DISARM_MAGIC:
        return for_verbs(Verb.KILL)(out)
    return for_verbs(Verb.DISARM)(out)


def _speed(out: Outbound) -> str | None:
    if not 0.0 < out.message.param2 <= out.limits.max_speed_m_s:
        return f"a speed of {out.message.param2:g} m/s is outside the limits"
    return for_verbs(Verb.SET_SPEED, Verb.GO_TO)(out)


def _take_off(out: Outbound) -> str | None:
    wanted = None if out.permit is None else out.permit.height_m
    if wanted is not None and out.limits.autopilot is AutopilotKind.PX4:
        home = home_of(out.state)
        wanted = None if home is None else home.height_m + wanted
    if wanted is None or not abs(out.message.param7 - wanted) <= HEIGHT_TOLERANCE_M:
        return f"a take-off to {out.message.param7:g} m was not asked for"
    return for_verbs(Verb.TAKE_OFF)(out)


def _turn(out: Outbound) -> str | None:
    """To a heading of the compass, the one asked for where it was; param4 = 1 would turn by so much."""
    heading_deg, asked = out.message.param1, None if out.permit is None else out.permit.heading_deg
    if not 0.0 <= heading_deg <= 360.0 or out.message.param4 != 0.0:
        return f"a turn to {heading_deg:g} deg is no heading"
    if asked is not None and not abs(heading_deg - asked) <= HEADING_TOLERANCE_DEG:
        return f"a turn to {heading_deg:g} deg was not asked for"
    return for_verbs(Verb.LOOK_AT)(out)


def _parameter(out: Outbound) -> str | None:
    if out.permit is not None and out.permit.verb is Verb.SET_PARAMETERS:
        return _asked_parameter(out, out.permit.parameters or {})
    wanted = None if out.permit is None else out.permit.height_m
    if out.message.param_id not in HEIGHT_PARAMETERS or wanted is None:
        return f"parameter {out.message.param_id} may not be set"
    verb, units_m = HEIGHT_PARAMETERS[out.message.param_id]
    if not abs(out.message.param_value - wanted * units_m) <= 1.0:
        return f"{out.message.param_id} = {out.message.param_value:g} was not asked for"
    return for_verbs(verb)(out)


def _asked_parameter(out: Outbound, asked: Mapping[str, float]) -> str | None:
    name, carried = out.message.param_id, out.message.param_value
    if name not in asked:
        return f"parameter {name} may not be set"
    if is_carried(asked[name], carried, out.message.param_type, is_bytewise=out.is_bytewise):
        return None
    return f"{name} = {carried:g} was not asked for"


def _fence_switch(out: Outbound) -> str | None:
    """On with a fence that was checked, off only with one that is taken away."""
    fault = for_verbs(Verb.UPLOAD_FENCE)(out)
    wanted = 1.0 if out.permit is not None and out.permit.fence else 0.0
    return fault or (None if out.message.param1 == wanted else "the fence was not asked to be switched so")


def _setpoint(out: Outbound) -> str | None:
    message = out.message
    at = Geodetic(lat_deg=message.lat_int / 1e7, lon_deg=message.lon_int / 1e7, height_m=message.alt)
    fault = _target(out, at, message.coordinate_frame)
    if fault is None and message.type_mask & DECIDES != MOTION:
        return "a setpoint orders more than a position"
    return fault


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
        return for_verbs(Verb.GO_TO)(out) or "a setpoint needs a position to be asked for"
    if is_same_place(at, frame, permit.position, out.state):
        return None
    return "a setpoint lies elsewhere than the position asked for"


def _signing_key(out: Outbound) -> str | None:
    """Exactly the key that was asked for; zeros for none."""
    secret, asked = octets(out.message, "secret_key"), None if out.permit is None else out.permit.key
    found = SigningKey(secret).fingerprint if any(secret) else ""
    fault = for_verbs(Verb.SET_SIGNING_KEY)(out)
    return fault or (None if found == asked else "a signing key that was not asked for")


def _image(out: Outbound) -> str | None:
    is_order = out.permit is not None and out.permit.verb is Verb.OPERATE
    return _payload_line(out) if is_order else for_verbs(Verb.CAPTURE)(out)


def _payload_line(out: Outbound) -> str | None:
    return line_fault(out.message, out.permit)


RULES: Mapping[str, Rule] = {
    "COMMAND_LONG": _command,
    "COMMAND_INT": _command_int,
    "MISSION_REQUEST_LIST": _free,
    "MISSION_REQUEST_PARTIAL_LIST": _free,
    "MISSION_REQUEST": _free,
    "MISSION_REQUEST_INT": _free,
    "MISSION_ACK": _free,
    "MISSION_COUNT": count_fault,
    "MISSION_ITEM_INT": item_fault,
    "MISSION_SET_CURRENT": for_verbs(Verb.UPLOAD_ROUTE),
    "PARAM_REQUEST_READ": _free,
    "PARAM_REQUEST_LIST": _free,
    "PARAM_SET": _parameter,
    "LOG_REQUEST_LIST": _free,
    "LOG_REQUEST_DATA": _free,
    "LOG_REQUEST_END": _free,
    "FILE_TRANSFER_PROTOCOL": _files,
    "PING": _free,
    "SET_POSITION_TARGET_GLOBAL_INT": _setpoint,
    "SETUP_SIGNING": _signing_key,
    "TUNNEL": lambda out: tunnel_fault(out.message, out.permit),
}

COMMAND_RULES: Mapping[int, Rule] = {
    MavCommand.SET_MESSAGE_INTERVAL: _free,
    MavCommand.REQUEST_MESSAGE: _free,
    MavCommand.REQUEST_AUTOPILOT_CAPABILITIES: _free,
    MavCommand.DO_SET_MODE: _mode,
    MavCommand.COMPONENT_ARM_DISARM: _arming,
    MavCommand.NAV_TAKEOFF: _take_off,
    MavCommand.MISSION_START: for_verbs(Verb.START_ROUTE, Verb.UPLOAD_ROUTE),
    MavCommand.DO_CHANGE_SPEED: _speed,
    MavCommand.DO_LAND_START: for_verbs(Verb.LAND),
    MavCommand.CONDITION_YAW: _turn,
    MavCommand.IMAGE_START_CAPTURE: _image,
    MavCommand.DO_FENCE_ENABLE: _fence_switch,
    MavCommand.IMAGE_STOP_CAPTURE: _payload_line,
    MavCommand.VIDEO_START_CAPTURE: _payload_line,
    MavCommand.VIDEO_STOP_CAPTURE: _payload_line,
    MavCommand.SET_CAMERA_MODE: _payload_line,
    MavCommand.SET_CAMERA_ZOOM: _payload_line,
    MavCommand.DO_GIMBAL_MANAGER_CONFIGURE: _payload_line,
    MavCommand.DO_GIMBAL_MANAGER_PITCHYAW: _payload_line,
    MavCommand.DO_SET_ROI_LOCATION: _payload_line,
    MavCommand.DO_SET_ROI_NONE: _payload_line,
    MavCommand.DO_GRIPPER: _payload_line,
    MavCommand.DO_WINCH: _payload_line,
    MavCommand.DO_SET_RELAY: _payload_line,
    MavCommand.ILLUMINATOR_ON_OFF: _payload_line,
    MavCommand.DO_ILLUMINATOR_CONFIGURE: _payload_line,
}
