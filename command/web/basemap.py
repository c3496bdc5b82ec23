"""Hillshade with contours as one PNG per theme: the base map when there is nothing but the survey."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from world.terrain import Terrain

Floats = npt.NDArray[np.float32]
Image = npt.NDArray[np.uint8]

_SIDE_PX = 1400
_CONTOUR_M = 20.0
_INDEX_EVERY = 5
# Light from the north-west at 45 degrees, as on printed maps.
_LIGHT = np.array([-0.5, 0.5, 0.7071], np.float32)


class Theme(StrEnum):
    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """Grey range of the ground (0..255), its tint in red, green, blue, and the contour lines' grey and opacities."""

    low: float
    high: float
    tint: tuple[float, float, float]
    gamma: float
    line: float
    thin: float
    thick: float


# The ranges are --map-lo and --map-hi of tokens.css: terrain stays under a third of the range so that symbols lead.
_INKS = {
    Theme.DARK: Ink(low=9, high=66, tint=(0.86, 0.98, 1.14), gamma=1.2, line=200, thin=0.09, thick=0.19),
    Theme.LIGHT: Ink(low=176, high=250, tint=(0.985, 0.995, 1.0), gamma=0.8, line=40, thin=0.11, thick=0.24),
}


def hillshade_png(terrain: Terrain, theme: Theme) -> bytes:
    """North up, at most 1400 pixels a side."""
    heights, metres_per_px = _enlarged(terrain)
    ink = _INKS[theme]
    shade = ink.low + (ink.high - ink.low) * _lit(heights, metres_per_px) ** ink.gamma
    colours = shade[..., None] * np.array(ink.tint[::-1], np.float32)  # OpenCV keeps blue first
    opacity = _contour_opacity(heights, metres_per_px, ink)[..., None]
    colours = colours * (1 - opacity) + ink.line * opacity
    is_written, png = cv2.imencode(".png", np.clip(colours, 0, 255).astype(np.uint8))
    assert is_written
    return bytes(png.tobytes())


def _enlarged(terrain: Terrain) -> tuple[Floats, float]:
    """Heights resampled smoothly, first row northernmost."""
    north_up = np.ascontiguousarray(terrain.heights_m[::-1])
    rows, cols = north_up.shape
    factor = _SIDE_PX / max(rows, cols)
    size = (max(2, round(cols * factor)), max(2, round(rows * factor)))
    kind = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    heights = cv2.GaussianBlur(cv2.resize(north_up, size, interpolation=kind), (0, 0), max(0.8, factor * 0.8))
    return np.asarray(heights, np.float32), terrain.cell_m * (cols - 1) / (size[0] - 1)


def _lit(heights: Floats, metres_per_px: float) -> Floats:
    down, right = np.gradient(heights, metres_per_px)
    normal = np.stack([-right, down, np.ones_like(heights)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.asarray(np.clip(0.08 + 1.05 * (normal @ _LIGHT), 0, 1), np.float32)


def _contour_opacity(heights: Floats, metres_per_px: float, ink: Ink) -> Floats:
    """A line where the nearest contour is less than half a pixel away, judged by the slope."""
    down, right = np.gradient(heights, metres_per_px)
    slope = np.hypot(down, right)
    level = heights / _CONTOUR_M
    nearest = np.round(level)
    distance_px = np.abs(level - nearest) * _CONTOUR_M / np.maximum(slope, 1e-3) / metres_per_px
    is_index = nearest % _INDEX_EVERY == 0
    cover = np.clip(1.1 - distance_px, 0, 1) * (slope > 0.02)
    return np.asarray(cover * np.where(is_index, ink.thick, ink.thin), np.float32)
