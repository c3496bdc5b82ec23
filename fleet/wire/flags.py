"""Bit fields of MAVLink messages: base mode, sensor health, estimator, setpoint masks, capabilities."""

from enum import IntFlag


class ModeFlag(IntFlag):
    """HEARTBEAT.base_mode."""

    CUSTOM_MODE_ENABLED = 1
    TEST_ENABLED = 2
    AUTO_ENABLED = 4
    GUIDED_ENABLED = 8
    STABILIZE_ENABLED = 16
    HIL_ENABLED = 32
    MANUAL_INPUT_ENABLED = 64
    SAFETY_ARMED = 128


class SysStatusSensor(IntFlag):
    """SYS_STATUS.onboard_control_sensors_*."""

    GYRO = 1 << 0
    ACCEL = 1 << 1
    MAG = 1 << 2
    ABSOLUTE_PRESSURE = 1 << 3
    DIFFERENTIAL_PRESSURE = 1 << 4
    GPS = 1 << 5
    OPTICAL_FLOW = 1 << 6
    VISION_POSITION = 1 << 7
    LASER_POSITION = 1 << 8
    EXTERNAL_GROUND_TRUTH = 1 << 9
    ANGULAR_RATE_CONTROL = 1 << 10
    ATTITUDE_STABILIZATION = 1 << 11
    YAW_POSITION = 1 << 12
    Z_ALTITUDE_CONTROL = 1 << 13
    XY_POSITION_CONTROL = 1 << 14
    MOTOR_OUTPUTS = 1 << 15
    RC_RECEIVER = 1 << 16
    GYRO2 = 1 << 17
    ACCEL2 = 1 << 18
    MAG2 = 1 << 19
    GEOFENCE = 1 << 20
    AHRS = 1 << 21
    TERRAIN = 1 << 22
    REVERSE_MOTOR = 1 << 23
    LOGGING = 1 << 24
    BATTERY = 1 << 25
    PROXIMITY = 1 << 26
    SATCOM = 1 << 27
    PREARM_CHECK = 1 << 28
    OBSTACLE_AVOIDANCE = 1 << 29
    PROPULSION = 1 << 30
    EXTENSION_USED = 1 << 31


class EkfFlag(IntFlag):
    """EKF_STATUS_REPORT.flags; ready means POS_HORIZ_ABS set and CONST_POS_MODE clear."""

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
    UNINITIALIZED = 1 << 10
    GPS_GLITCHING = 1 << 15


class TargetMask(IntFlag):
    """SET_POSITION_TARGET_*.type_mask: set bits are ignored fields."""

    IGNORE_X = 1 << 0
    IGNORE_Y = 1 << 1
    IGNORE_Z = 1 << 2
    IGNORE_VX = 1 << 3
    IGNORE_VY = 1 << 4
    IGNORE_VZ = 1 << 5
    IGNORE_AX = 1 << 6
    IGNORE_AY = 1 << 7
    IGNORE_AZ = 1 << 8
    FORCE_SET = 1 << 9
    IGNORE_YAW = 1 << 10
    IGNORE_YAW_RATE = 1 << 11


class Capability(IntFlag):
    """AUTOPILOT_VERSION.capabilities."""

    MISSION_FLOAT = 1 << 0
    PARAM_FLOAT = 1 << 1
    MISSION_INT = 1 << 2
    COMMAND_INT = 1 << 3
    PARAM_ENCODE_BYTEWISE = 1 << 4
    FTP = 1 << 5
    SET_ATTITUDE_TARGET = 1 << 6
    SET_POSITION_TARGET_LOCAL_NED = 1 << 7
    SET_POSITION_TARGET_GLOBAL_INT = 1 << 8
    TERRAIN = 1 << 9
    FLIGHT_TERMINATION = 1 << 11
    COMPASS_CALIBRATION = 1 << 12
    MAVLINK2 = 1 << 13
    MISSION_FENCE = 1 << 14
    MISSION_RALLY = 1 << 15
    PARAM_ENCODE_C_CAST = 1 << 17
    GRIPPER = 1 << 20
