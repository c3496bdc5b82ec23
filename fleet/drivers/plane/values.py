"""Numbers of ArduPlane: modes, and the limits of a 2 m mapping plane, with rotors or without, unless told otherwise."""

from collections.abc import Mapping
from dataclasses import replace

from fleet.drivers.mavlink.kind import Kind, Limits
from fleet.link_class import AIRBORNE
from fleet.model import FlightMode, VehicleKind
from fleet.wire.enums import MavFrame, PlaneMode

MODES: Mapping[int, FlightMode] = {
    PlaneMode.MANUAL: FlightMode.MANUAL,
    PlaneMode.STABILIZE: FlightMode.MANUAL,
    PlaneMode.TRAINING: FlightMode.MANUAL,
    PlaneMode.ACRO: FlightMode.MANUAL,
    PlaneMode.FLY_BY_WIRE_A: FlightMode.MANUAL,
    PlaneMode.FLY_BY_WIRE_B: FlightMode.MANUAL,
    PlaneMode.CRUISE: FlightMode.MANUAL,
    PlaneMode.AUTOTUNE: FlightMode.MANUAL,
    PlaneMode.QSTABILIZE: FlightMode.MANUAL,
    PlaneMode.QHOVER: FlightMode.MANUAL,
    PlaneMode.QAUTOTUNE: FlightMode.MANUAL,
    PlaneMode.QACRO: FlightMode.MANUAL,
    PlaneMode.AUTO: FlightMode.AUTO,
    PlaneMode.GUIDED: FlightMode.GUIDED,
    # climbs out and circles, by order, without a route
    PlaneMode.TAKEOFF: FlightMode.GUIDED,
    PlaneMode.CIRCLE: FlightMode.HOLD,
    PlaneMode.LOITER: FlightMode.HOLD,
    PlaneMode.QLOITER: FlightMode.HOLD,
    PlaneMode.RTL: FlightMode.RETURN,
    PlaneMode.QRTL: FlightMode.RETURN,
    PlaneMode.QLAND: FlightMode.LAND,
    PlaneMode.LOITER_ALT_QLAND: FlightMode.LAND,
    PlaneMode.AUTOLAND: FlightMode.LAND,
    # what it does then is nobody's order here
    PlaneMode.AVOID_ADSB: FlightMode.UNKNOWN,
    PlaneMode.THERMAL: FlightMode.UNKNOWN,
    PlaneMode.INITIALIZING: FlightMode.UNKNOWN,
}

PLANE = Kind(
    kind=VehicleKind.PLANE,
    modes=MODES,
    # on the ground its throttle stays suppressed in GUIDED
    arming=PlaneMode.GUIDED,
    guided=PlaneMode.GUIDED,
    auto=PlaneMode.AUTO,
    # it cannot stop: circles where it is; CIRCLE does so without a position
    hold=(PlaneMode.LOITER, PlaneMode.CIRCLE),
    # circles over home; it does not land
    comes_back=PlaneMode.RTL,
    # since 4.7; control.py has what else to try
    land=PlaneMode.AUTOLAND,
    # AMSL, as for copters: home is set anew at every arming
    route_frame=MavFrame.GLOBAL,
    takes_off=True,
    limits=Limits(cruise_m_s=17.0, max_speed_m_s=25.0, climb_m_s=2.5, endurance_s=3600.0),
    link=AIRBORNE,
    # ArduPlane: type 1 only sets the least ground speed
    speed_type=0.0,
    under_way_within_s=45.0,
)
VTOL = replace(
    PLANE,
    hold=(PlaneMode.QLOITER, PlaneMode.LOITER),
    comes_back=PlaneMode.QRTL,
    land=PlaneMode.QLAND,
)
"""The same with rotors (Q_ENABLE 1)."""

TAKE_OFF_HEIGHT_PARAMETER = "TKOFF_ALT"
RETURN_HEIGHT_PARAMETER = "RTL_ALTITUDE"
VTOL_RETURN_HEIGHT_PARAMETER = "Q_RTL_ALT"
"""Metres above home, all three (ArduPlane 4.5)."""
