"""Fences and rally points as mission items and back, and the digest by which what is on board is compared."""

import math
from collections.abc import Sequence
from hashlib import sha256
from struct import Struct
from typing import Any

from fleet.commands import FenceArea
from fleet.drivers.mavlink.items import Item
from fleet.drivers.mavlink.step import StepFailed
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MavFrame
from world.position import Geodetic

GRID = 10
"""Places are sent in steps of 1e-6 deg (0.11 m): what comes back 1e-7 deg off is in the same cell of the digest."""
MOST_CORNERS = 255
"""ArduPilot counts the corners of an area in eight bits (MissionItemProtocol_Fence.cpp)."""
_RADIUS_STEPS_PER_M = 10
_INCLUSION = MavCommand.NAV_FENCE_POLYGON_VERTEX_INCLUSION
_EXCLUSION = MavCommand.NAV_FENCE_POLYGON_VERTEX_EXCLUSION
_CIRCLE_IN, _CIRCLE_OUT = MavCommand.NAV_FENCE_CIRCLE_INCLUSION, MavCommand.NAV_FENCE_CIRCLE_EXCLUSION
_ROW = Struct("<Hiiii")
_DIGEST_BYTES = 6  # below 2**53, so that JSON and a browser keep it whole


class BadArea(StepFailed):
    """A fence area or rally point that no autopilot can hold."""


def fence_items(areas: Sequence[FenceArea]) -> tuple[Item, ...]:
    """Items of mission type 1, in order. Raises BadArea."""
    return tuple(item for number, area in enumerate(areas, 1) for item in _area_items(area, number))


def _area_items(area: FenceArea, number: int) -> list[Item]:
    if area.corners and area.centre is None:
        if not 3 <= len(area.corners) <= MOST_CORNERS:
            raise BadArea(f"fence area {number} has {len(area.corners)} corners, not 3 to {MOST_CORNERS}")
        command = _INCLUSION if area.is_inclusion else _EXCLUSION
        return [_fence_item(command, float(len(area.corners)), corner) for corner in area.corners]
    if area.centre is None or area.corners or area.radius_m is None:
        raise BadArea(f"fence area {number} is neither a polygon by its corners nor a circle by centre and radius")
    if not 0.0 < area.radius_m < math.inf:
        raise BadArea(f"fence area {number} has a radius of {area.radius_m:g} m")
    radius_m = max(round(area.radius_m * _RADIUS_STEPS_PER_M), 1) / _RADIUS_STEPS_PER_M
    return [_fence_item(_CIRCLE_IN if area.is_inclusion else _CIRCLE_OUT, radius_m, area.centre)]


def _fence_item(command: MavCommand, param1: float, at: Geodetic) -> Item:
    x, y = _place(at)
    return Item(command=command, frame=MavFrame.GLOBAL, params=(param1, 0.0, 0.0, 0.0), x=x, y=y)


def rally_items(points: Sequence[Geodetic], home: Geodetic) -> tuple[Item, ...]:
    """Items of mission type 2: whole metres above home, rounded up, as ArduPilot stores them (RallyLocation.alt)."""
    items = []
    for point in points:
        x, y = _place(point)
        above_m = float(math.ceil(round(point.height_m - home.height_m, 3)))
        frame = MavFrame.GLOBAL_RELATIVE_ALT
        items.append(Item(command=MavCommand.NAV_RALLY_POINT, frame=frame, x=x, y=y, z=above_m))
    return tuple(items)


def _place(at: Geodetic) -> tuple[int, int]:
    if not (abs(at.lat_deg) <= 90.0 and abs(at.lon_deg) <= 180.0):
        raise BadArea(f"{at.lat_deg}, {at.lon_deg} is no place on earth")
    return round(at.lat_deg * 1e7 / GRID) * GRID, round(at.lon_deg * 1e7 / GRID) * GRID


def digest(items: Sequence[Item]) -> int:
    """The same for a list sent and the list read back: frames and last digits that autopilots change do not count."""
    state = sha256()
    for item in items:
        size = round(item.params[0] * _RADIUS_STEPS_PER_M) if math.isfinite(item.params[0]) else -1
        height_m = round(item.z) if item.command == MavCommand.NAV_RALLY_POINT and math.isfinite(item.z) else 0
        state.update(_ROW.pack(item.command, _clipped(size), round(item.x / GRID), round(item.y / GRID),
                               _clipped(height_m)))
    return int.from_bytes(state.digest()[:_DIGEST_BYTES], "little")


def _clipped(value: int) -> int:
    return max(-(2**31), min(2**31 - 1, value))


def fence_answer(items: Sequence[Item]) -> dict[str, Any]:
    """What a vehicle's fence is, in plain values. Raises BadArea when its items make no whole areas."""
    areas: list[dict[str, Any]] = []
    position = 0
    while position < len(items):
        item = items[position]
        size = _size(item)
        ring = items[position : position + size]
        if len(ring) < size or any(other.command != item.command for other in ring):
            raise BadArea(f"fence item {position} begins an area of {size} corners that has fewer")
        areas.append(_area_answer(ring))
        position += size
    return {"areas": areas, "hash": digest(items)}


def _size(item: Item) -> int:
    is_polygon = item.command in (_INCLUSION, _EXCLUSION)
    return int(item.params[0]) if is_polygon and 1 <= item.params[0] <= 65535 else 1


def _area_answer(ring: Sequence[Item]) -> dict[str, Any]:
    command, places = ring[0].command, [[item.x / 1e7, item.y / 1e7] for item in ring]
    if command in (_INCLUSION, _EXCLUSION):
        return {"is_inclusion": command == _INCLUSION, "corners": places}
    if command in (_CIRCLE_IN, _CIRCLE_OUT):
        radius_m = round(ring[0].params[0], 2)
        return {"is_inclusion": command == _CIRCLE_IN, "centre": places[0], "radius_m": radius_m}
    return {"command": command, "place": places[0]}


def rally_answer(items: Sequence[Item]) -> dict[str, Any]:
    """Rally points in plain values; heights as the vehicle counts them, `is_above_home` says how."""
    points = [
        {
            "lat_deg": item.x / 1e7, "lon_deg": item.y / 1e7, "height_m": item.z,
            "is_above_home": item.frame in (MavFrame.GLOBAL_RELATIVE_ALT, MavFrame.GLOBAL_RELATIVE_ALT_INT),
        }
        for item in items
    ]
    return {"points": points, "hash": digest(items)}


def mission_answer(items: Sequence[Item]) -> dict[str, Any]:
    """A mission item by item, in plain values."""
    return {
        "items": [
            {
                "seq": seq, "command": item.command, "name": _name(item.command), "frame": item.frame,
                "params": [value if math.isfinite(value) else None for value in item.params],
                "lat_deg": item.x / 1e7, "lon_deg": item.y / 1e7, "height_m": item.z,
            }
            for seq, item in enumerate(items)
        ]
    }


def _name(command: int) -> str:
    return MavCommand(command).name.lower() if command in set(MavCommand) else f"command {command}"
