"""Places of a formation in plane metres: who takes which, and steps of its way that keep everybody apart."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from fleet.group import Slot
from fleet.together.spacing import Spacing, Way, clashes
from world.position import Enu

LONGEST_HOP_M = 40.0
SHORTEST_HOP_M = 2.0
LARGEST_TURN_RAD = math.radians(45.0)
SMALLEST_TURN_RAD = math.radians(2.0)


class SlotsTooNear(Exception):
    """Slots, or their way, bring members nearer to each other than the spacing allows."""


class Pose(NamedTuple):
    """Where the anchor is and how the formation is turned: radians clockwise from north, 0 when it never turns."""

    anchor: Enu
    heading_rad: float = 0.0


def places(slots: Sequence[Slot], pose: Pose) -> list[Enu]:
    """Where each slot is."""
    cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
    a = pose.anchor
    return [
        Enu(
            east_m=a.east_m + cos * slot.east_m + sin * slot.north_m,
            north_m=a.north_m - sin * slot.east_m + cos * slot.north_m,
            up_m=a.up_m + slot.up_m,
        )
        for slot in slots
    ]


def assigned(at: Sequence[Enu], to: Sequence[Enu]) -> list[int]:
    """For each of `at` the index of its place: least sum of squared distances, so that straight ways do not cross."""
    a, b = (np.array([(p.east_m, p.north_m, p.up_m) for p in points]) for points in (at, to))
    rows, columns = linear_sum_assignment(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2))
    chosen = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return [int(chosen[k]) for k in range(len(at))]


def check_apart(slots: Sequence[Slot], spacing: Spacing) -> None:
    """Raises SlotsTooNear."""
    at = places(slots, Pose(Enu(east_m=0.0, north_m=0.0, up_m=0.0)))
    if not _are_apart([Way(place, place) for place in at], spacing, spare_m=spacing.berth_m - spacing.apart_m):
        height = f" or {spacing.lane_m:g} m in height" if spacing.layer_m < 1e3 else ""
        raise SlotsTooNear(
            f"slots must be {spacing.berth_m:g} m apart on the ground{height}: "
            "reported positions may be wrong by as much as is added to the separation"
        )


def steps(slots: Sequence[Slot], anchors: Sequence[Enu], spacing: Spacing, *, turns: bool) -> list[Pose]:
    """Poses after one another, the first included. A step begins when all have ended the one before, so it is as long
    as nobody can meet another on it, however late the other comes.

    Raises SlotsTooNear.
    """
    heading_rad = _heading(anchors[0], anchors[1]) if turns and len(anchors) > 1 else 0.0
    found = [Pose(anchors[0], heading_rad)]
    for start, end in pairwise(anchors):
        if turns and _flat_m(start, end) > 0.0:
            found += _parts(slots, found[-1], Pose(start, _heading(start, end)), spacing)
        found += _parts(slots, found[-1], Pose(end, found[-1].heading_rad), spacing)
    return found


def _parts(slots: Sequence[Slot], start: Pose, end: Pose, spacing: Spacing) -> list[Pose]:
    turn_rad = math.remainder(end.heading_rad - start.heading_rad, math.tau)
    length_m = _flat_m(start.anchor, end.anchor) + abs(end.anchor.up_m - start.anchor.up_m)
    least = max(1, math.ceil(max(length_m / LONGEST_HOP_M, abs(turn_rad) / LARGEST_TURN_RAD)))
    most = max(least, math.ceil(max(length_m / SHORTEST_HOP_M, abs(turn_rad) / SMALLEST_TURN_RAD)))
    if length_m == 0.0 and turn_rad == 0.0:
        return []
    for count in _growing(least, most):
        parts = [_between(start, end, turn_rad, k / count) for k in range(1, count + 1)]
        before = [start, *parts]
        ways = ([Way(a, b) for a, b in zip(places(slots, p), places(slots, q), strict=True)]
                for p, q in zip(before, parts, strict=False))
        if all(_are_apart(step, spacing, spare_m=0.0) for step in ways):
            return parts
    raise SlotsTooNear(f"no step of {SHORTEST_HOP_M:g} m or more keeps the slots apart on their way: widen them")


def _growing(least: int, most: int) -> Iterator[int]:
    count = least
    while count < most:
        yield count
        count = math.ceil(count * 1.5)
    yield most


def _between(start: Pose, end: Pose, turn_rad: float, share: float) -> Pose:
    a, b = start.anchor, end.anchor
    anchor = Enu(
        east_m=a.east_m + share * (b.east_m - a.east_m),
        north_m=a.north_m + share * (b.north_m - a.north_m),
        up_m=a.up_m + share * (b.up_m - a.up_m),
    )
    return Pose(anchor, start.heading_rad + share * turn_rad)


def _are_apart(ways: Sequence[Way], spacing: Spacing, *, spare_m: float) -> bool:
    wider = Spacing(
        horizontal_m=spacing.horizontal_m, layer_m=spacing.layer_m, slack_m=spacing.slack_m + max(0.0, spare_m - 1e-6),
        slack_up_m=spacing.slack_up_m,
    )
    rows = np.array([way.row() for way in ways]).reshape(-1, 6)
    return not any(clashes(way, rows[k + 1:], wider).any() for k, way in enumerate(ways[:-1]))


def _flat_m(a: Enu, b: Enu) -> float:
    return math.hypot(b.east_m - a.east_m, b.north_m - a.north_m)


def _heading(a: Enu, b: Enu) -> float:
    return math.atan2(b.east_m - a.east_m, b.north_m - a.north_m)
