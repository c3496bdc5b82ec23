"""Mission items that mean the same to every kind."""

from typing import TYPE_CHECKING

from sim.autopilot.activities import Activity, FlyTo, InTurn, Linger, Stay
from sim.autopilot.items import Item

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship


def waypoint(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    target = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    return FlyTo(target, exit_m_s=exit_m_s, hold_s=item.p1)


def linger(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    target = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    return FlyTo(target, hold_s=item.p1)


def stay_for_ever(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    target = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    return InTurn([FlyTo(target), Stay()])


def delay(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    return Linger(max(item.p1, 0.0))


