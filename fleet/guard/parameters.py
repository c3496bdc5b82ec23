"""Which parameters may be set: any but those that weaken what keeps a vehicle safe, and within the guard's bounds."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from struct import calcsize, pack

from fleet.guard.limits import VehicleLimits
from fleet.wire.enums import ParamType

MOST = 200
"""In one command."""
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,15}")
LARGEST = 3.4e38
"""What 32 bits of a float hold."""
WHOLE: Mapping[int, str] = {
    ParamType.UINT8: "<B", ParamType.INT8: "<b", ParamType.UINT16: "<H", ParamType.INT16: "<h",
    ParamType.UINT32: "<I", ParamType.INT32: "<i",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """Names that keep vehicles safe; a value that is `fine` may be set by anyone, any other by commanders only."""

    names: re.Pattern[str]
    fine: Callable[[float], bool]


def _never(value: float) -> bool:
    return False


def _on(value: float) -> bool:
    return value >= 1.0


PROTECTED = tuple(Protected(names=re.compile(names), fine=fine) for names, fine in (
    # ArduPilot: what must be in order before arming (1 = all), the safety switch, who may command
    (r"ARMING_CHECK", lambda value: value == 1.0),
    (r"ARMING_SKIPCHK", lambda value: value == 0.0),
    (r"ARMING_REQUIRE", _on),
    (r"ARMING_\w+", _never),
    (r"BRD_SAFETY\w*", _never),
    (r"SYSID_\w+|MAV_SYSID|MAV_GCS_SYSID\w*|MAV_SYS_ID", _never),
    # failsafes and fences: on or stricter is for anyone
    (r"FS_\w*(ENABLE?|ACTION|CHECK)", _on),
    (r"FS_\w+", _never),
    (r"BATT\d?_FS_(LOW|CRT)_ACT", _on),
    (r"BATT\d?_(LOW|CRT)_\w+|BATT\d?_FS_\w+", _never),
    (r"FENCE_(ENABLE|ACTION)", _on),
    (r"FENCE_\w+", _never),
    (r"AVOID_ENABLE", _on),
    (r"AFS_\w+|THR_FAILSAFE|LONG_FAILSAFE|RTL_AUTOLAND", _never),
    # the pilot's radio: its modes, switches and calibration
    (r"RC_\w+|RC\d+_\w+|RCMAP_\w+|FLTMODE\w+|MODE_CH|MODE\d|INITIAL_MODE|JS_\w+", _never),
    # motors that stop or stay on by themselves
    (r"DISARM_DELAY|MOT_SAFE_DISARM|MOT_SPOOL_\w+|CRASH_\w+|GND_EFFECT_COMP", _never),
    # PX4: the same, and its circuit breakers
    (r"CBRK_\w+", lambda value: value == 0.0),
    (r"GF_ACTION", lambda value: value >= 2.0),
    (r"NAV_(DLL|RCL)_ACT", _on),
    (r"COM_LOW_BAT_ACT", _on),
    (r"COM_\w+|NAV_\w+|GF_\w+|BAT_(LOW|CRIT|EMERGEN)_\w+|RTL_TYPE|MAN_\w+", _never),
))
"""The first row that fits counts."""


Bounds = tuple[float | None, float | None]


def speeds(limits: VehicleLimits) -> Bounds:
    return 0.0, limits.max_speed_m_s


def return_heights(limits: VehicleLimits) -> Bounds:
    return limits.min_agl_m, limits.max_return_height_m


BOUNDED: Mapping[str, tuple[float, Callable[[VehicleLimits], Bounds]]] = {
    "WPNAV_SPEED": (100.0, speeds),
    "WP_SPEED": (1.0, speeds),
    "CRUISE_SPEED": (1.0, speeds),
    "MPC_XY_CRUISE": (1.0, speeds),
    "MPC_XY_VEL_MAX": (1.0, speeds),
    "RTL_ALT": (100.0, return_heights),
    "RTL_RETURN_ALT": (1.0, return_heights),
}
"""Parameters that must stay within the vehicle's limits: how they count a unit of them, and which."""


def parameters_fault(wanted: Mapping[str, float] | None, limits: VehicleLimits, *, is_commander: bool) -> str | None:
    """The first setting that must not be made, or None."""
    if not wanted or len(wanted) > MOST:
        return f"{len(wanted or {})} parameters are to be set; 1 to {MOST} are allowed"
    for name, value in wanted.items():
        if NAME.fullmatch(name) is None:
            return f"{name[:20]!r} is no name of a parameter"
        if not abs(value) <= LARGEST:
            return f"{name} = {value:g} is no number that can be set"
        row = next((row for row in PROTECTED if row.names.fullmatch(name)), None)
        if row is not None and not row.fine(value) and not is_commander:
            return f"{name} = {value:g} weakens what keeps the vehicle safe; only a commander may set it"
        fault = _bounds_fault(name, value, limits)
        if fault is not None:
            return fault
    return None


def _bounds_fault(name: str, value: float, limits: VehicleLimits) -> str | None:
    row = BOUNDED.get(name)
    if row is None:
        return None
    per_unit, bounds = row
    low, high = bounds(limits)
    if low is None or high is None:
        return f"{name} is not for this kind of vehicle"
    if low * per_unit <= value <= high * per_unit:
        return None
    return f"{name} = {value:g}; {low * per_unit:g} to {high * per_unit:g} is allowed"


def is_carried(value: float, carried: float, kind: int, *, is_bytewise: bool) -> bool:
    """Whether PARAM_SET carries exactly this value: as a float, or as the bytes of a whole number (PX4)."""
    layout = WHOLE.get(kind) if is_bytewise else None
    if layout is None:
        return pack("<f", value) == pack("<f", carried)
    low = -(2.0 ** (8 * calcsize(layout) - 1)) if layout.islower() else 0.0
    if value != math.floor(value) or not low <= value < low + 2.0 ** (8 * calcsize(layout)):
        return False
    return pack(layout, int(value)).ljust(4, b"\0") == pack("<f", carried)
