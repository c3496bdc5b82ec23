"""Numbers of MAVLink by which a component introduces itself: kind of vehicle, autopilot, component id, state."""

from enum import IntEnum


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
