"""Missions of guests: the items as a route that is judged like any other, and what was admitted, octet by octet."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fleet.commands import Route, RoutePoint
from fleet.guard.guest_frames import ABSOLUTE, RELATIVE, GuestFrame, place
from fleet.guard.limits import VehicleLimits
from fleet.model import AutopilotKind, VehicleState
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MissionType
from fleet.wire.message import Message
from world.ids import OperatorId, VehicleId

MOST_ITEMS = 700
"""ArduPilot holds 724."""
ITEM, COUNT = "MISSION_ITEM_INT", "MISSION_COUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestList:
    """A mission that passed. `payloads`: its items as they may leave."""

    owner: OperatorId
    route: Route
    payloads: tuple[bytes, ...]


@dataclass(slots=True)
class GuestLists:
    """By vehicle: what may be on its way, and what is on board."""

    admitted: dict[VehicleId, GuestList] = field(default_factory=dict)
    on_board: dict[VehicleId, GuestList] = field(default_factory=dict)

    def admit(self, vehicle: VehicleId, admitted: GuestList) -> None:
        """Until it is whole on board, old and new items may be mixed there."""
        self.on_board.pop(vehicle, None)
        self.admitted[vehicle] = admitted

    def close(self, vehicle: VehicleId, *, is_done: bool) -> None:
        admitted = self.admitted.pop(vehicle, None)
        if admitted is not None and is_done:
            self.on_board[vehicle] = admitted

    def forget(self, vehicle: VehicleId) -> None:
        """Somebody else's mission goes there."""
        self.admitted.pop(vehicle, None)
        self.on_board.pop(vehicle, None)

    def route(self, vehicle: VehicleId, owner: OperatorId) -> Route | None:
        """Of this guest alone: who takes over a vehicle starts what he has checked himself."""
        found = self.on_board.get(vehicle)
        return found.route if found is not None and found.owner == owner else None

    def fault(self, frame: GuestFrame, sysid: int, payload: bytes) -> str | None:
        """Whether a count or an item is that of the admitted list."""
        admitted, message = self.admitted.get(frame.state.vehicle), frame.message
        if admitted is None or admitted.owner != frame.guest.name:
            return "no mission of yours has passed the checks"
        if message.SPEC.name == COUNT:
            is_mission = message.mission_type == MissionType.MISSION and message.target_system == sysid
            is_its = is_mission and message.count == len(admitted.payloads)
        else:
            is_its = message.seq < len(admitted.payloads) and payload == admitted.payloads[message.seq]
        return None if is_its else "it is not part of the mission that was checked"


@dataclass(slots=True)
class _Draft:
    """A route as its items are read one by one."""

    state: VehicleState
    limits: VehicleLimits
    points: list[RoutePoint] = field(default_factory=list)
    take_off_height_m: float | None = None
    speed_m_s: float = math.nan
    ends_with: int | None = None


Read = Callable[[_Draft, Message], str | None]


def route_of(items: Sequence[Message], state: VehicleState, limits: VehicleLimits) -> Route | str:
    """What is flown, or which item is refused. Speeds that nobody gave are counted as the fastest."""
    if not 1 <= len(items) <= MOST_ITEMS:
        return f"the mission has {len(items)} items; 1 to {MOST_ITEMS} are allowed"
    draft = _Draft(state=state, limits=limits, speed_m_s=limits.max_speed_m_s)
    # ArduPilot keeps its home in item 0, whatever is sent
    first = 1 if limits.autopilot is AutopilotKind.ARDUPILOT else 0
    for seq, item in enumerate(items):
        # any other `current` makes it a target that is flown to at once
        if item.mission_type != MissionType.MISSION or item.seq != seq or item.current not in (0, 1):
            return f"item {seq} is not the next of a mission"
        fault = _item_fault(draft, item) if seq >= first else None
        if fault is not None:
            return f"item {seq}: {fault}"
    if not draft.points:
        return "the mission leads nowhere"
    returns = draft.ends_with == MavCommand.NAV_RETURN_TO_LAUNCH
    return Route(points=tuple(draft.points), take_off_height_m=draft.take_off_height_m, returns_at_end=returns)


def _item_fault(draft: _Draft, item: Message) -> str | None:
    if draft.ends_with is not None:
        return f"nothing may follow command {draft.ends_with}"
    read = ITEMS.get(item.command)
    return read(draft, item) if read is not None else f"command {item.command} is not flown for guests"


def _waypoint(draft: _Draft, item: Message) -> str | None:
    at = place(draft.state, item.x, item.y, item.z, item.frame)
    if isinstance(at, str):
        return at
    draft.points.append(RoutePoint(position=at, speed_m_s=draft.speed_m_s, hold_s=item.param1))
    return None


def _take_off(draft: _Draft, item: Message) -> str | None:
    if draft.points or draft.take_off_height_m is not None:
        return "a take-off comes first and once"
    if item.frame in RELATIVE:
        draft.take_off_height_m = item.z
        return None
    if item.frame not in ABSOLUTE or draft.state.home is None:
        return "give the height of a take-off above home"
    draft.take_off_height_m = item.z - draft.state.home.height_m
    return None


def _return(draft: _Draft, item: Message) -> str | None:
    draft.ends_with = item.command
    return None


def _land(draft: _Draft, item: Message) -> str | None:
    """Autopilots come at the height of the last point and go down from there; without a place they land where it is."""
    draft.ends_with = item.command
    if item.x == 0 and item.y == 0:
        return None
    if not draft.points:
        return "a landing elsewhere needs a point before it, whose height it is flown at"
    last = draft.points[-1]
    there = replace(last.position, lat_deg=item.x / 1e7, lon_deg=item.y / 1e7)
    draft.points.append(replace(last, position=there, speed_m_s=draft.speed_m_s, hold_s=0.0))
    return None


def _speed(draft: _Draft, item: Message) -> str | None:
    if not 0.0 < item.param2 <= draft.limits.max_speed_m_s:
        return f"a speed of {item.param2:g} m/s; more than 0 and at most {draft.limits.max_speed_m_s:g} is allowed"
    draft.speed_m_s = item.param2
    return None


def _harmless(draft: _Draft, item: Message) -> str | None:
    """Turns a camera or the nose, or takes pictures."""
    return None


ITEMS: Mapping[int, Read] = {
    MavCommand.NAV_WAYPOINT: _waypoint,
    MavCommand.NAV_LOITER_TIME: _waypoint,
    MavCommand.NAV_TAKEOFF: _take_off,
    MavCommand.NAV_RETURN_TO_LAUNCH: _return,
    MavCommand.NAV_LAND: _land,
    MavCommand.DO_CHANGE_SPEED: _speed,
    **dict.fromkeys((
        MavCommand.DO_SET_ROI_LOCATION, MavCommand.DO_SET_ROI_NONE, MavCommand.DO_SET_ROI, MavCommand.CONDITION_YAW,
        MavCommand.DO_SET_CAM_TRIGG_DIST, MavCommand.DO_DIGICAM_CONTROL, MavCommand.DO_MOUNT_CONTROL,
        MavCommand.DO_GIMBAL_MANAGER_PITCHYAW, MavCommand.IMAGE_START_CAPTURE, MavCommand.IMAGE_STOP_CAPTURE,
    ), _harmless),
}
