"""What an incident's team has set on its simulated autopilots beforehand: an answer to each cause, read back later.

Values as in fleet/drivers/mavlink/failsafe_tables.py, whose sources hold here. A lost link goes on with the search, as
plans count on. A low battery comes home, or surfaces, at the share of the charge that the guard never plans with
(fleet/guard/limits.py). The fence on board is a circle around home that holds the guard's: a ceiling over home says
nothing in hills.
"""

from collections.abc import Mapping

from command.app.fences import reach_m
from fleet.guard import LIMITS
from fleet.model import VehicleKind
from sim.autopilot.parameters import Parameters
from sim.scenarios.model import Scenario, VehicleSpec
from sim.vehicles.spec import Kind

_CIRCLE = 2.0
"""Bit of FENCE_TYPE."""
_ROBOT: Mapping[str, float] = {
    "FS_GCS_ENABLE": 2.0, "FS_ACTION": 2.0, "BATT_FS_LOW_ACT": 2.0, "FENCE_ENABLE": 1.0, "FENCE_ACTION": 2.0,
}
"""Holds where it stands, out of a mission; a mission goes on without a link."""
_SET: Mapping[VehicleKind, Mapping[str, float]] = {
    VehicleKind.COPTER: {
        "FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 18.0, "BATT_FS_LOW_ACT": 2.0, "FENCE_ENABLE": 1.0, "FENCE_ACTION": 1.0,
    },
    VehicleKind.ROVER: _ROBOT,
    VehicleKind.BOAT: _ROBOT,
    VehicleKind.SUB: {"FS_GCS_ENABLE": 4.0, "BATT_FS_LOW_ACT": 3.0},
    VehicleKind.PLANE: {
        "FS_GCS_ENABL": 1.0, "FS_LONG_ACTN": 0.0, "BATT_FS_LOW_ACT": 1.0, "FENCE_ENABLE": 1.0, "FENCE_ACTION": 1.0,
    },
}


def declared(scenario: Scenario, vehicle: VehicleSpec) -> dict[str, float]:
    """Parameters of one vehicle that differ from those it is delivered with."""
    kind = VehicleKind(vehicle.kind.value)
    capacity_mah = Parameters(Kind(vehicle.kind.value), {})["BATT_CAPACITY"]
    values = dict(_SET[kind]) | {"BATT_LOW_MAH": capacity_mah * LIMITS[kind].reserve_pct / 100.0}
    if "FENCE_ENABLE" in values:
        values |= {"FENCE_TYPE": _CIRCLE, "FENCE_RADIUS": float(round(reach_m(scenario, vehicle.home_m)))}
    return values
