"""ArduRover in a boat: LOITER keeps the place, HOLD stops the motors and lets it drift."""

from dataclasses import replace

from fleet.wire.enums import MavType, RoverMode
from sim.autopilot.activities import Idle
from sim.autopilot.kinds import rover
from sim.autopilot.rules import ModeRule

RULES = replace(
    rover.RULES,
    mav_type=MavType.SURFACE_BOAT,
    modes={
        **rover.RULES.modes,
        RoverMode.HOLD: ModeRule(name="HOLD", start=lambda ship: Idle(), needs_position=False, is_autonomous=False),
    },
)
