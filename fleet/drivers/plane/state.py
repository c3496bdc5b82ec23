"""What ArduPlane says, folded into what is known; it tells in three ways whether it has rotors."""

from dataclasses import replace

from fleet.drivers.mavlink.fold import COMMON, heartbeat
from fleet.drivers.mavlink.known import Known
from fleet.drivers.plane.values import MODES
from fleet.wire.enums import Autopilot, MavType
from fleet.wire.message import Message
from world.time import Instant

VTOL_TYPES = frozenset(range(MavType.VTOL_DUOROTOR, MavType.GIMBAL))
"""MAV_TYPE 19 to 25."""
ROTORS_PARAMETER = "Q_ENABLE"
_HEARTBEAT = heartbeat(MODES)
_EXTENDED = COMMON["EXTENDED_SYS_STATE"]


def _heartbeat(known: Known, message: Message, now: Instant) -> Known:
    """A VTOL type says so; FIXED_WING says nothing: it is what ArduPlane sends for both unless Q_MAV_TYPE is set."""
    known = _HEARTBEAT(known, message, now)
    is_vtol = message.autopilot != Autopilot.INVALID and message.type in VTOL_TYPES
    return _with_rotors(known, True) if is_vtol else known


def _extended(known: Known, message: Message, now: Instant) -> Known:
    """ArduPlane leaves `vtol_state` undefined (0) without rotors (GCS_MAVLINK_Plane::vtol_state)."""
    known = _EXTENDED(known, message, now)
    return known if known.vitals.is_vtol else _with_rotors(known, message.vtol_state != 0)


def _parameter(known: Known, message: Message, now: Instant) -> Known:
    return _with_rotors(known, message.param_value >= 1.0) if message.param_id == ROTORS_PARAMETER else known


def _with_rotors(known: Known, is_vtol: bool) -> Known:
    return replace(known, vitals=replace(known.vitals, is_vtol=is_vtol))


FOLD = COMMON | {"HEARTBEAT": _heartbeat, "EXTENDED_SYS_STATE": _extended, "PARAM_VALUE": _parameter}
