"""Which mode a guest's message puts the vehicle in: what we sent ourselves is no sign of a pilot at the sticks."""

from fleet.guard.limits import limits_of
from fleet.model import AutopilotKind, VehicleKind
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import CopterMode, PlaneMode, RoverMode
from fleet.wire.message import Message
from fleet.wire.px4_modes import Px4Mode, px4_custom_mode

_LOITERS = {
    VehicleKind.COPTER: CopterMode.LOITER, VehicleKind.PLANE: PlaneMode.LOITER, VehicleKind.ROVER: RoverMode.HOLD,
    VehicleKind.BOAT: RoverMode.HOLD,
}


def ordered_mode(message: Message, kind: VehicleKind, *, is_px4: bool) -> int | None:
    """None for what changes no mode."""
    name = message.SPEC.name
    if name == "SET_MODE":
        return int(message.custom_mode)
    if name not in ("COMMAND_LONG", "COMMAND_INT"):
        return None
    if message.command == MavCommand.DO_SET_MODE:
        return px4_custom_mode(int(message.param2), int(message.param3)) if is_px4 else int(message.param2)
    if message.command == MavCommand.MISSION_START:
        return limits_of(kind, AutopilotKind.PX4 if is_px4 else None).auto_mode
    if message.command == MavCommand.NAV_LOITER_UNLIM:
        return Px4Mode.AUTO_LOITER if is_px4 else _LOITERS.get(kind)
    return None
