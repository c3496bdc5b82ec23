"""The stop that stays: who was stopped together is given nothing that moves until a commander releases it."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from fleet.commands import Verb
from world.ids import OperatorId, VehicleId
from world.time import Instant

MOVES = frozenset({
    Verb.ARM, Verb.TAKE_OFF, Verb.GO_TO, Verb.UPLOAD_ROUTE, Verb.START_ROUTE, Verb.SET_SPEED, Verb.LOOK_AT, Verb.OPERATE
})
"""Not given under a stop. RETURN and LAND are never withheld from people who order them."""


class GuardLatch(Protocol):
    """The guard's own latch: it holds for everybody's commands. Each returns one sentence when it refuses."""

    def latch(self, scope: Iterable[VehicleId] | None, by: OperatorId, now: Instant) -> str | None: ...

    def release(self, by: OperatorId, now: Instant, scope: Iterable[VehicleId] | None = None) -> str | None: ...


class _Stopped(NamedTuple):
    by: OperatorId
    at: Instant


class Latch:
    """Vehicles under a stop, each by whoever stopped it first."""

    def __init__(self) -> None:
        self._stopped: dict[VehicleId, _Stopped] = {}

    def close(self, vehicles: Iterable[VehicleId], by: OperatorId, now: Instant) -> None:
        for vehicle in vehicles:
            self._stopped.setdefault(vehicle, _Stopped(by, now))

    def open(self, vehicles: Iterable[VehicleId] | None) -> None:
        """None: all."""
        for vehicle in list(self._stopped) if vehicles is None else vehicles:
            self._stopped.pop(vehicle, None)

    def holds(self, vehicle: VehicleId) -> bool:
        return vehicle in self._stopped

    def fault(self, vehicle: VehicleId, verb: Verb) -> str | None:
        """Why nothing that moves is given, or None."""
        stopped = self._stopped.get(vehicle)
        if stopped is None or verb not in MOVES:
            return None
        return f"{stopped.by} has stopped {vehicle} with the fleet; a commander must release it before {verb}"
