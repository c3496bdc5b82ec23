"""How far vehicles are kept apart, and whether ways through the air come too near to each other."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fleet.together.nearness import flat_m, near
from world.position import Enu

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
PLAY_M = 2.0
PLAY_UP_M = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Two in the air are apart by `horizontal_m` on the ground or by `layer_m` in height.

    Reported positions are wrong by some metres (a GNSS fix by 0.8 m in each axis, 0.4 m in height, one sigma): the
    slacks are what two such errors reach, 4.4 sigma, and ways are kept apart by both together.
    """

    horizontal_m: float = 10.0
    layer_m: float = 5.0
    slack_m: float = 5.0
    slack_up_m: float = 2.5

    def __post_init__(self) -> None:
        if min(self.horizontal_m, self.layer_m) <= 0.0 or min(self.slack_m, self.slack_up_m) < 0.0:
            raise ValueError(f"a spacing of {self.horizontal_m} m or {self.layer_m} m keeps nobody apart")

    @property
    def apart_m(self) -> float:
        return self.horizontal_m + self.slack_m

    @property
    def step_m(self) -> float:
        """Between heights."""
        return self.layer_m + self.slack_up_m

    @property
    def berth_m(self) -> float:
        """Between places that are planned side by side: nobody stands exactly where it is told to."""
        return self.apart_m + PLAY_M

    @property
    def lane_m(self) -> float:
        """Between layers that are planned one above the other."""
        return self.step_m + PLAY_UP_M


class Way(NamedTuple):
    """A straight way that somebody holds; start and end are the same for one who stands."""

    start: Enu
    end: Enu

    def row(self) -> tuple[float, ...]:
        a, b = self.start, self.end
        return a.east_m, a.north_m, a.up_m, b.east_m, b.north_m, b.up_m


def standing(at: Enu) -> Way:
    return Way(at, at)


def column(at: Enu, low_m: float, high_m: float) -> Way:
    """Everything above a spot between two heights."""
    return Way(
        Enu(east_m=at.east_m, north_m=at.north_m, up_m=low_m), Enu(east_m=at.east_m, north_m=at.north_m, up_m=high_m)
    )


def clashes(way: Way, others: Floats, spacing: Spacing) -> Flags:
    """For each row of `others` (n, 6) whether somebody on `way` could come too near to somebody there.

    Never false where it matters: for slanted ways it takes their whole range of heights.
    """
    return np.asarray(near(np.array(way.row()), others, spacing.apart_m, spacing.step_m))


def leads_away(way: Way, other: Enu, spacing: Spacing) -> bool:
    """From somebody who stands, without coming nearer first."""
    stretch = spacing.apart_m / spacing.step_m
    a, b = way
    off = (a.east_m - other.east_m, a.north_m - other.north_m, stretch * (a.up_m - other.up_m))
    along = (b.east_m - a.east_m, b.north_m - a.north_m, stretch * (b.up_m - a.up_m))
    return sum(u * v for u, v in zip(off, along, strict=True)) >= 0.0


def flat_apart_m(row: Floats, others: Floats) -> Floats:
    """Least distance on the ground between a way and each of others."""
    return np.asarray(flat_m(row, others))
