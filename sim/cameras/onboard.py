"""A camera that finds people on board, modelled: what the pixels' detector would find, without pixels.

Calibrated by `benchmarks/calibrate_onboard.py` on rendered pictures; a result that comes from here must say so.
"""

from bisect import bisect
from dataclasses import dataclass
from math import atan2, erf, exp, floor, log, pi, sqrt
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from fleet.wire.readings import PixelBox
from sim.cameras.model import Annotation, CameraPose, Floats, Lens
from sim.cameras.render import Renderer
from sim.scenarios.model import Pose
from sim.worlds.chance import generator
from sim.worlds.model import Blobs, World

CALIBRATION: Final = Path(__file__).with_name("onboard_calibration.json")
SIDES: Final = 8
MOSTLY_VISIBLE: Final = 0.7
"""Part of a figure; below it detections are less sure of themselves."""
LEVELS: Final = (0.0, 0.0025, 0.005, 0.01, 0.02, *(k / 20 for k in range(1, 20)), 0.98, 0.99, 0.995, 0.9975, 1.0)
"""Of every table of quantiles: fine at the ends, where a rare blunder would otherwise become a habit."""
_CUT_PX: Final = 1.5
_LEAST_SHOWN: Final = 0.01
_NEARLY_ALL: Final = 3.0
"""Log odds of 95 %: from there on a twig before the body matters little."""
_LEAST_PX: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """When the detector takes a look at a thing for a person.

    `weights`: of a logistic curve over the look's features, the constant first. Looks are alike: of the normal number
    that decides, one share belongs to the thing (a rock that fools, a jacket like the ground) and one to the side it is
    looked at from.
    """

    weights: tuple[float, ...]
    same_thing: float
    same_side: float

    def probability(self, features: tuple[float, ...]) -> float:
        return 1.0 / (1.0 + exp(-sum(w * x for w, x in zip(self.weights, (1.0, *features), strict=True))))

    def clearness(self, features: tuple[float, ...], luck: Floats, side: int, own: float) -> float | None:
        """How clear a case it is, 0 barely to 1, or None when it is not taken for a person.

        `luck` (1 + SIDES,): standard normals of the thing and of its sides; `own`: of this look alone.
        """
        rest = 1.0 - self.same_thing - self.same_side
        z = sqrt(self.same_thing) * luck[0] + sqrt(self.same_side) * luck[1 + side] + sqrt(rest) * own
        share, least = 0.5 * (1.0 + erf(z / sqrt(2.0))), self.probability(features)
        return 1.0 - float(share) / least if share < least else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSight(Sight):
    """Quantiles of scores, and `edges_px` those of detected minus shown left, top, right, bottom.

    Those of hidden people are for MOSTLY_VISIBLE and less.
    """

    scores: tuple[float, ...]
    scores_hidden: tuple[float, ...]
    edges_px: tuple[tuple[float, ...], ...]
    edges_hidden_px: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RockSight(Sight):
    """Quantiles of a false alarm's score and size; `offset_radii`: where on a rock it lies, right and down."""

    scores: tuple[float, ...]
    widths_m: tuple[float, ...]
    heights_m: tuple[float, ...]
    offset_radii: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    people: PeopleSight
    rocks: RockSight


def shipped_calibration() -> Calibration:
    return msgspec.json.decode(CALIBRATION.read_bytes(), type=Calibration)


class OnboardDetector:
    """Every camera of one place. The same image gives the same boxes, whoever asks first."""

    def __init__(self, world: World, calibration: Calibration | None = None) -> None:
        self._world = world
        self._lens = Lens.of(world.scenario.camera)
        self._renderer = Renderer(world, self._lens)
        self._calibration = calibration or shipped_calibration()
        self._people = {person.id: (person, row) for row, person in enumerate(world.people)}
        self._people_luck = _luck(world.seed, "people", len(world.people))
        self._rocks = _rocks_of(world.blobs)
        self._rocks_luck = _luck(world.seed, "rocks", len(self._rocks))
        self._rock_numbers = {int(row): number for number, row in enumerate(self._rocks)}

    def detect(self, vehicle: str, image: int, pose: CameraPose, utc_ns: int) -> tuple[PixelBox, ...]:
        """Boxes of one image, best first."""
        chance = generator(self._world.seed, "onboard", vehicle, image)
        boxes = [*self._people_in(pose, utc_ns, chance), *self._fooled_by(pose, chance)]
        return tuple(sorted(boxes, key=lambda box: (-box.score, box.left_px)))

    def _people_in(self, pose: CameraPose, utc_ns: int, chance: np.random.Generator) -> list[PixelBox]:
        found, sight = [], self._calibration.people
        for seen in self._renderer.annotate(pose, utc_ns):
            own, draws = chance.standard_normal(), chance.random(4).tolist()
            if seen.shown_px is None or is_cut(seen.shown_px, self._lens):
                continue
            person, row = self._people[seen.person]
            side = side_of(pose.origin(), np.array([person.at.east_m, person.at.north_m]))
            clear = sight.clearness(person_features(seen, person.pose), self._people_luck[row], side, own)
            if clear is not None:
                is_clear = seen.visible >= MOSTLY_VISIBLE
                off = sight.edges_px if is_clear else sight.edges_hidden_px
                errors = [_at(quantiles, draw) for quantiles, draw in zip(off, draws, strict=True)]
                edges = [edge + error for edge, error in zip(seen.shown_px, errors, strict=True)]
                found.append(self._box(edges, _at(sight.scores if is_clear else sight.scores_hidden, clear)))
        return found

    def _fooled_by(self, pose: CameraPose, chance: np.random.Generator) -> list[PixelBox]:
        found, sight = [], self._calibration.rocks
        air_c = self._world.scenario.weather.air_c
        rows, places = project_rocks(self._world.blobs, pose, self._lens, self._rocks)
        for row, (x, y, radius_px, px_per_m) in zip(rows.tolist(), places.tolist(), strict=True):
            own, (wide, tall, sure) = chance.standard_normal(), chance.random(3).tolist()
            side = side_of(pose.origin(), self._world.blobs.centre_m[row, :2])
            features = rock_features(self._world.blobs, row, air_c)
            if sight.clearness(features, self._rocks_luck[self._rock_numbers[row]], side, own) is None:
                continue
            x, y = x + sight.offset_radii[0] * radius_px, y + sight.offset_radii[1] * radius_px
            w, h = _at(sight.widths_m, wide) * px_per_m / 2, _at(sight.heights_m, tall) * px_per_m / 2
            # pixels give one rock .99 and .54 within seconds: its score is drawn anew
            found.append(self._box([x - w, y - h, x + w, y + h], _at(sight.scores, sure)))
        return found

    def _box(self, edges: list[float], score: float) -> PixelBox:
        """In the frame, and never thinner than the wire can say."""
        left, right = clipped(edges[0], edges[2], self._lens.width_px)
        top, bottom = clipped(edges[1], edges[3], self._lens.height_px)
        return PixelBox(left_px=left, top_px=top, right_px=right, bottom_px=bottom, score=score)


def clipped(low: float, high: float, size: int) -> tuple[float, float]:
    """A stretch moved and cut until it lies in 0 to `size`, at least _LEAST_PX long."""
    low = min(max(low, 0.0), size - _LEAST_PX)
    return low, min(max(high, low + _LEAST_PX), float(size))


def person_features(seen: Annotation, pose: Pose) -> tuple[float, ...]:
    """A curve for each pose: over the log odds of the part that shows, bent where nearly all does, and the height."""
    shown = min(max(seen.visible, _LEAST_SHOWN), 1.0 - _LEAST_SHOWN)
    odds = log(shown / (1.0 - shown))
    tall = min(max((seen.bottom_px - seen.top_px - 25.0) / 10.0, -1.5), 2.5)
    own = (1.0, odds, max(odds - _NEARLY_ALL, 0.0), tall, tall * tall)
    return tuple(value if pose is other else 0.0 for other in Pose for value in own)


def rock_features(blobs: Blobs, row: int, air_c: float) -> tuple[float, ...]:
    """Warmth above the air, and size."""
    return (float(blobs.warm_c[row]) - air_c - 10.0) / 5.0, log(float(blobs.radius_m[row]))


def is_cut(shown_px: tuple[float, float, float, float], lens: Lens) -> bool:
    """A body cut by the picture's edge is left to the next picture, as the real detector does."""
    left, top, right, bottom = shown_px
    return left < _CUT_PX or top < _CUT_PX or right > lens.width_px - _CUT_PX or bottom > lens.height_px - _CUT_PX


def side_of(eye: Floats, at: Floats) -> int:
    """From which of eight sides a camera looks at a place (east, north)."""
    turn = atan2(eye[0] - at[0], eye[1] - at[1]) / (2 * pi)
    return floor(SIDES * turn + 0.5) % SIDES


def project_rocks(
    blobs: Blobs, pose: CameraPose, lens: Lens, rocks: npt.NDArray[np.int64] | None = None
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Rows of the rocks in the frame, and (n, 4): pixel right and down of the middle, radius in pixels, pixels a metre.

    Whether something stands before a rock is left to the calibration, which counts hidden ones, too.
    """
    rows = _rocks_of(blobs) if rocks is None else rocks
    depth, right, down = pose.axes() @ (blobs.centre_m[rows] - pose.origin()).T
    px_per_m = lens.focal_px / np.maximum(depth, 1.0)
    x, y = lens.width_px / 2 + px_per_m * right, lens.height_px / 2 + px_per_m * down
    inside = (depth > 1.0) & (x > 0) & (x < lens.width_px) & (y > 0) & (y < lens.height_px)
    places = np.column_stack([x, y, px_per_m * blobs.radius_m[rows], px_per_m])
    return rows[inside], places[inside]


def _rocks_of(blobs: Blobs) -> npt.NDArray[np.int64]:
    return np.flatnonzero(blobs.trunk_m == 0.0)


def _luck(seed: int, of: str, count: int) -> Floats:
    return generator(seed, "onboard", of).standard_normal((count, 1 + SIDES))


def _at(quantiles: tuple[float, ...], share: float) -> float:
    """The quantile at a share, straight between LEVELS."""
    high = min(max(bisect(LEVELS, share), 1), len(LEVELS) - 1)
    part = (share - LEVELS[high - 1]) / (LEVELS[high] - LEVELS[high - 1])
    return quantiles[high - 1] + part * (quantiles[high] - quantiles[high - 1])
