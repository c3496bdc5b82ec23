"""Choose the direction of the strips and share them out: the fastest of many directions, corners and orders of
vehicles."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from missions.planners.partition import Part, Turned, Worker, balanced
from missions.planners.strips import chains, lines_over, sequence, strips_on_lines, turned
from missions.planners.sweep import Sweep

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

DIRECTIONS = 12
KEPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """One way to order the same cells: direction of the lines, corner to begin at, order of the vehicles."""

    angle_rad: float
    from_far_line: bool
    backwards: bool
    reversed_workers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A partition, with the flat estimate of when its last vehicle has landed."""

    manner: Manner
    sweep: Sweep
    parts: tuple[Part, ...]
    ends_s: float


def directions(outline: Sequence[tuple[float, float]]) -> list[float]:
    """Directions worth trying: along the four longest edges and evenly around the half circle."""
    edges = sorted(
        ((math.dist(a, b), math.atan2(b[1] - a[1], b[0] - a[0]) % math.pi) for a, b in itertools.pairwise(outline)),
        reverse=True,
    )
    return [angle for _, angle in edges[:4]] + [k * math.pi / DIRECTIONS for k in range(DIRECTIONS)]


def manners(angles: Sequence[float]) -> list[Manner]:
    flags = (False, True)
    return [
        Manner(angle_rad=angle, from_far_line=far, backwards=back, reversed_workers=last)
        for angle in angles
        for far in flags
        for back in flags
        for last in flags
    ]


def ranked(centres: Floats, workers: Sequence[Worker], sweep: Sweep, tried: Sequence[Manner]) -> list[Choice]:
    """The best partitions by finishing time, fastest first; empty when no order fits the vehicles' energy."""
    choices: list[Choice] = []
    for manner in tried:
        choice = arranged(centres, workers, sweep, manner)
        if choice is not None:
            choices.append(choice)
    return sorted(choices, key=lambda choice: choice.ends_s)[:KEPT]


def arranged(centres: Floats, workers: Sequence[Worker], sweep: Sweep, manner: Manner) -> Choice | None:
    points = turned(centres, manner.angle_rad)
    lines, line_of = lines_over(points, sweep.spacing_m)
    order = sequence(
        chains(strips_on_lines(points, lines, line_of)), from_far_line=manner.from_far_line, backwards=manner.backwards
    )
    turn = Turned.by(manner.angle_rad)
    by_side = sorted(
        workers, key=lambda worker: (turn(worker.start)[1], worker.vehicle), reverse=manner.reversed_workers
    )
    parts = balanced(order, by_side, sweep, turn)
    if parts is None:
        return None
    return Choice(manner=manner, sweep=sweep, parts=tuple(parts), ends_s=max(part.ends_s for part in parts))


def cells_of_parts(centres: Floats, choice: Choice) -> list[Indices]:
    """Per part the indices of its cells; every cell belongs to exactly one."""
    points = turned(centres, choice.manner.angle_rad)
    _, line_of = lines_over(points, choice.sweep.spacing_m)
    owner = np.full(len(points), -1)
    for k, part in enumerate(choice.parts):
        for strip in part.strips:
            low, high = sorted((strip.first_m, strip.last_m))
            inside = (line_of == strip.line) & (points[:, 0] >= low - 1e-6) & (points[:, 0] <= high + 1e-6)
            owner[inside & (owner < 0)] = k
    return [np.flatnonzero(owner == k) for k in range(len(choice.parts))]
