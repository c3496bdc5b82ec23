"""Common messages folded into what is known: pure functions, one per message, by one table."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from fleet.drivers.mavlink.known import Known
from fleet.model import AutopilotKind, FlightMode
from fleet.wire.enums import Autopilot, EkfFlag, LandedState, ModeFlag, SysStatusSensor, SystemState
from fleet.wire.message import Message
from world.attitude import Quaternion
from world.position import Geodetic, Ned
from world.records import replace
from world.time import Instant

# plain numbers: operators of enum flags cost ten times as much, and these run for every message
_ARMED = int(ModeFlag.SAFETY_ARMED)
_PREARM = int(SysStatusSensor.PREARM_CHECK)
_ABSOLUTE, _DEAD_RECKONING = int(EkfFlag.POS_HORIZ_ABS), int(EkfFlag.CONST_POS_MODE)
_IN_FAILSAFE = frozenset({int(SystemState.CRITICAL), int(SystemState.EMERGENCY)})
"""Both firmwares say so of any failsafe (GCS_MAVLink_Copter.cpp and its sisters, PX4's HEARTBEAT.hpp)."""
_MISSION_COMPLETE = 5
"""MISSION_STATE_COMPLETE."""
UNKNOWN_HEADING = 65535
UNKNOWN_VOLTAGE = 65535

Handler = Callable[[Known, Message, Instant], Known]
Modes = Mapping[int, FlightMode]
_AUTOPILOTS: Mapping[int, AutopilotKind] = {
    Autopilot.ARDUPILOT: AutopilotKind.ARDUPILOT, Autopilot.PX4: AutopilotKind.PX4
}


def autopilot_kind(number: int) -> AutopilotKind:
    """Whose firmware it is, from HEARTBEAT.autopilot."""
    return _AUTOPILOTS.get(number, AutopilotKind.OTHER)


def heartbeat(modes: Modes) -> Handler:
    """Handler of HEARTBEAT for a kind with these mode numbers."""

    def fold(known: Known, message: Message, now: Instant) -> Known:
        if message.autopilot == Autopilot.INVALID:
            return known
        is_armed = bool(message.base_mode & _ARMED)
        failsafe = None if message.system_status not in _IN_FAILSAFE else known.vitals.failsafe or now
        vitals = replace(
            known.vitals, heartbeat=now, autopilot=autopilot_kind(message.autopilot), failsafe=failsafe
        )
        if is_armed and known.state.is_armed is False:
            vitals = replace(vitals, is_crashed=False)
        mode = modes.get(message.custom_mode, FlightMode.UNKNOWN)
        state = replace(known.state, is_armed=is_armed, raw_mode=message.custom_mode, mode=mode)
        return replace(known, state=state, vitals=vitals)

    return fold


def _global_position(known: Known, message: Message, now: Instant) -> Known:
    if message.lat == 0 and message.lon == 0:
        return known  # ArduPilot sends zeros before its first fix
    heading = None if message.hdg == UNKNOWN_HEADING else message.hdg / 100.0
    state = replace(
        known.state,
        position=Geodetic(lat_deg=message.lat / 1e7, lon_deg=message.lon / 1e7, height_m=message.alt / 1000.0),
        height_above_home_m=message.relative_alt / 1000.0,
        velocity=Ned(north=message.vx / 100.0, east=message.vy / 100.0, down=message.vz / 100.0),
        heading_deg=known.state.heading_deg if heading is None else heading,
    )
    return replace(known, state=state)


def _attitude(known: Known, message: Message, now: Instant) -> Known:
    if not math.isfinite(message.roll + message.pitch + message.yaw):
        return known
    turned = Quaternion.from_euler(roll_rad=message.roll, pitch_rad=message.pitch, yaw_rad=message.yaw)
    return replace(known, state=replace(known.state, attitude=turned))


def _attitude_quaternion(known: Known, message: Message, now: Instant) -> Known:
    if not math.isfinite(message.q1 + message.q2 + message.q3 + message.q4):
        return known
    turned = Quaternion(w=message.q1, x=message.q2, y=message.q3, z=message.q4)
    return replace(known, state=replace(known.state, attitude=turned))


def _sys_status(known: Known, message: Message, now: Instant) -> Known:
    present = message.onboard_control_sensors_present & _PREARM
    health = message.onboard_control_sensors_health & _PREARM
    volts, percent = message.voltage_battery, message.battery_remaining
    state = replace(
        known.state,
        battery_v=None if volts in (0, UNKNOWN_VOLTAGE) else volts / 1000.0,
        battery_pct=None if percent < 0 else float(percent),
    )
    return replace(known, state=state, vitals=replace(known.vitals, is_prearm_good=bool(present and health)))


def _ekf(known: Known, message: Message, now: Instant) -> Known:
    return replace(known, vitals=replace(known.vitals, ekf_flags=message.flags))


def _gps(known: Known, message: Message, now: Instant) -> Known:
    satellites = None if message.satellites_visible == 255 else message.satellites_visible
    return replace(known, vitals=replace(known.vitals, gps_fix=message.fix_type, satellites=satellites))


def _extended(known: Known, message: Message, now: Instant) -> Known:
    if message.landed_state == LandedState.UNDEFINED:
        return known
    return replace(known, state=replace(known.state, is_landed=message.landed_state == LandedState.ON_GROUND))


def _home(known: Known, message: Message, now: Instant) -> Known:
    if message.latitude == 0 and message.longitude == 0:
        return known
    home = Geodetic(
        lat_deg=message.latitude / 1e7, lon_deg=message.longitude / 1e7, height_m=message.altitude / 1000.0
    )
    return replace(known, state=replace(known.state, home=home))


def _mission_current(known: Known, message: Message, now: Instant) -> Known:
    is_complete = message.mission_state == _MISSION_COMPLETE
    return replace(known, vitals=replace(known.vitals, mission_seq=message.seq, is_mission_complete=is_complete))


def _text(known: Known, message: Message, now: Instant) -> Known:
    texts = known.texts.heard(message, now)
    # ArduPilot: "Crash: Disarming: AngErr=..." (copter), "Crash: Going to HOLD" (rover)
    crashed = known.vitals.is_crashed or any(text.text.startswith("Crash:") for text in texts.since(now.mono_ns))
    return replace(known, texts=texts, vitals=replace(known.vitals, is_crashed=crashed))


COMMON: dict[str, Handler] = {
    "GLOBAL_POSITION_INT": _global_position,
    "ATTITUDE": _attitude,
    "ATTITUDE_QUATERNION": _attitude_quaternion,
    "SYS_STATUS": _sys_status,
    "EKF_STATUS_REPORT": _ekf,
    "GPS_RAW_INT": _gps,
    "EXTENDED_SYS_STATE": _extended,
    "HOME_POSITION": _home,
    "MISSION_CURRENT": _mission_current,
    "STATUSTEXT": _text,
}


class Readiness(NamedTuple):
    """Whether a vehicle may fly, and why not."""

    is_ready: bool
    prearm_reasons: tuple[str, ...]


def readiness(known: Known, now: Instant) -> Readiness:
    """As of now: estimator absolute, not dead reckoning, pre-arm healthy; the reasons are those not grown old."""
    flags, prearm = known.vitals.ekf_flags, known.vitals.is_prearm_good
    estimates = flags is not None and bool(flags & _ABSOLUTE) and not flags & _DEAD_RECKONING
    if estimates and prearm is True:
        return Readiness(True, ())
    return Readiness(False, known.texts.reasons(now) or _silent_reasons(flags, estimates, prearm))


def _silent_reasons(flags: int | None, estimates: bool, prearm: bool | None) -> tuple[str, ...]:
    """What keeps a vehicle from being ready when it does not say so itself."""
    reasons = []
    if flags is None:
        reasons.append("Estimator status not heard")
    elif not estimates:
        reasons.append("Estimator has no absolute position")
    if prearm is None:
        reasons.append("System status not heard")
    elif not prearm:
        reasons.append("Pre-arm checks not passed")
    return tuple(reasons)
