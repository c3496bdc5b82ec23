"""What each message says: fields by message name, from one ship. None where there is nothing to say yet."""

import math
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from fleet.wire.enums import (
    Autopilot,
    Capability,
    EkfFlag,
    GpsFix,
    LandedState,
    MavType,
    ModeFlag,
    SysStatusSensor,
    SystemState,
)
from sim.autopilot import fence
from sim.autopilot.arming import has_fix, has_height, has_position, prearm_reasons
from sim.autopilot.failsafes import used_mah, volts
from world.attitude import Quaternion

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

Fields = dict[str, Any]
_S: Final = SysStatusSensor
_FITTED: Final = (
    _S.GYRO | _S.ACCEL | _S.MAG | _S.ABSOLUTE_PRESSURE | _S.GPS | _S.ANGULAR_RATE_CONTROL | _S.ATTITUDE_STABILIZATION
    | _S.YAW_POSITION | _S.Z_ALTITUDE_CONTROL | _S.XY_POSITION_CONTROL | _S.MOTOR_OUTPUTS | _S.AHRS | _S.BATTERY
    | _S.PREARM_CHECK
)
_CAPABILITIES: Final = (
    Capability.MISSION_FLOAT | Capability.PARAM_FLOAT | Capability.MISSION_INT | Capability.COMMAND_INT
    | Capability.SET_POSITION_TARGET_LOCAL_NED | Capability.SET_POSITION_TARGET_GLOBAL_INT
    | Capability.FLIGHT_TERMINATION | Capability.MAVLINK2 | Capability.MISSION_FENCE | Capability.MISSION_RALLY
    | Capability.FTP
)
_VTOL_STATES: Final = (0, 4, 3)
"""MAV_VTOL_STATE by what the rotors do: undefined, on wings, hovering."""
_VERSION_4_5_7: Final = 4 << 24 | 5 << 16 | 7 << 8 | 255


def heartbeat(ship: "Ship") -> Fields:
    rule = ship.rules.modes[ship.mode]
    base = ModeFlag.CUSTOM_MODE_ENABLED | ModeFlag.STABILIZE_ENABLED | ModeFlag.MANUAL_INPUT_ENABLED
    base |= ModeFlag.GUIDED_ENABLED if rule.is_autonomous else ModeFlag(0)
    base |= ModeFlag.SAFETY_ARMED if ship.is_armed else ModeFlag(0)
    state = SystemState.CRITICAL if ship.failsafe else SystemState.ACTIVE if ship.is_armed else SystemState.STANDBY
    return {
        "type": ship.mav_type, "autopilot": Autopilot.ARDUPILOT, "base_mode": base, "custom_mode": ship.mode,
        "system_status": state if has_height(ship) else SystemState.CALIBRATING,
    }


def camera_heartbeat(ship: "Ship") -> Fields:
    return {
        "type": MavType.CAMERA, "autopilot": Autopilot.INVALID, "base_mode": 0, "custom_mode": 0,
        "system_status": SystemState.ACTIVE,
    }


def sys_status(ship: "Ship") -> Fields:
    """The geofence bits as AC_Fence::sys_status_* give them: in force counts only with an action."""
    fenced = fence.is_present(ship)
    present = _FITTED | (_S.GEOFENCE if fenced else _S(0))
    acts = fenced and ship.parameters["FENCE_ENABLE"] > 0 and ship.parameters["FENCE_ACTION"] > 0
    enabled = _FITTED | (_S.GEOFENCE if acts else _S(0))
    healthy = present if not prearm_reasons(ship) else present & ~_S.PREARM_CHECK
    healthy = healthy if has_fix(ship) else healthy & ~_S.GPS
    healthy = healthy & ~_S.GEOFENCE if ship.breach.what else healthy
    return {
        "onboard_control_sensors_present": present, "onboard_control_sensors_enabled": enabled,
        "onboard_control_sensors_health": healthy, "load": 120, "voltage_battery": round(volts(ship) * 1000),
        "current_battery": round(_amps(ship) * 100), "battery_remaining": round(ship.battery_pct), "drop_rate_comm": 0,
        "errors_comm": 0, "errors_count1": 0, "errors_count2": 0, "errors_count3": 0, "errors_count4": 0,
    }


def fence_status(ship: "Ship") -> Fields | None:
    """Only while the fence is enabled."""
    if ship.parameters["FENCE_ENABLE"] == 0:
        return None
    breach = ship.breach
    return {
        "breach_status": int(bool(breach.what)), "breach_count": breach.count, "breach_type": breach.type,
        "breach_time": breach.at_ms, "breach_mitigation": 0,
    }


def system_time(ship: "Ship") -> Fields:
    return {"time_unix_usec": ship.utc_ns // 1000 if has_fix(ship) else 0, "time_boot_ms": ship.boot_ms}


def gps_raw(ship: "Ship") -> Fields:
    e, fixed = ship.estimate, has_fix(ship)
    return {
        "time_usec": ship.boot_ms * 1000, "fix_type": GpsFix.FIX_3D if fixed else GpsFix.NO_FIX,
        "lat": _e7(e.lat_deg) if fixed else 0, "lon": _e7(e.lon_deg) if fixed else 0,
        "alt": _mm(_amsl(ship, e.up_m)) if fixed else 0, "eph": 90 if fixed else 9999, "epv": 120 if fixed else 9999,
        "vel": round(math.hypot(e.east_m_s, e.north_m_s) * 100), "cog": round(_course_deg(ship) * 100) % 36000,
        "satellites_visible": 14 if fixed else 3,
    }


def attitude(ship: "Ship") -> Fields:
    e = ship.estimate
    return {
        "time_boot_ms": ship.boot_ms, "roll": e.roll_rad, "pitch": e.pitch_rad, "yaw": _wrapped(e.yaw_rad),
        "rollspeed": 0.0, "pitchspeed": 0.0, "yawspeed": e.yaw_rate_rad_s,
    }


def attitude_quaternion(ship: "Ship") -> Fields:
    e = ship.estimate
    q = Quaternion.from_euler(roll_rad=e.roll_rad, pitch_rad=e.pitch_rad, yaw_rad=e.yaw_rad)
    return {
        "time_boot_ms": ship.boot_ms, "q1": q.w, "q2": q.x, "q3": q.y, "q4": q.z, "rollspeed": 0.0, "pitchspeed": 0.0,
        "yawspeed": e.yaw_rate_rad_s, "repr_offset_q": (0.0, 0.0, 0.0, 0.0),
    }


def global_position(ship: "Ship") -> Fields:
    """Zeros until the estimator has a position, as on the real thing: never take them for a place."""
    e, known = ship.estimate, has_position(ship)
    above = e.up_m - ship.home.up_m if ship.home else 0.0
    return {
        "time_boot_ms": ship.boot_ms, "lat": _e7(e.lat_deg) if known else 0, "lon": _e7(e.lon_deg) if known else 0,
        "alt": _mm(_amsl(ship, e.up_m)) if known else 0, "relative_alt": _mm(above),
        "vx": round(e.north_m_s * 100), "vy": round(e.east_m_s * 100), "vz": round(-e.up_m_s * 100),
        "hdg": round(math.degrees(e.yaw_rad) * 100) % 36000,
    }


def local_position(ship: "Ship") -> Fields | None:
    """NED from the frame's origin, which GPS_GLOBAL_ORIGIN tells."""
    e = ship.estimate
    if not has_position(ship):
        return None
    return {
        "time_boot_ms": ship.boot_ms, "x": e.north_m, "y": e.east_m, "z": -e.up_m, "vx": e.north_m_s, "vy": e.east_m_s,
        "vz": -e.up_m_s,
    }


def vfr_hud(ship: "Ship") -> Fields:
    e = ship.estimate
    speed = math.hypot(e.east_m_s, e.north_m_s)
    airspeed = speed if ship.rules.can_stop else e.airspeed_m_s
    return {
        "airspeed": airspeed, "groundspeed": speed, "alt": _amsl(ship, e.up_m), "climb": e.up_m_s,
        "heading": round(math.degrees(e.yaw_rad)) % 360, "throttle": min(100, round(e.thrust_m_s2 / 19.6 * 100)),
    }


def mission_current(ship: "Ship") -> Fields:
    last = max(len(ship.mission.items) - 1, 0)
    return {"seq": min(ship.mission.seq, last), "total": last}


def ekf_status(ship: "Ship") -> Fields:
    flags = EkfFlag.ATTITUDE | EkfFlag.CONST_POS_MODE
    if has_height(ship):
        flags |= EkfFlag.VELOCITY_VERT | EkfFlag.POS_VERT_ABS
    if has_position(ship):
        flags &= ~EkfFlag.CONST_POS_MODE
        flags |= EkfFlag.VELOCITY_HORIZ | EkfFlag.POS_HORIZ_REL | EkfFlag.POS_HORIZ_ABS
        flags |= EkfFlag.PRED_POS_HORIZ_REL | EkfFlag.PRED_POS_HORIZ_ABS
    return {
        "flags": flags, "velocity_variance": 0.05, "pos_horiz_variance": 0.05, "pos_vert_variance": 0.03,
        "compass_variance": 0.05, "terrain_alt_variance": 0.0,
    }


def battery(ship: "Ship") -> Fields:
    cells = [round(volts(ship) * 1000), *[65535] * 9]
    return {
        "id": 0, "battery_function": 0, "type": 0, "temperature": 32767, "voltages": cells,
        "current_battery": round(_amps(ship) * 100), "current_consumed": round(used_mah(ship)),
        "energy_consumed": round((ship.pack.full_j - ship.estimate.energy_j) / 100),
        "battery_remaining": round(ship.battery_pct),
    }


def extended_state(ship: "Ship") -> Fields:
    landed = LandedState.ON_GROUND if ship.is_landed else ship.activity.landed_state()
    return {"vtol_state": _VTOL_STATES[ship.row.rotors], "landed_state": landed}


def home_position(ship: "Ship") -> Fields | None:
    if ship.home is None:
        return None
    at = ship.place.frame.to_geodetic(ship.home)
    return {
        "latitude": _e7(at.lat_deg), "longitude": _e7(at.lon_deg), "altitude": _mm(at.height_m), "x": ship.home.north_m,
        "y": ship.home.east_m, "z": -ship.home.up_m, "q": (1.0, 0.0, 0.0, 0.0), "approach_x": 0.0, "approach_y": 0.0,
        "approach_z": 0.0, "time_usec": ship.boot_ms * 1000,
    }


def origin(ship: "Ship") -> Fields | None:
    at = ship.place.frame.origin
    if not has_position(ship):
        return None
    return {
        "latitude": _e7(at.lat_deg), "longitude": _e7(at.lon_deg), "altitude": _mm(at.height_m),
        "time_usec": ship.boot_ms * 1000,
    }


def version(ship: "Ship") -> Fields:
    return {
        "capabilities": _CAPABILITIES, "flight_sw_version": _VERSION_4_5_7, "middleware_sw_version": 0,
        "os_sw_version": 0, "board_version": 0, "flight_custom_version": b"taihang", "middleware_custom_version": b"",
        "os_custom_version": b"", "vendor_id": 0, "product_id": 0, "uid": ship.spec.sysid, "uid2": _board(ship),
    }


def _board(ship: "Ship") -> bytes:
    """A serial number of a board: this vehicle's own, the same at every start."""
    return sha256(f"taihang {ship.spec.kind} {ship.spec.id}".encode()).digest()[:12]


def pressure(ship: "Ship") -> Fields:
    """International standard atmosphere in air; 1 bar each 10.2 m below the water."""
    amsl, water = _amsl(ship, ship.estimate.up_m), ship.spec.water_up_m
    hpa = 1013.25 * (1 - 2.25577e-5 * amsl) ** 5.25588
    if water is not None:
        hpa += max(water - ship.estimate.up_m, 0.0) * 98.1
    return {"time_boot_ms": ship.boot_ms, "press_abs": hpa, "press_diff": 0.0, "temperature": 2000}


def power(ship: "Ship") -> Fields:
    return {"Vcc": 5000, "Vservo": 0, "flags": 0}


def memory(ship: "Ship") -> Fields:
    return {"brkval": 0, "freemem": 65535}


def vibration(ship: "Ship") -> Fields:
    level = 5.0 if ship.is_aloft else 0.1
    return {
        "time_usec": ship.boot_ms * 1000, "vibration_x": level, "vibration_y": level, "vibration_z": level,
        "clipping_0": 0, "clipping_1": 0, "clipping_2": 0,
    }


def sticks(ship: "Ship") -> Fields:
    """No radio control is fitted: no channel has a value."""
    return {"time_boot_ms": ship.boot_ms, "chancount": 0, "rssi": 255} | {f"chan{n}_raw": 65535 for n in range(1, 19)}


REPORTS: Final[Mapping[str, Callable[["Ship"], Fields | None]]] = {
    "HEARTBEAT": heartbeat, "SYS_STATUS": sys_status, "SYSTEM_TIME": system_time, "GPS_RAW_INT": gps_raw,
    "ATTITUDE": attitude, "ATTITUDE_QUATERNION": attitude_quaternion, "LOCAL_POSITION_NED": local_position,
    "GLOBAL_POSITION_INT": global_position, "MISSION_CURRENT": mission_current, "VFR_HUD": vfr_hud,
    "BATTERY_STATUS": battery, "EKF_STATUS_REPORT": ekf_status, "EXTENDED_SYS_STATE": extended_state,
    "HOME_POSITION": home_position, "GPS_GLOBAL_ORIGIN": origin, "SCALED_PRESSURE": pressure, "POWER_STATUS": power,
    "FENCE_STATUS": fence_status, "MEMINFO": memory, "VIBRATION": vibration, "RC_CHANNELS": sticks,
}
"""What can be streamed."""

ON_REQUEST: Final[Mapping[str, Callable[["Ship"], Fields | None]]] = {
    "AUTOPILOT_VERSION": version, "HOME_POSITION": home_position,
}
"""What REQUEST_MESSAGE answers beside the streams."""


def _amsl(ship: "Ship", up_m: float) -> float:
    return ship.place.frame.origin.height_m + up_m


def _amps(ship: "Ship") -> float:
    return ship.estimate.power_w / max(volts(ship), 1.0)


def _course_deg(ship: "Ship") -> float:
    return math.degrees(math.atan2(ship.estimate.east_m_s, ship.estimate.north_m_s)) % 360


def _e7(degrees: float) -> int:
    return round(degrees * 1e7)


def _mm(metres: float) -> int:
    return round(metres * 1000)


def _wrapped(angle: float) -> float:
    return (angle + math.pi) % (2 * math.pi) - math.pi
