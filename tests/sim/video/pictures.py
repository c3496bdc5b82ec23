"""Pictures and access units for video tests: a square that moves over a gradient."""

from functools import cache

import numpy as np

from sim.video.encoder import AccessUnit, H264Encoder

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def picture(number: int, *, width: int = 320, height: int = 240) -> Bytes:
    rows, cols = np.mgrid[0:height, 0:width]
    rgb = np.stack([rows % 256, cols % 256, (rows + cols) % 256], axis=2).astype(np.uint8)
    left = 8 * number % (width - 40)
    rgb[60:100, left : left + 40] = (250, 20, 20)
    return rgb


@cache
def units(count: int, *, all_keys: bool = False) -> tuple[AccessUnit, ...]:
    encoder = H264Encoder(320, 240)
    return tuple(encoder.encode(picture(n), n * 100_000_000, is_key=all_keys or n == 0) for n in range(count))
