"""Sensor noise: a bank of normal noise drawn once, laid over each picture at a place drawn for that picture alone."""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from sim.worlds.chance import generator

Bytes = npt.NDArray[np.uint8]

_BANK_PX = 1500


@cache
def _bank(sigma: float) -> tuple[Bytes, Bytes]:
    """Brightening and darkening parts, (1500, 1500, 3) each: two saturating additions instead of a million draws."""
    noise = np.rint(generator(0, "noise bank").standard_normal((_BANK_PX, _BANK_PX, 3)) * sigma)
    return np.clip(noise, 0, 255).astype(np.uint8), np.clip(-noise, 0, 255).astype(np.uint8)


def add_noise(picture: Bytes, *, sigma: float, seed: int, vehicle: str, sensor: str, frame: int) -> Bytes:
    """A noisy copy of an (h, w, 3) or (h, w) picture; sigma in counts."""
    if sigma <= 0.0:
        return picture
    height, width = picture.shape[:2]
    channels = slice(None) if picture.ndim == 3 else 0
    chance = generator(seed, "noise", vehicle, sensor, frame)
    top, left = (int(chance.integers(0, _BANK_PX - size)) for size in (height, width))
    brighter, darker = (part[top : top + height, left : left + width, channels] for part in _bank(sigma))
    return np.asarray(cv2.subtract(cv2.add(picture, brighter), darker), np.uint8)
