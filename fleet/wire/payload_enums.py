"""Numbers of MAVLink for what a vehicle carries: gimbals, cameras and their storage, gripper, winch, parachute."""

from enum import IntEnum, IntFlag


class GimbalCapability(IntFlag):
    """GIMBAL_MANAGER_INFORMATION.cap_flags; GIMBAL_DEVICE_INFORMATION.cap_flags holds the lower 16."""

    HAS_RETRACT = 1 << 0
    HAS_NEUTRAL = 1 << 1
    HAS_ROLL_AXIS = 1 << 2
    HAS_ROLL_FOLLOW = 1 << 3
    HAS_ROLL_LOCK = 1 << 4
    HAS_PITCH_AXIS = 1 << 5
    HAS_PITCH_FOLLOW = 1 << 6
    HAS_PITCH_LOCK = 1 << 7
    HAS_YAW_AXIS = 1 << 8
    HAS_YAW_FOLLOW = 1 << 9
    HAS_YAW_LOCK = 1 << 10
    SUPPORTS_INFINITE_YAW = 1 << 11
    SUPPORTS_YAW_IN_EARTH_FRAME = 1 << 12
    HAS_RC_INPUTS = 1 << 13
    CAN_POINT_LOCATION_LOCAL = 1 << 16
    CAN_POINT_LOCATION_GLOBAL = 1 << 17


class GimbalFlag(IntFlag):
    """`flags` of the gimbal manager and gimbal device messages, which share them."""

    RETRACT = 1 << 0
    NEUTRAL = 1 << 1
    ROLL_LOCK = 1 << 2
    PITCH_LOCK = 1 << 3
    YAW_LOCK = 1 << 4
    YAW_IN_VEHICLE_FRAME = 1 << 5
    YAW_IN_EARTH_FRAME = 1 << 6
    ACCEPTS_YAW_IN_EARTH_FRAME = 1 << 7
    RC_EXCLUSIVE = 1 << 8
    RC_MIXED = 1 << 9


class GimbalError(IntFlag):
    """GIMBAL_DEVICE_ATTITUDE_STATUS.failure_flags."""

    AT_ROLL_LIMIT = 1 << 0
    AT_PITCH_LIMIT = 1 << 1
    AT_YAW_LIMIT = 1 << 2
    ENCODER_ERROR = 1 << 3
    POWER_ERROR = 1 << 4
    MOTOR_ERROR = 1 << 5
    SOFTWARE_ERROR = 1 << 6
    COMMS_ERROR = 1 << 7
    CALIBRATION_RUNNING = 1 << 8
    NO_MANAGER = 1 << 9


class MountMode(IntEnum):
    """DO_MOUNT_CONTROL param7: the older way to point a gimbal."""

    RETRACT = 0
    NEUTRAL = 1
    MAVLINK_TARGETING = 2
    RC_TARGETING = 3
    GPS_POINT = 4
    SYSID_TARGET = 5
    HOME_LOCATION = 6
    WPNEXT_OFFSET = 7


class CameraMode(IntEnum):
    """CAMERA_SETTINGS.mode_id and SET_CAMERA_MODE param2."""

    IMAGE = 0
    VIDEO = 1
    IMAGE_SURVEY = 2


class CameraCapability(IntFlag):
    """CAMERA_INFORMATION.flags."""

    CAPTURE_VIDEO = 1 << 0
    CAPTURE_IMAGE = 1 << 1
    HAS_MODES = 1 << 2
    CAN_CAPTURE_IMAGE_IN_VIDEO_MODE = 1 << 3
    CAN_CAPTURE_VIDEO_IN_IMAGE_MODE = 1 << 4
    HAS_IMAGE_SURVEY_MODE = 1 << 5
    HAS_BASIC_ZOOM = 1 << 6
    HAS_BASIC_FOCUS = 1 << 7
    HAS_VIDEO_STREAM = 1 << 8
    HAS_TRACKING_POINT = 1 << 9
    HAS_TRACKING_RECTANGLE = 1 << 10
    HAS_TRACKING_GEO_STATUS = 1 << 11
    HAS_THERMAL_RANGE = 1 << 12
    HAS_MTI = 1 << 13


class CameraZoom(IntEnum):
    """SET_CAMERA_ZOOM param1: what param2 means."""

    STEP = 0
    CONTINUOUS = 1
    RANGE = 2
    FOCAL_LENGTH = 3
    HORIZONTAL_FOV = 4


class CameraFocus(IntEnum):
    """SET_CAMERA_FOCUS param1: what param2 means."""

    STEP = 0
    CONTINUOUS = 1
    RANGE = 2
    METERS = 3
    AUTO = 4
    AUTO_SINGLE = 5
    AUTO_CONTINUOUS = 6


class CameraSource(IntEnum):
    """SET_CAMERA_SOURCE param2 and param3: which lens of a device."""

    DEFAULT = 0
    RGB = 1
    IR = 2
    NDVI = 3


class VideoStreamType(IntEnum):
    """VIDEO_STREAM_INFORMATION.type: what its `uri` is."""

    RTSP = 0
    RTPUDP = 1
    TCP_MPEG = 2
    MPEG_TS = 3
    WHEP = 4


class VideoStreamStatus(IntFlag):
    """VIDEO_STREAM_INFORMATION.flags and VIDEO_STREAM_STATUS.flags."""

    RUNNING = 1 << 0
    THERMAL = 1 << 1
    THERMAL_RANGE_ENABLED = 1 << 2


class VideoEncoding(IntEnum):
    """VIDEO_STREAM_INFORMATION.encoding."""

    UNKNOWN = 0
    H264 = 1
    H265 = 2


class StorageStatus(IntEnum):
    """STORAGE_INFORMATION.status."""

    EMPTY = 0
    UNFORMATTED = 1
    READY = 2
    NOT_SUPPORTED = 3


class StorageType(IntEnum):
    """STORAGE_INFORMATION.type."""

    UNKNOWN = 0
    USB_STICK = 1
    SD = 2
    MICROSD = 3
    CF = 4
    CFE = 5
    XQD = 6
    HD = 7
    OTHER = 254


class StorageUsage(IntFlag):
    """STORAGE_INFORMATION.storage_usage and SET_STORAGE_USAGE param2."""

    SET = 1 << 0
    PHOTO = 1 << 1
    VIDEO = 1 << 2
    LOGS = 1 << 3


class GripperAction(IntEnum):
    """DO_GRIPPER param2."""

    RELEASE = 0
    GRAB = 1
    HOLD = 2


class WinchAction(IntEnum):
    """DO_WINCH param2."""

    RELAXED = 0
    RELATIVE_LENGTH_CONTROL = 1
    RATE_CONTROL = 2
    LOCK = 3
    DELIVER = 4
    HOLD = 5
    RETRACT = 6
    LOAD_LINE = 7
    ABANDON_LINE = 8
    LOAD_PAYLOAD = 9


class WinchStatus(IntFlag):
    """WINCH_STATUS.status."""

    HEALTHY = 1 << 0
    FULLY_RETRACTED = 1 << 1
    MOVING = 1 << 2
    CLUTCH_ENGAGED = 1 << 3


class ParachuteAction(IntEnum):
    """DO_PARACHUTE param1."""

    DISABLE = 0
    ENABLE = 1
    RELEASE = 2


class IlluminatorMode(IntEnum):
    """DO_ILLUMINATOR_CONFIGURE param1."""

    UNKNOWN = 0
    INTERNAL_CONTROL = 1
    EXTERNAL_SYNC = 2
