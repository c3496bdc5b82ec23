"""Several small crops in one network input: one run of the network looks at all of them."""

from dataclasses import dataclass

import cv2
import numpy as np

from perception.detectors.nanodet import NanoDet
from perception.detectors.picture import Bgr
from perception.model import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A square of the picture: its left top corner and side in pixels."""

    left_px: int
    top_px: int
    side_px: int


def tile_around(box: Box, side_px: int, bgr: Bgr) -> Tile:
    """The square of `side_px` centred on a box, moved inside the picture where it can be."""
    height, width = bgr.shape[:2]
    side = min(side_px, height, width)
    left = round((box.left_px + box.right_px - side) / 2)
    top = round((box.top_px + box.bottom_px - side) / 2)
    return Tile(left_px=min(max(left, 0), width - side), top_px=min(max(top, 0), height - side), side_px=side)


def detect_in_tiles(network: NanoDet, bgr: Bgr, tiles: tuple[Tile, ...], *, per_side: int) -> tuple[Box, ...]:
    """People in the tiles, in picture pixels, `per_side` squared tiles to a run of the network."""
    found: list[Box] = []
    share = per_side * per_side
    for first in range(0, len(tiles), share):
        found += _one_run(network, bgr, tiles[first : first + share], per_side)
    return tuple(found)


def _one_run(network: NanoDet, bgr: Bgr, tiles: tuple[Tile, ...], per_side: int) -> list[Box]:
    cell = network.side_px // per_side
    canvas = np.full((network.side_px, network.side_px, 3), 114, np.uint8)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, per_side)
        crop = bgr[tile.top_px : tile.top_px + tile.side_px, tile.left_px : tile.left_px + tile.side_px]
        resized = cv2.resize(crop, (cell, cell), interpolation=cv2.INTER_CUBIC)
        canvas[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell] = resized
    found: list[Box] = []
    for box in network.detect(canvas):
        column = int((box.left_px + box.right_px) / 2 // cell)
        row = int((box.top_px + box.bottom_px) / 2 // cell)
        index = row * per_side + column
        if column < per_side and index < len(tiles):
            found.append(_to_picture(box, tiles[index], row * cell, column * cell, cell))
    return found


def _to_picture(box: Box, tile: Tile, top: int, left: int, cell: int) -> Box:
    """A canvas box in picture pixels, cut to its tile."""
    scale = tile.side_px / cell

    def across(value: float) -> float:
        return tile.left_px + min(max(value - left, 0), cell) * scale

    def down(value: float) -> float:
        return tile.top_px + min(max(value - top, 0), cell) * scale

    return Box(
        left_px=across(box.left_px),
        top_px=down(box.top_px),
        right_px=across(box.right_px),
        bottom_px=down(box.bottom_px),
        score=box.score,
    )
