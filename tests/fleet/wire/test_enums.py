"""Every number we name is the number the dialect gives it."""

from enum import IntEnum, IntFlag

import pytest
from pymavlink.dialects.v20 import ardupilotmega as reference

from fleet.wire import enums, mavcmd, modes

Numbers = type[IntEnum] | type[IntFlag]

TABLES: list[tuple[Numbers, str, str]] = [
    (enums.MavType, "MAV_TYPE", "MAV_TYPE_"),
    (enums.SystemState, "MAV_STATE", "MAV_STATE_"),
    (enums.ModeFlag, "MAV_MODE_FLAG", "MAV_MODE_FLAG_"),
    (enums.MavResult, "MAV_RESULT", "MAV_RESULT_"),
    (enums.MissionResult, "MAV_MISSION_RESULT", "MAV_MISSION_"),
    (enums.MissionType, "MAV_MISSION_TYPE", "MAV_MISSION_TYPE_"),
    (enums.Severity, "MAV_SEVERITY", "MAV_SEVERITY_"),
    (enums.LandedState, "MAV_LANDED_STATE", "MAV_LANDED_STATE_"),
    (enums.MavFrame, "MAV_FRAME", "MAV_FRAME_"),
    (enums.EkfFlag, "EKF_STATUS_FLAGS", "EKF_"),
    (enums.DataStream, "MAV_DATA_STREAM", "MAV_DATA_STREAM_"),
    (enums.Capability, "MAV_PROTOCOL_CAPABILITY", "MAV_PROTOCOL_CAPABILITY_"),
    (enums.CameraCapability, "CAMERA_CAP_FLAGS", "CAMERA_CAP_FLAGS_"),
    (enums.ParamType, "MAV_PARAM_TYPE", "MAV_PARAM_TYPE_"),
    (enums.FenceBreach, "FENCE_BREACH", "FENCE_BREACH_"),
    (modes.CopterMode, "COPTER_MODE", "COPTER_MODE_"),
    (modes.RoverMode, "ROVER_MODE", "ROVER_MODE_"),
    (modes.SubMode, "SUB_MODE", "SUB_MODE_"),
    (modes.PlaneMode, "PLANE_MODE", "PLANE_MODE_"),
    (mavcmd.Command, "MAV_CMD", "MAV_CMD_"),
]


@pytest.mark.parametrize(("ours", "theirs", "prefix"), TABLES, ids=[theirs for _, theirs, _ in TABLES])
def test_numbers_are_those_of_the_dialect(ours: Numbers, theirs: str, prefix: str) -> None:
    numbers = {entry.name: number for number, entry in reference.enums[theirs].items()}
    members: list[IntEnum | IntFlag] = list(ours)
    for member in members:
        assert numbers[f"{prefix}{member.name}"] == member.value


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(modes.CopterMode, "COPTER_MODE"), (modes.RoverMode, "ROVER_MODE"), (modes.SubMode, "SUB_MODE"),
     (modes.PlaneMode, "PLANE_MODE"), (enums.MavResult, "MAV_RESULT"), (enums.MissionResult, "MAV_MISSION_RESULT"),
     (enums.EkfFlag, "EKF_STATUS_FLAGS"), (enums.Severity, "MAV_SEVERITY")],
)
def test_tables_that_must_be_complete_are(ours: Numbers, theirs: str) -> None:
    numbers = [number for number, entry in reference.enums[theirs].items() if "ENUM_END" not in entry.name]
    assert sorted(numbers) == sorted(member.value for member in ours)


def test_names_that_differ_from_the_dialect_keep_its_numbers() -> None:
    assert enums.Autopilot.ARDUPILOT == reference.MAV_AUTOPILOT_ARDUPILOTMEGA
    assert enums.Autopilot.PX4 == reference.MAV_AUTOPILOT_PX4
    assert enums.Autopilot.INVALID == reference.MAV_AUTOPILOT_INVALID
    assert enums.Component.AUTOPILOT == reference.MAV_COMP_ID_AUTOPILOT1
    assert enums.Component.CAMERA == reference.MAV_COMP_ID_CAMERA
    assert enums.Component.GROUND_STATION == reference.MAV_COMP_ID_MISSIONPLANNER
    assert enums.GpsFix.FIX_3D == reference.GPS_FIX_TYPE_3D_FIX
    assert enums.GpsFix.RTK_FIXED == reference.GPS_FIX_TYPE_RTK_FIXED
    assert enums.TargetMask.IGNORE_YAW_RATE == reference.POSITION_TARGET_TYPEMASK_YAW_RATE_IGNORE
    assert enums.TargetMask.IGNORE_VX == reference.POSITION_TARGET_TYPEMASK_VX_IGNORE


@pytest.mark.parametrize("sensor", list(enums.SysStatusSensor))
def test_status_bits_are_those_of_the_dialect(sensor: enums.SysStatusSensor) -> None:
    name = str(reference.enums["MAV_SYS_STATUS_SENSOR"][sensor.value].name).removeprefix("MAV_SYS_STATUS_")
    assert name.removeprefix("SENSOR_").removeprefix("3D_") == sensor.name
