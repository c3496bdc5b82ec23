"""How far vehicles are kept apart, and whether ways through the air come too near to each other."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

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
    row = np.asarray(way.row())
    low = np.minimum(others[:, 2], others[:, 5]) - max(row[2], row[5])
    high = min(row[2], row[5]) - np.maximum(others[:, 2], others[:, 5])
    is_level = np.maximum(low, high) < spacing.step_m
    return np.asarray(is_level & (flat_apart_m(row, others) < spacing.apart_m))


def flat_apart_m(row: Floats, others: Floats) -> Floats:
    """Least distance on the ground between a way and each of others."""
    a, b, c, d = row[0:2], row[3:5], others[:, 0:2], others[:, 3:5]
    ends = (_to_segment_m(c, a, b), _to_segment_m(d, a, b), _to_segment_m(a, c, d), _to_segment_m(b, c, d))
    crosses = (_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)
    return np.asarray(np.where(crosses, 0.0, np.minimum.reduce(ends)))


def _side(a: Floats, b: Floats, p: Floats) -> Floats:
    along, off = b - a, p - a
    return np.asarray(along[..., 0] * off[..., 1] - along[..., 1] * off[..., 0])


def _to_segment_m(p: Floats, a: Floats, b: Floats) -> Floats:
    along, off = b - a, p - a
    length_2 = (along**2).sum(axis=-1)
    share = np.clip((along * off).sum(axis=-1) / np.where(length_2 == 0.0, 1.0, length_2), 0.0, 1.0)
    return np.asarray(np.sqrt(((off - share[..., None] * along) ** 2).sum(axis=-1)))
