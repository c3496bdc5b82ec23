"""What stop, hold, return, land and kill mean for each kind of vehicle, in words for the screen."""

from collections.abc import Mapping
from typing import NamedTuple

from fleet.commands import Verb


class Meaning(NamedTuple):
    """In both languages."""

    text: str
    text_zh: str


class NoMeaning(Exception):
    """No words for this verb and kind."""


_COPTER_STOP = Meaning("brakes and hovers where it is; motors stay on", "立即制动并原地悬停，电机不停")
_PLANE_STOP = Meaning("circles where it is at its height; it cannot stand still", "在当前位置和高度盘旋，无法停住")
_ROVER_STOP = Meaning("stands still", "原地停住")
_BOAT_STOP = Meaning(
    "keeps its position on the water; wind and current push it about", "在水面保持位置，受风和水流影响会晃动"
)
_SUB_STOP = Meaning("stops and holds its depth", "停止并保持当前深度")
MEANINGS: Mapping[str, Mapping[str, Meaning]] = {
    "copter": {
        Verb.STOP: _COPTER_STOP,
        Verb.HOLD: _COPTER_STOP,
        Verb.RETURN: Meaning("climbs to its return height, flies home and lands", "升至返航高度，飞回起飞点并降落"),
        Verb.LAND: Meaning("comes straight down where it is", "就地垂直降落"),
        Verb.KILL: Meaning("motors off at once: it falls", "电机立即停转，飞行器将坠落"),
    },
    "plane": {
        Verb.STOP: _PLANE_STOP,
        Verb.HOLD: _PLANE_STOP,
        Verb.RETURN: Meaning("flies home at its return height and circles there", "按返航高度飞回并在起飞点上空盘旋"),
        Verb.LAND: Meaning("lands as its autopilot is set up to", "按飞控预设方式降落"),
        Verb.KILL: Meaning("motor off at once: it glides or falls", "电机立即停转，飞机将滑翔或坠落"),
    },
    "rover": {
        Verb.STOP: _ROVER_STOP,
        Verb.HOLD: _ROVER_STOP,
        Verb.RETURN: Meaning("drives straight home and stands there", "直线驶回起点并停住"),
        Verb.LAND: Meaning("stands still: it is on the ground already", "已在地面，原地停住"),
        Verb.KILL: Meaning("drive off at once", "驱动立即断电"),
    },
    "boat": {
        Verb.STOP: _BOAT_STOP,
        Verb.HOLD: _BOAT_STOP,
        Verb.RETURN: Meaning("goes straight home and keeps its position there", "直线驶回起点并保持位置"),
        Verb.LAND: Meaning("keeps its position: it is on the water already", "已在水面，保持位置"),
        Verb.KILL: Meaning("drive off at once: it drifts", "驱动立即断电，船将漂流"),
    },
    "sub": {
        Verb.STOP: _SUB_STOP,
        Verb.HOLD: _SUB_STOP,
        Verb.RETURN: Meaning("comes up to the surface where it is; it has no way home", "就地上浮至水面，不会自行返航"),
        Verb.LAND: Meaning("comes up to the surface where it is", "就地上浮至水面"),
        Verb.KILL: Meaning("thrusters off at once: it floats up slowly", "推进器立即停转，机体缓慢上浮"),
    },
}
"""By kind and verb. Kinds by their names: a roster may have kinds that this fleet has no driver for yet."""


def meaning(verb: Verb, kind: str) -> Meaning:
    """Words for the screen. Raises NoMeaning."""
    found = MEANINGS.get(kind, {}).get(verb)
    if found is None:
        raise NoMeaning(f"nothing is written on what {verb} means for a {kind}; add a row to MEANINGS")
    return found
