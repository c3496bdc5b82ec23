"""The cheap cue in thermal pictures: blobs warmer than their surroundings, of a person's size."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from perception.detectors.picture import Grey, Picture
from perception.model import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmLimits:
    """A person of 1.7 m by 0.5 m shows 0.2 m2 (sitting, half hidden) to 1.2 m2 (arms out, lying)."""

    contrast: float = 18.0
    """Grey levels above the surroundings, 5 K of a 70 K span: trunks stay below, clothes on a cool day reach 50."""
    least_area_m2: float = 0.04
    greatest_area_m2: float = 2.0
    greatest_extent_m: float = 3.0
    least_pixels: int = 5
    surroundings_m: float = 6.0
    most_candidates: int = 12


def warm_blobs(picture: Picture, limits: WarmLimits | None = None) -> tuple[Box, ...]:
    """Candidate boxes, warmest first; the score is the contrast over 255. Fire fails by its extent."""
    limits = limits or WarmLimits()
    scale = picture.gsd_m(picture.bgr.shape[0] / 2)
    if picture.thermal is None or scale is None:
        return ()
    excess = _excess(picture.thermal, max(3, round(limits.surroundings_m / scale) | 1))
    warm = (excess >= limits.contrast).astype(np.uint8)
    mask = cv2.morphologyEx(warm, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, rows, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found: list[Box] = []
    for index in range(1, count):
        left, top, width, height, pixels = (int(value) for value in rows[index])
        gsd_m = picture.gsd_m(top + height) or scale
        if pixels < limits.least_pixels or not limits.least_area_m2 <= pixels * gsd_m**2 <= limits.greatest_area_m2:
            continue
        if max(width, height) * gsd_m > limits.greatest_extent_m or _touches_edge(rows[index], mask.shape):
            continue
        part = labels[top : top + height, left : left + width] == index
        contrast = float(excess[top : top + height, left : left + width][part].max())
        found.append(
            Box(left_px=left, top_px=top, right_px=left + width, bottom_px=top + height, score=contrast / 255)
        )
    found.sort(key=lambda box: (-box.score, box.top_px, box.left_px))
    return tuple(found[: limits.most_candidates])


def _touches_edge(row: npt.NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """A body cut by the picture's edge shows neither its size nor its feet; the next picture has it whole."""
    left, top, width, height = (int(value) for value in row[:4])
    return left == 0 or top == 0 or left + width == shape[1] or top + height == shape[0]


def _excess(thermal: Grey, window_px: int) -> Grey:
    """Grey levels above the local mean of a lightly smoothed picture; negative differences become 0."""
    smooth = cv2.GaussianBlur(thermal, (3, 3), 0)
    return cv2.subtract(smooth, cv2.blur(smooth, (window_px, window_px))).astype(np.uint8)
