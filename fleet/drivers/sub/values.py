"""Numbers of ArduSub: modes, and the limits of a small underwater robot unless its roster entry says otherwise."""

from collections.abc import Mapping

from fleet.drivers.mavlink.kind import Kind, Limits
from fleet.link_class import ACOUSTIC
from fleet.model import FlightMode, VehicleKind
from fleet.wire.enums import MavFrame, SubMode

MODES: Mapping[int, FlightMode] = {
    SubMode.STABILIZE: FlightMode.MANUAL,
    SubMode.ACRO: FlightMode.MANUAL,
    SubMode.MANUAL: FlightMode.MANUAL,
    SubMode.ALT_HOLD: FlightMode.HOLD,
    SubMode.POSHOLD: FlightMode.HOLD,
    SubMode.AUTO: FlightMode.AUTO,
    SubMode.GUIDED: FlightMode.GUIDED,
    SubMode.SURFACE: FlightMode.SURFACE,
    SubMode.SURFTRAK: FlightMode.HOLD,
    # what it does then is nobody's order here
    SubMode.CIRCLE: FlightMode.UNKNOWN,
    SubMode.MOTORDETECT: FlightMode.UNKNOWN,
}

SUB = Kind(
    kind=VehicleKind.SUB,
    modes=MODES,
    arming=SubMode.ALT_HOLD,
    guided=SubMode.GUIDED,
    auto=SubMode.AUTO,
    hold=(SubMode.POSHOLD, SubMode.ALT_HOLD),
    # ArduSub 4.5 has no return mode: up to the surface, where people can reach it
    comes_back=SubMode.SURFACE,
    land=SubMode.SURFACE,
    # below home, which lies at the surface: depth is measured by pressure, AMSL by nothing on board
    route_frame=MavFrame.GLOBAL_RELATIVE_ALT,
    takes_off=False,
    limits=Limits(cruise_m_s=0.5, max_speed_m_s=1.5, climb_m_s=0.5, endurance_s=5400.0),
    link=ACOUSTIC,
)
