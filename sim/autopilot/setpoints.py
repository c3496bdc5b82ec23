"""SET_POSITION_TARGET_LOCAL_NED and _GLOBAL_INT: positions or velocities for GUIDED; anything else is ignored.

Planes take none of them: ArduPlane goes by DO_REPOSITION.
"""

import math
from typing import TYPE_CHECKING, Final

from fleet.wire.enums import MavFrame, TargetMask
from fleet.wire.message import Message
from sim.autopilot.guided import Guided
from sim.autopilot.ship import FAR_M, PlaceUnknown
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

GUIDED_ITEM: Final = 2
"""ArduPilot's oldest way to give a target, GCS_MAVLINK::handle_mission_item."""
_POSITION: Final = TargetMask.IGNORE_X | TargetMask.IGNORE_Y | TargetMask.IGNORE_Z
_VELOCITY: Final = TargetMask.IGNORE_VX | TargetMask.IGNORE_VY | TargetMask.IGNORE_VZ
_BODY: Final = frozenset({MavFrame.BODY_NED, MavFrame.BODY_OFFSET_NED, MavFrame.BODY_FRD})
_LOCAL: Final = _BODY | {MavFrame.LOCAL_NED, MavFrame.LOCAL_OFFSET_NED}


def on_global(ship: "Ship", message: Message) -> None:
    """Latitude, longitude and a height in the message's frame; velocity is NED."""
    try:
        target = ship.locate(message.coordinate_frame, message.lat_int / 1e7, message.lon_int / 1e7, message.alt)
    except PlaceUnknown:
        return
    _apply(ship, message, target, (message.vx, message.vy, message.vz))


def on_item(ship: "Ship", message: Message, *, is_float: bool) -> bool:
    """A mission item that belongs to no mission (`current` 2): flown to at once in GUIDED; False when it is not."""
    guided, scale = ship.activity, 1.0 if is_float else 1e-7
    if not isinstance(guided, Guided) or not ship.is_armed:
        return False
    try:
        guided.go(ship, ship.locate(message.frame, message.x * scale, message.y * scale, message.z))
    except PlaceUnknown:
        return False
    return True


def on_local(ship: "Ship", message: Message) -> None:
    """LOCAL_NED counts from the local frame's origin (as LOCAL_POSITION_NED does); offsets from the vehicle."""
    frame = message.coordinate_frame
    if frame not in _LOCAL:
        return
    x, y, vx, vy = message.x, message.y, message.vx, message.vy
    if frame in _BODY:
        sin, cos = math.sin(ship.estimate.yaw_rad), math.cos(ship.estimate.yaw_rad)
        x, y, vx, vy = cos * x - sin * y, sin * x + cos * y, cos * vx - sin * vy, sin * vx + cos * vy
    here = ship.estimate.at
    is_offset = frame not in (MavFrame.LOCAL_NED, MavFrame.BODY_NED)
    base = here if is_offset else Enu(east_m=0.0, north_m=0.0, up_m=0.0)
    target = Enu(east_m=base.east_m + y, north_m=base.north_m + x, up_m=base.up_m - message.z)
    _apply(ship, message, target, (vx, vy, message.vz))


def _apply(ship: "Ship", message: Message, target: Enu, ned: tuple[float, float, float]) -> None:
    guided, mask = ship.activity, message.type_mask
    if not isinstance(guided, Guided) or not ship.is_armed or not ship.rules.can_stop:
        return
    if not mask & _POSITION:
        if all(abs(value) <= 1000 * FAR_M for value in (target.east_m, target.north_m, target.up_m)):
            guided.go(ship, target, _unless(mask & TargetMask.IGNORE_YAW, message.yaw))
    elif not mask & _VELOCITY and all(map(math.isfinite, ned)):
        rate = _unless(mask & TargetMask.IGNORE_YAW_RATE, message.yaw_rate)
        guided.push(ship, (ned[1], ned[0], -ned[2]), rate)


def _unless(is_ignored: int, value: float) -> float | None:
    return None if is_ignored or not math.isfinite(value) else value
