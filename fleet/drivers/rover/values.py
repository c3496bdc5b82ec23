"""Numbers of ArduRover: modes, and the limits of a tracked robot unless its roster entry says otherwise."""

from collections.abc import Mapping

from fleet.drivers.mavlink.kind import Kind, Limits
from fleet.link_class import RADIO
from fleet.model import FlightMode, VehicleKind
from fleet.wire.enums import MavFrame, RoverMode

MODES: Mapping[int, FlightMode] = {
    RoverMode.MANUAL: FlightMode.MANUAL,
    RoverMode.ACRO: FlightMode.MANUAL,
    RoverMode.STEERING: FlightMode.MANUAL,
    RoverMode.HOLD: FlightMode.HOLD,
    RoverMode.LOITER: FlightMode.HOLD,
    RoverMode.AUTO: FlightMode.AUTO,
    RoverMode.RTL: FlightMode.RETURN,
    RoverMode.SMART_RTL: FlightMode.RETURN,
    RoverMode.GUIDED: FlightMode.GUIDED,
    RoverMode.SIMPLE: FlightMode.MANUAL,
    # what it does then is nobody's order here
    RoverMode.FOLLOW: FlightMode.UNKNOWN,
    RoverMode.DOCK: FlightMode.UNKNOWN,
    RoverMode.CIRCLE: FlightMode.UNKNOWN,
    RoverMode.INITIALIZING: FlightMode.UNKNOWN,
}

ROVER = Kind(
    kind=VehicleKind.ROVER,
    modes=MODES,
    arming=RoverMode.HOLD,
    guided=RoverMode.GUIDED,
    auto=RoverMode.AUTO,
    hold=(RoverMode.HOLD,),
    comes_back=RoverMode.RTL,
    # nothing to land on: standing still is the same for a ground robot
    land=RoverMode.HOLD,
    route_frame=MavFrame.GLOBAL,
    takes_off=False,
    limits=Limits(cruise_m_s=1.0, max_speed_m_s=3.0, climb_m_s=1.0, endurance_s=7200.0),
    link=RADIO,
)
