"""One table per kind of autopilot."""

from collections.abc import Mapping

from sim.autopilot.kinds import copter, rover, sub
from sim.autopilot.rules import KindRules
from sim.vehicles.spec import Kind

RULES: Mapping[Kind, KindRules] = {Kind.COPTER: copter.RULES, Kind.ROVER: rover.RULES, Kind.SUB: sub.RULES}
