"""Colours every pixel of the bare ground: the painted map, refined by a tile of fine grain, and the sky above."""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.jit import jit
from sim.worlds.chance import generator

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Depths = npt.NDArray[np.float32]

TILE_PX = 1024
TILE_CELL_M = 0.05
_SKY_TOP = (120.0, 160.0, 205.0)
_SKY_LOW = (205.0, 214.0, 220.0)


@cache
def grain_tile() -> npt.NDArray[np.int8]:
    """(1024, 1024) grass, pebbles and tufts of 51 m x 51 m that repeats without seams; percent of brightness."""
    chance = generator(0, "grain")
    total = np.zeros((TILE_PX, TILE_PX))
    for blur_px, weight in ((0.8, 5.0), (2.5, 5.0), (8.0, 4.0)):
        white = np.tile(chance.standard_normal((TILE_PX, TILE_PX)), (3, 3))
        soft = cv2.GaussianBlur(white, (0, 0), blur_px)[TILE_PX : 2 * TILE_PX, TILE_PX : 2 * TILE_PX]
        total += weight * soft / soft.std()
    return np.clip(np.rint(total), -60, 60).astype(np.int8)


@jit
def shade_ground(
    origin: Floats,
    axes: Floats,
    lens: Floats,
    depth: Depths,
    texture: Bytes,
    ground: Floats,
    tile: npt.NDArray[np.int8],
    rgb: Bytes,
    thermal: Bytes,
) -> None:
    """Fill both pictures where there is ground or sky; ground = (west, south, cell) of the texture."""
    height, width = depth.shape
    rows, cols = texture.shape[0], texture.shape[1]
    scale, focal = 1.0 / ground[2], 1.0 / lens[0]
    one, half = np.float32(1.0), np.float32(0.5)
    for py in range(height):
        y = (py + 0.5 - lens[2]) * focal
        east0, north0 = axes[0, 0] + y * axes[2, 0], axes[0, 1] + y * axes[2, 1]
        for px in range(width):
            t = depth[py, px]
            x = (px + 0.5 - lens[1]) * focal
            if t == np.inf:
                _sky(axes, x, y, rgb[py, px])
                thermal[py, px] = 0
                continue
            east = origin[0] + t * (east0 + x * axes[1, 0]) - ground[0]
            north = origin[1] + t * (north0 + x * axes[1, 1]) - ground[1]
            u = min(max(east * scale - 0.5, 0.0), cols - 1.001)
            v = min(max(north * scale - 0.5, 0.0), rows - 1.001)
            c, r = int(u), int(v)
            fu, fv = np.float32(u - c), np.float32(v - r)
            w00, w01 = (one - fu) * (one - fv), fu * (one - fv)
            w10, w11 = (one - fu) * fv, fu * fv
            # Grain finer than a pixel would flicker: it fades with the ground size of a pixel.
            fade = np.float32(min(1.0, 0.10 * lens[0] / t))
            i, j = int(east * (1.0 / TILE_CELL_M)) & (TILE_PX - 1), int(north * (1.0 / TILE_CELL_M)) & (TILE_PX - 1)
            grain = fade * np.float32(tile[j, i])
            gain = one + np.float32(0.01) * grain
            low, high = texture[r], texture[r + 1]
            for k in range(3):
                value = w00 * np.float32(low[c, k]) + w01 * np.float32(low[c + 1, k])
                value += w10 * np.float32(high[c, k]) + w11 * np.float32(high[c + 1, k])
                rgb[py, px, k] = np.uint8(min(value * gain, np.float32(255.0)))
            value = w00 * np.float32(low[c, 3]) + w01 * np.float32(low[c + 1, 3])
            value += w10 * np.float32(high[c, 3]) + w11 * np.float32(high[c + 1, 3])
            value += np.float32(0.08) * grain + half
            thermal[py, px] = np.uint8(min(max(value, np.float32(0.0)), np.float32(255.0)))


@jit
def _sky(axes: Floats, x: float, y: float, out: Bytes) -> None:
    up = axes[0, 2] + x * axes[1, 2] + y * axes[2, 2]
    share = min(max(2.0 * up, 0.0), 1.0)
    for k in range(3):
        out[k] = np.uint8(_SKY_LOW[k] + share * (_SKY_TOP[k] - _SKY_LOW[k]))
