"""Keeps a formation: members stand in their slots or go to the next ones, all at once; who leaves is noticed."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fleet.commands import Ack, AckResult, Verb
from fleet.group import Slot
from fleet.model import FlightMode
from fleet.together.convoy import End, Holds, Wish, held
from fleet.together.sight import FLIES, LEVEL, Sight, Sights
from fleet.together.slots import Pose, places
from fleet.together.spacing import Spacing, Way, clashes
from fleet.together.traveller import ARRIVED_M, STILL_M_S, Leg
from world.ids import VehicleId
from world.position import Enu
from world.time import Instant

AGAIN_S = 6.0
"""A member that stands beside its slot is sent there again after this."""
SLOWEST_M_S = 0.5
LEFT = {
    FlightMode.RETURN: "it returns", FlightMode.LAND: "it lands", FlightMode.MANUAL: "a person flies it",
    FlightMode.HOLD: "it was told to hold", FlightMode.AUTO: "it flies a route", FlightMode.SURFACE: "it surfaces",
}


class Departure(NamedTuple):
    """Who is no longer in its slot, and why."""

    vehicle: VehicleId
    slot: int
    reason: str


class Keeping:
    """`members`: slot of each. Ends when its last pose was kept until the deadline, or, if asked, at a departure."""

    def __init__(
        self, *, members: Mapping[VehicleId, int], slots: Sequence[Slot], poses: Sequence[Pose], spacing: Spacing,
        speed_m_s: float, ends_at_departure: bool, on_departure: Callable[[Departure], None] = lambda departure: None,
        kinds: frozenset[str] = FLIES,
    ) -> None:
        self._members = dict(members)
        self._places = [places(slots, pose) for pose in poses]
        self._spacing, self._speed_m_s, self._ends_at_departure = spacing, speed_m_s, ends_at_departure
        self._on_departure, self._kinds = on_departure, kinds
        self._step = 0
        self._told: dict[VehicleId, Instant] = {}
        self._under_orders: set[VehicleId] = set()
        self._joined: set[VehicleId] = set()
        """Seen to obey us; another mode from then on is somebody else's order."""
        self.departures: list[Departure] = []
        self.errors_m: list[float] = []
        """How far members were from their slots when a step ended, as they reported."""

    @property
    def vehicles(self) -> frozenset[VehicleId]:
        return frozenset(self._members)

    @property
    def members(self) -> dict[VehicleId, int]:
        return dict(self._members)

    @property
    def step(self) -> int:
        """Index of the pose that is kept or gone to."""
        return self._step

    @property
    def is_over(self) -> bool:
        return not self._members or (self._ends_at_departure and bool(self.departures))

    def ends(self) -> dict[VehicleId, End]:
        there = {vehicle: End(is_done=True, reason="") for vehicle in self._members}
        return there | {gone.vehicle: End.unfit(gone.reason) for gone in self.departures}

    def hear(self, ack: Ack, now: Instant) -> None:
        self._under_orders.discard(ack.vehicle)
        if ack.result is AckResult.SUPERSEDED and ack.vehicle in self._members:
            self._depart(ack.vehicle, ack.reason)

    def holds(self, sights: Sights, now: Instant) -> Holds:
        """Members hold the way to their slots."""
        found: Holds = {}
        for vehicle, sight in sights.items():
            if sight.at is None or sight.state.kind not in self._kinds:
                continue
            is_member = vehicle in self._members and sight.is_heard
            ways = [Way(sight.at, self._place(vehicle))] if is_member else held(sight, sight.at, None, now)
            if ways:
                found[vehicle] = ways
        return found

    def look(self, sights: Sights, now: Instant, others: Mapping[VehicleId, Sequence[Way]] | None = None) -> list[Wish]:
        """Members to send: to the next pose when all are in this one, or back into a slot that was not kept."""
        self._notice(sights)
        present = {vehicle: sight for vehicle in self._members if (sight := sights.get(vehicle)) is not None}
        off = {vehicle for vehicle, sight in present.items() if not self._is_kept(vehicle, sight)}
        if not off and not self._under_orders and self._step + 1 < len(self._places):
            return self._advance(present, sights, now, others or {})
        wishes = []
        for vehicle in sorted(off - self._under_orders):
            told = self._told.get(vehicle)
            if _is_still(present[vehicle]) and (told is None or told.age_s(now) >= AGAIN_S):
                wishes.append(self._send(vehicle, self._speed_m_s, now))
        return wishes

    def _advance(
        self, present: Sights, sights: Sights, now: Instant, others: Mapping[VehicleId, Sequence[Way]]
    ) -> list[Wish]:
        """All to the next pose, each as fast as makes them arrive together; not through anybody else's air."""
        ways = {v: Way(self._place(v), self._places[self._step + 1][slot]) for v, slot in self._members.items()}
        foreign = {v: w for v, w in (self.holds(sights, now) | dict(others)).items() if v not in self._members}
        rows = np.array([way.row() for held_ways in foreign.values() for way in held_ways]).reshape(-1, 6)
        if len(rows) and any(clashes(way, rows, self._spacing).any() for way in ways.values()):
            return []
        self.errors_m += [self._off_m(v, s) for v, s in present.items() if s.at is not None]
        self._step += 1
        lengths = {vehicle: _apart_m(way.start, way.end) for vehicle, way in ways.items()}
        time_s = max(lengths.values()) / self._speed_m_s
        return [
            self._send(vehicle, max(SLOWEST_M_S, length_m / time_s), now)
            for vehicle, length_m in sorted(lengths.items())
            if length_m > 0.1
        ]

    def _send(self, vehicle: VehicleId, speed_m_s: float, now: Instant) -> Wish:
        self._told[vehicle] = now
        self._under_orders.add(vehicle)
        return Wish(vehicle, Leg(verb=Verb.GO_TO, end=self._place(vehicle), speed_m_s=speed_m_s))

    def _notice(self, sights: Sights) -> None:
        for vehicle in list(self._members):
            sight = sights.get(vehicle)
            if sight is None or not sight.is_heard:
                self._depart(vehicle, "its link is lost")
            elif not sight.is_under_way:
                self._depart(vehicle, "it is on the ground")
            elif sight.state.mode is FlightMode.GUIDED:
                self._joined.add(vehicle)
            elif sight.state.mode in LEFT and vehicle in self._joined and vehicle not in self._under_orders:
                self._depart(vehicle, LEFT[sight.state.mode])

    def _depart(self, vehicle: VehicleId, reason: str) -> None:
        departure = Departure(vehicle, self._members.pop(vehicle), reason)
        self.departures.append(departure)
        self._under_orders.discard(vehicle)
        self._on_departure(departure)

    def _place(self, vehicle: VehicleId) -> Enu:
        return self._places[self._step][self._members[vehicle]]

    def _is_kept(self, vehicle: VehicleId, sight: Sight) -> bool:
        is_ours = sight.state.mode is FlightMode.GUIDED
        return is_ours and self._is_in_slot(vehicle, sight)

    def _is_in_slot(self, vehicle: VehicleId, sight: Sight) -> bool:
        return _is_still(sight) and self._off_m(vehicle, sight) <= ARRIVED_M

    def _off_m(self, vehicle: VehicleId, sight: Sight) -> float:
        """From its slot; rovers and boats are as high as the ground or the water is."""
        if sight.at is None:
            return math.inf
        a, b = sight.at, self._place(vehicle)
        rise_m = 0.0 if sight.state.kind in LEVEL else a.up_m - b.up_m
        return math.hypot(a.east_m - b.east_m, a.north_m - b.north_m, rise_m)


def _is_still(sight: Sight) -> bool:
    return sight.speed_m_s is None or sight.speed_m_s <= STILL_M_S


def _apart_m(a: Enu, b: Enu) -> float:
    return math.dist((a.east_m, a.north_m, a.up_m), (b.east_m, b.north_m, b.up_m))
