"""Fire growth by minimum travel time (Finney 2002, Can. J. For. Res. 32:1420-1424), on a grid, resumable at any time.

Fire goes on straight segments from cell centre to cell centre; a segment's time is the sum over the cells that it
crosses of length times their slowness in its direction. Segments are those of a template of coprime offsets. Arrivals
are the least over all chains of segments. Arrays over the grid are flat, row major, row 0 southernmost.
"""

import heapq
from dataclasses import dataclass
from functools import cache
from math import gcd, hypot
from typing import Final

import numpy as np

from sim.cameras.jit import jit
from sim.engine.backends import Backend
from sim.hazards.hazard import Flags, Floats, Rows

REACH: Final = 6
"""Cells; the template then has 96 directions. Errors of shape by reach are in docs/hazards.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """offsets (k, 2) of column and row; units (k, 2) east and north; per direction the cells crossed."""

    offsets: Rows
    units: Floats
    crossings: tuple[tuple[tuple[int, int, float], ...], ...]
    """Column, row and length, in cells."""
    corners: tuple[tuple[tuple[int, int, int, int], ...], ...]
    """Pairs of cells that a segment squeezes between."""


@cache
def template(reach: int = REACH) -> Template:
    """All coprime offsets up to `reach`, in a fixed order."""
    steps = range(-reach, reach + 1)
    offsets = [(x, y) for y in steps for x in steps if gcd(x, y) == 1]
    pieces = [_crossed(x, y) for x, y in offsets]
    array = np.array(offsets, np.int64)
    return Template(
        offsets=array,
        units=array / np.hypot(array[:, 0], array[:, 1])[:, None],
        crossings=tuple(cells for cells, _ in pieces),
        corners=tuple(pairs for _, pairs in pieces),
    )


def _crossed(x: int, y: int) -> tuple[tuple[tuple[int, int, float], ...], tuple[tuple[int, int, int, int], ...]]:
    sign_x, sign_y = (x > 0) - (x < 0), (y > 0) - (y < 0)
    cuts_x = {(2 * k + 1) * abs(y) for k in range(abs(x))}
    cuts_y = {(2 * k + 1) * abs(x) for k in range(abs(y))}
    whole = 2 * max(abs(x), 1) * max(abs(y), 1)  # a cut's share of the way is its number over this one
    if y == 0:
        cuts_x, whole = {2 * k + 1 for k in range(abs(x))}, 2 * abs(x)
    if x == 0:
        cuts_y, whole = {2 * k + 1 for k in range(abs(y))}, 2 * abs(y)
    length, cell, start = hypot(x, y), [0, 0], 0
    cells, corners = [], []
    for cut in [*sorted(cuts_x | cuts_y), whole]:
        cells.append((cell[0], cell[1], length * (cut - start) / whole))
        if cut in cuts_x and cut in cuts_y:
            corners.append((cell[0] + sign_x, cell[1], cell[0], cell[1] + sign_y))
        cell[0] += sign_x * (cut in cuts_x)
        cell[1] += sign_y * (cut in cuts_y)
        start = cut
    return tuple(cells), tuple(corners)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Rows and columns of a grid, ends not included."""

    south: int
    north: int
    west: int
    east: int

    def of(self, grid: Floats, shape: tuple[int, int]) -> Floats:
        """A view (..., rows, cols) of flat arrays (..., n)."""
        whole = grid.reshape(*grid.shape[:-1], *shape)
        view: Floats = whole[..., self.south : self.north, self.west : self.east]
        return view


def box_around(cells: Flags, shape: tuple[int, int], reach: int = REACH) -> Box:
    """All cells whose segments may cross one of `cells` (n,), of which there is at least one."""
    rows, cols = np.nonzero(cells.reshape(shape))
    return Box(
        south=max(int(rows.min()) - reach, 0), north=min(int(rows.max()) + reach + 1, shape[0]),
        west=max(int(cols.min()) - reach, 0), east=min(int(cols.max()) + reach + 1, shape[1]),
    )


def segment_times(
    slowness: Floats, shape: tuple[int, int], cell_m: float, box: Box | None = None, reach: int = REACH
) -> Floats:
    """(k, rows, cols) of a box: seconds along each template segment, infinite where it meets what does not burn.

    slowness: (k, n) seconds per horizontal metre in the direction of each segment, of the whole grid.
    """
    box = box or Box(south=0, north=shape[0], west=0, east=shape[1])
    rows, cols = box.north - box.south, box.east - box.west
    shapes = template(reach)
    padded = np.full((rows + 2 * reach, cols + 2 * reach), np.inf)
    south, north = max(box.south - reach, 0), min(box.north + reach, shape[0])
    west, east = max(box.west - reach, 0), min(box.east + reach, shape[1])
    inner = padded[
        south - box.south + reach : north - box.south + reach, west - box.west + reach : east - box.west + reach
    ]

    def moved(x: int, y: int) -> Floats:
        return padded[reach + y : reach + y + rows, reach + x : reach + x + cols]

    times = np.empty((len(shapes.offsets), rows, cols))
    for k in range(len(shapes.offsets)):
        inner[:] = slowness[k].reshape(shape)[south:north, west:east]
        total = np.zeros((rows, cols))
        for x, y, length in shapes.crossings[k]:
            total += (length * cell_m) * moved(x, y)
        for x1, y1, x2, y2 in shapes.corners[k]:
            total[np.isinf(moved(x1, y1)) & np.isinf(moved(x2, y2))] = np.inf
        times[k] = total
    return times


def grow(
    arrival: Floats, via: Rows, is_out: Flags, times: Floats, cols: int, since_s: float, until_s: float,
    backend: Backend = Backend.COMPILED, reach: int = REACH,
) -> None:
    """Burn on from `since_s` through `until_s`, in place.

    Arrivals up to `since_s` are history; later ones are first guesses that may become earlier. `via` is the template
    segment that brought the fire, -1 for what was lit. Cells that are out pass nothing on.
    """
    offsets = template(reach).offsets
    steps = offsets[:, 1] * cols + offsets[:, 0]
    work = _grow_compiled if backend is Backend.COMPILED else _grow_arrays
    work(arrival, via, is_out, times, steps, since_s, until_s)


@jit
def _grow_compiled(
    arrival: Floats, via: Rows, is_out: Flags, times: Floats, steps: Rows, since_s: float, until_s: float
) -> None:
    heap = [(0.0, 0)]
    heap.pop()
    for cell in range(arrival.size):
        if since_s < arrival[cell] <= until_s:
            heapq.heappush(heap, (arrival[cell], cell))
    while len(heap) > 0:
        when, cell = heapq.heappop(heap)
        if when > arrival[cell] or is_out[cell]:
            continue
        for k in range(steps.size):
            then = when + times[k, cell]
            if not np.isfinite(then):
                continue
            goal = cell + steps[k]
            if then < arrival[goal] or (then == arrival[goal] and k < via[goal]):
                is_sooner = then < arrival[goal]
                arrival[goal] = then
                via[goal] = k
                if is_sooner and then <= until_s:
                    heapq.heappush(heap, (then, goal))


def _grow_arrays(
    arrival: Floats, via: Rows, is_out: Flags, times: Floats, steps: Rows, since_s: float, until_s: float
) -> None:
    """Bellman and Ford: the least fixed point is the same to the bit, for a chain adds up in its own order."""
    fresh = np.flatnonzero((arrival > since_s) & (arrival <= until_s) & ~is_out)
    while len(fresh):
        before = arrival.copy()
        for k in range(len(steps)):
            then = before[fresh] + times[k, fresh]
            goal = np.where(np.isfinite(then), fresh + steps[k], 0)
            is_better = (then < arrival[goal]) | ((then == arrival[goal]) & (k < via[goal]))
            is_better &= np.isfinite(then)
            arrival[goal[is_better]] = then[is_better]
            via[goal[is_better]] = k
        fresh = np.flatnonzero((arrival < before) & (arrival <= until_s) & ~is_out)


def first_guesses(
    progress: Floats, times: Floats, sources: Flags, since_s: Floats, cols: int, now_s: float
) -> tuple[Floats, Rows]:
    """(n,) earliest arrivals and their segments, from burnt `sources` whose segments had `progress` (k, n) then.

    since_s (n,) is when: as a source began to burn, or when the times of its segments last changed.
    """
    offsets = template().offsets
    arrival, via = np.full(sources.size, np.inf), np.full(sources.size, -1, np.int64)
    cells = np.flatnonzero(sources)
    for k, (x, y) in enumerate(offsets):
        then = since_s[cells] + np.maximum(1.0 - progress[k, cells], 0.0) * times[k, cells]
        is_open = np.isfinite(then)
        goal = cells[is_open] + y * cols + x
        then = np.maximum(then[is_open], now_s)
        is_sooner = then < arrival[goal]
        arrival[goal[is_sooner]] = then[is_sooner]
        via[goal[is_sooner]] = k
    return arrival, via
