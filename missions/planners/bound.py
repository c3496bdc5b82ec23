"""A proven lower bound on the makespan of searching an area with a given camera and given vehicles.

Claim. T, the time from the first take-off to the last touch-down, is at least `water_filling_s(A, contributors)` for
every
plan that takes its images on straight legs flown forward, with a stop or a turn of 90 degrees or more between legs,
at most
`height_m` over ground that is level within each image. (Images triggered by distance allow no others: a turn on the
spot
triggers none. Looking down a slope an image reaches farther: that gain is outside the claim.)

Proof.
1. Every point needs at least one look. From a leg, a point y metres off the track is in view over L(y) metres of
flight,
   L as in `Camera.window_m`, falling with |y|, zero beyond W / 2, W being the width of the footprint's far edge.
2. A leg of length l gives a first look to at most the integral over y of l + L(y), for |y| <= W / 2: W l plus the
area F of
   one footprint. Before it the vehicle stopped or turned, which costs `corner_s`. Its rate is at most
   (W l + F) / (l / v + corner_s), monotone in l: at most r = max(W v, F / corner_s).
3. A vehicle that contributes has first climbed to the least search height or gone to where the area comes into view,
and has
   come back, descended and landed: o_v seconds, at least, in which it covers nothing.
4. The ground between cell centres, of area A, must be seen, so that sum over v of r_v max(0, T - o_v) >= A. The left
side
   rises with T: the least such T is a bound (water filling). QED
"""

from collections.abc import Sequence
from dataclasses import dataclass

from missions.planners.camera import Camera
from missions.planners.timing import Pace


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


def covering_rate_m2_s(camera: Camera, pace: Pace, height_m: float) -> float:
    """r of the proof: the footprint is a trapezium between its near and its far edge."""
    far_m = camera.reach_m(height_m)
    near_m = camera.window_m(height_m, 0.0)[0]
    widest_m, narrowest_m = camera.width_at_m(height_m, far_m), camera.width_at_m(height_m, near_m)
    footprint_m2 = (widest_m + narrowest_m) / 2 * (far_m - near_m)
    return max(widest_m * pace.cruise_m_s, footprint_m2 / pace.corner_s)
