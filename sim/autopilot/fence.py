"""The onboard fence of copters: ceiling, circle around home, uploaded polygons and circles."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from fleet.wire.enums import Command, MissionResult
from sim.autopilot.items import Item
from world.position import Geodetic

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

_CEILING, _CIRCLE, _POLYGON = 1, 2, 4
"""Bits of FENCE_TYPE."""
_VERTEX: Final = frozenset({
    Command.NAV_FENCE_POLYGON_VERTEX_INCLUSION, Command.NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
})
_ROUND: Final = frozenset({Command.NAV_FENCE_CIRCLE_INCLUSION, Command.NAV_FENCE_CIRCLE_EXCLUSION})
_INSIDE: Final = frozenset({Command.NAV_FENCE_POLYGON_VERTEX_INCLUSION, Command.NAV_FENCE_CIRCLE_INCLUSION})


def check(item: Item) -> MissionResult:
    known = item.command in _VERTEX | _ROUND or item.command == Command.NAV_FENCE_RETURN_POINT
    return MissionResult.ACCEPTED if known else MissionResult.UNSUPPORTED


def check_all(items: Sequence[Item]) -> MissionResult:
    """Every polygon needs three corners, and as many as it says."""
    position = 0
    while position < len(items):
        item = items[position]
        if item.command not in _VERTEX:
            position += 1
            continue
        corners = int(item.p1)
        ring = items[position : position + corners]
        if corners < 3 or len(ring) < corners or any(i.command != item.command for i in ring):
            return MissionResult.ERROR
        position += corners
    return MissionResult.ACCEPTED


def breach(ship: "Ship") -> str:
    """Name of the fence that is broken, empty when none is."""
    p = ship.parameters
    if p.get("FENCE_ENABLE", 0) == 0 or ship.home is None:
        return ""
    here, kinds = ship.estimate, int(p["FENCE_TYPE"])
    if kinds & _CEILING and here.up_m - ship.home.up_m > p.get("FENCE_ALT_MAX", math.inf):
        return "Max Alt"
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
