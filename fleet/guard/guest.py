"""What a guest's frame asks for: nothing that matters, commands to be judged as any other, or a reason to refuse it.

A guest is a person with a foreign program (QGroundControl, MAVProxy, MAVSDK, DroneKit) who holds the vehicle's lease.
"""

import math
from collections.abc import Mapping
from struct import calcsize, pack, unpack

from fleet.commands import Verb
from fleet.guard.frames import CHANGE_MODE, FTP_OPCODE, READING, TO_ALL, UNADDRESSED
from fleet.guard.guest_frames import RELATIVE, GuestFrame, Meaning, Reading, place
from fleet.guard.guest_moves import mode_change, setpoint, start
from fleet.guard.outbound import home_of
from fleet.guard.parameters import WHOLE
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MissionType
from fleet.wire.message import octets
from fleet.wire.px4_modes import px4_custom_mode

GUIDED_ITEM = 2
"""MISSION_ITEM.current of a target that belongs to no mission."""
CUSTOM_MODE = 1
"""MAV_MODE_FLAG_CUSTOM_MODE_ENABLED."""


def meaning_of(frame: GuestFrame, sysid: int) -> Meaning:
    """What a message of a guest asks for."""
    name = frame.message.SPEC.name
    reading = READINGS.get(name)
    if reading is None:
        return REASONS.get(name, f"{name} is not among the messages that guests may send")
    if name not in UNADDRESSED:
        target = frame.message.target_system
        if target != sysid and not (target == 0 and name in TO_ALL):
            return f"{name} is addressed to system {target}, not to {sysid}"
    return reading(frame)


def _free(frame: GuestFrame) -> Meaning:
    return ()


def _ends(frame: GuestFrame) -> Meaning:
    """Ends motion: the lease is all it needs."""
    return (frame.order(Verb.HOLD),)


def _files(frame: GuestFrame) -> Meaning:
    opcode = octets(frame.message, "payload")[FTP_OPCODE]
    return () if opcode in READING else f"file operation {opcode} is not among those that only read"


def _set_mode(frame: GuestFrame) -> Meaning:
    """The old message, with the number as heartbeats have it."""
    if not frame.message.base_mode & CUSTOM_MODE:
        return "modes are ordered by the autopilot's own numbers"
    return mode_change(frame, frame.message.custom_mode)


def _do_set_mode(frame: GuestFrame) -> Meaning:
    base, main, sub = (_whole(value) for value in (frame.message.param1, frame.message.param2, frame.message.param3))
    if base < 0 or not base & CUSTOM_MODE or main < 0:
        return "modes are ordered by the autopilot's own numbers"
    return mode_change(frame, px4_custom_mode(main, max(sub, 0)) if frame.is_px4 else main)


def _whole(value: float) -> int:
    """A number in a float's clothes; -1 for what is none."""
    return int(value) if math.isfinite(value) and 0.0 <= value == math.floor(value) else -1


def _arming(frame: GuestFrame) -> Meaning:
    if frame.message.param2 != 0.0:
        return "motors are not forced on or off for guests; a commander's KILL does that"
    if frame.message.param1 == 0.0:
        return (frame.order(Verb.DISARM),)
    if frame.message.param1 != 1.0:
        return f"arming by {frame.message.param1:g} is neither on nor off"
    if not frame.guest.allows_arming:
        return "this share does not allow arming; open it again with the right to arm"
    if frame.state.raw_mode == frame.limits.auto_mode:
        begun = start(frame)  # some vehicles set out as soon as their motors may
        return begun if isinstance(begun, str) else (frame.order(Verb.ARM), *begun)
    return (frame.order(Verb.ARM),)


def _take_off(frame: GuestFrame) -> Meaning:
    """ArduPilot counts from home, PX4 from sea level."""
    message, height_m = frame.message, frame.message.param7 if _is_long(frame) else frame.message.z
    if frame.is_px4:
        home = home_of(frame.state)
        if home is None:
            return "the home of the vehicle is unknown"
        height_m -= home.height_m
    elif not _is_long(frame) and message.frame not in RELATIVE:
        return "give the height of a take-off above home"
    return (frame.order(Verb.TAKE_OFF, height_m=height_m),)


def _is_long(frame: GuestFrame) -> bool:
    return frame.message.SPEC.name == "COMMAND_LONG"


def _reposition(frame: GuestFrame) -> Meaning:
    if _is_long(frame):
        return "what heights in a long DO_REPOSITION count from is unclear; send COMMAND_INT"
    message = frame.message
    if message.param2 not in (0.0, CHANGE_MODE):
        return f"a reposition with flags {message.param2:g} is not flown for guests"
    target = place(frame.state, message.x, message.y, message.z, message.frame)
    if isinstance(target, str):
        return target
    # what is not said is left to the vehicle: counted as the fastest
    speed_m_s = message.param1 if message.param1 > 0.0 else frame.limits.max_speed_m_s
    return (frame.order(Verb.GO_TO, position=target, speed_m_s=speed_m_s),)


def _speed(frame: GuestFrame) -> Meaning:
    return (frame.order(Verb.SET_SPEED, speed_m_s=frame.message.param2),)


def _yaw(frame: GuestFrame) -> Meaning:
    return (frame.order(Verb.LOOK_AT, heading_deg=frame.message.param1),)


def _start(frame: GuestFrame) -> Meaning:
    if frame.message.param1 != 0.0 or frame.message.param2 != 0.0:
        return "missions of guests start where the vehicle stands in them; leave first and last item at 0"
    return start(frame)


def _pause(frame: GuestFrame) -> Meaning:
    return _ends(frame) if frame.message.param1 == 0.0 else start(frame)


def _parameter(frame: GuestFrame) -> Meaning:
    message, value = frame.message, frame.message.param_value
    layout = WHOLE.get(message.param_type) if frame.is_px4 else None
    if layout is not None:
        (whole,) = unpack(layout, pack("<f", value)[:calcsize(layout)])
        value = float(whole)
    return (frame.order(Verb.SET_PARAMETERS, parameters={message.param_id: value}),)


def _guided_item(frame: GuestFrame) -> Meaning:
    """ArduPilot's oldest way to a target (DroneKit's simple_goto); items of a mission do not come here."""
    message = frame.message
    if message.current != GUIDED_ITEM or message.command != MavCommand.NAV_WAYPOINT:
        return "items of a mission are asked for one by one after its count"
    scale = 1.0 if message.SPEC.name == "MISSION_ITEM_INT" else 1e7
    target = place(frame.state, message.x * scale, message.y * scale, message.z, message.frame)
    if isinstance(target, str):
        return target
    return (frame.order(Verb.GO_TO, position=target, speed_m_s=frame.limits.max_speed_m_s),)


def _clear(frame: GuestFrame) -> Meaning:
    if frame.message.mission_type != MissionType.MISSION:
        return "fences and rally points of a shared vehicle are its fleet's; guests may read them"
    if frame.state.raw_mode == frame.limits.auto_mode and frame.state.is_armed is not False:
        return "a mission that is being flown is not cleared; hold first"
    return ()


def _command(frame: GuestFrame) -> Meaning:
    number = frame.message.command
    reading = COMMANDS.get(number)
    return reading(frame) if reading is not None else f"command {number} is not among those that guests may give"


COMMANDS: Mapping[int, Reading] = {
    **dict.fromkeys((
        MavCommand.REQUEST_MESSAGE, MavCommand.SET_MESSAGE_INTERVAL, MavCommand.GET_MESSAGE_INTERVAL,
        MavCommand.REQUEST_PROTOCOL_VERSION, MavCommand.REQUEST_AUTOPILOT_CAPABILITIES, MavCommand.GET_HOME_POSITION,
        MavCommand.REQUEST_CAMERA_INFORMATION, MavCommand.REQUEST_CAMERA_SETTINGS,
        MavCommand.REQUEST_STORAGE_INFORMATION, MavCommand.REQUEST_CAMERA_CAPTURE_STATUS,
        MavCommand.REQUEST_FLIGHT_INFORMATION, MavCommand.REQUEST_VIDEO_STREAM_INFORMATION,
        MavCommand.REQUEST_VIDEO_STREAM_STATUS, MavCommand.RUN_PREARM_CHECKS, MavCommand.DO_SEND_BANNER,
    ), _free),
    **dict.fromkeys((MavCommand.NAV_RETURN_TO_LAUNCH, MavCommand.NAV_LAND, MavCommand.NAV_LOITER_UNLIM), _ends),
    MavCommand.DO_SET_MODE: _do_set_mode,
    MavCommand.COMPONENT_ARM_DISARM: _arming,
    MavCommand.NAV_TAKEOFF: _take_off,
    MavCommand.DO_REPOSITION: _reposition,
    MavCommand.DO_CHANGE_SPEED: _speed,
    MavCommand.CONDITION_YAW: _yaw,
    MavCommand.MISSION_START: _start,
    MavCommand.DO_PAUSE_CONTINUE: _pause,
}
READINGS: Mapping[str, Reading] = {
    **dict.fromkeys((
        "SYSTEM_TIME", "TIMESYNC", "PING", "REQUEST_DATA_STREAM", "AUTOPILOT_VERSION_REQUEST", "PARAM_REQUEST_READ",
        "PARAM_REQUEST_LIST", "PARAM_EXT_REQUEST_READ", "PARAM_EXT_REQUEST_LIST", "MISSION_REQUEST_LIST",
        "MISSION_REQUEST_PARTIAL_LIST", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK", "LOG_REQUEST_LIST",
        "LOG_REQUEST_DATA", "LOG_REQUEST_END",
    ), _free),
    "FILE_TRANSFER_PROTOCOL": _files,
    "SET_MODE": _set_mode,
    "COMMAND_LONG": _command,
    "COMMAND_INT": _command,
    "PARAM_SET": _parameter,
    "MISSION_CLEAR_ALL": _clear,
    "MISSION_ITEM": _guided_item,
    "MISSION_ITEM_INT": _guided_item,
    "SET_POSITION_TARGET_GLOBAL_INT": setpoint,
    "SET_POSITION_TARGET_LOCAL_NED": setpoint,
}
"""Missions on their way out are compared with what was admitted, in the gate."""
_STICKS = "sticks are the safety pilot's radio alone; guests fly by modes, targets and missions"
_KEYS = "signing keys of a vehicle are not changed through a share"
REASONS: Mapping[str, str] = {
    "RC_CHANNELS_OVERRIDE": _STICKS,
    "MANUAL_CONTROL": _STICKS,
    "SETUP_SIGNING": _KEYS,
    "HEARTBEAT": "the vehicle hears one ground station's heartbeat, and that is the fleet's",
    "MISSION_SET_CURRENT": "items of a mission are not skipped by guests; fly there in a guided mode",
}
