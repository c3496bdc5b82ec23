"""Cut one endless sequence of strips into consecutive parts of equal time, one per vehicle."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from missions.planners.strips import Strip
from missions.planners.sweep import Sweep
from missions.planners.timing import Pace
from world.ids import VehicleId

LEAST_PIECE_M = 60.0
"""No strip is cut so that either piece is shorter than this."""
BISECTIONS = 24
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A vehicle as the partition sees it: where and when it becomes free for new strips, and where it lands.

    `start` and `home` are east, north. `landing_s` is spent between arriving over home and standing on the ground.
    """

    vehicle: VehicleId
    pace: Pace
    start: Point
    home: Point
    free_s: float
    landing_s: float
    must_end_by_s: float
    transit_s: float = 0.0
    """Extra time of every way between pad and strips beside the straight line: climbing to and from the layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Consecutive strips of one worker; coordinates along and across the lines."""

    worker: Worker
    strips: tuple[Strip, ...]
    ends_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """The rotation into line coordinates."""

    cos: float
    sin: float

    @staticmethod
    def by(angle_rad: float) -> "Turned":
        return Turned(cos=math.cos(angle_rad), sin=math.sin(angle_rad))

    def __call__(self, point: Point) -> Point:
        return point[0] * self.cos + point[1] * self.sin, point[1] * self.cos - point[0] * self.sin


def entry(strip: Strip, sweep: Sweep) -> Point:
    return strip.first_m - strip.sign * sweep.lead_m, strip.across_m


def leave(strip: Strip, sweep: Sweep) -> Point:
    """Never before the entry: even a strip of one cell is flown through its whole window."""
    return strip.last_m - strip.sign * sweep.tail_m, strip.across_m


def balanced(strips: Sequence[Strip], workers: Sequence[Worker], sweep: Sweep, turned: Turned) -> list[Part] | None:
    """Parts with the least common finishing time found by bisection, or None when energy does not reach."""
    high = max(worker.must_end_by_s for worker in workers)
    best = _fill(strips, workers, sweep, turned, high)
    if best is None:
        return None
    high, low = max(part.ends_s for part in best), 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        found = _fill(strips, workers, sweep, turned, middle)
        if found is None:
            low = middle
        else:
            best, high = found, max(part.ends_s for part in found)
        if high - low < 0.5:
            break
    return best


def _fill(
    strips: Sequence[Strip], workers: Sequence[Worker], sweep: Sweep, turned: Turned, limit_s: float
) -> list[Part] | None:
    """Give every worker in turn as many strips as end by the limit; None when some are left over."""
    parts: list[Part] = []
    left = list(strips)[::-1]
    for worker in workers:
        if not left:
            break
        part = _take(left, worker, sweep, turned, min(limit_s, worker.must_end_by_s))
        if part is not None:
            parts.append(part)
    return None if left else parts


def _take(left: list[Strip], worker: Worker, sweep: Sweep, turned: Turned, limit_s: float) -> Part | None:
    """Pop strips off the end of `left` while they fit; the last one may be cut."""
    now_s, at, home = worker.free_s + worker.transit_s, turned(worker.start), turned(worker.home)
    taken: list[Strip] = []
    ends_s = 0.0
    while left:
        strip = left[-1]
        done_s = _after(now_s, at, strip, worker.pace, sweep)
        end_s = done_s + _home_s(strip, home, worker, sweep)
        if end_s > limit_s:
            cut = _cut(strip, limit_s, now_s, at, home, worker, sweep)
            if cut is not None:
                taken.append(cut)
                left[-1] = replace(strip, first_m=cut.last_m)
                ends_s = _after(now_s, at, cut, worker.pace, sweep) + _home_s(cut, home, worker, sweep)
            break
        taken.append(left.pop())
        now_s, at, ends_s = done_s, leave(strip, sweep), end_s
    return Part(worker=worker, strips=tuple(taken), ends_s=ends_s) if taken else None


def _after(now_s: float, at: Point, strip: Strip, pace: Pace, sweep: Sweep) -> float:
    way_m = math.dist(at, entry(strip, sweep)) + strip.length_m + sweep.lead_m - sweep.tail_m
    return now_s + way_m / pace.cruise_m_s + 2 * pace.corner_s


def _home_s(strip: Strip, home: Point, worker: Worker, sweep: Sweep) -> float:
    return math.dist(leave(strip, sweep), home) / worker.pace.cruise_m_s + worker.transit_s + worker.landing_s


def _cut(
    strip: Strip, limit_s: float, now_s: float, at: Point, home: Point, worker: Worker, sweep: Sweep
) -> Strip | None:
    """The longest first piece that ends in time, leaving pieces worth flying."""
    if strip.length_m < 2 * LEAST_PIECE_M:
        return None

    def piece(length_m: float) -> Strip:
        return replace(strip, last_m=strip.first_m + strip.sign * length_m)

    def fits(length_m: float) -> bool:
        tried = piece(length_m)
        return _after(now_s, at, tried, worker.pace, sweep) + _home_s(tried, home, worker, sweep) <= limit_s

    low, high = LEAST_PIECE_M, strip.length_m - LEAST_PIECE_M
    if not fits(low):
        return None
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return piece(low)
