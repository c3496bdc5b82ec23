"""The cheap cue for a fixed plain camera: what moved since the background was learnt."""

import cv2
import numpy as np

from perception.detectors.picture import Bgr
from perception.model import Box

_HISTORY_FRAMES = 120
_LEAST_PART = 0.0004
"""Of the picture's area: below it a moving thing is no more than foliage."""


class MotionCue:
    """Feed it every picture of one camera in order; it returns boxes around what moves."""

    def __init__(self) -> None:
        self._background = cv2.createBackgroundSubtractorMOG2(_HISTORY_FRAMES, 16, False)

    def boxes(self, bgr: Bgr) -> tuple[Box, ...]:
        moving = cv2.medianBlur(self._background.apply(bgr), 5)
        joined = cv2.dilate(moving, np.ones((7, 5), np.uint8))
        count, _, rows, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        least = _LEAST_PART * bgr.shape[0] * bgr.shape[1]
        return tuple(
            Box(left_px=left, top_px=top, right_px=left + width, bottom_px=top + height, score=1.0)
            for left, top, width, height, pixels in (map(int, row) for row in rows[1:count])
            if pixels >= least
        )
