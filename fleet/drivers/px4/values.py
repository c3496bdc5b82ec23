"""Numbers of PX4 by kind: one table of modes for all, and the kinds it drives.

Sources: PX4-Autopilot, src/modules/commander/px4_custom_mode.h and Commander.cpp (handle_command).
"""

from collections.abc import Mapping
from dataclasses import replace

from fleet.drivers.boat.values import BOAT
from fleet.drivers.copter.values import COPTER
from fleet.drivers.mavlink.kind import Kind
from fleet.drivers.plane.values import PLANE
from fleet.drivers.rover.values import ROVER
from fleet.model import AutopilotKind, FlightMode, VehicleKind
from fleet.wire.px4_modes import Px4Mode

MODES: Mapping[int, FlightMode] = {
    Px4Mode.MANUAL: FlightMode.MANUAL,
    Px4Mode.ALTCTL: FlightMode.MANUAL,
    Px4Mode.ALTITUDE_CRUISE: FlightMode.MANUAL,
    Px4Mode.POSCTL: FlightMode.MANUAL,
    Px4Mode.POSCTL_SLOW: FlightMode.MANUAL,
    Px4Mode.ACRO: FlightMode.MANUAL,
    Px4Mode.STABILIZED: FlightMode.MANUAL,
    Px4Mode.RATTITUDE: FlightMode.MANUAL,
    Px4Mode.SIMPLE: FlightMode.MANUAL,
    # by order, without a route; a repositioned vehicle is in AUTO_LOITER, as one that holds
    Px4Mode.AUTO_TAKEOFF: FlightMode.GUIDED,
    Px4Mode.AUTO_VTOL_TAKEOFF: FlightMode.GUIDED,
    Px4Mode.AUTO_READY: FlightMode.HOLD,
    Px4Mode.AUTO_LOITER: FlightMode.HOLD,
    Px4Mode.AUTO_MISSION: FlightMode.AUTO,
    Px4Mode.AUTO_RTL: FlightMode.RETURN,
    Px4Mode.AUTO_LAND: FlightMode.LAND,
    Px4Mode.AUTO_PRECLAND: FlightMode.LAND,
    # what it does then is nobody's order here
    Px4Mode.OFFBOARD: FlightMode.UNKNOWN,
    Px4Mode.ORBIT: FlightMode.UNKNOWN,
    Px4Mode.AUTO_FOLLOW_TARGET: FlightMode.UNKNOWN,
    Px4Mode.TERMINATION: FlightMode.UNKNOWN,
}
RETURN_HEIGHT_PARAMETER = "RTL_RETURN_ALT"
"""Metres above home."""


def _on_px4(kind: Kind) -> Kind:
    return replace(
        kind,
        modes=MODES,
        arming=Px4Mode.AUTO_LOITER,
        # DO_REPOSITION changes to it (Commander::handle_command)
        guided=Px4Mode.AUTO_LOITER,
        auto=Px4Mode.AUTO_MISSION,
        hold=(Px4Mode.AUTO_LOITER,),
        comes_back=Px4Mode.AUTO_RTL,
        land=Px4Mode.AUTO_LAND,
        autopilot=AutopilotKind.PX4,
        has_home_item=False,
        # 0 would start over at the first item; -1 goes on (Navigator: param1 >= 0 sets the index)
        mission_start=(-1.0,),
    )


PX4_COPTER = _on_px4(COPTER)
PX4_PLANE = _on_px4(PLANE)
"""Fixed wing and VTOL: AUTO.LOITER, AUTO.RTL and AUTO.LAND are the same orders to both."""
# AUTO.LAND is for what flies: a rover and a boat stop and keep the place
PX4_ROVER = replace(_on_px4(ROVER), land=Px4Mode.AUTO_LOITER)
PX4_BOAT = replace(_on_px4(BOAT), land=Px4Mode.AUTO_LOITER)

KINDS: Mapping[VehicleKind, Kind] = {kind.kind: kind for kind in (PX4_COPTER, PX4_PLANE, PX4_ROVER, PX4_BOAT)}
