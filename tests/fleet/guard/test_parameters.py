"""Parameters that may be set, by whom, and exactly as asked on the wire."""

import math
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.commands import Verb
from fleet.guard import LIMITS
from fleet.guard.parameters import MOST, is_carried, parameters_fault
from fleet.model import AutopilotKind, VehicleKind
from fleet.wire.enums import ParamType
from tests.fleet.guard.test_commands import command, refused, verdict
from tests.fleet.guard.test_frames import U01, Gate, no
from tests.support.fleet_bench import COMMANDER

COPTER = LIMITS[VehicleKind.COPTER]
WHOLE = {
    ParamType.UINT8: "B", ParamType.INT8: "b", ParamType.UINT16: "H", ParamType.INT16: "h", ParamType.UINT32: "I",
    ParamType.INT32: "i",
}


def fault(name: str, value: float, *, is_commander: bool = False) -> str | None:
    return parameters_fault({name: value}, COPTER, is_commander=is_commander)


@pytest.mark.parametrize(("name", "value"), [
    ("ARMING_CHECK", 0.0), ("ARMING_CHECK", 65534.0), ("ARMING_SKIPCHK", 1.0), ("ARMING_SKIPCHK", -1.0),
    ("ARMING_REQUIRE", 0.0), ("ARMING_RUDDER", 2.0), ("BRD_SAFETY_DEFLT", 0.0), ("BRD_SAFETYENABLE", 1.0),
    ("SYSID_MYGCS", 254.0), ("SYSID_THISMAV", 2.0), ("MAV_SYSID", 2.0), ("MAV_SYS_ID", 2.0), ("MAV_GCS_SYSID_HI", 9.0),
    ("FS_GCS_ENABLE", 0.0), ("FS_THR_ENABLE", 0.0), ("FS_GCS_ENABL", 0.0), ("FS_ACTION", 0.0), ("FS_EKF_ACTION", 0.0),
    ("FS_CRASH_CHECK", 0.0), ("FS_OPTIONS", 8.0), ("FS_GCS_TIMEOUT", 120.0), ("FS_LEAK_ENABLE", 0.0),
    ("BATT_FS_LOW_ACT", 0.0), ("BATT_FS_CRT_ACT", 0.0), ("BATT2_FS_LOW_ACT", 0.0), ("BATT_LOW_VOLT", 0.0),
    ("BATT_CRT_MAH", 0.0), ("BATT_FS_VOLTSRC", 1.0), ("BATT2_LOW_MAH", 1.0), ("FENCE_ENABLE", 0.0),
    ("FENCE_ACTION", 0.0), ("FENCE_TYPE", 1.0), ("FENCE_ALT_MAX", 900.0), ("AVOID_ENABLE", 0.0), ("AFS_ENABLE", 0.0),
    ("THR_FAILSAFE", 1.0), ("LONG_FAILSAFE", 1.0), ("RTL_AUTOLAND", 1.0), ("RC_OPTIONS", 1.0), ("RC7_OPTION", 31.0),
    ("RCMAP_ROLL", 2.0), ("FLTMODE1", 4.0), ("FLTMODE_CH", 6.0), ("MODE_CH", 6.0), ("MODE1", 1.0),
    ("INITIAL_MODE", 4.0), ("JS_CAM_TILT_STEP", 1.0), ("DISARM_DELAY", 0.0), ("MOT_SAFE_DISARM", 1.0),
    ("MOT_SPOOL_TIME", 9.0), ("CRASH_ANGLE", 0.0), ("GND_EFFECT_COMP", 0.0), ("CBRK_FLIGHTTERM", 121212.0),
    ("GF_ACTION", 0.0), ("GF_ACTION", 1.9), ("NAV_DLL_ACT", 0.0), ("NAV_RCL_ACT", 0.0), ("COM_LOW_BAT_ACT", 0.0),
    ("GF_ACTION", 1.0), ("COM_RC_OVERRIDE", 0.0), ("COM_ARM_WO_GPS", 1.0), ("NAV_ACC_RAD", 5.0),
    ("GF_MAX_HOR_DIST", 0.0),
    ("BAT_CRIT_THR", 0.01), ("BAT_LOW_THR", 0.1), ("BAT_EMERGEN_THR", 0.1), ("RTL_TYPE", 3.0), ("MAN_ARM_GESTURE", 0.0),
])
def test_what_weakens_safety_is_for_commanders_only(name: str, value: float) -> None:
    said = f"{name} = {value:g} weakens what keeps the vehicle safe; only a commander may set it"
    assert fault(name, value) == said
    assert fault(name, value, is_commander=True) is None


@pytest.mark.parametrize(("name", "value"), [
    ("ARMING_CHECK", 1.0), ("ARMING_SKIPCHK", 0.0), ("ARMING_REQUIRE", 1.0), ("FS_GCS_ENABLE", 1.0),
    ("FS_THR_ENABLE", 3.0), ("FS_GCS_ENABL", 1.0), ("FS_ACTION", 2.0), ("FS_CRASH_CHECK", 1.0),
    ("BATT_FS_LOW_ACT", 2.0), ("BATT2_FS_CRT_ACT", 1.0), ("FENCE_ENABLE", 1.0), ("FENCE_ACTION", 1.0),
    ("AVOID_ENABLE", 7.0), ("CBRK_FLIGHTTERM", 0.0), ("GF_ACTION", 2.0), ("NAV_DLL_ACT", 1.0), ("NAV_RCL_ACT", 2.0),
    ("COM_LOW_BAT_ACT", 3.0), ("LOIT_SPEED", 500.0), ("XFS_ENABLE", 0.0), ("BATT_CAPACITY", 5000.0), ("ARMING", 0.0),
    ("SERVO1_MIN", 0.0), ("PILOT_RC_X", -1e3),
])
def test_what_strengthens_it_or_has_nothing_to_do_with_it_is_for_anyone(name: str, value: float) -> None:
    assert fault(name, value) is None


@pytest.mark.parametrize(("name", "low", "high"), [
    ("WPNAV_SPEED", 0.0, 1500.0), ("WP_SPEED", 0.0, 15.0), ("CRUISE_SPEED", 0.0, 15.0), ("MPC_XY_CRUISE", 0.0, 15.0),
    ("MPC_XY_VEL_MAX", 0.0, 15.0), ("RTL_ALT", 1000.0, 30000.0), ("RTL_RETURN_ALT", 10.0, 300.0),
])
def test_no_parameter_goes_round_the_guards_bounds(name: str, low: float, high: float) -> None:
    assert fault(name, low) is None
    assert fault(name, high) is None
    said = f"{name} = {{:g}}; {low:g} to {high:g} is allowed"
    for value in (low - 1.0, high + 1.0):
        for is_commander in (True, False):
            assert fault(name, value, is_commander=is_commander) == said.format(value)


def test_heights_of_those_that_have_none_are_not_set() -> None:
    for missing in ("min_agl_m", "max_return_height_m"):
        without: dict[str, Any] = {missing: None}
        said = parameters_fault({"RTL_ALT": 3000.0}, replace(COPTER, **without), is_commander=True)
        assert said == "RTL_ALT is not for this kind of vehicle"


def test_names_and_numbers_must_be_some() -> None:
    for name in ("", "x", "1ABC", "RTL ALT", "A" * 17, "RTL_ALT\0", "_X", "é", "A" * 4000):
        assert fault(name, 1.0) == f"{name[:20]!r} is no name of a parameter"
    assert fault("A" * 16, 1.0) is None
    assert fault("A", 1.0) is None
    for value in (math.nan, math.inf, -math.inf, 3.5e38):
        assert fault("LOIT_SPEED", value, is_commander=True) == f"LOIT_SPEED = {value:g} is no number that can be set"
    for value in (3.4e38, -3.4e38):
        assert fault("LOIT_SPEED", value) is None
    assert parameters_fault(None, COPTER, is_commander=True) == "0 parameters are to be set; 1 to 200 are allowed"
    many = {f"P{k}": 1.0 for k in range(MOST)}
    assert parameters_fault(many, COPTER, is_commander=False) is None
    assert parameters_fault(many | {"Q": 1.0}, COPTER, is_commander=False) == (
        "201 parameters are to be set; 1 to 200 are allowed"
    )
    last = parameters_fault(many | {"P7": math.nan}, COPTER, is_commander=False)
    assert last == "P7 = nan is no number that can be set"


def test_the_lease_holder_and_the_commander_differ() -> None:
    off = {"LOIT_SPEED": 500.0, "FENCE_ENABLE": 0.0}
    refused("FENCE_ENABLE = 0 weakens", command(Verb.SET_PARAMETERS, parameters=off))
    assert verdict(command(Verb.SET_PARAMETERS, by=COMMANDER, parameters=off)) is None


# on the wire


def put(gate: Gate, name: str, value: float, kind: int = ParamType.REAL32) -> str | None:
    return gate.put("PARAM_SET", param_id=name, param_value=value, param_type=kind)


def test_only_what_was_asked_leaves_and_exactly() -> None:
    gate = Gate().admit(Verb.SET_PARAMETERS, parameters={"LOIT_SPEED": 512.5, "WPNAV_ACCEL": 100.1})
    assert put(gate, "LOIT_SPEED", 512.5) is None
    assert put(gate, "WPNAV_ACCEL", 100.1) is None, "as near as a float of 32 bits comes"
    no(put(gate, "LOIT_SPEED", 512.6), "LOIT_SPEED = 512.6 was not asked for")
    no(put(gate, "LOIT_SPEED", math.nan), "was not asked for")
    no(put(gate, "WPNAV_ACCEL", 512.5), "was not asked for")
    no(put(gate, "FENCE_ENABLE", 0.0), "parameter FENCE_ENABLE may not be set")
    no(put(Gate(), "LOIT_SPEED", 512.5), "may not be set")
    no(put(Gate().admit(Verb.HOLD, parameters={"LOIT_SPEED": 512.5}), "LOIT_SPEED", 512.5), "may not be set")


def test_px4_carries_whole_numbers_as_their_bytes_and_nobody_else_does() -> None:
    octets = struct.unpack("<f", struct.pack("<i", 3))[0]
    plain, px4 = (Gate().admit(Verb.SET_PARAMETERS, parameters={"NAV_DLL_ACT": 3.0}) for _ in range(2))
    px4.guard.note_autopilot(U01, AutopilotKind.PX4)
    assert put(px4, "NAV_DLL_ACT", octets, ParamType.INT32) is None
    no(put(px4, "NAV_DLL_ACT", 3.0, ParamType.INT32), "was not asked for")
    no(put(plain, "NAV_DLL_ACT", octets, ParamType.INT32), "was not asked for")
    assert put(plain, "NAV_DLL_ACT", 3.0, ParamType.INT32) is None
    assert put(px4, "NAV_DLL_ACT", 3.0, ParamType.REAL32) is None


@given(st.sampled_from(sorted(WHOLE)), st.integers(-(2**33), 2**33), st.integers(-(2**33), 2**33))
def test_bytes_are_those_of_the_number_and_of_no_other(kind: ParamType, value: int, other: int) -> None:
    layout = "<" + WHOLE[kind]
    try:
        octets = struct.pack(layout, other).ljust(4, b"\0")
    except struct.error:
        octets = bytes(4)
        other = 0
    carried = struct.unpack("<f", octets)[0]
    if struct.pack("<f", carried) == octets:  # a signalling NaN does not come through a double unchanged
        assert is_carried(float(value), carried, kind, is_bytewise=True) == (value == other)
    assert not is_carried(other + 0.5, carried, kind, is_bytewise=True)


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_the_ends_of_each_type(kind: ParamType) -> None:
    layout = "<" + WHOLE[kind]
    bits, is_signed = 8 * struct.calcsize(layout), WHOLE[kind].islower()
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if is_signed else (0, 2**bits - 1)
    for value in (low, high):
        octets = struct.pack(layout, value).ljust(4, b"\0")
        carried = struct.unpack("<f", octets)[0]
        if struct.pack("<f", carried) == octets:
            assert is_carried(float(value), carried, kind, is_bytewise=True)
    for value in (low - 1, high + 1):
        assert not is_carried(float(value), 0.0, kind, is_bytewise=True)
        assert not is_carried(float(value), struct.unpack("<f", b"\xff\xff\xff\x00")[0], kind, is_bytewise=True)
