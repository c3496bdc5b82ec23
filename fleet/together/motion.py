"""Exact least distances of straight motion: timed, when everybody keeps the plan's clock, and timing-free."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fleet.together.spacing import Floats, Spacing, flat_apart_m
from world.position import Enu

_BLOCK = 64
SWAY_M, SWAY_UP_M = 1.0, 0.3


class Piece(NamedTuple):
    """A straight way flown evenly between two moments; start and end are the same for one who stands."""

    start: Enu
    end: Enu
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """`apart_m`: least distance on the ground of two that are less than a layer apart in height; inf when none are."""

    apart_m: float
    pair: tuple[int, int] | None = None


def least_timed(paths: Sequence[Sequence[Piece]], layer_m: float) -> Least:
    """Of everybody by the plan's clock. Paths begin together and are without gaps; who has ended is gone.

    Between two moments at which anybody turns, every relative motion is linear: its least distance on the ground, over
    the part of it that is within a layer, is the minimum of a quadratic there.
    """
    if len(paths) < 2:
        return Least(apart_m=np.inf)
    times = np.unique([moment for path in paths for piece in path for moment in (piece.start_s, piece.end_s)])
    if len(times) == 1:
        times = np.array([times[0], times[0] + 1.0])
    at = np.stack([_at(path, times) for path in paths], axis=1)
    i, j = np.triu_indices(len(paths), 1)
    best = Least(apart_m=np.inf)
    for k in range(0, len(times) - 1, _BLOCK):
        part = at[k: k + _BLOCK + 1]
        rel = part[:, i] - part[:, j]
        apart_m = _least_linear(rel[:-1], rel[1:], layer_m)
        spot = int(apart_m.argmin())
        if apart_m.flat[spot] < best.apart_m:
            pair = spot % len(i)
            best = Least(apart_m=float(apart_m.flat[spot]), pair=(int(i[pair]), int(j[pair])))
    return best


def _at(path: Sequence[Piece], times: Floats) -> Floats:
    """Positions (n, 3) at these moments."""
    knots = np.array([path[0].start_s, *(piece.end_s for piece in path)])
    spots = np.array([(p.east_m, p.north_m, p.up_m) for p in (path[0].start, *(piece.end for piece in path))])
    return np.stack([np.interp(times, knots, spots[:, axis], right=np.nan) for axis in range(3)], axis=1)


def _least_linear(a: Floats, b: Floats, layer_m: float) -> Floats:
    """For relative positions that go from `a` to `b` (..., 3): least ground distance while |up| < layer; inf if never.
    """
    d = b - a
    rise = np.where(np.abs(d[..., 2]) < 1e-12, 1e-12, d[..., 2])
    one, two = (-layer_m - a[..., 2]) / rise, (layer_m - a[..., 2]) / rise
    low, high = np.clip(np.minimum(one, two), 0.0, 1.0), np.clip(np.maximum(one, two), 0.0, 1.0)
    is_level = np.minimum(np.abs(a[..., 2] + low * d[..., 2]), np.abs(a[..., 2] + high * d[..., 2])) < layer_m - 1e-9
    is_level |= (low < high) & (np.abs(a[..., 2] + (low + high) / 2.0 * d[..., 2]) < layer_m - 1e-9)
    square = d[..., 0] ** 2 + d[..., 1] ** 2
    share = -(a[..., 0] * d[..., 0] + a[..., 1] * d[..., 1]) / np.where(square == 0.0, 1.0, square)
    share = np.clip(share, low, high)
    flat_m = np.hypot(a[..., 0] + share * d[..., 0], a[..., 1] + share * d[..., 1])
    return np.asarray(np.where(is_level, flat_m, np.inf))


def least_untimed(rows: Floats, may_meet: Floats, layer_m: float) -> Least:
    """Of ways (n, 6) whoever is where on them: over the pairs that `may_meet` (n, n) says can be under way at once.

    Exact for ways that are level or upright, too small for slanted ones (their whole range of heights counts).
    """
    best = Least(apart_m=np.inf)
    low, high = np.minimum(rows[:, 2], rows[:, 5]), np.maximum(rows[:, 2], rows[:, 5])
    for k in range(len(rows) - 1):
        gap_m = np.maximum(low[k + 1:] - high[k], low[k] - high[k + 1:])
        near = np.flatnonzero((may_meet[k, k + 1:] > 0) & (gap_m < layer_m - 1e-9)) + k + 1
        if not len(near):
            continue
        apart_m = flat_apart_m(rows[k], rows[near])
        spot = int(apart_m.argmin())
        if apart_m[spot] < best.apart_m:
            best = Least(apart_m=float(apart_m[spot]), pair=(k, int(near[spot])))
    return best


def wider(spacing: Spacing) -> Spacing:
    """What is planned with: nobody stands exactly where it is told to."""
    return Spacing(
        horizontal_m=spacing.horizontal_m, layer_m=spacing.layer_m,
        slack_m=spacing.berth_m - spacing.horizontal_m, slack_up_m=spacing.lane_m - spacing.layer_m,
    )


def looser(spacing: Spacing) -> Spacing:
    """What is kept from those who stand: they sway, and are told from where they were a moment ago."""
    return Spacing(
        horizontal_m=spacing.horizontal_m, layer_m=spacing.layer_m, slack_m=spacing.slack_m + SWAY_M,
        slack_up_m=spacing.slack_up_m + SWAY_UP_M,
    )
