"""What a plan of many ways has so far: pieces that later ones wait for, and places where somebody stands."""

from collections.abc import Sequence

import numpy as np

from fleet.together.spacing import Floats, Spacing, Way, clashes, flat_apart_m, leads_away, standing
from world.ids import VehicleId
from world.position import Enu


class Loom:
    """`least`: what is kept from those who stand already; `planned`: between what is planned."""

    def __init__(
        self, least: Spacing, planned: Spacing, blocked: Sequence[Way], parked_m: float | None = None
    ) -> None:
        self._least, self._planned = least, planned
        self._blocked = rows_of(blocked)
        self._stands: list[tuple[float, ...]] = []
        self._parked: list[tuple[float, ...]] = []
        self._parked_m = parked_m
        self._pieces: list[tuple[VehicleId, int]] = []
        self._rows = np.empty((0, 6))
        self._ends_s = np.empty(0)

    def add(self, piece: tuple[VehicleId, int], way: Way, end_s: float) -> None:
        """Later ones wait for it where they come near it."""
        count = len(self._pieces)
        if count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty((64 + count, 6))])
            self._ends_s = np.concatenate([self._ends_s, np.empty(64 + count)])
        self._rows[count], self._ends_s[count] = way.row(), end_s
        self._pieces.append(piece)

    def stand(self, at: Enu) -> None:
        """Somebody stays there from the end of its way on."""
        self._stands.append(standing(at).row())

    def park(self, at: Enu) -> None:
        """Somebody ends there and is passed more closely, or not at all in the way."""
        if self._parked_m is not None:
            self._parked.append(standing(at).row())

    def is_free(self, way: Way, around: Floats, parked: Floats) -> bool:
        """Nobody stands on it; `around`, `parked`: rows of those who have not gone yet. Who is too near already may be
        left.
        """
        if self._parked_m is not None:
            rows = np.concatenate([parked, np.array(self._parked).reshape(-1, 6)])
            if len(rows) and (flat_apart_m(np.array(way.row()), rows) < self._parked_m).any():
                return False
        if self._stands and clashes(way, np.array(self._stands), self._planned).any():
            return False
        for rows in (around, self._blocked):
            if not len(rows):
                continue
            near = rows[clashes(way, rows, self._least)]
            if len(near) and not all(self._leaves(way, row) for row in near):
                return False
        return True

    def waits_for(self, way: Way) -> tuple[frozenset[tuple[VehicleId, int]], float]:
        """Earlier pieces that come near it, and when the last of them is done."""
        count = len(self._pieces)
        if not count:
            return frozenset(), 0.0
        near = np.flatnonzero(clashes(way, self._rows[:count], self._planned))
        latest: dict[VehicleId, int] = {}
        for k in near.tolist():
            vehicle, number = self._pieces[k]
            latest[vehicle] = max(number, latest.get(vehicle, -1))
        return frozenset(latest.items()), float(self._ends_s[near].max(initial=0.0))

    def are_apart(self, ways: Sequence[Way]) -> bool:
        """No two of them come near each other, nor anything that is blocked."""
        rows = rows_of(ways)
        if any(clashes(way, rows[k + 1:], self._planned).any() for k, way in enumerate(ways[:-1])):
            return False
        return not len(self._blocked) or not any(clashes(way, self._blocked, self._least).any() for way in ways)

    def _leaves(self, way: Way, row: Floats) -> bool:
        east_m, north_m, up_m = row[:3].tolist()
        if (row[:3] != row[3:]).any() or clashes(standing(way.end), row[None, :], self._least).any():
            return False
        is_near_now = bool(clashes(standing(way.start), row[None, :], self._least).any())
        return is_near_now and leads_away(way, Enu(east_m=east_m, north_m=north_m, up_m=up_m), self._least)


def rows_of(ways: Sequence[Way]) -> Floats:
    return np.array([way.row() for way in ways]).reshape(-1, 6)
