"""The vehicles this fleet is configured for: names, kinds, addresses on the wire, cameras."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.link_class import LinkClass
from fleet.model import CameraLens, VehicleKind
from world.ids import VehicleId

GROUND_STATION = 255


class BadRoster(ValueError):
    """Two vehicles that cannot be told apart, or an address nobody may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEntry:
    """One vehicle. `link` None: the usual class of its kind; `is_stream`: bytes without datagram borders (serial)."""

    vehicle: VehicleId
    kind: VehicleKind
    sysid: int
    link: LinkClass | None = None
    lenses: tuple[CameraLens, ...] = ()
    """Cameras that do not declare themselves; a declaration on the wire replaces them."""
    is_stream: bool = False


class Roster:
    """Entries in order of vehicle id. Raises BadRoster when ids or system ids repeat or are out of range."""

    def __init__(self, entries: Sequence[RosterEntry]) -> None:
        ordered = sorted(entries, key=lambda entry: entry.vehicle)
        _check(ordered)
        self._entries = {entry.vehicle: entry for entry in ordered}

    def __iter__(self) -> Iterator[RosterEntry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, vehicle: object) -> bool:
        return vehicle in self._entries

    def __getitem__(self, vehicle: VehicleId) -> RosterEntry:
        return self._entries[vehicle]


def _check(entries: Sequence[RosterEntry]) -> None:
    names: dict[VehicleId, int] = {}
    owners: dict[int, VehicleId] = {}
    for entry in entries:
        if not 1 <= entry.sysid < GROUND_STATION:
            raise BadRoster(f"{entry.vehicle} has system id {entry.sysid}; give it one from 1 to 254")
        if entry.vehicle in names:
            raise BadRoster(f"{entry.vehicle} is in the roster twice; remove one entry")
        if entry.sysid in owners:
            raise BadRoster(f"{entry.vehicle} and {owners[entry.sysid]} share system id {entry.sysid}; change one")
        names[entry.vehicle] = entry.sysid
        owners[entry.sysid] = entry.vehicle
