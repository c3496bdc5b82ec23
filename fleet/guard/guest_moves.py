"""Modes and setpoints of a guest: where they may take the vehicle, as ways that are judged like GO_TO."""

import math
from collections.abc import Mapping
from typing import Final

from fleet.commands import Route, Verb
from fleet.guard.guest_frames import ABSOLUTE, RELATIVE, GuestFrame, Meaning, place
from fleet.guard.routes import is_under_way
from fleet.model import VehicleKind
from fleet.wire.enums import CopterMode, MavFrame, PlaneMode, RoverMode, SubMode
from fleet.wire.px4_modes import Px4Main, Px4Mode, px4_custom_mode
from world.position import Geodetic

LOOKS_AHEAD_S: Final = 5.0
"""A velocity is flown on for so long after its last setpoint, at most."""
_CREEP_M_S: Final = 0.1
_EARTH_M: Final = 6_371_000.0

STOPPING: Mapping[VehicleKind, frozenset[int]] = {
    VehicleKind.COPTER: frozenset({CopterMode.BRAKE, CopterMode.RTL, CopterMode.LAND}),
    VehicleKind.ROVER: frozenset({RoverMode.HOLD, RoverMode.RTL}),
    VehicleKind.BOAT: frozenset({RoverMode.HOLD, RoverMode.LOITER, RoverMode.RTL}),
    VehicleKind.SUB: frozenset({SubMode.POSHOLD, SubMode.SURFACE}),
    VehicleKind.PLANE: frozenset({
        PlaneMode.RTL, PlaneMode.LOITER, PlaneMode.AUTOLAND, PlaneMode.QRTL, PlaneMode.QLAND, PlaneMode.QLOITER
    }),
}
"""End motion: never refused to who holds the lease."""
STICKS: Mapping[VehicleKind, frozenset[int]] = {
    VehicleKind.COPTER: frozenset({CopterMode.ALT_HOLD, CopterMode.LOITER, CopterMode.POSHOLD}),
    VehicleKind.ROVER: frozenset({RoverMode.MANUAL, RoverMode.STEERING, RoverMode.LOITER}),
    VehicleKind.BOAT: frozenset({RoverMode.MANUAL, RoverMode.STEERING}),
    VehicleKind.SUB: frozenset({SubMode.MANUAL, SubMode.STABILIZE, SubMode.ALT_HOLD}),
    VehicleKind.PLANE: frozenset({PlaneMode.FLY_BY_WIRE_A, PlaneMode.FLY_BY_WIRE_B, PlaneMode.CRUISE}),
}
"""What a session with a radio needs: modes that hold height or stand where no stick is moved."""
GROUND_ONLY: Mapping[VehicleKind, frozenset[int]] = {VehicleKind.COPTER: frozenset({CopterMode.STABILIZE})}
"""Only at rest: without a stick it falls."""
CLIMBING: Mapping[VehicleKind, frozenset[int]] = {VehicleKind.PLANE: frozenset({PlaneMode.TAKEOFF})}
"""Climbs at once, to a height that no frame names."""
_PX4_STOPPING = frozenset({Px4Mode.AUTO_LOITER, Px4Mode.AUTO_RTL, Px4Mode.AUTO_LAND})
_PX4_WAITING = frozenset({Px4Mode.ALTCTL, Px4Mode.POSCTL, px4_custom_mode(Px4Main.OFFBOARD)})


def mode_change(frame: GuestFrame, mode: int) -> Meaning:
    """What a change of mode asks for."""
    kind, state = frame.state.kind, frame.state
    if mode == frame.limits.auto_mode:
        return start(frame)
    if mode in (_PX4_STOPPING if frame.is_px4 else STOPPING[kind]):
        return (frame.order(Verb.HOLD),)
    if not frame.is_px4 and mode in GROUND_ONLY.get(kind, ()) and not is_under_way(state):
        return ()
    waits = (frame.limits.modes | (_PX4_WAITING if frame.is_px4 else STICKS[kind])) - CLIMBING.get(kind, frozenset())
    if mode not in waits:
        return f"mode {mode} is not among those that guests may order"
    if state.is_armed is False:
        return ()
    # it waits there for targets or sticks: as good as a way to where it is
    return (frame.order(Verb.GO_TO, position=state.position, speed_m_s=_CREEP_M_S),)


def start(frame: GuestFrame) -> Meaning:
    """The list on board begins: from here to its start, and, in flight, to any point that it may be resumed at.

    Each point of such a list has its speed.
    """
    route = frame.route
    if route is None:
        return "no mission of yours has passed the checks and is on board; upload one first"
    orders = [frame.order(Verb.START_ROUTE), frame.order(Verb.UPLOAD_ROUTE, route=route)]
    if is_under_way(frame.state):
        orders += [
            frame.order(Verb.UPLOAD_ROUTE, route=Route(points=(point,), returns_at_end=False))
            for point in route.points
        ]
    return tuple(orders)


_POSITION, _VELOCITY, _ACCELERATION, _FORCE = 0x007, 0x038, 0x1C0, 0x200
"""Groups of POSITION_TARGET_TYPEMASK; a set bit means: leave out."""


def setpoint(frame: GuestFrame) -> Meaning:
    """SET_POSITION_TARGET_GLOBAL_INT and _LOCAL_NED."""
    message, state = frame.message, frame.state
    mask = message.type_mask
    if mask & _FORCE or mask & _ACCELERATION != _ACCELERATION:
        return "accelerations and forces are not flown for guests; give positions or velocities"
    if state.position is None:
        return "the position of the vehicle is unknown"
    has_position, has_velocity = mask & _POSITION != _POSITION, mask & _VELOCITY != _VELOCITY
    if not has_position and not has_velocity:
        return ()
    if (has_position and mask & _POSITION) or (has_velocity and mask & _VELOCITY):
        return "a target is given in all three axes or in none"
    orders = []
    if has_position:
        target = _target(frame, state.position)
        if isinstance(target, str):
            return target
        orders.append(frame.order(Verb.GO_TO, position=target, speed_m_s=frame.limits.max_speed_m_s))
    if has_velocity:
        ahead = _ahead(frame, state.position)
        if isinstance(ahead, str):
            return ahead
        orders.append(frame.order(Verb.GO_TO, position=ahead[0], speed_m_s=ahead[1]))
    return tuple(orders)


_FROM_HERE = frozenset({MavFrame.LOCAL_OFFSET_NED, MavFrame.BODY_OFFSET_NED, MavFrame.BODY_FRD})
_ON_BODY = frozenset({MavFrame.BODY_NED, MavFrame.BODY_OFFSET_NED, MavFrame.BODY_FRD})
_TO_NORTH = frozenset({*RELATIVE, *ABSOLUTE, MavFrame.LOCAL_NED, MavFrame.LOCAL_OFFSET_NED})
Vector = tuple[float, float, float]
"""North, east, down; or forward, right, down."""


def _target(frame: GuestFrame, here: Geodetic) -> Geodetic | str:
    message = frame.message
    if message.SPEC.name == "SET_POSITION_TARGET_GLOBAL_INT":
        return place(frame.state, message.lat_int, message.lon_int, message.alt, message.coordinate_frame)
    if message.coordinate_frame not in _FROM_HERE:
        return "where the origin of local targets lies is unknown; send SET_POSITION_TARGET_GLOBAL_INT"
    turned = _to_north(frame, (message.x, message.y, message.z))
    return turned if isinstance(turned, str) else _moved(here, turned, 1.0)


def _ahead(frame: GuestFrame, here: Geodetic) -> tuple[Geodetic, float] | str:
    """Where a velocity leads before it lapses, and how fast."""
    message = frame.message
    turned = _to_north(frame, (message.vx, message.vy, message.vz))
    if isinstance(turned, str):
        return turned
    return _moved(here, turned, LOOKS_AHEAD_S), max(_CREEP_M_S, math.hypot(*turned))


def _to_north(frame: GuestFrame, given: Vector) -> Vector | str:
    """Turned by the heading of this moment, as autopilots do when it arrives."""
    if not math.isfinite(sum(given)):
        return "a target has numbers that are none"
    if frame.message.coordinate_frame in _TO_NORTH:
        return given
    if frame.message.coordinate_frame not in _ON_BODY:
        return f"targets in frame {frame.message.coordinate_frame} are not understood here"
    if frame.state.heading_deg is None:
        return "the heading of the vehicle is unknown"
    forward, right, down = given
    cos, sin = math.cos(math.radians(frame.state.heading_deg)), math.sin(math.radians(frame.state.heading_deg))
    return forward * cos - right * sin, forward * sin + right * cos, down


def _moved(here: Geodetic, way: Vector, times: float) -> Geodetic:
    """On a sphere: right to half a metre in a hundred, less than any stopping distance."""
    north_deg = math.degrees(times * way[0] / _EARTH_M)
    east_deg = math.degrees(times * way[1] / (_EARTH_M * math.cos(math.radians(here.lat_deg))))
    return Geodetic(
        lat_deg=here.lat_deg + north_deg, lon_deg=here.lon_deg + east_deg, height_m=here.height_m - times * way[2]
    )
