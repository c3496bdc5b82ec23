"""The fleet's stop that stays: what was stopped together moves again only when a commander says so."""

from collections.abc import Iterable

from world.ids import OperatorId, VehicleId


class FleetStop:
    """Vehicles under a stop. Stopping twice keeps the first."""

    def __init__(self) -> None:
        self._stopped: dict[VehicleId, OperatorId] = {}

    def latch(self, vehicles: Iterable[VehicleId], by: OperatorId) -> None:
        for vehicle in vehicles:
            self._stopped.setdefault(vehicle, by)

    def release(self, vehicles: Iterable[VehicleId] | None) -> None:
        """None: all, also those that are not back yet."""
        for vehicle in list(self._stopped) if vehicles is None else vehicles:
            self._stopped.pop(vehicle, None)

    def holds(self, vehicle: VehicleId) -> bool:
        return vehicle in self._stopped

    def fault(self, vehicle: VehicleId) -> str | None:
        by = self._stopped.get(vehicle)
        return None if by is None else f"{by} has stopped the fleet; a commander must release it first"
