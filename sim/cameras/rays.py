"""Where rays meet the terrain. Rays have a forward part of 1, so that distance along them is depth in the picture."""

import numpy as np
import numpy.typing as npt

from sim.cameras.jit import jit

Floats = npt.NDArray[np.float64]
Heights = npt.NDArray[np.float32]

STEP_PX = 8
REACH_M = 1500.0
_TOUCH_M = 0.02
_MAX_STEPS = 400


@jit
def height_at(heights: Heights, west: float, south: float, cell: float, east: float, north: float) -> float:
    """Bilinear height; -inf beyond the grid, so that rays leave the place into the sky."""
    x, y = (east - west) / cell, (north - south) / cell
    rows, cols = heights.shape
    if x < 0.0 or y < 0.0 or x > cols - 1 or y > rows - 1:
        return -np.inf
    c, r = min(int(x), cols - 2), min(int(y), rows - 2)
    u, v = x - c, y - r
    low = heights[r, c] * (1.0 - u) + heights[r, c + 1] * u
    high = heights[r + 1, c] * (1.0 - u) + heights[r + 1, c + 1] * u
    return float(low * (1.0 - v) + high * v)


@jit
def ground_depth(
    heights: Heights, grid: Floats, top: float, steepest: float, origin: Floats, direction: Floats, reach: float
) -> float:
    """Depth of the first ground along a ray, 0 for none; grid = (west, south, cell).

    Steps as far as the clearance allows at the steepest slope of the place, so that no ridge is jumped.
    """
    flat = np.sqrt(direction[0] ** 2 + direction[1] ** 2)
    closing = steepest * flat - direction[2]
    if closing <= 1e-6:
        return 0.0
    t = 0.0
    if origin[2] > top:
        if direction[2] >= 0.0:
            return 0.0
        t = (top - origin[2]) / direction[2]
    length = np.sqrt(flat * flat + direction[2] ** 2)
    gap_before, t_before = np.inf, t
    for _ in range(_MAX_STEPS):
        if t * length > reach:
            return 0.0
        east, north = origin[0] + t * direction[0], origin[1] + t * direction[1]
        gap = origin[2] + t * direction[2] - height_at(heights, grid[0], grid[1], grid[2], east, north)
        if gap == np.inf:
            return 0.0
        if gap < _TOUCH_M:
            if gap_before - gap > 1e-9 and gap_before < np.inf:
                t += max(-0.5, min(0.5, gap * (t - t_before) / (gap_before - gap)))
            return max(t, 1e-3)
        gap_before, t_before = gap, t
        t += max(gap / closing, 0.005)
    return t


@jit
def inverse_depths(
    heights: Heights,
    grid: Floats,
    top: float,
    steepest: float,
    origin: Floats,
    axes: Floats,
    lens: Floats,
    out: Floats,
) -> None:
    """Fill (rows, cols) with 1 / depth at every STEP_PX-th pixel corner, 0 for sky; lens = (focal, middle x, middle y).

    1 / depth of a plane is linear over the picture: interpolating it is exact on every flat facet.
    """
    direction = np.empty(3)
    for r in range(out.shape[0]):
        y = (r * STEP_PX - lens[2]) / lens[0]
        for c in range(out.shape[1]):
            x = (c * STEP_PX - lens[1]) / lens[0]
            for k in range(3):
                direction[k] = axes[0, k] + x * axes[1, k] + y * axes[2, k]
            t = ground_depth(heights, grid, top, steepest, origin, direction, REACH_M)
            out[r, c] = 1.0 / t if t > 0.0 else 0.0


@jit
def fill_depths(
    heights: Heights,
    grid: Floats,
    top: float,
    steepest: float,
    origin: Floats,
    axes: Floats,
    lens: Floats,
    coarse: Floats,
    depth: npt.NDArray[np.float32],
) -> None:
    """(h, w) depth at pixel centres, inf for sky. Blocks that an edge of a hill crosses get a ray for every pixel."""
    direction = np.empty(3)
    height, width = depth.shape
    for br in range((height + STEP_PX - 1) // STEP_PX):
        for bc in range((width + STEP_PX - 1) // STEP_PX):
            a, b = coarse[br, bc], coarse[br, bc + 1]
            c, d = coarse[br + 1, bc], coarse[br + 1, bc + 1]
            low, high = min(a, b, c, d), max(a, b, c, d)
            is_smooth = low > 0.0 and high < 1.3 * low and abs(a + d - b - c) < 0.02 * low
            is_sky = high == 0.0
            for py in range(br * STEP_PX, min(br * STEP_PX + STEP_PX, height)):
                v = (py + 0.5) / STEP_PX - br
                left, right = a + (c - a) * v, b + (d - b) * v
                for px in range(bc * STEP_PX, min(bc * STEP_PX + STEP_PX, width)):
                    if is_smooth:
                        depth[py, px] = 1.0 / (left + (right - left) * ((px + 0.5) / STEP_PX - bc))
                    elif is_sky:
                        depth[py, px] = np.inf
                    else:
                        x, y = (px + 0.5 - lens[1]) / lens[0], (py + 0.5 - lens[2]) / lens[0]
                        for k in range(3):
                            direction[k] = axes[0, k] + x * axes[1, k] + y * axes[2, k]
                        t = ground_depth(heights, grid, top, steepest, origin, direction, REACH_M)
                        depth[py, px] = t if t > 0.0 else np.inf
