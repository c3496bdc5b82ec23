"""How long a flight takes: the one kinematic estimate that planning, bounds and progress supervision share."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from world.position import Enu

CORNER_ACCEL_M_S2 = 2.5
"""ArduCopter's default WPNAV_ACCEL: a corner of 90 degrees or more loses cruise / this many seconds."""
TOUCH_DOWN_M = 10.0
TOUCH_DOWN_M_S = 0.5
"""ArduCopter's LAND_SPEED over the last LAND_ALT_LOW metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Speeds of one vehicle."""

    cruise_m_s: float
    climb_m_s: float

    @property
    def corner_s(self) -> float:
        return self.cruise_m_s / CORNER_ACCEL_M_S2

    def leg_s(self, horizontal_m: float, rise_m: float) -> float:
        return max(horizontal_m / self.cruise_m_s, abs(rise_m) / self.climb_m_s)

    def landing_s(self, height_m: float) -> float:
        """Straight down to the ground from `height_m` above it."""
        slow_m = min(height_m, TOUCH_DOWN_M)
        return (height_m - slow_m) / self.climb_m_s + slow_m / TOUCH_DOWN_M_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Knot:
    """Where a vehicle is at one time of its piecewise linear flight."""

    t_s: float
    at: Enu


def turn_share(a: Enu, b: Enu, c: Enu) -> float:
    """0 for straight on, 1 from 90 degrees up: the share of a full corner's loss when flying a, b, c."""
    x1, y1, x2, y2 = b.east_m - a.east_m, b.north_m - a.north_m, c.east_m - b.east_m, c.north_m - b.north_m
    product = math.hypot(x1, y1) * math.hypot(x2, y2)
    return 0.0 if product < 0.25 else min(1.0, 1.0 - (x1 * x2 + y1 * y2) / product)


def fly(points: Sequence[Enu], pace: Pace, *, start_s: float = 0.0, until_s: float = math.inf) -> tuple[Knot, ...]:
    """Straight legs at cruise, limited by the climb rate, with a stop at every corner; none begins after `until_s`."""
    knots = [Knot(t_s=start_s, at=points[0])]
    for k in range(1, len(points)):
        a, b = points[k - 1], points[k]
        if knots[-1].t_s > until_s:
            break
        horizontal_m = math.hypot(b.east_m - a.east_m, b.north_m - a.north_m)
        now_s = knots[-1].t_s + pace.leg_s(horizontal_m, b.up_m - a.up_m)
        knots.append(Knot(t_s=now_s, at=b))
        if k + 1 < len(points) and (loss := turn_share(a, b, points[k + 1]) * pace.corner_s) > 0.01:
            knots.append(Knot(t_s=now_s + loss, at=b))
    return tuple(knots)


def position_at(knots: Sequence[Knot], t_s: float) -> Enu:
    """Where the flight is at `t_s`; held before the first and after the last knot."""
    if t_s <= knots[0].t_s:
        return knots[0].at
    for a, b in itertools.pairwise(knots):
        if t_s <= b.t_s:
            s = (t_s - a.t_s) / (b.t_s - a.t_s) if b.t_s > a.t_s else 1.0
            return Enu(
                east_m=a.at.east_m + s * (b.at.east_m - a.at.east_m),
                north_m=a.at.north_m + s * (b.at.north_m - a.at.north_m),
                up_m=a.at.up_m + s * (b.at.up_m - a.at.up_m),
            )
    return knots[-1].at
