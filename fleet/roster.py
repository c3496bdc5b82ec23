"""The vehicles this fleet knows: names, kinds, where each is to be heard on the wire, cameras."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.link_class import LinkClass
from fleet.model import CameraLens, VehicleKind
from world.ids import VehicleId

GROUND_STATION = 255


class BadRoster(ValueError):
    """Two vehicles that cannot be told apart, or an address nobody may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathSpec:
    """One way to a vehicle: a link, and the address behind it (`10.0.0.7` or `10.0.0.7:14550`).

    Without an address whoever speaks there with the vehicle's system id is taken for it.
    """

    link: str
    peer: str | None = None

    def admits(self, peer: str) -> bool:
        return self.peer is None or self.peer in (peer, peer.rpartition(":")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterEntry:
    """One vehicle. `link` None: the usual class of its kind. Without paths it has a line of its own, named as it is."""

    vehicle: VehicleId
    kind: VehicleKind
    sysid: int
    link: LinkClass | None = None
    lenses: tuple[CameraLens, ...] = ()
    """Cameras that do not declare themselves; a declaration on the wire replaces them."""
    paths: tuple[PathSpec, ...] = ()

    @property
    def ways(self) -> tuple[PathSpec, ...]:
        return self.paths or (PathSpec(link=self.vehicle),)


class Roster:
    """Entries in order of vehicle id. Raises BadRoster when two could be mixed up or a system id is out of range."""

    def __init__(self, entries: Sequence[RosterEntry]) -> None:
        self._entries: dict[VehicleId, RosterEntry] = {}
        for entry in sorted(entries, key=lambda entry: entry.vehicle):
            self.add(entry)

    def add(self, entry: RosterEntry) -> None:
        """One more, behind those there are. Raises BadRoster."""
        if not 1 <= entry.sysid < GROUND_STATION:
            raise BadRoster(f"{entry.vehicle} has system id {entry.sysid}; give it one from 1 to 254")
        if entry.vehicle in self._entries:
            raise BadRoster(f"{entry.vehicle} is in the roster twice; remove one entry")
        for other in self._entries.values():
            if other.sysid == entry.sysid:
                _check_apart(entry, other)
        self._entries[entry.vehicle] = entry

    def __iter__(self) -> Iterator[RosterEntry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, vehicle: object) -> bool:
        return vehicle in self._entries

    def __getitem__(self, vehicle: VehicleId) -> RosterEntry:
        return self._entries[vehicle]


def _check_apart(entry: RosterEntry, other: RosterEntry) -> None:
    for way in entry.ways:
        for its in other.ways:
            if way.link == its.link and _may_meet(way, its):
                raise BadRoster(
                    f"{entry.vehicle} and {other.vehicle} share system id {entry.sysid} on link {way.link}; "
                    "change one, or give both their addresses"
                )


def _may_meet(way: PathSpec, other: PathSpec) -> bool:
    if way.peer is None or other.peer is None:
        return True
    return way.peer == other.peer or way.admits(other.peer) or other.admits(way.peer)
