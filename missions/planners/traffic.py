"""The last layer between plans and vehicles: who comes too close within the next seconds, and how one gives way.

Plans keep vehicles apart by nominal timing; wind, visits and slow links change it. This looks at where they are now.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from missions.planners.timing import CORNER_ACCEL_M_S2, Knot, Pace
from world.ids import VehicleId
from world.position import Enu

Floats = npt.NDArray[np.float64]

HORIZON_S = 20.0
"""A way counts as clear when nobody is near it for so long."""
ACT_S = 10.0
"""A vehicle gives way no sooner: farther ahead things change by themselves."""
STEP_S = 0.5
SLACK_STEPS = 3
"""Either of two vehicles may be this many steps behind what is foreseen."""
REACTION_S = 1.5
"""From a state to the vehicle's first move: two hops of the bus, a mode change."""
ASIDE_M = 14.0
"""How far up, down or to a side a vehicle gives way."""
SIDES = 8
HOVERS_M = 0.5
"""By so much distances of standing vehicles change by themselves."""
Fits = Callable[[Enu, Enu], bool]
"""Whether a vehicle may go straight from one place to another."""
TIMES_S = np.arange(0.0, HORIZON_S + STEP_S / 2, STEP_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """A flying vehicle. `tracks` (k, n, 3): ENU at TIMES_S for everything it may do next, as things stand."""

    vehicle: VehicleId
    at: Enu
    velocity_m_s: tuple[float, float, float]
    """East, north, up."""
    pace: Pace
    tracks: Floats
    may_yield: bool
    patience: int = 0
    """Whom to ask first: the lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two vehicles that are foreseen closer than allowed."""

    pair: tuple[VehicleId, VehicleId]
    distance_m: float
    in_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveWay:
    """One vehicle goes to `aside` and stands there until its way is clear."""

    vehicle: VehicleId
    to: VehicleId
    aside: Enu
    track: Floats
    """(n, 3) of its going there."""
    foreseen_m: float
    in_s: float


def sampled(knots: Sequence[Knot]) -> Floats:
    """(n, 3) positions at TIMES_S of a flight whose knots count from now."""
    times = np.array([knot.t_s for knot in knots])
    places = np.array([(knot.at.east_m, knot.at.north_m, knot.at.up_m) for knot in knots])
    return np.column_stack([np.interp(TIMES_S, times, places[:, axis]) for axis in range(3)])


def standing(at: Enu) -> Floats:
    return np.tile([at.east_m, at.north_m, at.up_m], (len(TIMES_S), 1))


def gaps(a: Floats, b: Floats) -> Floats:
    """Least distance of tracks (n, 3) in every step, either up to SLACK_STEPS late: (n - 1,), exact between samples."""
    least = np.full(len(TIMES_S) - 1, np.inf)
    for shift in range(-SLACK_STEPS, SLACK_STEPS + 1):
        gap = a[max(0, -shift) : len(a) - max(0, shift)] - b[max(0, shift) : len(b) - max(0, -shift)]
        move = np.diff(gap, axis=0)
        square = (move * move).sum(axis=1)
        share = np.clip(-(gap[:-1] * move).sum(axis=1) / np.maximum(square, 1e-12), 0.0, 1.0)
        distances = np.linalg.norm(gap[:-1] + share[:, None] * move, axis=1)
        least[: len(distances)] = np.minimum(least[: len(distances)], distances)
    return least


def conflicts(movers: Sequence[Mover], limit_m: float) -> list[Conflict]:
    """Pairs foreseen closer than `limit_m` within ACT_S, the soonest first."""
    boxes = {mover.vehicle: _box(mover.tracks) for mover in movers}
    found = []
    for one, other in itertools.combinations(movers, 2):
        if _boxes_apart_m(boxes[one.vehicle], boxes[other.vehicle]) >= limit_m:
            continue
        distances = _gaps(one.tracks, other.tracks)
        near = np.flatnonzero(distances < limit_m)
        if len(near) and TIMES_S[near[0]] <= ACT_S:
            pair = (one.vehicle, other.vehicle)
            found.append(Conflict(pair=pair, distance_m=float(distances.min()), in_s=float(TIMES_S[near[0]])))
    return sorted(found, key=lambda conflict: (conflict.in_s, conflict.pair))


def is_clear(track: Floats, vehicle: VehicleId, movers: Sequence[Mover], limit_m: float) -> bool:
    """Nobody else is foreseen within `limit_m` of a track."""
    return bool((_foreseen(track, vehicle, movers, limit_m) >= limit_m).all())


def parts_from(track: Floats, vehicle: VehicleId, movers: Sequence[Mover], limit_m: float) -> bool:
    """A track along which whoever is within `limit_m` now is never closer than now, and nobody else comes so near."""
    others = [mover.tracks[:, 0] for mover in movers if mover.vehicle != vehicle]
    now_m = min((float(np.linalg.norm(places - track[0], axis=1).min()) for places in others), default=np.inf)
    return bool((_foreseen(track, vehicle, movers, limit_m) >= min(limit_m, now_m - HOVERS_M)).all())


def giving_way(
    conflict: Conflict, movers: Mapping[VehicleId, Mover], limit_m: float, fits: Fits
) -> GiveWay | None:
    """Who of the two gives way and where to: the least move that keeps `limit_m` from everybody, else the one that
    gets or stays clear of them soonest and farthest. None when neither may."""
    best: tuple[tuple[bool, float, int, int, VehicleId], GiveWay] | None = None
    for vehicle, other in (conflict.pair, conflict.pair[::-1]):
        mover = movers[vehicle]
        if not mover.may_yield:
            continue
        for cost, aside in enumerate(_places_aside(mover)):
            if not fits(mover.at, aside):
                continue
            track = _evading(mover, aside)
            distances = _foreseen(track, vehicle, list(movers.values()), limit_m)
            shortfall = float(np.maximum(limit_m - distances, 0.0).sum())
            key = (shortfall > 0.0, shortfall, mover.patience, cost, vehicle)
            if best is None or key < best[0]:
                best = key, GiveWay(
                    vehicle=vehicle,
                    to=other,
                    aside=aside,
                    track=track,
                    foreseen_m=conflict.distance_m,
                    in_s=conflict.in_s,
                )
    return best[1] if best is not None else None


def _places_aside(mover: Mover) -> list[Enu]:
    """Where it can stand: where it stops, above, below, to the sides; in order of what it costs."""
    stop = _stop(mover)
    raised = [replace(stop, up_m=stop.up_m + sign * ASIDE_M) for sign in (1.0, -1.0)]
    angles = [2 * np.pi * k / SIDES for k in range(SIDES)]
    beside = [
        replace(stop, east_m=stop.east_m + ASIDE_M * np.sin(angle), north_m=stop.north_m + ASIDE_M * np.cos(angle))
        for angle in angles
    ]
    return [stop, *raised, *beside]


def _stop(mover: Mover) -> Enu:
    """Where it comes to rest when it brakes after REACTION_S."""
    speed = float(np.linalg.norm(mover.velocity_m_s))
    k = REACTION_S + speed / (2 * CORNER_ACCEL_M_S2)
    east, north, up = mover.velocity_m_s
    return Enu(east_m=mover.at.east_m + k * east, north_m=mover.at.north_m + k * north, up_m=mover.at.up_m + k * up)


def _evading(mover: Mover, aside: Enu) -> Floats:
    """Track of a vehicle that goes on for REACTION_S, brakes, and goes aside meanwhile."""
    stop = _stop(mover)
    speed = float(np.linalg.norm(mover.velocity_m_s))
    brake_s = speed / CORNER_ACCEL_M_S2
    rise_m = abs(aside.up_m - stop.up_m)
    slide_m = float(np.hypot(aside.east_m - stop.east_m, aside.north_m - stop.north_m))
    # from rest and to rest again: half the cruise speed on so short a way
    aside_s = max(rise_m / mover.pace.climb_m_s, 2 * slide_m / mover.pace.cruise_m_s)
    going_on = np.clip(TIMES_S, 0.0, REACTION_S)
    braking = np.clip(TIMES_S - REACTION_S, 0.0, brake_s)
    travelled = going_on + braking - (braking**2 / (2 * brake_s) if brake_s > 0 else 0.0)
    share = np.clip((TIMES_S - REACTION_S) / max(aside_s, 1e-9), 0.0, 1.0)
    start = np.array([mover.at.east_m, mover.at.north_m, mover.at.up_m])
    off = np.array([aside.east_m - stop.east_m, aside.north_m - stop.north_m, aside.up_m - stop.up_m])
    return np.asarray(start + travelled[:, None] * np.array(mover.velocity_m_s) + share[:, None] * off)


def _foreseen(track: Floats, vehicle: VehicleId, movers: Sequence[Mover], limit_m: float) -> Floats:
    """(n - 1,) distances from the nearest other vehicle in every step; infinite where none comes within `limit_m`."""
    box, least = _box(track[None]), np.full(len(TIMES_S) - 1, np.inf)
    for mover in movers:
        if mover.vehicle != vehicle and _boxes_apart_m(box, _box(mover.tracks)) < limit_m:
            least = np.minimum(least, _gaps(track[None], mover.tracks))
    return least


def _gaps(a: Floats, b: Floats) -> Floats:
    """Of any track in (k, n, 3) and any in (m, n, 3)."""
    return np.asarray(np.min([gaps(one, other) for one in a for other in b], axis=0), np.float64)


def _box(tracks: Floats) -> tuple[Floats, Floats]:
    return tracks.min(axis=(0, 1)), tracks.max(axis=(0, 1))


def _boxes_apart_m(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> float:
    """Distance of two axis-parallel boxes: never more than that of what they hold."""
    gap = np.maximum(0.0, np.maximum(a[0] - b[1], b[0] - a[1]))
    return float(np.linalg.norm(gap))
