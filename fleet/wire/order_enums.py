"""Numbers that stand in the params of MAV_CMDs: how to go, orbit and land, which fence, what to do with parameters."""

from enum import IntEnum, IntFlag


class RepositionFlag(IntFlag):
    """DO_REPOSITION param2."""

    CHANGE_MODE = 1 << 0
    RELATIVE_YAW = 1 << 1


class SpeedType(IntEnum):
    """DO_CHANGE_SPEED param1."""

    AIRSPEED = 0
    GROUNDSPEED = 1
    CLIMB_SPEED = 2
    DESCENT_SPEED = 3


class OrbitYaw(IntEnum):
    """DO_ORBIT param3."""

    HOLD_FRONT_TO_CIRCLE_CENTER = 0
    HOLD_INITIAL_HEADING = 1
    UNCONTROLLED = 2
    HOLD_FRONT_TANGENT_TO_CIRCLE = 3
    RC_CONTROLLED = 4
    UNCHANGED = 5


class PrecisionLand(IntEnum):
    """NAV_LAND param2."""

    DISABLED = 0
    OPPORTUNISTIC = 1
    REQUIRED = 2


class FenceType(IntFlag):
    """DO_FENCE_ENABLE param2: which fences; 0 means all. ArduPilot's FENCE_TYPE parameter has the same bits."""

    ALT_MAX = 1 << 0
    CIRCLE = 1 << 1
    POLYGON = 1 << 2
    ALT_MIN = 1 << 3


class ParamStorage(IntEnum):
    """PREFLIGHT_STORAGE param1."""

    READ_PERSISTENT = 0
    WRITE_PERSISTENT = 1
    RESET_FACTORY_DEFAULT = 2
    RESET_SENSOR_DEFAULT = 3
    RESET_ALL_DEFAULT = 4
