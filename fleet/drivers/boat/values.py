"""Numbers of boats, which ArduRover drives: its modes, and the limits of a small survey boat unless told otherwise."""

from fleet.drivers.mavlink.kind import Kind, Limits
from fleet.drivers.rover.values import MODES
from fleet.link_class import RADIO
from fleet.model import VehicleKind
from fleet.wire.enums import MavFrame, RoverMode

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
