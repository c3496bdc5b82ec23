"""The last gate before any byte leaves: own small logic, own conservative numbers, nothing of drivers or planners."""

from fleet.guard.energy import Wind
from fleet.guard.gate import Guard, GuardedVehicle
from fleet.guard.limits import LIMITS, PX4_LIMITS, VehicleLimits, limits_of
from fleet.guard.space import Circle, EquipmentClass, Fence, GasZone, HeatZone, Site
from fleet.guard.watch import Concern, ConcernCause

__all__ = [
    "LIMITS",
    "PX4_LIMITS",
    "Circle",
    "Concern",
    "ConcernCause",
    "EquipmentClass",
    "Fence",
    "GasZone",
    "Guard",
    "GuardedVehicle",
    "HeatZone",
    "Site",
    "VehicleLimits",
    "Wind",
    "limits_of",
]
