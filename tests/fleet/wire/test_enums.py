"""Every number we name is the number the dialect gives it."""

from enum import IntEnum, IntFlag

import pytest
from pymavlink.dialects.v20 import ardupilotmega as reference

from fleet.wire import enums, mavcmd, modes
from fleet.wire.dialect import ardupilotmega

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
    (enums.GimbalCapability, "GIMBAL_MANAGER_CAP_FLAGS", "GIMBAL_MANAGER_CAP_FLAGS_"),
    (enums.GimbalFlag, "GIMBAL_MANAGER_FLAGS", "GIMBAL_MANAGER_FLAGS_"),
    (enums.GimbalFlag, "GIMBAL_DEVICE_FLAGS", "GIMBAL_DEVICE_FLAGS_"),
    (enums.GimbalError, "GIMBAL_DEVICE_ERROR_FLAGS", "GIMBAL_DEVICE_ERROR_FLAGS_"),
    (enums.MountMode, "MAV_MOUNT_MODE", "MAV_MOUNT_MODE_"),
    (enums.CameraMode, "CAMERA_MODE", "CAMERA_MODE_"),
    (enums.CameraZoom, "CAMERA_ZOOM_TYPE", "ZOOM_TYPE_"),
    (enums.CameraFocus, "SET_FOCUS_TYPE", "FOCUS_TYPE_"),
    (enums.CameraSource, "CAMERA_SOURCE", "CAMERA_SOURCE_"),
    (enums.VideoStreamType, "VIDEO_STREAM_TYPE", "VIDEO_STREAM_TYPE_"),
    (enums.VideoStreamStatus, "VIDEO_STREAM_STATUS_FLAGS", "VIDEO_STREAM_STATUS_FLAGS_"),
    (enums.VideoEncoding, "VIDEO_STREAM_ENCODING", "VIDEO_STREAM_ENCODING_"),
    (enums.StorageStatus, "STORAGE_STATUS", "STORAGE_STATUS_"),
    (enums.StorageType, "STORAGE_TYPE", "STORAGE_TYPE_"),
    (enums.StorageUsage, "STORAGE_USAGE_FLAG", "STORAGE_USAGE_FLAG_"),
    (enums.GripperAction, "GRIPPER_ACTIONS", "GRIPPER_ACTION_"),
    (enums.WinchAction, "WINCH_ACTIONS", "WINCH_"),
    (enums.WinchStatus, "MAV_WINCH_STATUS_FLAG", "MAV_WINCH_STATUS_"),
    (enums.ParachuteAction, "PARACHUTE_ACTION", "PARACHUTE_"),
    (enums.IlluminatorMode, "ILLUMINATOR_MODE", "ILLUMINATOR_MODE_"),
    (enums.BatteryChargeState, "MAV_BATTERY_CHARGE_STATE", "MAV_BATTERY_CHARGE_STATE_"),
    (enums.BatteryFault, "MAV_BATTERY_FAULT", "MAV_BATTERY_FAULT_"),
    (enums.BatteryMode, "MAV_BATTERY_MODE", "MAV_BATTERY_MODE_"),
    (enums.BatteryFunction, "MAV_BATTERY_FUNCTION", "MAV_BATTERY_FUNCTION_"),
    (enums.VtolState, "MAV_VTOL_STATE", "MAV_VTOL_STATE_"),
    (enums.MissionState, "MISSION_STATE", "MISSION_STATE_"),
    (enums.StandardMode, "MAV_STANDARD_MODE", "MAV_STANDARD_MODE_"),
    (enums.EstimatorFlag, "ESTIMATOR_STATUS_FLAGS", "ESTIMATOR_"),
    (enums.HighLatencyFailure, "HL_FAILURE_FLAG", "HL_FAILURE_FLAG_"),
    (enums.FenceMitigation, "FENCE_MITIGATE", "FENCE_MITIGATE_"),
    (enums.FirmwareStage, "FIRMWARE_VERSION_TYPE", "FIRMWARE_VERSION_TYPE_"),
    (enums.ParamError, "MAV_PARAM_ERROR", "MAV_PARAM_ERROR_"),
    (enums.ParamExtType, "MAV_PARAM_EXT_TYPE", "MAV_PARAM_EXT_TYPE_"),
    (enums.ParamAck, "PARAM_ACK", "PARAM_ACK_"),
    (enums.RepositionFlag, "MAV_DO_REPOSITION_FLAGS", "MAV_DO_REPOSITION_FLAGS_"),
    (enums.SpeedType, "SPEED_TYPE", "SPEED_TYPE_"),
    (enums.OrbitYaw, "ORBIT_YAW_BEHAVIOUR", "ORBIT_YAW_BEHAVIOUR_"),
    (enums.PrecisionLand, "PRECISION_LAND_MODE", "PRECISION_LAND_MODE_"),
    (enums.FenceType, "FENCE_TYPE", "FENCE_TYPE_"),
    (enums.ParamStorage, "PREFLIGHT_STORAGE_PARAMETER_ACTION", "PARAM_"),
    (enums.FtpOpcode, "MAV_FTP_OPCODE", "MAV_FTP_OPCODE_"),
    (enums.FtpError, "MAV_FTP_ERR", "MAV_FTP_ERR_"),
    (modes.CopterMode, "COPTER_MODE", "COPTER_MODE_"),
    (modes.RoverMode, "ROVER_MODE", "ROVER_MODE_"),
    (modes.SubMode, "SUB_MODE", "SUB_MODE_"),
    (modes.PlaneMode, "PLANE_MODE", "PLANE_MODE_"),
    (mavcmd.Command, "MAV_CMD", "MAV_CMD_"),
]


# These name all that the dialect has; others only what is used here.
PARTIAL: set[Numbers] = {
    enums.MavType, enums.ModeFlag, enums.Capability, enums.DataStream, enums.FenceBreach,
    enums.MavFrame, mavcmd.Command,
}


def plain(name: str, prefix: str = "") -> str:
    """Some names of the dialect run words together, leave their prefix away or begin with a digit."""
    return name.removeprefix(prefix).removeprefix("BATTERY_FAULT_").removeprefix("3D_").replace("_", "")


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"), TABLES, ids=[f"{ours.__name__}-{theirs}" for ours, theirs, _ in TABLES]
)
def test_numbers_are_those_of_the_dialect(ours: Numbers, theirs: str, prefix: str) -> None:
    numbers = {
        plain(entry.name, prefix): number
        for number, entry in reference.enums[theirs].items() if "ENUM_END" not in entry.name
    }
    members: list[IntEnum | IntFlag] = list(ours)
    named = {plain(member.name or ""): member.value for member in members}
    assert named.items() <= numbers.items()
    assert ours in PARTIAL or named == numbers


def test_the_limits_of_ftp_fill_its_message() -> None:
    payload = ardupilotmega().spec("FILE_TRANSFER_PROTOCOL").field("payload")
    assert payload.array_length == enums.FTP_HEADER_LENGTH + enums.FTP_LONGEST_DATA


def test_names_that_differ_from_the_dialect_keep_its_numbers() -> None:
    assert enums.Autopilot.ARDUPILOT == reference.MAV_AUTOPILOT_ARDUPILOTMEGA
    assert enums.Autopilot.PX4 == reference.MAV_AUTOPILOT_PX4
    assert enums.Autopilot.INVALID == reference.MAV_AUTOPILOT_INVALID
    assert enums.Component.AUTOPILOT == reference.MAV_COMP_ID_AUTOPILOT1
    assert enums.Component.CAMERA == reference.MAV_COMP_ID_CAMERA
    for component in set(enums.Component) - {enums.Component.AUTOPILOT, enums.Component.GROUND_STATION}:
        assert component == getattr(reference, f"MAV_COMP_ID_{component.name}")
    assert enums.Component.GROUND_STATION == reference.MAV_COMP_ID_MISSIONPLANNER
    assert enums.GpsFix.FIX_3D == reference.GPS_FIX_TYPE_3D_FIX
    assert enums.GpsFix.RTK_FIXED == reference.GPS_FIX_TYPE_RTK_FIXED
    assert enums.TargetMask.IGNORE_YAW_RATE == reference.POSITION_TARGET_TYPEMASK_YAW_RATE_IGNORE
    assert enums.TargetMask.IGNORE_VX == reference.POSITION_TARGET_TYPEMASK_VX_IGNORE


@pytest.mark.parametrize("sensor", list(enums.SysStatusSensor))
def test_status_bits_are_those_of_the_dialect(sensor: enums.SysStatusSensor) -> None:
    name = str(reference.enums["MAV_SYS_STATUS_SENSOR"][sensor.value].name).removeprefix("MAV_SYS_STATUS_")
    assert name.removeprefix("SENSOR_").removeprefix("3D_") == sensor.name
