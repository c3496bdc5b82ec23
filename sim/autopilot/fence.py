"""The onboard fence: ceiling, circle around home, uploaded polygons and circles; what is broken, and since when."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fleet.wire.enums import Command, FenceBreach, MavFrame, MissionResult
from sim.autopilot.items import Item
from world.position import Geodetic

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

_CEILING, _CIRCLE, _POLYGON = 1, 2, 4
"""Bits of FENCE_TYPE."""
_CEILING_NAME: Final = "Max Alt"
_VERTEX: Final = frozenset({
    Command.NAV_FENCE_POLYGON_VERTEX_INCLUSION, Command.NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
})
_ROUND: Final = frozenset({Command.NAV_FENCE_CIRCLE_INCLUSION, Command.NAV_FENCE_CIRCLE_EXCLUSION})
_INSIDE: Final = frozenset({Command.NAV_FENCE_POLYGON_VERTEX_INCLUSION, Command.NAV_FENCE_CIRCLE_INCLUSION})


_MOST_CORNERS: Final = 255
"""Corners of an area are counted in eight bits."""


@dataclass(slots=True)
class Breach:
    """What FENCE_STATUS tells. `what` is empty inside the fence."""

    what: str = ""
    count: int = 0
    at_ms: int = 0

    @property
    def type(self) -> FenceBreach:
        if not self.what:
            return FenceBreach.NONE
        return FenceBreach.MAXALT if self.what == _CEILING_NAME else FenceBreach.BOUNDARY


def check(item: Item) -> MissionResult:
    if item.command in _VERTEX and item.p1 > _MOST_CORNERS:
        return MissionResult.INVALID_PARAM1
    known = item.command in _VERTEX | _ROUND or item.command == Command.NAV_FENCE_RETURN_POINT
    return MissionResult.ACCEPTED if known else MissionResult.UNSUPPORTED


def keep(item: Item) -> Item:
    """Place and first parameter only; read back in frame 0 (MissionItemProtocol_Fence.cpp)."""
    p1 = float(int(item.p1)) if item.command in _VERTEX else item.p1
    return Item(MavFrame.GLOBAL, item.command, p1, 0.0, 0.0, 0.0, item.lat_e7, item.lon_e7, 0.0)


def check_all(items: Sequence[Item]) -> MissionResult:
    """Every polygon needs three corners, and as many as it says; every circle a radius."""
    position = 0
    while position < len(items):
        item = items[position]
        if item.command in _ROUND and not 0.0 < item.p1 < math.inf:
            return MissionResult.ERROR
        if item.command not in _VERTEX:
            position += 1
            continue
        corners = int(item.p1)
        ring = items[position : position + corners]
        if corners < 3 or len(ring) < corners or any(i.command != item.command for i in ring):
            return MissionResult.ERROR
        position += corners
    return MissionResult.ACCEPTED


def is_present(ship: "Ship") -> bool:
    """Whether there is any fence to be enabled: DO_FENCE_ENABLE fails without one (GCS_Fence.cpp)."""
    kinds = int(ship.parameters["FENCE_TYPE"])
    return bool(kinds & (_CEILING | _CIRCLE)) or (bool(kinds & _POLYGON) and bool(ship.fence_items))


def breach(ship: "Ship") -> str:
    """Name of the fence that is broken, empty when none is."""
    p = ship.parameters
    if p.get("FENCE_ENABLE", 0) == 0 or ship.home is None:
        return ""
    here, kinds = ship.estimate, int(p["FENCE_TYPE"])
    if kinds & _CEILING and here.up_m - ship.home.up_m > p.get("FENCE_ALT_MAX", math.inf):
        return _CEILING_NAME
    away = math.hypot(here.east_m - ship.home.east_m, here.north_m - ship.home.north_m)
    if kinds & _CIRCLE and away > p["FENCE_RADIUS"]:
        return "Circle"
    return "Polygon" if kinds & _POLYGON and _is_outside(ship) else ""


def _is_outside(ship: "Ship") -> bool:
    items, position = ship.fence_items, 0
    while position < len(items):
        item = items[position]
        size = max(int(item.p1), 1) if item.command in _VERTEX else 1
        if item.command != Command.NAV_FENCE_RETURN_POINT:
            ring = items[position : position + size]
            is_in = _in_circle(ship, item) if item.command in _ROUND else _in_ring(ship, ring)
            if is_in != (item.command in _INSIDE):
                return True
        position += size
    return False


def _in_circle(ship: "Ship", item: Item) -> bool:
    centre = ship.place.frame.to_enu(Geodetic(lat_deg=item.lat_deg, lon_deg=item.lon_deg, height_m=0.0))
    return math.hypot(ship.estimate.east_m - centre.east_m, ship.estimate.north_m - centre.north_m) <= item.p1


def _in_ring(ship: "Ship", ring: Sequence[Item]) -> bool:
    """Even-odd rule in degrees: fences are small."""
    x, y, is_in = ship.estimate.lon_deg, ship.estimate.lat_deg, False
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        crosses = (a.lat_deg > y) != (b.lat_deg > y)
        if crosses and x < a.lon_deg + (y - a.lat_deg) / (b.lat_deg - a.lat_deg) * (b.lon_deg - a.lon_deg):
            is_in = not is_in
    return is_in
