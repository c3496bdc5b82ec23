"""Reasons against arming in plain words: known ones are explained, unknown ones are shown as said and named so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.prearm import explain, table

SAID = {
    "Need Position Estimate": "where it is", "PreArm: Need 3D Fix": "where it is", "Need Alt Estimate": "height",
    "AHRS: waiting for home": "home", "GPS: waiting for home": "home", "AHRS not healthy": "attitude",
    "AHRS: EKF3 Yaw inconsistent 20 deg. Wait or reboot": "heading", "EKF attitude is bad": "gyros",
    "gyros still settling": "gyros", "Altitude disparity": "height", "EKF compass variance": "Compass",
    "EKF position variance": "position filter", "Waiting for Nav Checks": "navigation",
    "GPS 1: Bad fix": "Receiver 1", "Bad GPS Position": "Receiver has", "GPS 2: not healthy": "Receiver 2",
    "GPS positions differ by 77.1m": "77.1 m", "GPS and AHRS differ by 12.0m": "12.0 m",
    "GPS blending unhealthy": "Blending", "GPS 1 failing configuration checks": "Receiver 1",
    "GPS 1: primary but TYPE 0": "switched off", "High GPS HDOP": "satellites", "GPS Glitching": "jumps",
    "Fence enabled, need 3D Fix": "fence", "Fence requires position": "fence", "Barometer not healthy": "barometer",
    "Gyros not healthy": "gyro", "Gyros not calibrated": "gyros", "Gyros inconsistent": "disagree",
    "Accels not healthy": "accelerometer", "3D Accel calibration needed": "not calibrated",
    "Accels calibrated requires reboot": "calibration", "Accels inconsistent": "disagree",
    "Compass not healthy": "compass", "Compass not calibrated": "not calibrated",
    "Compass calibration running": "under way", "Compass calibrated requires reboot": "New compass",
    "Compass offsets too high": "Iron", "Check mag field: 1234, max 875, min 185": "magnetic",
    "Compasses inconsistent": "disagree", "Airspeed 1 not healthy": "Airspeed sensor 1",
    "check range finder": "range finder", "check proximity sensor": "proximity", "heater temp low (20.1 < 45)": "cold",
    "Battery 1 low voltage failsafe": "Battery 1 is low", "Battery failsafe on": "Battery is low",
    "Battery 2 below minimum arming voltage": "Battery 2 has less", "Battery 1 unhealthy": "not measured",
    "Check Battery": "exhausted", "Board (4.1v) out of range 4.3-5.8v": "4.1 V",
    "Servo voltage to low (4.10v < 4.80v)": "servos", "Hardware safety switch": "safety switch",
    "RC not found": "radio control", "Radio failsafe on": "radio control", "RC not calibrated": "calibrated",
    "Roll radio min too high": "calibrated", "RC calibrating": "being calibrated",
    "RC3_MIN is greater than RC3_TRIM": "End points", "Throttle (RC3) is not neutral": "Throttle stick",
    "Throttle too high": "throttle", "Duplicate Aux Switch Options": "same", "Motor Interlock Enabled": "interlock",
    "Motor Emergency Stopped": "stop switch", "RTL mode not armable": "this mode", "Leaning": "slanted",
    "ADSB threat detected": "aircraft", "Check FENCE_MARGIN": "FENCE_MARGIN", "Check ANGLE_MAX": "ANGLE_MAX",
    "Check PIDs - ATC_RAT_RLL_P": "ATC_RAT_RLL_P", "Motors: Check frame class and type": "frame",
    "check firmware or FRAME_CLASS": "frame", "SERVO3_MIN is greater than SERVO3_TRIM": "servo output",
    "Mode requires mission": "mission", "Missing mission item: land": "mission",
    "No sufficently close rally point located": "rally", "Fences invalid": "fence",
    "Vehicle breaching Polygon fence": "outside", "terrain disabled": "terrain", "Logging failed": "log",
    "Logging not started": "log", "No SD card": "log", "Downloading logs": "logs",
    "Internal errors 0x4000 l:123 flow_of_ctrl": "error in itself", "Param storage failed": "settings",
    "Scripting out of memory": "memory", "IOMCU is unhealthy": "output processor", "UAVCAN: Node 12 failed": "CAN",
    "OpenDroneID: UA_TYPE required": "identification", "Auxiliary authorisation refused": "authority",
    "Mount: not healthy": "mount", "Preflight Fail: ekf2 missing data": "position filter",
    "Preflight Fail: heading estimate invalid": "heading", "Preflight Fail: horizontal velocity unstable": "steady",
    "Preflight Fail: Strong magnetic interference": "compass", "Preflight Fail: GPS fix too low": "where it is",
    "Preflight Fail: not enough GPS Satellites": "satellites", "GNSS signal spoofed\t": "forged",
    "Preflight Fail: Accel 0 inconsistent - check cal": "accelerometer",
    "Preflight Fail: Gyro Sensor 1 missing": "gyro",
    "Battery 1 disconnected": "not connected", "Preflight Fail: Attitude failure (roll)": "slanted",
    "Preflight Fail: Hard Geofence violation": "fence", "Mission cannot be completed": "mission",
    "Preflight Fail: No connection to the GCS": "ground station", "Preflight Fail: Mission hash mismatch": "mission",
    "Preflight Fail: Traffic avoidance system missing": "missing",
}


@pytest.mark.parametrize(("reason", "word"), SAID.items())
def test_known_reasons_are_explained(reason: str, word: str) -> None:
    explained = explain(reason)
    assert explained.is_known
    assert word.lower() in explained.plain.lower()
    assert explained.reason == reason
    assert explained.remedy.endswith(".")
    assert "{" not in explained.plain + explained.remedy + explained.plain_zh + explained.remedy_zh
    assert "  " not in explained.plain
    assert any("\u4e00" <= letter <= "\u9fff" for letter in explained.plain_zh)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in explained.remedy_zh)


def test_the_tables_are_large_enough_and_have_no_row_twice() -> None:
    patterns = [words.pattern.pattern for words in table()]
    assert len(patterns) >= 60
    assert len(set(patterns)) == len(patterns)


def test_what_is_in_no_table_is_as_said_and_named_untranslated() -> None:
    explained = explain("PreArm: Flux capacitor at 1.20 gigawatts")
    assert not explained.is_known
    assert explained.plain == "Flux capacitor at 1.20 gigawatts (untranslated)"
    assert explained.plain_zh == "Flux capacitor at 1.20 gigawatts（未翻译）"


@given(st.text(max_size=400))
def test_nothing_breaks_it(reason: str) -> None:
    explained = explain(reason)
    assert explained.reason == reason
    assert explained.plain
    assert explained.plain_zh


@pytest.mark.parametrize("part", ["GPS ", "a", "battery 1", "check a_"])
def test_hostile_lengths_take_no_time(part: str) -> None:
    reason = part * 50_000
    assert explain(reason).reason == reason
