"""Judges a plan of ways by itself: shares no code with the planner, and believes nothing that the plan says of itself.

For every two vehicles it asks which pieces, flown or stood in, the plan lets them be in at once, and measures those
pieces from each other in three dimensions. Plain Python on purpose.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Point = tuple[float, float, float]
Leg = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Itinerary:
    """One vehicle: points east, north, up; what each leg waits for; whether its ends are in nobody's way."""

    points: Sequence[Point]
    after: Sequence[frozenset[Leg]]
    lands: bool = False
    is_parked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`faults` is empty for a plan that can be flown to its end. `least_m`: on the ground, of two within a layer."""

    faults: tuple[str, ...]
    least_m: float
    pair: tuple[str, str] | None = None


def judged(plan: Mapping[str, Itinerary], layer_m: float) -> Verdict:
    """Whoever is late however much, whoever goes as early as it may."""
    faults = _shape_faults(plan)
    needs = {} if faults else _needs(plan)
    if needs is None:
        return Verdict(faults=("pieces wait for each other in a cycle",), least_m=math.nan)
    least_m, pair = math.inf, None
    names = sorted(plan)
    for k, one in enumerate(names):
        for two in names[k + 1:]:
            if faults:
                break
            if _boxes_apart_m(plan[one].points, plan[two].points) >= least_m:
                continue
            apart_m = _least_of_pair(plan[one], one, plan[two], two, needs, layer_m)
            if apart_m < least_m:
                least_m, pair = apart_m, (one, two)
    return Verdict(faults=tuple(faults), least_m=least_m, pair=pair)


def _shape_faults(plan: Mapping[str, Itinerary]) -> list[str]:
    faults = []
    for name, itinerary in plan.items():
        if len(itinerary.after) != len(itinerary.points) - 1:
            faults.append(f"{name} has {len(itinerary.points)} points and {len(itinerary.after)} legs")
        for other, number in frozenset[Leg]().union(*itinerary.after):
            if other not in plan or not 0 <= number < len(plan[other].points) - 1:
                faults.append(f"{name} waits for leg {number} of {other}, which is not in the plan")
    return faults


def _needs(plan: Mapping[str, Itinerary]) -> dict[Leg, set[Leg]] | None:
    """Everything that is done before each leg begins; None when some leg waits for itself."""
    direct = {
        (name, k): set(itinerary.after[k]) | ({(name, k - 1)} if k else set())
        for name, itinerary in plan.items() for k in range(len(itinerary.after))
    }
    done: dict[Leg, set[Leg]] = {}
    left = dict(direct)
    while left:
        free = [leg for leg, needs in left.items() if needs <= done.keys()]
        if not free:
            return None
        for leg in free:
            done[leg] = left[leg].union(*(done[need] for need in left.pop(leg)))
    return done


def _boxes_apart_m(one: Sequence[Point], two: Sequence[Point]) -> float:
    """No two points of theirs are nearer on the ground."""
    gaps = []
    for axis in (0, 1):
        a, b = [point[axis] for point in one], [point[axis] for point in two]
        gaps.append(max(0.0, min(b) - max(a), min(a) - max(b)))
    return math.hypot(*gaps)


def _least_of_pair(
    a: Itinerary, a_name: str, b: Itinerary, b_name: str, needs: Mapping[Leg, set[Leg]], layer_m: float
) -> float:
    least_m = math.inf
    for a_from, a_to, a_begins, a_ends in _pieces(a, a_name):
        for b_from, b_to, b_begins, b_ends in _pieces(b, b_name):
            if _is_before(a_ends, b_begins, needs) or _is_before(b_ends, a_begins, needs):
                continue
            least_m = min(least_m, _flat_apart_m((a_from, a_to), (b_from, b_to), layer_m))
    return least_m


def _pieces(itinerary: Itinerary, name: str) -> list[tuple[Point, Point, Leg | None, Leg | None]]:
    """From, to, the leg that has begun by then, and the leg by whose end it is over; None: at first, or for good."""
    points, count = itinerary.points, len(itinerary.after)
    found: list[tuple[Point, Point, Leg | None, Leg | None]] = [
        (points[k], points[k + 1], (name, k), (name, k)) for k in range(count)
    ]
    for k, point in enumerate(points):
        if (k == 0 and itinerary.is_parked) or (k == count and itinerary.lands):
            continue
        found.append((point, point, (name, k - 1) if k else None, (name, k) if k < count else None))
    return found


def _is_before(ends: Leg | None, begins: Leg | None, needs: Mapping[Leg, set[Leg]]) -> bool:
    return ends is not None and begins is not None and ends in needs[begins]


def _flat_apart_m(one: tuple[Point, Point], two: tuple[Point, Point], layer_m: float) -> float:
    """Least distance on the ground between a point of one and a point of two that differ by less than a layer in
    height: over the corners and edges of what the heights leave of the square of both parameters.
    """
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    rise_1, rise_2, base = one[1][2] - one[0][2], two[1][2] - two[0][2], one[0][2] - two[0][2]
    square = _cut(square, lambda s, t: layer_m - (base + s * rise_1 - t * rise_2))
    square = _cut(square, lambda s, t: layer_m + (base + s * rise_1 - t * rise_2))
    if not square:
        return math.inf
    middle_m = base + sum(s * rise_1 - t * rise_2 for s, t in square) / len(square)
    if abs(middle_m) >= layer_m - 1e-9:
        return math.inf
    images = [
        (one[0][0] - two[0][0] + s * (one[1][0] - one[0][0]) - t * (two[1][0] - two[0][0]),
         one[0][1] - two[0][1] + s * (one[1][1] - one[0][1]) - t * (two[1][1] - two[0][1]))
        for s, t in square
    ]
    return 0.0 if _holds_origin(images) else min(
        _origin_to_segment(images[k - 1], images[k]) for k in range(len(images))
    )


def _cut(
    polygon: Sequence[tuple[float, float]], spare: Callable[[float, float], float]
) -> list[tuple[float, float]]:
    """What is left of a convex polygon where `spare`, which is linear, is not negative (Sutherland, Hodgman 1974)."""
    kept: list[tuple[float, float]] = []
    for k, here in enumerate(polygon):
        before = polygon[k - 1]
        a, b = spare(*before), spare(*here)
        if (a < 0.0) != (b < 0.0):
            share = a / (a - b)
            kept.append((before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1])))
        if b >= 0.0:
            kept.append(here)
    return kept


def _holds_origin(polygon: Sequence[tuple[float, float]]) -> bool:
    """Of a convex polygon with area, whichever way round."""
    turns = [a[0] * b[1] - a[1] * b[0] for a, b in zip(polygon, [*polygon[1:], polygon[0]], strict=True)]
    area = abs(sum(turns))
    return area > 1e-9 and (all(turn > 0.0 for turn in turns) or all(turn < 0.0 for turn in turns))


def _origin_to_segment(a: tuple[float, float], b: tuple[float, float]) -> float:
    ux, uy = b[0] - a[0], b[1] - a[1]
    length_2 = ux * ux + uy * uy
    share = 0.0 if length_2 == 0.0 else min(max(-(a[0] * ux + a[1] * uy) / length_2, 0.0), 1.0)
    return math.hypot(a[0] + share * ux, a[1] + share * uy)
