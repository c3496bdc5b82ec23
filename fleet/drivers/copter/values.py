"""Numbers of ArduCopter: modes, and the limits of a 7 kg quadcopter unless its roster entry says otherwise."""

from collections.abc import Mapping

from fleet.drivers.mavlink.kind import Kind, Limits
from fleet.link_class import AIRBORNE
from fleet.model import FlightMode, VehicleKind
from fleet.wire.enums import CopterMode, MavFrame

MODES: Mapping[int, FlightMode] = {
    CopterMode.STABILIZE: FlightMode.MANUAL,
    CopterMode.ACRO: FlightMode.MANUAL,
    CopterMode.ALT_HOLD: FlightMode.MANUAL,
    CopterMode.AUTO: FlightMode.AUTO,
    CopterMode.GUIDED: FlightMode.GUIDED,
    CopterMode.LOITER: FlightMode.HOLD,
    CopterMode.POSHOLD: FlightMode.HOLD,
    CopterMode.BRAKE: FlightMode.HOLD,
    CopterMode.RTL: FlightMode.RETURN,
    CopterMode.SMART_RTL: FlightMode.RETURN,
    CopterMode.AUTO_RTL: FlightMode.RETURN,
    CopterMode.LAND: FlightMode.LAND,
    CopterMode.DRIFT: FlightMode.MANUAL,
    CopterMode.SPORT: FlightMode.MANUAL,
    CopterMode.FLIP: FlightMode.MANUAL,
    CopterMode.AUTOTUNE: FlightMode.MANUAL,
    CopterMode.FLOWHOLD: FlightMode.MANUAL,
    CopterMode.ZIGZAG: FlightMode.MANUAL,
    # what it does then is nobody's order here
    CopterMode.CIRCLE: FlightMode.UNKNOWN,
    CopterMode.THROW: FlightMode.UNKNOWN,
    CopterMode.AVOID_ADSB: FlightMode.UNKNOWN,
    CopterMode.GUIDED_NOGPS: FlightMode.UNKNOWN,
    CopterMode.FOLLOW: FlightMode.UNKNOWN,
    CopterMode.SYSTEMID: FlightMode.UNKNOWN,
    CopterMode.AUTOROTATE: FlightMode.UNKNOWN,
    CopterMode.TURTLE: FlightMode.UNKNOWN,
}

COPTER = Kind(
    kind=VehicleKind.COPTER,
    modes=MODES,
    arming=CopterMode.GUIDED,
    guided=CopterMode.GUIDED,
    auto=CopterMode.AUTO,
    # BRAKE needs no pilot's sticks; GUIDED stands still on entry, for firmware built without BRAKE
    hold=(CopterMode.BRAKE, CopterMode.GUIDED),
    comes_back=CopterMode.RTL,
    land=CopterMode.LAND,
    # AMSL: home is set anew at every arming, the plan's heights must not move with it
    route_frame=MavFrame.GLOBAL,
    takes_off=True,
    limits=Limits(cruise_m_s=8.0, max_speed_m_s=15.0, climb_m_s=2.5, endurance_s=1500.0),
    link=AIRBORNE,
)
RETURN_HEIGHT_PARAMETER = "RTL_ALT"
"""Centimetres above home (ArduCopter 4.5)."""
