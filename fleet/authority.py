"""Who may command which vehicle: named, expiring leases, and commanders who may pre-empt them."""

from collections.abc import Iterable

from fleet.commands import Lease
from world.ids import OperatorId, VehicleId
from world.time import Instant


class LeaseTaken(Exception):
    """Somebody else holds an unexpired lease of the vehicle."""


class Authority:
    """Leases of a fleet; an expired lease is no lease."""

    def __init__(self, *, commanders: Iterable[OperatorId] = ()) -> None:
        self._commanders = frozenset(commanders)
        self._leases: dict[VehicleId, Lease] = {}

    def is_commander(self, operator: OperatorId) -> bool:
        return operator in self._commanders

    def grant(self, lease: Lease, now: Instant) -> None:
        """Give, renew or end (expires by now) a lease. Raises LeaseTaken unless free, own, or taken by a commander."""
        holder = self.holder(lease.vehicle, now)
        if holder not in (None, lease.holder) and not self.is_commander(lease.holder):
            raise LeaseTaken(f"{lease.vehicle} is leased to {holder}; {lease.holder} is no commander")
        self._leases[lease.vehicle] = lease

    def holder(self, vehicle: VehicleId, now: Instant) -> OperatorId | None:
        lease = self._leases.get(vehicle)
        return lease.holder if lease is not None and lease.expires.mono_ns > now.mono_ns else None

    def may_command(self, operator: OperatorId, vehicle: VehicleId, now: Instant) -> bool:
        return self.is_commander(operator) or self.holder(vehicle, now) == operator
