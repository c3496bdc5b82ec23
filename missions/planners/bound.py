"""A proven lower bound on the makespan of searching an area with a given camera and given vehicles.

Claim. Let T be the time at which the last vehicle lands. Then T >= `makespan_bound_s` for every *strip plan*: a plan whose
images count on straight legs flown forward (the only images that distance triggering in a route takes: a turn on the spot
covers no distance and triggers nothing), with strips that reverse or turn by 90 degrees or more in between.

Proof. (1) A ground point shown by an image lies at depth z before the lens, and z <= h cos(f) / sin(d - f), where h is the
height of the camera over that point, d the camera's pitch and f half its vertical opening angle. It is therefore at most
z tan(g) off the track, g half the horizontal angle: a leg of length l shows, of new ground, at most w l plus one first footprint
w L, where w = 2 z tan(g) and L is the footprint's length. (2) A cell that needs m looks on one leg is in the footprint for m - 1
trigger distances, so that a leg's gain over w l is at most w B with B = max(0, L - (m - 1) trigger); a leg that gives all m looks
has l >= (m - 1) trigger, and before it the vehicle turned, which costs at least `corner_s`. Hence no vehicle covers more than
r = max(w v, w (l + B) / (l / v + corner_s) at l = (m - 1) trigger) per second, as the quotient is monotone in l. (3) A vehicle that
contributes has first climbed from home to the lowest search height or gone from home to where the area comes into view,
whichever takes longer, and has afterwards come back and descended: o_v. (4) The ground between cell centres, area A, must
have been seen, so sum over v of r_v max(0, T - o_v) >= A. The left side rises with T: the least such T is a bound (water filling). QED

h is bounded by the highest flight over the lowest ground an image from there can show: `height_over_seen_m`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from missions.planners.camera import Camera
from missions.planners.timing import Pace
from world.terrain import Terrain


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """Rate of covering new ground, and the time a vehicle needs beside covering."""

    rate_m2_s: float
    overhead_s: float


def water_filling_s(needed_m2: float, contributors: Sequence[Contributor]) -> float:
    """Least T with sum of rate * max(0, T - overhead) >= needed."""
    if needed_m2 <= 0 or not contributors:
        return 0.0
    rate, weighted = 0.0, 0.0
    ordered = sorted(contributors, key=lambda one: one.overhead_s)
    for k, one in enumerate(ordered):
        rate += one.rate_m2_s
        weighted += one.rate_m2_s * one.overhead_s
        level_s = (needed_m2 + weighted) / rate
        if k + 1 == len(ordered) or level_s <= ordered[k + 1].overhead_s:
            return level_s
    raise AssertionError("the last contributor always returns")


def covering_rate_m2_s(camera: Camera, pace: Pace, height_m: float, trigger_m: float, min_looks: int) -> float:
    """Step (1) and (2) of the proof, for cameras at most `height_m` over what they see."""
    reach_m = camera.reach_m(height_m)
    width_m = camera.width_at_m(height_m, reach_m)
    least_leg_m = (min_looks - 1) * trigger_m
    length_m = reach_m - camera.window_m(height_m, 0.0)[0]
    bonus_m = max(0.0, length_m - least_leg_m)
    short = width_m * (least_leg_m + bonus_m) / (least_leg_m / pace.cruise_m_s + pace.corner_s)
    return max(width_m * pace.cruise_m_s, short)


def height_over_seen_m(terrain: Terrain, area: tuple[float, float, float, float], camera: Camera, height_m: float) -> float:
    """Greatest height of a camera, flown `height_m` over the terrain, above a point of the area (west, south, east, north) it sees.

    The drop of the ground within reach raises the height, which lengthens the reach: iterate upwards to the fixed point, at
    most until the reach spans the whole terrain.
    """
    heights = terrain.heights_m.astype(np.float64)
    rows = slice(*_nodes(area[1], area[3], terrain.south_m, terrain.cell_m, heights.shape[0]))
    columns = slice(*_nodes(area[0], area[2], terrain.west_m, terrain.cell_m, heights.shape[1]))
    seen = heights[rows, columns]
    corner = (1.0 + (camera.width_at_m(1.0, camera.reach_m(1.0)) / 2 / camera.reach_m(1.0)) ** 2) ** 0.5
    over_m = height_m
    for _ in range(12):
        reach_nodes = int(np.ceil(camera.reach_m(over_m) * corner / terrain.cell_m)) + 1
        highest = ndimage.maximum_filter(heights, size=2 * min(reach_nodes, max(heights.shape)) + 1, mode="nearest")
        raised_m = height_m + float((highest[rows, columns] - seen).max())
        if raised_m <= over_m + 0.1:
            break
        over_m = raised_m
    return over_m


def _nodes(low_m: float, high_m: float, origin_m: float, cell_m: float, count: int) -> tuple[int, int]:
    first = int(np.floor((low_m - origin_m) / cell_m))
    last = int(np.ceil((high_m - origin_m) / cell_m))
    return max(0, first), min(count, last + 1)
