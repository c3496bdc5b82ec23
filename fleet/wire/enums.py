"""Numbers of MAVLink and ArduPilot under plain names; those of the files beside it come along in one import.

Source: the ardupilotmega dialect; a test holds every number against it.
"""

from enum import IntEnum

from fleet.wire.flags import Capability, EkfFlag, ModeFlag, SysStatusSensor, TargetMask
from fleet.wire.ftp_codes import FTP_HEADER_LENGTH, FTP_LONGEST_DATA, FtpError, FtpOpcode
from fleet.wire.heartbeat_enums import Autopilot, Component, MavType, SystemState
from fleet.wire.mavcmd import FORCE_DISARM_MAGIC, Command
from fleet.wire.mode_names import mode_name
from fleet.wire.modes import CopterMode, PlaneMode, RoverMode, SubMode
from fleet.wire.order_enums import FenceType, OrbitYaw, ParamStorage, PrecisionLand, RepositionFlag, SpeedType
from fleet.wire.payload_enums import (
    CameraCapability,
    CameraFocus,
    CameraMode,
    CameraSource,
    CameraZoom,
    GimbalCapability,
    GimbalError,
    GimbalFlag,
    GripperAction,
    IlluminatorMode,
    MountMode,
    ParachuteAction,
    StorageStatus,
    StorageType,
    StorageUsage,
    VideoEncoding,
    VideoStreamStatus,
    VideoStreamType,
    WinchAction,
    WinchStatus,
)
from fleet.wire.px4_modes import (
    Px4Auto,
    Px4Main,
    Px4Mode,
    Px4PosCtl,
    px4_custom_mode,
    px4_from_high_latency,
    px4_main_and_sub,
)
from fleet.wire.state_enums import (
    BatteryChargeState,
    BatteryFault,
    BatteryFunction,
    BatteryMode,
    EstimatorFlag,
    FenceMitigation,
    FirmwareStage,
    HighLatencyFailure,
    MissionState,
    ParamAck,
    ParamError,
    ParamExtType,
    StandardMode,
    VtolState,
)

__all__ = [
    "FORCE_DISARM_MAGIC",
    "FTP_HEADER_LENGTH",
    "FTP_LONGEST_DATA",
    "Autopilot",
    "BatteryChargeState",
    "BatteryFault",
    "BatteryFunction",
    "BatteryMode",
    "CameraCapability",
    "CameraFocus",
    "CameraMode",
    "CameraSource",
    "CameraZoom",
    "Capability",
    "Command",
    "Component",
    "CopterMode",
    "DataStream",
    "EkfFlag",
    "EstimatorFlag",
    "FenceBreach",
    "FenceMitigation",
    "FenceType",
    "FirmwareStage",
    "FtpError",
    "FtpOpcode",
    "GimbalCapability",
    "GimbalError",
    "GimbalFlag",
    "GpsFix",
    "GripperAction",
    "HighLatencyFailure",
    "IlluminatorMode",
    "LandedState",
    "MavFrame",
    "MavResult",
    "MavType",
    "MissionResult",
    "MissionState",
    "MissionType",
    "ModeFlag",
    "MountMode",
    "OrbitYaw",
    "ParachuteAction",
    "ParamAck",
    "ParamError",
    "ParamExtType",
    "ParamStorage",
    "ParamType",
    "PlaneMode",
    "PrecisionLand",
    "Px4Auto",
    "Px4Main",
    "Px4Mode",
    "Px4PosCtl",
    "RepositionFlag",
    "RoverMode",
    "Severity",
    "SpeedType",
    "StandardMode",
    "StorageStatus",
    "StorageType",
    "StorageUsage",
    "SubMode",
    "SysStatusSensor",
    "SystemState",
    "TargetMask",
    "VideoEncoding",
    "VideoStreamStatus",
    "VideoStreamType",
    "VtolState",
    "WinchAction",
    "WinchStatus",
    "mode_name",
    "px4_custom_mode",
    "px4_from_high_latency",
    "px4_main_and_sub",
]


class MavResult(IntEnum):
    """COMMAND_ACK.result."""

    ACCEPTED = 0
    TEMPORARILY_REJECTED = 1
    DENIED = 2
    UNSUPPORTED = 3
    FAILED = 4
    IN_PROGRESS = 5
    COMMAND_LONG_ONLY = 7
    COMMAND_INT_ONLY = 8


class MissionResult(IntEnum):
    """MISSION_ACK.type."""

    ACCEPTED = 0
    ERROR = 1
    UNSUPPORTED_FRAME = 2
    UNSUPPORTED = 3
    NO_SPACE = 4
    INVALID = 5
    INVALID_PARAM1 = 6
    INVALID_PARAM2 = 7
    INVALID_PARAM3 = 8
    INVALID_PARAM4 = 9
    INVALID_PARAM5_X = 10
    INVALID_PARAM6_Y = 11
    INVALID_PARAM7 = 12
    INVALID_SEQUENCE = 13
    DENIED = 14
    OPERATION_CANCELLED = 15


class MissionType(IntEnum):
    """Which list a mission message speaks of."""

    MISSION = 0
    FENCE = 1
    RALLY = 2
    ALL = 255


class Severity(IntEnum):
    """STATUSTEXT.severity."""

    EMERGENCY = 0
    ALERT = 1
    CRITICAL = 2
    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7


class LandedState(IntEnum):
    """EXTENDED_SYS_STATE.landed_state."""

    UNDEFINED = 0
    ON_GROUND = 1
    IN_AIR = 2
    TAKEOFF = 3
    LANDING = 4


class GpsFix(IntEnum):
    """GPS_RAW_INT.fix_type."""

    NO_GPS = 0
    NO_FIX = 1
    FIX_2D = 2
    FIX_3D = 3
    DGPS = 4
    RTK_FLOAT = 5
    RTK_FIXED = 6
    STATIC = 7
    PPP = 8


class MavFrame(IntEnum):
    """Coordinate frames of missions and setpoints."""

    GLOBAL = 0
    LOCAL_NED = 1
    MISSION = 2
    GLOBAL_RELATIVE_ALT = 3
    LOCAL_ENU = 4
    GLOBAL_INT = 5
    GLOBAL_RELATIVE_ALT_INT = 6
    LOCAL_OFFSET_NED = 7
    BODY_NED = 8
    BODY_OFFSET_NED = 9
    GLOBAL_TERRAIN_ALT = 10
    GLOBAL_TERRAIN_ALT_INT = 11
    BODY_FRD = 12
    LOCAL_FRD = 20
    LOCAL_FLU = 21


class DataStream(IntEnum):
    """REQUEST_DATA_STREAM.req_stream_id."""

    ALL = 0
    RAW_SENSORS = 1
    EXTENDED_STATUS = 2
    RC_CHANNELS = 3
    RAW_CONTROLLER = 4
    POSITION = 6
    EXTRA1 = 10
    EXTRA2 = 11
    EXTRA3 = 12


class ParamType(IntEnum):
    """PARAM_VALUE.param_type."""

    UINT8 = 1
    INT8 = 2
    UINT16 = 3
    INT16 = 4
    UINT32 = 5
    INT32 = 6
    UINT64 = 7
    INT64 = 8
    REAL32 = 9
    REAL64 = 10


class FenceBreach(IntEnum):
    """FENCE_STATUS.breach_type."""

    NONE = 0
    MINALT = 1
    MAXALT = 2
    BOUNDARY = 3
