"""Routes as mission items and back: which item is which route point, and whether a list read back is the one sent."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fleet.commands import Route, RoutePoint
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MavFrame
from fleet.wire.message import Message
from world.position import Geodetic

# ArduPilot gives back frame 6 as 3 and 5 as 0 (heights alike), and latitudes up to 1e-7 deg off.
_PLAIN_FRAME = {
    MavFrame.GLOBAL_INT: MavFrame.GLOBAL,
    MavFrame.GLOBAL_RELATIVE_ALT_INT: MavFrame.GLOBAL_RELATIVE_ALT,
    MavFrame.GLOBAL_TERRAIN_ALT_INT: MavFrame.GLOBAL_TERRAIN_ALT,
}
_DEGREE_STEPS = 2
_HEIGHT_M = 0.1
_PARAM = 0.01
_PARAMS_THAT_COUNT = {
    MavCommand.NAV_WAYPOINT: (0,),
    MavCommand.DO_CHANGE_SPEED: (0, 1),
    MavCommand.DO_SET_CAM_TRIGG_DIST: (0,),
}
_GROUND_SPEED = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One mission item as MISSION_ITEM_INT carries it."""

    command: int
    frame: int = MavFrame.GLOBAL
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    x: int = 0
    y: int = 0
    z: float = 0.0

    @staticmethod
    def from_message(message: Message) -> "Item":
        params = (message.param1, message.param2, message.param3, message.param4)
        return Item(
            command=message.command, frame=message.frame, params=params, x=message.x, y=message.y, z=message.z
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission:
    """Items from 0 (home) on. `point_of[seq]`: index of the route point headed for, one past the last on return."""

    items: tuple[Item, ...]
    point_of: tuple[int, ...]
    points: int
    first: int = 1
    """The first item that is not the vehicle's own home."""

    def point_index(self, seq: int | None) -> int | None:
        return self.point_of[seq] if seq is not None and seq < len(self.point_of) else None

    @property
    def first_nav(self) -> int:
        """The first item that is a leg, not an action on the way."""
        following = enumerate(self.items[self.first :], self.first)
        return next((k for k, item in following if item.command <= MavCommand.NAV_DELAY), 0)


def mission_of(
    route: Route, home: Geodetic, *, frame: MavFrame, with_take_off: bool, speed_type: float = _GROUND_SPEED,
    has_home_item: bool = True,
) -> Mission:
    """Items for the route from its start index on.

    A point's speed applies to the leg that leads to it; its trigger from its arrival on (ArduPilot runs actions that
    follow a waypoint once it is reached). A route started in its middle begins with what is in force there.
    """
    builder = _Builder(home=home, frame=frame, speed_type=speed_type, has_home_item=has_home_item)
    start = route.start_index
    if with_take_off and route.take_off_height_m is not None:
        builder.take_off(route.take_off_height_m, start)
    trigger = _in_force([point.trigger_distance_m for point in route.points[:start]])
    if start and trigger is not None:
        builder.trigger(trigger, start)
    speed = _in_force([point.speed_m_s for point in route.points[: start + 1]])
    for k in range(start, len(route.points)):
        builder.point(route.points[k], speed if k == start else route.points[k].speed_m_s, k)
    if route.returns_at_end:
        builder.add(Item(command=MavCommand.NAV_RETURN_TO_LAUNCH), len(route.points))
    return Mission(
        items=tuple(builder.items), point_of=tuple(builder.point_of), points=len(route.points),
        first=int(has_home_item),
    )


def _in_force(values: Sequence[float | None]) -> float | None:
    """The last value given, None when there was none."""
    return next((value for value in reversed(values) if value is not None), None)


class _Builder:
    """Collects items and the route point each belongs to."""

    def __init__(self, *, home: Geodetic, frame: MavFrame, speed_type: float, has_home_item: bool) -> None:
        self._home, self._frame, self._speed_type, self._has_home_item = home, frame, speed_type, has_home_item
        self.items = [self._location(home, MavFrame.GLOBAL, 0.0)] if has_home_item else []
        self.point_of = [0] if has_home_item else []

    def add(self, item: Item, point: int) -> None:
        self.items.append(item)
        self.point_of.append(point)

    def take_off(self, height_m: float, point: int) -> None:
        # ArduPilot takes 0, 0 for here; PX4 takes it for a place in the Gulf of Guinea, so it is told its home
        item = Item(command=MavCommand.NAV_TAKEOFF, frame=MavFrame.GLOBAL_RELATIVE_ALT, z=height_m)
        if not self._has_home_item:
            item = replace(item, x=round(self._home.lat_deg * 1e7), y=round(self._home.lon_deg * 1e7))
        self.add(item, point)

    def trigger(self, distance_m: float, point: int) -> None:
        # param3 = 1 would take one image at once
        self.add(Item(command=MavCommand.DO_SET_CAM_TRIGG_DIST, params=(distance_m, 0.0, 0.0, 0.0)), point)

    def point(self, point: RoutePoint, speed_m_s: float | None, index: int) -> None:
        if speed_m_s is not None:
            self.add(Item(command=MavCommand.DO_CHANGE_SPEED, params=(self._speed_type, speed_m_s, -1.0, 0.0)), index)
        self.add(self._location(point.position, self._frame, point.hold_s), index)
        if point.trigger_distance_m is not None:
            self.trigger(point.trigger_distance_m, index)

    def _location(self, at: Geodetic, frame: MavFrame, hold_s: float) -> Item:
        height_m = at.height_m - self._home.height_m if frame is MavFrame.GLOBAL_RELATIVE_ALT else at.height_m
        x, y = round(at.lat_deg * 1e7), round(at.lon_deg * 1e7)
        # ArduPilot keeps whole seconds of hold
        params = (float(math.ceil(hold_s)), 0.0, 0.0, 0.0)
        return Item(command=MavCommand.NAV_WAYPOINT, frame=frame, params=params, x=x, y=y, z=height_m)


def difference(sent: Sequence[Item], back: Sequence[Item], *, first: int = 1) -> str | None:
    """One sentence on the first item that differs, None when what was sent is on board. Before `first` is its home."""
    if len(sent) != len(back):
        return f"{len(back)} mission items read back, {len(sent)} sent"
    for seq in range(first, len(sent)):
        if not _is_same(sent[seq], back[seq]):
            return f"mission item {seq} read back as {back[seq]}, sent {sent[seq]}"
    return None


def _is_same(sent: Item, back: Item) -> bool:
    if sent.command != back.command:
        return False
    relevant = _PARAMS_THAT_COUNT.get(MavCommand(sent.command), ())
    if any(not abs(sent.params[k] - back.params[k]) <= _PARAM for k in relevant):
        return False
    if sent.command == MavCommand.NAV_TAKEOFF:
        return _frame(sent) == _frame(back) and abs(sent.z - back.z) <= _HEIGHT_M
    if sent.command != MavCommand.NAV_WAYPOINT:
        return True
    is_near = abs(sent.x - back.x) <= _DEGREE_STEPS and abs(sent.y - back.y) <= _DEGREE_STEPS
    return is_near and _frame(sent) == _frame(back) and abs(sent.z - back.z) <= _HEIGHT_M


def _frame(item: Item) -> int:
    return _PLAIN_FRAME.get(MavFrame(item.frame), item.frame) if item.frame in set(MavFrame) else item.frame
