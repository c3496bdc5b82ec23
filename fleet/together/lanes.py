"""Lanes: which layer each takes to lift, to come home or to enter a formation, and in which order."""

import math
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fleet.commands import Verb
from fleet.together.spacing import Spacing, Way
from fleet.together.traveller import Leg, Plan
from fleet.together.weave import Errand, Routes, Strand, Weave
from world.ids import VehicleId
from world.position import Enu

SHORTEST_M = 1.0
"""What is nearer is there already."""
OVER_M = 3.0
OWN_BELOW_M = 3.0
"""Nobody who stands a little below the lowest layer has to climb first."""
LONGEST_M = 120.0
"""Longer ways are cut, so that others can follow on the same layer."""
HIGHEST_M = 110.0
"""Over the pad; the guard lets nobody be higher than 120 m over the ground."""

DEFAULT = Spacing()

Top = Callable[[Way], float]
"""Highest ground under a way, in plane metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """What heights there are. `lowest_m` above the highest ground of a way, `highest_m` above its pad."""

    spacing: Spacing = DEFAULT
    lowest_m: float = 15.0
    highest_m: float = HIGHEST_M
    speed_m_s: float = 5.0


def routes_by_layers(
    lanes: Lanes, errands: Sequence[Errand], pads_m: Mapping[VehicleId, float], top: Top | None
) -> Routes:
    """To a layer, along it, and from it: of every vehicle all layers between the ground and `highest_m` over its pad.

    Own heights at either end count as layers, too. `pads_m`: how high each pad is.
    """
    floors = {e.vehicle: _ground_m(e, pads_m[e.vehicle], top) + lanes.lowest_m for e in errands}
    base_m, step_m = min(floors.values(), default=0.0), lanes.spacing.lane_m

    def routes(errand: Errand) -> list[tuple[Enu, ...]]:
        floor_m, roof_m = floors[errand.vehicle], pads_m[errand.vehicle] + lanes.highest_m
        count = max(0, math.floor((roof_m - base_m) / step_m + 1e-6) + 1)
        layers = [base_m + k * step_m for k in range(count) if base_m + k * step_m >= floor_m - 1e-6]
        own = [errand.at.up_m] if errand.lands else [errand.at.up_m, errand.to.up_m]
        layers += [up_m for up_m in own if up_m >= floor_m - OWN_BELOW_M or is_over(errand)]
        return [by_layer(errand, up_m) for up_m in layers]

    return routes


def is_over(errand: Errand) -> bool:
    """It is over, or under, where it is to be."""
    at, to = errand.at, errand.to
    return math.hypot(to.east_m - at.east_m, to.north_m - at.north_m) < OVER_M


def by_layer(errand: Errand, up_m: float) -> tuple[Enu, ...]:
    """Points without those that would be no way; always two at least."""
    at, to = errand.at, errand.to
    points = [at]
    count = max(1, math.ceil(math.hypot(to.east_m - at.east_m, to.north_m - at.north_m) / LONGEST_M))
    along = [Enu(
        east_m=at.east_m + k / count * (to.east_m - at.east_m),
        north_m=at.north_m + k / count * (to.north_m - at.north_m), up_m=up_m,
    ) for k in range(count + 1)]
    for point in along:
        if _apart_m(points[-1], point) >= SHORTEST_M:
            points.append(point)
    if len(points) > 1 and _apart_m(points[-1], to) < SHORTEST_M:
        points.pop()
    return (*points, to)


def _apart_m(a: Enu, b: Enu) -> float:
    return math.dist((a.east_m, a.north_m, a.up_m), (b.east_m, b.north_m, b.up_m))


def lift_plans(pads: Mapping[VehicleId, Enu], lanes: Lanes) -> tuple[list[Plan], dict[VehicleId, str]]:
    """The highest first, so that nobody climbs through another; and who finds no layer, with the reason."""
    order = sorted(pads)
    near = _near(order, pads, lanes.spacing.berth_m)
    layer = _layers(order, near)
    lowest = {vehicle: _base_m(vehicle, near, pads) + lanes.lowest_m for vehicle in order}
    plans, refused = [], {}
    for vehicle in sorted(order, key=lambda v: (-layer[v], v)):
        pad, up_m = pads[vehicle], lowest[vehicle] + layer[vehicle] * lanes.spacing.lane_m
        if up_m - pad.up_m > lanes.highest_m:
            refused[vehicle] = f"no free layer below {lanes.highest_m:.0f} m over its pad: too many pads are too near"
            continue
        end = Enu(east_m=pad.east_m, north_m=pad.north_m, up_m=up_m)
        plans.append(Plan(vehicle=vehicle, legs=(Leg(verb=Verb.TAKE_OFF, end=end),)))
    return plans, refused


def _near(order: Sequence[VehicleId], pads: Mapping[VehicleId, Enu], berth_m: float) -> dict[VehicleId, set[VehicleId]]:
    places = np.array([(pads[v].east_m, pads[v].north_m) for v in order]).reshape(-1, 2)
    apart_m = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    return {
        v: {order[int(j)] for j in np.flatnonzero(apart_m[k] < berth_m) if j != k} for k, v in enumerate(order)
    }


def _layers(order: Sequence[VehicleId], near: Mapping[VehicleId, set[VehicleId]]) -> dict[VehicleId, int]:
    """Near pads get different layers: the one with the fewest layers left to it goes next (Brelaz, 1979)."""
    layer: dict[VehicleId, int] = {}
    while len(layer) < len(order):
        def choices(v: VehicleId) -> tuple[int, int]:
            return len({layer[u] for u in near[v] if u in layer}), len(near[v])

        following = max((v for v in order if v not in layer), key=choices)
        used = {layer[u] for u in near[following] if u in layer}
        layer[following] = next(k for k in range(len(order)) if k not in used)
    return layer


def _base_m(vehicle: VehicleId, near: Mapping[VehicleId, set[VehicleId]], pads: Mapping[VehicleId, Enu]) -> float:
    """Highest pad of all that hang together by being near: their layers are counted from there."""
    seen, edge = {vehicle}, [vehicle]
    while edge:
        for other in near[edge.pop()] - seen:
            seen.add(other)
            edge.append(other)
    return max(pads[v].up_m for v in seen)


def _ground_m(errand: Errand, pad_m: float, top: Top | None) -> float:
    return pad_m if top is None else max(pad_m, top(Way(errand.at, errand.to)))


def plans_of(weave: Weave, lanes: Lanes, last: Verb, set_heights: Container[VehicleId] = ()) -> list[Plan]:
    """Its pieces as legs; `last`: how the last one is ordered. `set_heights`: who has its layer as return height."""
    return [_plan(strand, lanes, last, strand.vehicle in set_heights) for strand in weave.strands]


def _plan(strand: Strand, lanes: Lanes, last: Verb, has_height: bool) -> Plan:
    legs = [
        Leg(verb=Verb.GO_TO, end=end, speed_m_s=speed_m_s or lanes.speed_m_s)
        for end, speed_m_s in zip(strand.points[1:], strand.speed_m_s, strict=True)
    ]
    if strand.errand.lands:
        legs[-1] = Leg(verb=last, end=strand.points[-1])
    return Plan(
        vehicle=strand.vehicle, legs=tuple(legs), after=strand.after,
        return_up_m=strand.points[-2].up_m if has_height else None,
    )
