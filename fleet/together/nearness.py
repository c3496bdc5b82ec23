"""Distances on the ground between straight ways, compiled by numba: plans of a hundred ask for millions of them."""

import math

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def _to_segment_2(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Square of the distance from a point to a segment."""
    ux, uy, ox, oy = bx - ax, by - ay, px - ax, py - ay
    length_2 = ux * ux + uy * uy
    share = 0.0 if length_2 == 0.0 else min(max((ux * ox + uy * oy) / length_2, 0.0), 1.0)
    dx, dy = ox - share * ux, oy - share * uy
    return dx * dx + dy * dy


to_segment_2 = numba.njit(cache=True)(_to_segment_2)


def _side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


side = numba.njit(cache=True)(_side)


def _flat_2(p: Floats, q: Floats) -> float:
    """Square of the least distance on the ground between two ways: east, north, up of both ends of each."""
    ax, ay, bx, by, cx, cy, dx, dy = p[0], p[1], p[3], p[4], q[0], q[1], q[3], q[4]
    if (
        side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0.0
        and side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0.0
    ):
        return 0.0
    return min(
        to_segment_2(cx, cy, ax, ay, bx, by), to_segment_2(dx, dy, ax, ay, bx, by),
        to_segment_2(ax, ay, cx, cy, dx, dy), to_segment_2(bx, by, cx, cy, dx, dy),
    )


flat_2 = numba.njit(cache=True)(_flat_2)


def _flat_apart_m(row: Floats, others: Floats) -> Floats:
    out = np.empty(len(others))
    for k in range(len(others)):
        out[k] = math.sqrt(flat_2(row, others[k]))
    return out


flat_m = numba.njit(cache=True)(_flat_apart_m)


def _near(row: Floats, others: Floats, apart_m: float, step_m: float) -> Flags:
    """Nearer than both."""
    out = np.zeros(len(others), np.bool_)
    low, high = min(row[2], row[5]), max(row[2], row[5])
    for k in range(len(others)):
        q = others[k]
        gap_m = max(min(q[2], q[5]) - high, low - max(q[2], q[5]))
        out[k] = gap_m < step_m and flat_2(row, q) < apart_m * apart_m
    return out


near = numba.njit(cache=True)(_near)
