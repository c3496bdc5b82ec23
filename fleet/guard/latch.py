"""The fleet's stop that stays: what was stopped together moves again only when a commander says so."""

from collections.abc import Iterable
from dataclasses import dataclass

from world.ids import OperatorId, VehicleId
from world.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Who stopped a vehicle, and when."""

    by: OperatorId
    at: Instant


class FleetStop:
    """Vehicles under a stop. Stopping twice keeps the first."""

    def __init__(self) -> None:
        self._stopped: dict[VehicleId, Stopped] = {}

    def latch(self, vehicles: Iterable[VehicleId], by: OperatorId, now: Instant) -> None:
        for vehicle in vehicles:
            self._stopped.setdefault(vehicle, Stopped(by=by, at=now))

    def release(self, vehicles: Iterable[VehicleId] | None) -> None:
        """None: all, also those that are not back yet."""
        for vehicle in list(self._stopped) if vehicles is None else vehicles:
            self._stopped.pop(vehicle, None)

    def holds(self, vehicle: VehicleId) -> bool:
        return vehicle in self._stopped

    def fault(self, vehicle: VehicleId) -> str | None:
        stopped = self._stopped.get(vehicle)
        return None if stopped is None else f"{stopped.by} has stopped the fleet; a commander must release it first"
