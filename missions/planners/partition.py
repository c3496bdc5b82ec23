"""Cut one endless sequence of strips into consecutive parts of equal time, one per vehicle."""

import math
from collections.abc import Callable, Sequence
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
    filler = _Filler(strips, workers, sweep, turned)
    high = max(worker.must_end_by_s for worker in workers)
    best = filler.fill(high)
    if best is None:
        return None
    high, low = max(share.ends_s for share in best), 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        found = filler.fill(middle)
        if found is None:
            low = middle
        else:
            best, high = found, max(share.ends_s for share in found)
        if high - low < 0.5:
            break
    return [share.part(strips) for share in best]


@dataclass(slots=True)
class _Share:
    """What one worker takes: (strip, first_m, last_m) in order."""

    worker: Worker
    pieces: list[tuple[int, float, float]]
    ends_s: float

    def part(self, strips: Sequence[Strip]) -> Part:
        taken = tuple(replace(strips[k], first_m=first, last_m=last) for k, first, last in self.pieces)
        return Part(worker=self.worker, strips=taken, ends_s=self.ends_s)


class _Filler:
    """Fills workers one after the other with strips in order; on plain numbers, because it is asked thousands of times.

    A strip is flown from `lead` before its first to `tail` before its last metre.
    """

    def __init__(self, strips: Sequence[Strip], workers: Sequence[Worker], sweep: Sweep, turned: Turned) -> None:
        self._strips = [(s.first_m, s.last_m, s.across_m, s.sign) for s in strips]
        self._workers = [(worker, turned(worker.start), turned(worker.home)) for worker in workers]
        self._lead_m, self._tail_m = sweep.lead_m, sweep.tail_m

    def fill(self, limit_s: float) -> list[_Share] | None:
        """Give every worker in turn as many strips as end by the limit; None when some are left over."""
        shares: list[_Share] = []
        at, begun_m = 0, None
        for worker, start, home in self._workers:
            if at == len(self._strips):
                break
            share = _Share(worker, [], 0.0)
            at, begun_m = self._take(share, at, begun_m, start, home, min(limit_s, worker.must_end_by_s))
            if share.pieces:
                shares.append(share)
        return shares if at == len(self._strips) else None

    def _take(
        self, share: _Share, at: int, begun_m: float | None, start: Point, home: Point, limit_s: float
    ) -> tuple[int, float | None]:
        """Strips from number `at` while they fit, the first of them from `begun_m`; the last one may be cut."""
        worker, (x, y), lead_m, tail_m = share.worker, start, self._lead_m, self._tail_m
        pace, now_s = worker.pace, worker.free_s + worker.transit_s
        fixed_s, home_s = 2 * pace.corner_s, worker.transit_s + worker.landing_s
        while at < len(self._strips):
            first, last, across, sign = self._strips[at]
            first = first if begun_m is None else begun_m
            before_s = now_s + math.dist((x, y), (first - sign * lead_m, across)) / pace.cruise_m_s + fixed_s

            def ends(
                last: float, since_s: float = before_s, first: float = first, across: float = across, sign: float = sign
            ) -> tuple[float, float]:
                done_s = since_s + (abs(last - first) + lead_m - tail_m) / pace.cruise_m_s
                return done_s, done_s + math.dist((last - sign * tail_m, across), home) / pace.cruise_m_s + home_s

            done_s, ends_s = ends(last)
            if ends_s > limit_s:
                cut = _cut(first, last, sign, limit_s, ends)
                if cut is not None:
                    share.pieces.append((at, first, cut))
                    share.ends_s = ends(cut)[1]
                    begun_m = cut
                return at, begun_m
            share.pieces.append((at, first, last))
            share.ends_s, now_s, x, y = ends_s, done_s, last - sign * tail_m, across
            at, begun_m = at + 1, None
        return at, None


def _cut(
    first: float, last: float, sign: float, limit_s: float, ends: Callable[[float], tuple[float, float]]
) -> float | None:
    """The end of the longest first piece that ends in time, leaving pieces worth flying."""
    length_m = abs(last - first)
    low, high = LEAST_PIECE_M, length_m - LEAST_PIECE_M
    if length_m < 2 * LEAST_PIECE_M or ends(first + sign * low)[1] > limit_s:
        return None
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if ends(first + sign * middle)[1] <= limit_s else (low, middle)
    return first + sign * low
