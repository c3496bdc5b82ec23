"""What the gimbal says: its attitude by the device, who controls it and how far it turns by the manager."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState
from fleet.wire.enums import GimbalCapability, GimbalFlag
from fleet.wire.message import Message
from world.attitude import Quaternion
from world.time import Instant

OVERTAKEN_MS = 10_000
_STEEP_RAD = math.radians(80.0)
BROKEN = 0x1F8
"""GIMBAL_DEVICE_ERROR_FLAGS that are no mere limits of an axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GimbalState(ToolState):
    """Angles of the camera: pitch to the horizon, yaw to the nose, or to north where that is said."""

    pitch_deg: float | None = None
    yaw_deg: float | None = None
    is_yaw_to_north: bool | None = None
    rate_deg_s: float | None = None
    flags: GimbalFlag | None = None
    attitude_ms: int | None = None
    controller: tuple[int, int] | None = None
    """System and component in control; zeros: nobody."""
    abilities: GimbalCapability | None = None
    pitch_range_deg: tuple[float, float] | None = None


def _attitude(state: GimbalState, message: Message, now: Instant) -> GimbalState:
    newest, said = state.attitude_ms, int(message.time_boot_ms)
    is_late = newest is not None and newest - OVERTAKEN_MS < said < newest
    w, x, y, z = message.q
    if state.instance != 0 or is_late or not math.isfinite(w + x + y + z):
        return state
    _, pitch, yaw = Quaternion(w=w, x=x, y=y, z=z).euler_rad()
    if abs(pitch) > _STEEP_RAD:  # straight down, yaw and roll are one angle: without roll it is yaw
        yaw = 2.0 * math.atan2(z, w)
    flags = GimbalFlag(message.flags & 0x3FF)
    # without a frame named, YAW_LOCK tells it (GIMBAL_DEVICE_ATTITUDE_STATUS)
    is_locked = GimbalFlag.YAW_LOCK in flags and GimbalFlag.YAW_IN_VEHICLE_FRAME not in flags
    turning = math.hypot(message.angular_velocity_y, message.angular_velocity_z)
    return replace(
        state, at=now, attitude_ms=said, pitch_deg=math.degrees(pitch), yaw_deg=math.degrees(yaw), flags=flags,
        is_yaw_to_north=is_locked or GimbalFlag.YAW_IN_EARTH_FRAME in flags,
        fault_code=int(message.failure_flags) & BROKEN,
        rate_deg_s=math.degrees(turning) if math.isfinite(turning) else None,
    )


def _manager(state: GimbalState, message: Message, now: Instant) -> GimbalState:
    if state.instance != 0:
        return state
    controller = (int(message.primary_control_sysid), int(message.primary_control_compid))
    return replace(state, at=now, controller=controller)


def _information(state: GimbalState, message: Message, now: Instant) -> GimbalState:
    if state.instance != 0 or not math.isfinite(message.pitch_min + message.pitch_max):
        return state
    limits = (math.degrees(message.pitch_min), math.degrees(message.pitch_max))
    return replace(state, at=now, abilities=GimbalCapability(message.cap_flags & 0x33FFF), pitch_range_deg=limits)


UNKNOWN = GimbalState()
FOLD: Mapping[str, Fold[GimbalState]] = {
    "GIMBAL_DEVICE_ATTITUDE_STATUS": _attitude,
    "GIMBAL_MANAGER_STATUS": _manager,
    "GIMBAL_MANAGER_INFORMATION": _information,
}
