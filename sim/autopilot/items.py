"""Items of missions, fences and rally lists as a vehicle stores them, and from MAVLink's two spellings of them."""

import math
from typing import Any, Final, NamedTuple

from fleet.wire.enums import Command, MavFrame, MissionResult
from fleet.wire.message import Message

_STORED_FRAME = {
    MavFrame.GLOBAL_INT: MavFrame.GLOBAL,
    MavFrame.GLOBAL_RELATIVE_ALT_INT: MavFrame.GLOBAL_RELATIVE_ALT,
    MavFrame.GLOBAL_TERRAIN_ALT_INT: MavFrame.GLOBAL_TERRAIN_ALT,
}
"""The _INT frames come back as their plain twins (measured: 6 comes back as 3)."""
_KNOWN_FRAMES = frozenset({
    MavFrame.GLOBAL, MavFrame.MISSION, MavFrame.GLOBAL_RELATIVE_ALT, MavFrame.GLOBAL_TERRAIN_ALT,
})
_PLACELESS = frozenset(command for command in Command if command.name.startswith(("DO_", "CONDITION_"))) - {
    Command.DO_SET_HOME, Command.DO_SET_ROI_LOCATION, Command.DO_LAND_START,
}


HIGHEST_M: Final = 32_767.0
"""Above this ArduPilot's items cannot go either (24 bits of centimetres, rounded down)."""


class Item(NamedTuple):
    """One item; `lat_e7` and `lon_e7` hold params 5 and 6 as they are where the command has no place."""

    frame: int
    command: int
    p1: float
    p2: float
    p3: float
    p4: float
    lat_e7: int
    lon_e7: int
    alt_m: float

    @property
    def has_place(self) -> bool:
        return self.command not in _PLACELESS

    @property
    def lat_deg(self) -> float:
        return self.lat_e7 / 1e7

    @property
    def lon_deg(self) -> float:
        return self.lon_e7 / 1e7


def item_of(message: Message, *, is_float: bool) -> Item:
    """From MISSION_ITEM_INT, or from MISSION_ITEM with its degrees as floats."""
    placeless = message.command in _PLACELESS
    scale = 1e7 if is_float and not placeless else 1
    x, y = (round(v * scale) if math.isfinite(v) else 0 for v in (message.x, message.y))
    p1, p2, p3, p4 = _params(message)
    frame = _STORED_FRAME.get(message.frame, message.frame)
    return Item(frame, message.command, p1, p2, p3, p4, x, y, float(message.z))


def fault(item: Item) -> MissionResult:
    """ACCEPTED, or what is wrong with where the item is."""
    if item.frame not in _KNOWN_FRAMES:
        return MissionResult.UNSUPPORTED_FRAME
    if item.has_place and abs(item.lat_e7) > 900_000_000:
        return MissionResult.INVALID_PARAM5_X
    if item.has_place and abs(item.lon_e7) > 1_800_000_000:
        return MissionResult.INVALID_PARAM6_Y
    if not abs(item.alt_m) <= HIGHEST_M:
        return MissionResult.INVALID_PARAM7
    return MissionResult.ACCEPTED


def item_fields(item: Item, seq: int, mission_type: int, *, is_float: bool) -> dict[str, Any]:
    """Fields of MISSION_ITEM_INT or MISSION_ITEM, but for targets and `current`."""
    scale = 1e-7 if is_float and item.has_place else 1
    return {
        "seq": seq, "frame": item.frame, "command": item.command, "autocontinue": 1,
        "param1": item.p1, "param2": item.p2, "param3": item.p3, "param4": item.p4,
        "x": item.lat_e7 * scale, "y": item.lon_e7 * scale, "z": item.alt_m, "mission_type": mission_type,
    }


def _params(message: Message) -> tuple[float, float, float, float]:
    """NaN means "leave it to me" and is stored as 0, as ArduPilot does."""
    given = (message.param1, message.param2, message.param3, message.param4)
    p1, p2, p3, p4 = (value if math.isfinite(value) else 0.0 for value in given)
    return p1, p2, p3, p4
