"""What a detector gets to see: one detection image in both spectra, with the scale that makes a person a size."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from perception.model import Box

Bgr = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """bgr: (height, width, 3); thermal: (height, width), brighter is warmer, None for a camera without it.

    Ground metres per pixel across the line of sight at the upper and lower edge; None when the scale is unknown.
    """

    bgr: Bgr
    thermal: Grey | None = None
    gsd_top_m: float | None = None
    gsd_bottom_m: float | None = None

    def gsd_m(self, y_px: float) -> float | None:
        """Ground metres per pixel at a row."""
        if self.gsd_top_m is None or self.gsd_bottom_m is None:
            return None
        part = y_px / float(self.bgr.shape[0])
        return self.gsd_top_m * (1 - part) + self.gsd_bottom_m * part


class PictureDetector(Protocol):
    """Finds people. The same picture always gives the same boxes."""

    def examine(self, picture: Picture) -> tuple[Box, ...]: ...
