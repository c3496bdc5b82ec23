"""The last gate before any byte leaves: own small logic, own conservative numbers, nothing of drivers or planners."""

from fleet.guard.gate import Guard, GuardedVehicle
from fleet.guard.limits import LIMITS, PX4_LIMITS, VehicleLimits
from fleet.guard.space import Fence, Site

__all__ = ["LIMITS", "PX4_LIMITS", "Fence", "Guard", "GuardedVehicle", "Site", "VehicleLimits"]
