"""How far along its route a vehicle is, by where it is: reached-messages prove nothing."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from world.position import Enu

Floats = npt.NDArray[np.float64]

REACHED_M = 4.0
NEAR_M = 12.0
LOOK_AHEAD = 3


class Tracker:
    """Index of the route point a vehicle is flying to; `len(points)` once the last one is reached."""

    def __init__(self, points: Sequence[Enu], *, start: int = 0) -> None:
        self.points = tuple(points)
        self.next = start

    @property
    def is_over(self) -> bool:
        return self.next >= len(self.points)

    def join(self, at: Enu, flying_to: int | None = None) -> None:
        """Find the place of a vehicle that is somewhere on the route, as after a restart: by what it says, else by the
        nearest leg. Ways out and ways home are often the same."""
        if flying_to is not None and self._is_on_way_to(at, flying_to):
            self.next = flying_to
            return
        legs = range(max(1, self.next), len(self.points))
        nearest = min(legs, key=lambda k: _off_leg(at, self.points[k - 1], self.points[k]), default=None)
        if nearest is not None and _off_leg(at, self.points[nearest - 1], self.points[nearest]) < NEAR_M:
            self.next = nearest

    def update(self, at: Enu, flying_to: int | None = None) -> None:
        """Move on when the next point is reached, one of the next legs is clearly the nearer one, or the vehicle flies
        to a later point and is on the way there."""
        if flying_to is not None and flying_to > self.next and self._is_on_way_to(at, flying_to):
            self.next = flying_to
        while not self.is_over and _apart(at, self.points[self.next]) < REACHED_M:
            self.next += 1
        if self.is_over or self.next == 0:
            return
        here_m = _off_leg(at, self.points[self.next - 1], self.points[self.next])
        for k in range(self.next + 1, min(self.next + LOOK_AHEAD, len(self.points))):
            ahead_m = _off_leg(at, self.points[k - 1], self.points[k])
            if ahead_m < NEAR_M / 2 and ahead_m + 1.0 < here_m:
                self.next, here_m = k, ahead_m

    def _is_on_way_to(self, at: Enu, point: int) -> bool:
        """What a vehicle says of itself counts when its place agrees."""
        if point == 0:
            return self.next == 0
        return point < len(self.points) and _off_leg(at, self.points[point - 1], self.points[point]) < NEAR_M


def first_needed(
    points: Sequence[Enu], photographed: Sequence[bool], undone: Floats, *, ahead_m: float, within_m: float
) -> int | None:
    """Index of the first point whose leg to the next still has (n, 2) undone cells in view; None when no leg has.

    `photographed[k]`: images are taken from point k on. The ground in view lies `ahead_m` in front of the leg.
    """
    for k in range(len(points) - 1):
        a, b = points[k], points[k + 1]
        length_m = math.hypot(b.east_m - a.east_m, b.north_m - a.north_m)
        if not photographed[k] or length_m == 0 or len(undone) == 0:
            continue
        forward = np.array([b.east_m - a.east_m, b.north_m - a.north_m]) / length_m
        offset = undone - np.array([a.east_m, a.north_m])
        along = offset @ forward - ahead_m
        across = np.abs(offset @ np.array([-forward[1], forward[0]]))
        if ((along >= -within_m) & (along <= length_m + within_m) & (across <= within_m)).any():
            return k
    return None


def _apart(a: Enu, b: Enu) -> float:
    return math.dist((a.east_m, a.north_m, a.up_m), (b.east_m, b.north_m, b.up_m))


def _off_leg(at: Enu, a: Enu, b: Enu) -> float:
    """Distance of a point from the straight leg a to b."""
    leg = (b.east_m - a.east_m, b.north_m - a.north_m, b.up_m - a.up_m)
    off = (at.east_m - a.east_m, at.north_m - a.north_m, at.up_m - a.up_m)
    square = sum(x * x for x in leg)
    s = 0.0 if square == 0 else min(1.0, max(0.0, sum(x * y for x, y in zip(leg, off, strict=True)) / square))
    return math.dist(off, tuple(s * x for x in leg))
