"""People from above: warm blobs of the right size, each judged in colour by the network on its surroundings."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot
from pathlib import Path

from perception.detectors.mosaic import detect_in_tiles, tile_around
from perception.detectors.nanodet import NanoDet
from perception.detectors.picture import Picture
from perception.detectors.warm import WarmLimits, warm_blobs
from perception.detectors.weights import MOSAIC_PX, nanodet_path
from perception.model import Box

_TILE_M = 2.9
"""Ground a tile shows: a person then fills a third to a half of it, as in the pictures the network was trained on."""
_PER_SIDE = 2
_EDGE_PX = 1.0
"""The threshold cuts a warm body's blurred edge by about this much all around (measured on rendered people)."""
_REACH_PX = 12.0
_BODY_M = (0.7, 1.3)
"""Blobs closer than this across and along a body are parts of one person: twigs and packs cut the warmth apart."""
_MIDDLE, _STEEPNESS = 0.22, 18.4
"""Network score to probability of a person in a warm blob: logistic fit on rendered seeds 100-109 (1,025 blobs)."""


class WarmPersonDetector:
    """For vehicles with a colour and a thermal camera behind one lens."""

    def __init__(self, network: NanoDet, *, limits: WarmLimits | None = None, min_score: float = 0.5) -> None:
        self._network = network
        self._limits = limits or WarmLimits()
        self._min_score = min_score

    def examine(self, picture: Picture) -> tuple[Box, ...]:
        """Boxes of the warm bodies that the network agrees with; scores are calibrated probabilities."""
        warm = warm_blobs(picture, self._limits)
        if not warm:
            return ()
        tiles = tuple(tile_around(box, self._side_px(picture, box), picture.bgr) for box in warm)
        seen = detect_in_tiles(self._network, picture.bgr, tiles, per_side=_PER_SIDE)
        return people_in(warm, seen, picture, min_score=self._min_score)

    @staticmethod
    def _side_px(picture: Picture, box: Box) -> int:
        gsd_m = picture.gsd_m(box.bottom_px)
        assert gsd_m is not None, "a warm blob has a size on the ground"
        return max(16, round(_TILE_M / gsd_m))


def open_warm_person_detector(cache: Path) -> WarmPersonDetector:
    """Raises WeightsMissing."""
    return WarmPersonDetector(NanoDet(nanodet_path(cache, side_px=MOSAIC_PX), min_score=0.05))


def people_in(warm: Sequence[Box], seen: Sequence[Box], picture: Picture, *, min_score: float) -> tuple[Box, ...]:
    """Warm bodies where the network sees people, one box each, best first. `seen`: the network's boxes."""
    speaks_for = [min(warm, key=lambda blob: _apart_px(blob, box)) for box in seen]
    judged = [_judged(blob, picture, seen, speaks_for) for blob in warm]
    return _one_each([one for one in judged if one.box.score >= min_score], picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    box: Box
    stands_alone: bool
    """The network saw a person here, not one beside it whose arm or pack this is."""


def _judged(warm: Box, picture: Picture, seen: Sequence[Box], speaks_for: Sequence[Box]) -> _Judged:
    """The warm box, its edge restored, with the best score of the network's boxes around the same middle: of those
    nearest to it, else of its neighbour's."""
    around = [(box.score, nearest) for box, nearest in zip(seen, speaks_for, strict=True) if _is_same(warm, box)]
    own = [score for score, nearest in around if nearest is warm]
    best = max(own or [score for score, _ in around], default=0.0)
    height, width = picture.bgr.shape[:2]
    box = Box(
        left_px=max(0.0, warm.left_px - _EDGE_PX),
        top_px=max(0.0, warm.top_px - _EDGE_PX),
        right_px=min(float(width), warm.right_px + _EDGE_PX),
        bottom_px=min(float(height), warm.bottom_px + _EDGE_PX),
        score=1 / (1 + exp(-_STEEPNESS * (best - _MIDDLE))),
    )
    return _Judged(box=box, stands_alone=bool(own))


def _is_same(one: Box, other: Box) -> bool:
    across_px, down_px = _offset_px(one, other)
    return across_px <= _REACH_PX and down_px <= _REACH_PX


def _apart_px(one: Box, other: Box) -> float:
    return hypot(*_offset_px(one, other))


def _offset_px(one: Box, other: Box) -> tuple[float, float]:
    """Of the middles, across and down."""
    across_px = abs(one.left_px + one.right_px - other.left_px - other.right_px) / 2
    return across_px, abs(one.top_px + one.bottom_px - other.top_px - other.bottom_px) / 2


def _one_each(judged: Sequence[_Judged], picture: Picture) -> tuple[Box, ...]:
    """Parts of one body joined to one box, best first."""
    people: list[Box] = []
    for one in sorted(judged, key=lambda one: (not one.stands_alone, -one.box.score)):
        near = [index for index, person in enumerate(people) if _is_one_body(one.box, person, picture)]
        if near:
            people[near[0]] = _union(people[near[0]], one.box)
        elif one.stands_alone:
            people.append(one.box)
    return tuple(sorted(people, key=lambda person: -person.score))


def _is_one_body(one: Box, other: Box, picture: Picture) -> bool:
    gsd_m = picture.gsd_m(max(one.bottom_px, other.bottom_px)) or 0.0
    across_px, down_px = _offset_px(one, other)
    return across_px * gsd_m <= _BODY_M[0] and down_px * gsd_m <= _BODY_M[1]


def _union(best: Box, part: Box) -> Box:
    return Box(
        left_px=min(best.left_px, part.left_px),
        top_px=min(best.top_px, part.top_px),
        right_px=max(best.right_px, part.right_px),
        bottom_px=max(best.bottom_px, part.bottom_px),
        score=best.score,
    )
