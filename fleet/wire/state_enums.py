"""Numbers of MAVLink in which a vehicle speaks of itself: battery, estimator, failures, standard modes, parameters."""

from enum import IntEnum, IntFlag


class BatteryChargeState(IntEnum):
    """BATTERY_STATUS.charge_state; UNDEFINED means the vehicle does not say."""

    UNDEFINED = 0
    OK = 1
    LOW = 2
    CRITICAL = 3
    EMERGENCY = 4
    FAILED = 5
    UNHEALTHY = 6
    CHARGING = 7


class BatteryFault(IntFlag):
    """BATTERY_STATUS.fault_bitmask."""

    DEEP_DISCHARGE = 1 << 0
    SPIKES = 1 << 1
    CELL_FAIL = 1 << 2
    OVER_CURRENT = 1 << 3
    OVER_TEMPERATURE = 1 << 4
    UNDER_TEMPERATURE = 1 << 5
    INCOMPATIBLE_VOLTAGE = 1 << 6
    INCOMPATIBLE_FIRMWARE = 1 << 7
    INCOMPATIBLE_CELLS_CONFIGURATION = 1 << 8


class BatteryMode(IntEnum):
    """BATTERY_STATUS.mode."""

    UNKNOWN = 0
    AUTO_DISCHARGING = 1
    HOT_SWAP = 2


class BatteryFunction(IntEnum):
    """BATTERY_STATUS.battery_function: what the battery feeds."""

    UNKNOWN = 0
    ALL = 1
    PROPULSION = 2
    AVIONICS = 3
    PAYLOAD = 4


class VtolState(IntEnum):
    """EXTENDED_SYS_STATE.vtol_state: MC on its rotors, FW on its wings."""

    UNDEFINED = 0
    TRANSITION_TO_FW = 1
    TRANSITION_TO_MC = 2
    MC = 3
    FW = 4


class MissionState(IntEnum):
    """MISSION_CURRENT.mission_state."""

    UNKNOWN = 0
    NO_MISSION = 1
    NOT_STARTED = 2
    ACTIVE = 3
    PAUSED = 4
    COMPLETE = 5


class StandardMode(IntEnum):
    """AVAILABLE_MODES.standard_mode and DO_SET_STANDARD_MODE param1: modes that mean the same on every autopilot."""

    NON_STANDARD = 0
    POSITION_HOLD = 1
    ORBIT = 2
    CRUISE = 3
    ALTITUDE_HOLD = 4
    SAFE_RECOVERY = 5
    MISSION = 6
    LAND = 7
    TAKEOFF = 8


class EstimatorFlag(IntFlag):
    """ESTIMATOR_STATUS.flags, as PX4 sends them; the low bits mean what those of EkfFlag mean."""

    ATTITUDE = 1 << 0
    VELOCITY_HORIZ = 1 << 1
    VELOCITY_VERT = 1 << 2
    POS_HORIZ_REL = 1 << 3
    POS_HORIZ_ABS = 1 << 4
    POS_VERT_ABS = 1 << 5
    POS_VERT_AGL = 1 << 6
    CONST_POS_MODE = 1 << 7
    PRED_POS_HORIZ_REL = 1 << 8
    PRED_POS_HORIZ_ABS = 1 << 9
    GPS_GLITCH = 1 << 10
    ACCEL_ERROR = 1 << 11


class HighLatencyFailure(IntFlag):
    """HIGH_LATENCY2.failure_flags: all that a vehicle behind a satellite says of its health."""

    GPS = 1 << 0
    DIFFERENTIAL_PRESSURE = 1 << 1
    ABSOLUTE_PRESSURE = 1 << 2
    ACCEL = 1 << 3
    GYRO = 1 << 4
    MAG = 1 << 5
    TERRAIN = 1 << 6
    BATTERY = 1 << 7
    RC_RECEIVER = 1 << 8
    OFFBOARD_LINK = 1 << 9
    ENGINE = 1 << 10
    GEOFENCE = 1 << 11
    ESTIMATOR = 1 << 12
    MISSION = 1 << 13


class FenceMitigation(IntEnum):
    """FENCE_STATUS.breach_mitigation."""

    UNKNOWN = 0
    NONE = 1
    VEL_LIMIT = 2


class FirmwareStage(IntEnum):
    """Lowest byte of AUTOPILOT_VERSION.flight_sw_version."""

    DEV = 0
    ALPHA = 64
    BETA = 128
    RC = 192
    OFFICIAL = 255


class ParamError(IntEnum):
    """PARAM_ERROR.error: why a parameter was neither read nor set."""

    NO_ERROR = 0
    DOES_NOT_EXIST = 1
    VALUE_OUT_OF_RANGE = 2
    PERMISSION_DENIED = 3
    COMPONENT_NOT_FOUND = 4
    READ_ONLY = 5


class ParamExtType(IntEnum):
    """PARAM_EXT_VALUE.param_type; the parameters of cameras."""

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
    CUSTOM = 11


class ParamAck(IntEnum):
    """PARAM_EXT_ACK.param_result."""

    ACCEPTED = 0
    VALUE_UNSUPPORTED = 1
    FAILED = 2
    IN_PROGRESS = 3
