"""The name of the mode in a heartbeat, by autopilot and kind of vehicle; what has none is said by its number."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from fleet.wire.heartbeat_enums import Autopilot, MavType
from fleet.wire.modes import CopterMode, PlaneMode, RoverMode, SubMode
from fleet.wire.px4_modes import Px4Mode, px4_main_and_sub

_ARDUPILOT: Final[Mapping[int, tuple[str, type[IntEnum]]]] = MappingProxyType({
    **dict.fromkeys(
        (
            MavType.QUADROTOR, MavType.COAXIAL, MavType.HELICOPTER, MavType.HEXAROTOR, MavType.OCTOROTOR,
            MavType.TRICOPTER, MavType.DODECAROTOR, MavType.DECAROTOR, MavType.GENERIC_MULTIROTOR,
        ),
        ("ArduCopter", CopterMode),
    ),
    **dict.fromkeys((MavType.GROUND_ROVER, MavType.SURFACE_BOAT), ("ArduRover", RoverMode)),
    MavType.SUBMARINE: ("ArduSub", SubMode),
    # 19 to 25 are the VTOLs: ArduPlane with rotors
    **dict.fromkeys((MavType.FIXED_WING, *range(MavType.VTOL_DUOROTOR, MavType.GIMBAL)), ("ArduPlane", PlaneMode)),
})


def mode_name(autopilot: int, mav_type: int, custom_mode: int) -> str:
    """Name of a HEARTBEAT.custom_mode, such as GUIDED or AUTO_MISSION, or its number: "mode 77 of ArduCopter"."""
    if autopilot == Autopilot.PX4:
        return _px4_name(custom_mode)
    if autopilot != Autopilot.ARDUPILOT:
        return f"mode {custom_mode} of autopilot {autopilot}"
    if mav_type not in _ARDUPILOT:
        return f"mode {custom_mode} of ArduPilot on vehicle type {mav_type}"
    firmware, modes = _ARDUPILOT[mav_type]
    return modes(custom_mode).name if custom_mode in set(modes) else f"mode {custom_mode} of {firmware}"


def _px4_name(custom_mode: int) -> str:
    if custom_mode in set(Px4Mode):
        return Px4Mode(custom_mode).name
    main, sub = px4_main_and_sub(custom_mode)
    if custom_mode & 0xFFFF:
        return f"mode {custom_mode:#x} of PX4"
    return f"mode {main}/{sub} of PX4"
