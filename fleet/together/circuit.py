"""Planes in order: out along one axis, to circles in layers beside it, home to circles, down one after another."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fleet.commands import Verb
from fleet.together.kinds import PLANES, plane_layers
from fleet.together.traveller import Leg, Plan
from world.ids import VehicleId
from world.position import Enu

ROLL_M = 100.0
"""Until it leaves the ground, at most: planes of 4 kg need less than half."""
RUN_PER_M = 3.5
"""Way over the ground per metre of height in a climb of 5 m/s at 17 m/s."""
ABEAM_M = 60.0
"""From the axis to the nearest circles, beside what circles keep from it anyway."""


class Pad(NamedTuple):
    """Where a plane stands, and where its nose points: radians clockwise from north."""

    at: Enu
    heading_rad: float


def departures(pads: Mapping[VehicleId, Pad], speed_m_s: float) -> list[Plan]:
    """One after another: the next rolls when the one before has reached its layer and is out of the way of its climb.

    Circles lie on both sides of the axis, a stack of layers at each place; the farthest are filled first, so that
    nobody passes one that is taken.
    """
    if not pads:
        return []
    names = sorted(pads)
    circles = _circles(pads, names)
    plans: list[Plan] = []
    for vehicle, circle in zip(names, circles, strict=True):
        pad = pads[vehicle]
        run_m = ROLL_M + RUN_PER_M * (circle.up_m - pad.at.up_m)
        top = Enu(
            east_m=pad.at.east_m + run_m * math.sin(pad.heading_rad),
            north_m=pad.at.north_m + run_m * math.cos(pad.heading_rad), up_m=circle.up_m,
        )
        legs = (
            Leg(verb=Verb.TAKE_OFF, end=top, circles=True),
            Leg(verb=Verb.GO_TO, end=circle, speed_m_s=speed_m_s, circles=True),
        )
        before = frozenset({(plans[-1].vehicle, 0)}) if plans else frozenset[tuple[VehicleId, int]]()
        plans.append(Plan(vehicle=vehicle, legs=legs, after=(before, frozenset())))
    return plans


def _circles(pads: Mapping[VehicleId, Pad], names: Sequence[VehicleId]) -> list[Enu]:
    """The farthest stack first, the highest layer of it first."""
    first = pads[names[0]]
    layers = plane_layers(max(pad.at.up_m for pad in pads.values()))
    count = math.ceil(len(names) / len(layers))
    east, north = math.cos(first.heading_rad), -math.sin(first.heading_rad)
    found = []
    for stack in reversed(range(count)):
        off_m = (-1) ** stack * (ABEAM_M + PLANES.berth_m * (1 + stack // 2))
        found += [
            Enu(east_m=first.at.east_m + off_m * east, north_m=first.at.north_m + off_m * north, up_m=up_m)
            for up_m in reversed(layers)
        ]
    return found[-len(names):]


def stacks(centre: Enu, count: int) -> list[Enu]:
    """Circles for so many: over a place all layers, then beside it."""
    layers = plane_layers(centre.up_m)
    cells = sorted(
        ((PLANES.berth_m * e, PLANES.berth_m * n) for e in range(-4, 5) for n in range(-4, 5)),
        key=lambda cell: (math.hypot(*cell), cell),
    )
    return [
        Enu(east_m=centre.east_m + east_m, north_m=centre.north_m + north_m, up_m=up_m)
        for east_m, north_m in cells for up_m in layers
    ][:count]


def landings(at: Mapping[VehicleId, Enu], pads: Mapping[VehicleId, Enu]) -> list[Plan]:
    """The lowest first; the next when the one before stands."""
    plans: list[Plan] = []
    for vehicle in sorted(at, key=lambda v: (at[v].up_m, v)):
        before = frozenset({(plans[-1].vehicle, 0)}) if plans else frozenset[tuple[VehicleId, int]]()
        plans.append(Plan(vehicle=vehicle, legs=(Leg(verb=Verb.LAND, end=pads[vehicle]),), after=(before,)))
    return plans
