"""Numbers of MAVLink and ArduPilot under plain names; those of the files beside it come along in one import.

Source: the ardupilotmega dialect; a test holds every number against it.
"""

from enum import IntEnum

from fleet.wire.flags import Capability, EkfFlag, ModeFlag, SysStatusSensor, TargetMask
from fleet.wire.ftp_codes import FTP_HEADER_LENGTH, FTP_LONGEST_DATA, FtpError, FtpOpcode
from fleet.wire.mavcmd import FORCE_DISARM_MAGIC, Command
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
]


class MavType(IntEnum):
    """HEARTBEAT.type."""

    GENERIC = 0
    FIXED_WING = 1
    QUADROTOR = 2
    COAXIAL = 3
    HELICOPTER = 4
    ANTENNA_TRACKER = 5
    GCS = 6
    AIRSHIP = 7
    GROUND_ROVER = 10
    SURFACE_BOAT = 11
    SUBMARINE = 12
    HEXAROTOR = 13
    OCTOROTOR = 14
    TRICOPTER = 15
    ONBOARD_CONTROLLER = 18
    VTOL_DUOROTOR = 19
    VTOL_QUADROTOR = 20
    VTOL_TILTROTOR = 21
    GIMBAL = 26
    ADSB = 27
    DODECAROTOR = 29
    CAMERA = 30
    CHARGING_STATION = 31
    SERVO = 33
    DECAROTOR = 35
    BATTERY = 36
    PARACHUTE = 37
    WINCH = 42
    GENERIC_MULTIROTOR = 43
    ILLUMINATOR = 44
    GROUND_QUADRUPED = 46
    GRIPPER = 48


class Autopilot(IntEnum):
    """HEARTBEAT.autopilot."""

    GENERIC = 0
    ARDUPILOT = 3
    INVALID = 8
    PX4 = 12


class Component(IntEnum):
    """Component ids in use here."""

    ALL = 0
    AUTOPILOT = 1
    TELEMETRY_RADIO = 68
    CAMERA = 100
    CAMERA2 = 101
    CAMERA3 = 102
    CAMERA4 = 103
    CAMERA5 = 104
    CAMERA6 = 105
    GIMBAL = 154
    PARACHUTE = 161
    WINCH = 169
    GIMBAL2 = 171
    GIMBAL3 = 172
    GIMBAL4 = 173
    GIMBAL5 = 174
    GIMBAL6 = 175
    BATTERY = 180
    BATTERY2 = 181
    GROUND_STATION = 190
    ONBOARD_COMPUTER = 191
    UDP_BRIDGE = 240
    UART_BRIDGE = 241
    TUNNEL_NODE = 242
    ILLUMINATOR = 243


class SystemState(IntEnum):
    """HEARTBEAT.system_status."""

    UNINIT = 0
    BOOT = 1
    CALIBRATING = 2
    STANDBY = 3
    ACTIVE = 4
    CRITICAL = 5
    EMERGENCY = 6
    POWEROFF = 7
    FLIGHT_TERMINATION = 8


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
