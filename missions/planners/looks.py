"""Looks that a route will give to every cell, image by image over the terrain: the same count that perception later
makes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from missions.planners.camera import Camera
from world.position import Enu

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """Straight flight with the camera triggered every `trigger_m`."""

    a: Enu
    b: Enu
    trigger_m: float
    restarts: bool = False
    """The trigger is set anew at `a`: the first image comes one distance later."""


def predicted(legs: Sequence[Leg], camera: Camera, ground_points: Floats, *, margin_m: float) -> Counts:
    """Looks per point of (m, 3) ground points; the worse of two guesses of where the first image of a strip falls."""
    worst = [_counted(legs, camera, ground_points, margin_m, phase) for phase in (0.5, 1.0)]
    return np.minimum(*worst)


def _counted(legs: Sequence[Leg], camera: Camera, points: Floats, margin_m: float, phase: float) -> Counts:
    counts = np.zeros(len(points), np.int64)
    to_next_m = 0.0
    for leg in legs:
        length_m = math.hypot(leg.b.east_m - leg.a.east_m, leg.b.north_m - leg.a.north_m)
        first_m = phase * leg.trigger_m if leg.restarts else to_next_m
        at_m = np.arange(first_m, length_m + 1e-9, leg.trigger_m)
        to_next_m = (at_m[-1] + leg.trigger_m if len(at_m) else first_m) - length_m
        if len(at_m) == 0:
            continue
        share = (at_m / length_m)[:, None]
        a, b = _array(leg.a), _array(leg.b)
        images = a + share * (b - a)
        near = np.arange(len(points))
        for _ in range(2):  # first with the lowest ground of all, then with the lowest of what that leaves
            near = _within_reach(images, points, near)
        if len(near) == 0:
            continue
        heading = np.full(len(images), math.atan2(leg.b.east_m - leg.a.east_m, leg.b.north_m - leg.a.north_m))
        counts[near] += camera.sees(images, heading, points[near], margin_m=margin_m).sum(axis=0)
    return counts


def _within_reach(images: Floats, points: Floats, among: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Points that any image may see: at most three times as far away as the ground is below."""
    if len(among) == 0:
        return among
    reach_m = 3.0 * float(np.abs(images[:, 2].max() - points[among, 2].min())) + 1.0
    low, high = images[:, :2].min(axis=0) - reach_m, images[:, :2].max(axis=0) + reach_m
    x, y = points[among, 0], points[among, 1]
    return np.asarray(among[(x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1])], np.int64)


def _array(at: Enu) -> Floats:
    return np.array([at.east_m, at.north_m, at.up_m])
