"""One table per kind of autopilot, two for planes: with rotors and without."""

from collections.abc import Mapping

from sim.autopilot.kinds import boat, copter, plane, rover, sub, vtol
from sim.autopilot.parameters import Parameters
from sim.autopilot.rules import KindRules
from sim.vehicles.spec import Kind

RULES: Mapping[Kind, KindRules] = {
    Kind.COPTER: copter.RULES, Kind.ROVER: rover.RULES, Kind.SUB: sub.RULES, Kind.PLANE: plane.RULES,
    Kind.BOAT: boat.RULES,
}


def rules_of(kind: Kind, parameters: Parameters) -> KindRules:
    """Those of a kind; Q_ENABLE at switching on makes a plane a VTOL."""
    return vtol.RULES if kind is Kind.PLANE and parameters["Q_ENABLE"] >= 1 else RULES[kind]
