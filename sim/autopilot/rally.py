"""Rally points as ArduPilot keeps them: heights above home only, in whole metres (MissionItemProtocol_Rally.cpp)."""

from fleet.wire.enums import Command, MavFrame, MissionResult
from sim.autopilot.items import Item


def check(item: Item) -> MissionResult:
    if item.command != Command.NAV_RALLY_POINT:
        return MissionResult.UNSUPPORTED
    above_home = item.frame == MavFrame.GLOBAL_RELATIVE_ALT
    return MissionResult.ACCEPTED if above_home else MissionResult.UNSUPPORTED_FRAME


def keep(item: Item) -> Item:
    """The fraction of a metre is cut off, towards zero."""
    return item._replace(p1=0.0, p2=0.0, p3=0.0, p4=0.0, alt_m=float(int(item.alt_m)))
