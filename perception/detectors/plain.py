"""People before a plain fixed camera: the whole picture once, and enlarged crops of what moves for those far away."""

from pathlib import Path

from perception.detectors.mosaic import Tile, detect_in_tiles, tile_around
from perception.detectors.motion import MotionCue
from perception.detectors.nanodet import NanoDet
from perception.detectors.picture import Bgr
from perception.detectors.weights import NATIVE_PX, nanodet_path
from perception.model import Box

_PER_SIDE = 2
_MOST_TILES = 4
_SMALL_PART = 0.16
"""Of the picture's height: taller people are found in the whole picture."""
_TILE_HEIGHTS = 2.5
_LEAST_TILE_PX = 48
_MIN_SCORE = 0.3
_TINY_PART, _SURE = 0.06, 0.5
"""Tiny things that never moved must score this much: signs and cones look like people of 20 px."""
_OVERLAP = 0.45
_CONTAINED = 0.7
"""A box with this part of it inside a better one shows a part of the same person."""


class PlainPersonDetector:
    """Keeps a background model: one detector per camera, fed in order. Scores are the network's own."""

    def __init__(self, network: NanoDet) -> None:
        self._network = network
        self._motion = MotionCue()

    def detect(self, bgr: Bgr) -> tuple[Box, ...]:
        moving = self._motion.boxes(bgr)
        found = self._network.detect(bgr)
        tiles = tuple(
            self._tile(box, bgr)
            for box in sorted(moving, key=lambda box: (box.top_px, box.left_px))
            if box.bottom_px - box.top_px < _SMALL_PART * bgr.shape[0] and not any(_covers(one, box) for one in found)
        )
        far = detect_in_tiles(self._network, bgr, tiles[:_MOST_TILES], per_side=_PER_SIDE)
        least_px = _TINY_PART * bgr.shape[0]
        return _without_doubles(tuple(box for box in (*found, *far) if _is_credible(box, moving, least_px)))

    @staticmethod
    def _tile(box: Box, bgr: Bgr) -> Tile:
        extent = max(box.bottom_px - box.top_px, box.right_px - box.left_px)
        return tile_around(box, max(_LEAST_TILE_PX, round(_TILE_HEIGHTS * extent)), bgr)


def open_plain_person_detector(cache: Path) -> PlainPersonDetector:
    """Raises WeightsMissing."""
    return PlainPersonDetector(NanoDet(nanodet_path(cache, side_px=NATIVE_PX), min_score=_MIN_SCORE))


def _covers(person: Box, moving: Box) -> bool:
    x, y = (moving.left_px + moving.right_px) / 2, (moving.top_px + moving.bottom_px) / 2
    return person.left_px <= x <= person.right_px and person.top_px <= y <= person.bottom_px


def _is_credible(box: Box, moving: tuple[Box, ...], least_px: float) -> bool:
    is_tall = box.bottom_px - box.top_px >= least_px
    return is_tall or box.score >= _SURE or any(_shared_px2(box, other) > 0 for other in moving)


def _without_doubles(boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    """One box per person, best first."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda one: -one.score):
        if not any(_is_double(box, better) for better in kept):
            kept.append(box)
    return tuple(kept)


def _is_double(box: Box, better: Box) -> bool:
    shared = _shared_px2(box, better)
    own, others = _area_px2(box), _area_px2(better)
    return shared > _OVERLAP * (own + others - shared) or shared > _CONTAINED * own


def _area_px2(box: Box) -> float:
    return (box.right_px - box.left_px) * (box.bottom_px - box.top_px)


def _shared_px2(one: Box, other: Box) -> float:
    width = min(one.right_px, other.right_px) - max(one.left_px, other.left_px)
    height = min(one.bottom_px, other.bottom_px) - max(one.top_px, other.top_px)
    return max(0.0, width) * max(0.0, height)
