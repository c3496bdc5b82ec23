"""Numbers of boats, which ArduRover drives: its modes, and the limits of a small survey boat unless told otherwise."""

from collections.abc import Mapping

from fleet.drivers.mavlink.kind import Kind, Limits
from fleet.link_class import RADIO
from fleet.model import FlightMode, VehicleKind
from fleet.wire.enums import MavFrame, RoverMode

MODES: Mapping[int, FlightMode] = {
    RoverMode.MANUAL: FlightMode.MANUAL,
    RoverMode.ACRO: FlightMode.MANUAL,
    RoverMode.STEERING: FlightMode.MANUAL,
    RoverMode.SIMPLE: FlightMode.MANUAL,
    RoverMode.HOLD: FlightMode.HOLD,
    RoverMode.LOITER: FlightMode.HOLD,
    RoverMode.AUTO: FlightMode.AUTO,
    RoverMode.RTL: FlightMode.RETURN,
    RoverMode.SMART_RTL: FlightMode.RETURN,
    RoverMode.GUIDED: FlightMode.GUIDED,
    # what it does then is nobody's order here
    RoverMode.FOLLOW: FlightMode.UNKNOWN,
    RoverMode.DOCK: FlightMode.UNKNOWN,
    RoverMode.CIRCLE: FlightMode.UNKNOWN,
    RoverMode.INITIALIZING: FlightMode.UNKNOWN,
}

BOAT = Kind(
    kind=VehicleKind.BOAT,
    modes=MODES,
    # HOLD may be armed without a position; a boat in it drifts
    arming=RoverMode.HOLD,
    guided=RoverMode.GUIDED,
    auto=RoverMode.AUTO,
    # LOITER keeps the place and needs one; HOLD only stops the motors
    hold=(RoverMode.LOITER, RoverMode.HOLD),
    comes_back=RoverMode.RTL,
    # nothing to land on: motors at rest, adrift
    land=RoverMode.HOLD,
    route_frame=MavFrame.GLOBAL,
    takes_off=False,
    limits=Limits(cruise_m_s=2.0, max_speed_m_s=4.0, climb_m_s=1.0, endurance_s=5400.0),
    link=RADIO,
)
