"""Parallel strips over a set of cells, in the order one endless boustrophedon would fly them."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

LEAST_GAP_M = 150.0
"""A gap in a line longer than this splits it: shorter ones cost less to fly over than two turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Cells along one line: `across_m` is the line, `first_m` to `last_m` the ground along it, in flying direction."""

    across_m: float
    first_m: float
    last_m: float
    line: int

    @property
    def sign(self) -> float:
        return 1.0 if self.last_m >= self.first_m else -1.0

    @property
    def length_m(self) -> float:
        return abs(self.last_m - self.first_m)

    def reversed(self) -> "Strip":
        return replace(self, first_m=self.last_m, last_m=self.first_m)


def turned(points: Floats, angle_rad: float) -> Floats:
    """(n, 2) east, north to (n, 2) along, across for lines that run `angle_rad` counter-clockwise from east."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.column_stack([points[:, 0] * c + points[:, 1] * s, -points[:, 0] * s + points[:, 1] * c])


def turned_back(along_m: float, across_m: float, angle_rad: float) -> tuple[float, float]:
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return along_m * c - across_m * s, along_m * s + across_m * c


def lines_over(turned_centres: Floats, spacing_m: float) -> tuple[Floats, Indices]:
    """Where the lines lie across, evenly and at most `spacing_m` apart, and the line of each cell."""
    across = turned_centres[:, 1]
    low, extent = float(across.min()), float(across.max() - across.min())
    count = max(1, math.ceil(extent / spacing_m - 1e-9))
    spacing = extent / count
    lines = np.asarray(low + (np.arange(count) + 0.5) * spacing, np.float64)
    index = (
        np.zeros(len(across), np.int64)
        if spacing == 0
        else np.clip(((across - low) / spacing).astype(np.int64), 0, count - 1)
    )
    return lines, index


def strips_on_lines(turned_centres: Floats, lines: Floats, line_of: Indices) -> list[list[Strip]]:
    """Per line its strips by rising position."""
    rows: list[list[Strip]] = []
    for line, across_m in enumerate(lines):
        along = np.sort(turned_centres[line_of == line, 0])
        pieces = np.split(along, np.flatnonzero(np.diff(along) > LEAST_GAP_M) + 1) if len(along) else []
        rows.append(
            [Strip(across_m=float(across_m), first_m=float(p[0]), last_m=float(p[-1]), line=line) for p in pieces]
        )
    return rows


def chains(rows: list[list[Strip]]) -> list[list[Strip]]:
    """Strips joined over neighbouring lines wherever exactly one meets exactly one: the cells of a boustrophedon
    decomposition."""
    open_chains: list[list[Strip]] = []
    closed: list[list[Strip]] = []
    for row in rows:
        meets = [[k for k, strip in enumerate(row) if _overlap(chain[-1], strip)] for chain in open_chains]
        met_by = [sum(k in found for found in meets) for k in range(len(row))]
        taken: set[int] = set()
        still_open: list[list[Strip]] = []
        for chain, found in zip(open_chains, meets, strict=True):
            if len(found) == 1 and met_by[found[0]] == 1:
                chain.append(row[found[0]])
                taken.add(found[0])
                still_open.append(chain)
            else:
                closed.append(chain)
        open_chains = still_open + [[strip] for k, strip in enumerate(row) if k not in taken]
    return closed + open_chains


def _overlap(a: Strip, b: Strip) -> bool:
    return min(a.last_m, b.last_m) >= max(a.first_m, b.first_m)


def sequence(chains_left: list[list[Strip]], *, from_far_line: bool, backwards: bool) -> list[Strip]:
    """All strips in flying order and direction: chain after chain, always the one whose corner is nearest."""
    left = list(chains_left)
    first = min(
        range(len(left)), key=lambda k: (-left[k][-1].line if from_far_line else left[k][0].line, left[k][0].first_m)
    )
    flown = _flown(left.pop(first), from_far_line, backwards)
    while left:
        end = (flown[-1].last_m, flown[-1].across_m)
        options = [
            (_gap(end, candidate[0]), k, flip, back)
            for k, chain in enumerate(left)
            for flip in (False, True)
            for back in (False, True)
            for candidate in [_flown(chain[-1:] if flip else chain[:1], False, back)]
        ]
        _, k, flip, back = min(options)
        flown += _flown(left.pop(k), flip, back)
    return flown


def _gap(end: tuple[float, float], strip: Strip) -> float:
    return math.hypot(strip.first_m - end[0], strip.across_m - end[1])


def _flown(chain: list[Strip], from_last: bool, backwards: bool) -> list[Strip]:
    ordered = chain[::-1] if from_last else chain
    return [strip.reversed() if (k % 2 == 1) != backwards else strip for k, strip in enumerate(ordered)]
