"""How each kind passes its like: spacing, pace, routes. What a kind cannot do is said here, and modelled.

Copters wait in the air and pass in layers. Rovers and boats have one height: they pass one after another, and in and
out of berths that are nearer to each other than ways may be. Submarines pass in layers of depth and come up apart.
Planes cannot stand: where others stand they circle, and what they hold is the whole circle.
"""

import math
from collections.abc import Mapping, Sequence

from fleet.together.lanes import Lanes
from fleet.together.passage import Manner
from fleet.together.sight import CIRCLE_M, FLIES, medium_of
from fleet.together.spacing import Spacing
from fleet.together.weave import Errand, Gait, Routes
from world.ids import VehicleId
from world.position import Enu

FLAT_M = 1e6
"""Layer of those that have no layers."""
APRON_M = 16.0
"""Beside a berth, where ways in and out of it may begin and end."""
BESIDE = ((0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0))
PARKED_M = 4.0

ROVERS = Spacing(horizontal_m=5.0, layer_m=FLAT_M, slack_m=4.4, slack_up_m=0.0)
BOATS = Spacing(horizontal_m=8.0, layer_m=FLAT_M, slack_m=4.4, slack_up_m=0.0)
"""Slacks: two GNSS fixes, as for copters. Boats drift while they keep their place, hence farther than rovers."""
SUBS = Spacing(horizontal_m=8.0, layer_m=3.0, slack_m=5.0, slack_up_m=1.0)
"""Depth is measured by pressure, to decimetres; places under water are worse than GNSS and their errors are not here.
"""
PLANES = Spacing(horizontal_m=2.0 * CIRCLE_M + 40.0, layer_m=12.0, slack_m=30.0, slack_up_m=3.0)
"""Between centres of circles: planes themselves are then 40 m apart, or a layer. The slack is the width of a circle
that is flown in wind. Heights: ArduPlane's TECS keeps some metres in gusts.
"""
PLANE_LOWEST_M, PLANE_HIGHEST_M = 40.0, 110.0
"""Over the pad; the guard wants 30 to 120 m over the ground."""

ROVER_GAIT = Gait(flat_m_s=1.5, up_m_s=FLAT_M, down_m_s=FLAT_M, pause_s=6.0, lands_s=0.0)
BOAT_GAIT = Gait(flat_m_s=1.5, up_m_s=FLAT_M, down_m_s=FLAT_M, pause_s=8.0, lands_s=0.0)
SUB_GAIT = Gait(flat_m_s=0.5, up_m_s=0.4, down_m_s=0.4, pause_s=6.0, lands_s=0.0)
PLANE_GAIT = Gait(flat_m_s=15.0, up_m_s=2.5, down_m_s=2.5, pause_s=10.0, lands_s=120.0)


def rovers(is_boat: bool) -> Manner:
    """One height: straight, or by places beside both ends."""
    spacing, gait = (BOATS, BOAT_GAIT) if is_boat else (ROVERS, ROVER_GAIT)
    return Manner(
        lanes=Lanes(spacing=spacing, speed_m_s=gait.flat_m_s), gait=gait, routes=lambda errands: around_berths,
        parked_m=PARKED_M, straight=False, kinds=medium_of("boat" if is_boat else "rover"),
    )


def around_berths(errand: Errand) -> list[tuple[Enu, ...]]:
    outs, ins = _beside(errand.at), _beside(errand.to)
    return [
        (errand.at, errand.to),
        *((errand.at, out, errand.to) for out in outs),
        *((errand.at, into, errand.to) for into in ins),
        *((errand.at, out, into, errand.to) for out in outs for into in ins),
    ]


def _beside(at: Enu) -> list[Enu]:
    return [
        Enu(east_m=at.east_m + APRON_M * east, north_m=at.north_m + APRON_M * north, up_m=at.up_m)
        for east, north in BESIDE
    ]


def subs() -> Manner:
    """Layers between where they are and where they go, and none deeper: nobody knows the bed there."""
    def routes(errands: Sequence[Errand]) -> Routes:
        return _by_depths

    return Manner(
        lanes=Lanes(spacing=SUBS, speed_m_s=SUB_GAIT.flat_m_s), gait=SUB_GAIT, routes=routes, straight=False,
        kinds=medium_of("sub"),
    )


def _by_depths(errand: Errand) -> list[tuple[Enu, ...]]:
    low_m, high_m = sorted((errand.at.up_m, errand.to.up_m))
    count = int((high_m - low_m) / SUBS.lane_m)
    depths = [errand.at.up_m, *(low_m + k * SUBS.lane_m for k in range(1, count))]
    if not errand.lands:
        depths.append(errand.to.up_m)
    return [_by_height(errand, up_m) for up_m in depths]


def _by_height(errand: Errand, up_m: float) -> tuple[Enu, ...]:
    at, to = errand.at, errand.to
    corners = (
        Enu(east_m=at.east_m, north_m=at.north_m, up_m=up_m), Enu(east_m=to.east_m, north_m=to.north_m, up_m=up_m)
    )
    points = [at]
    for corner in (*corners, to):
        if math.dist(_xyz(points[-1]), _xyz(corner)) >= 0.5:
            points.append(corner)
    return (*points, to) if len(points) == 1 else tuple(points)


def _xyz(at: Enu) -> tuple[float, float, float]:
    return at.east_m, at.north_m, at.up_m


def planes(pads_m: Mapping[VehicleId, float]) -> Manner:
    """Circles in layers: up or down in circles where they are, along a layer, and up or down in circles there."""
    def routes(errands: Sequence[Errand]) -> Routes:
        return lambda errand: [
            _by_height(errand, up_m)
            for up_m in (errand.at.up_m, errand.to.up_m, *plane_layers(pads_m.get(errand.vehicle, 0.0)))
        ]

    return Manner(
        lanes=Lanes(spacing=PLANES, speed_m_s=PLANE_GAIT.flat_m_s), gait=PLANE_GAIT, routes=routes, straight=False,
        circles=True, kinds=FLIES,
    )


def plane_layers(pad_m: float) -> list[float]:
    count = int((PLANE_HIGHEST_M - PLANE_LOWEST_M) / PLANES.lane_m) + 1
    return [pad_m + PLANE_LOWEST_M + k * PLANES.lane_m for k in range(count)]


def surfacing(at: Mapping[VehicleId, Enu], up_m: Mapping[VehicleId, float]) -> dict[VehicleId, Enu]:
    """Where each submarine comes up: over where it is, or as near as others leave room. The highest chooses first."""
    step_m, found = SUBS.berth_m, dict[VehicleId, Enu]()
    for vehicle in sorted(at, key=lambda v: (-at[v].up_m, v)):
        here = at[vehicle]
        for east_m, north_m in _rings(step_m):
            spot = Enu(east_m=here.east_m + east_m, north_m=here.north_m + north_m, up_m=up_m[vehicle])
            if all(math.hypot(spot.east_m - o.east_m, spot.north_m - o.north_m) >= step_m for o in found.values()):
                found[vehicle] = spot
                break
    return found


def _rings(step_m: float) -> list[tuple[float, float]]:
    """A grid around, the nearest first; one ring more than a hundred need."""
    cells = [(step_m * e, step_m * n) for e in range(-12, 13) for n in range(-12, 13)]
    return sorted(cells, key=lambda cell: (math.hypot(*cell), cell))
