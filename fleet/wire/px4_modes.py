"""Flight modes of PX4: HEARTBEAT.custom_mode is main mode << 16 | sub mode << 24, on every kind of vehicle.

Source: PX4-Autopilot, src/modules/commander/px4_custom_mode.h. AUTO sub modes from 11 on (external modes, course hold)
have moved between versions and are therefore not named here.
"""

from enum import IntEnum


class Px4Main(IntEnum):
    """PX4_CUSTOM_MAIN_MODE; param2 of DO_SET_MODE."""

    MANUAL = 1
    ALTCTL = 2
    POSCTL = 3
    AUTO = 4
    ACRO = 5
    OFFBOARD = 6
    STABILIZED = 7
    RATTITUDE = 8
    SIMPLE = 9
    TERMINATION = 10
    ALTITUDE_CRUISE = 11


class Px4Auto(IntEnum):
    """PX4_CUSTOM_SUB_MODE_AUTO; param3 of DO_SET_MODE. 7 is no longer used."""

    READY = 1
    TAKEOFF = 2
    LOITER = 3
    MISSION = 4
    RTL = 5
    LAND = 6
    FOLLOW_TARGET = 8
    PRECLAND = 9
    VTOL_TAKEOFF = 10


class Px4PosCtl(IntEnum):
    """PX4_CUSTOM_SUB_MODE_POSCTL; param3 of DO_SET_MODE."""

    POSCTL = 0
    ORBIT = 1
    SLOW = 2


def px4_custom_mode(main: int, sub: int = 0) -> int:
    """The number that stands for a main and a sub mode (0..255 each)."""
    return main << 16 | sub << 24


def px4_main_and_sub(custom_mode: int) -> tuple[int, int]:
    """Main and sub mode of a custom_mode: what DO_SET_MODE takes as param2 and param3."""
    return custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF


def px4_from_high_latency(custom_mode: int) -> int:
    """The custom_mode that HIGH_LATENCY2.custom_mode, only 16 bits wide, is the upper half of."""
    return custom_mode << 16


class Px4Mode(IntEnum):
    """HEARTBEAT.custom_mode of PX4."""

    MANUAL = Px4Main.MANUAL << 16
    ALTCTL = Px4Main.ALTCTL << 16
    POSCTL = Px4Main.POSCTL << 16
    ORBIT = Px4Main.POSCTL << 16 | Px4PosCtl.ORBIT << 24
    POSCTL_SLOW = Px4Main.POSCTL << 16 | Px4PosCtl.SLOW << 24
    AUTO_READY = Px4Main.AUTO << 16 | Px4Auto.READY << 24
    AUTO_TAKEOFF = Px4Main.AUTO << 16 | Px4Auto.TAKEOFF << 24
    AUTO_LOITER = Px4Main.AUTO << 16 | Px4Auto.LOITER << 24
    AUTO_MISSION = Px4Main.AUTO << 16 | Px4Auto.MISSION << 24
    AUTO_RTL = Px4Main.AUTO << 16 | Px4Auto.RTL << 24
    AUTO_LAND = Px4Main.AUTO << 16 | Px4Auto.LAND << 24
    AUTO_FOLLOW_TARGET = Px4Main.AUTO << 16 | Px4Auto.FOLLOW_TARGET << 24
    AUTO_PRECLAND = Px4Main.AUTO << 16 | Px4Auto.PRECLAND << 24
    AUTO_VTOL_TAKEOFF = Px4Main.AUTO << 16 | Px4Auto.VTOL_TAKEOFF << 24
    ACRO = Px4Main.ACRO << 16
    OFFBOARD = Px4Main.OFFBOARD << 16
    STABILIZED = Px4Main.STABILIZED << 16
    RATTITUDE = Px4Main.RATTITUDE << 16
    SIMPLE = Px4Main.SIMPLE << 16
    TERMINATION = Px4Main.TERMINATION << 16
    ALTITUDE_CRUISE = Px4Main.ALTITUDE_CRUISE << 16
