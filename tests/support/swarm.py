"""Swarms on paper: pads, shapes of formations, and plans between them."""

import math
import random
from collections.abc import Mapping, Sequence

from fleet.group import Slot
from fleet.together.check import Itinerary
from fleet.together.lanes import Lanes, lift_plans, routes_by_layers
from fleet.together.slots import Pose, assigned, places
from fleet.together.weave import Errand, Gait, Weave, weave
from tests.support.together_bench import grid
from world.ids import VehicleId
from world.position import Enu

PAD_STEP_M = 12.0
SLOT_STEP_M = 20.0
HEIGHT_M = 40.0
SHAPES = ("line", "column", "wedge", "grid", "circle")


def pads(count: int, seed: int = 0, step_m: float = PAD_STEP_M) -> dict[VehicleId, Enu]:
    """A grid, as vehicles report it: wrong by a GNSS fix."""
    dice = random.Random(seed)
    return {
        VehicleId(f"U{k:03d}"): Enu(east_m=e + dice.gauss(0.0, 0.8), north_m=n + dice.gauss(0.0, 0.8), up_m=0.0)
        for k, (e, n) in enumerate(grid(count, step_m), 1)
    }


def over(starts: Mapping[VehicleId, Enu], seed: int = 0) -> dict[VehicleId, Enu]:
    """Where a take-off in lanes leaves them, not quite where they were told to."""
    dice = random.Random(seed)
    plans, _ = lift_plans(starts, Lanes())
    return {
        plan.vehicle: Enu(
            east_m=plan.legs[-1].end.east_m + dice.uniform(-0.5, 0.5),
            north_m=plan.legs[-1].end.north_m + dice.uniform(-0.5, 0.5),
            up_m=plan.legs[-1].end.up_m + dice.uniform(-0.5, 0.5),
        )
        for plan in plans
    }


def shape(name: str, count: int, step_m: float = SLOT_STEP_M) -> tuple[Slot, ...]:
    """Around its middle, or its tip, at one height."""
    if name == "line":
        return tuple(Slot(east_m=step_m * (k - (count - 1) / 2.0), north_m=0.0) for k in range(count))
    if name == "column":
        return tuple(Slot(east_m=0.0, north_m=step_m * k) for k in range(count))
    if name == "wedge":
        rows = [((k + 1) // 2, (-1) ** k) for k in range(count)]
        side_m = step_m * math.sqrt(0.5)
        return tuple(Slot(east_m=side_m * row * side, north_m=side_m * row) for row, side in rows)
    if name == "circle":
        radius_m = step_m / (2.0 * math.sin(math.pi / count)) if count > 1 else 0.0
        return tuple(
            Slot(east_m=radius_m * math.sin(a), north_m=radius_m * (1.0 - math.cos(a)))
            for a in (math.tau * k / count for k in range(count))
        )
    return tuple(Slot(east_m=e, north_m=n) for e, n in grid(count, step_m))


def entering(at: Mapping[VehicleId, Enu], slots: Sequence[Slot], anchor: Enu) -> Weave:
    """As a formation enters its slots."""
    names, there = sorted(at), places(slots, Pose(anchor))
    chosen = assigned([at[name] for name in names], there)
    errands = [Errand(name, at[name], there[k]) for name, k in zip(names, chosen, strict=True)]
    lanes = Lanes()
    return weave(errands, routes_by_layers(lanes, errands, dict.fromkeys(names, 0.0), None), lanes.spacing, Gait())


def homing(at: Mapping[VehicleId, Enu], homes: Mapping[VehicleId, Enu]) -> Weave:
    """As a collective return."""
    errands = [Errand(name, at[name], homes[name], lands=True) for name in sorted(at)]
    routes = routes_by_layers(Lanes(), errands, {v: p.up_m for v, p in homes.items()}, None)
    return weave(errands, routes, Lanes().spacing, Gait())


def ends(plan: Weave) -> dict[VehicleId, Enu]:
    return {strand.vehicle: strand.points[-1] for strand in plan.strands}


def itineraries(plan: Weave) -> dict[str, Itinerary]:
    """For the checker."""
    return {
        strand.vehicle: Itinerary(
            points=[(p.east_m, p.north_m, p.up_m) for p in strand.points], after=strand.after,
            lands=strand.errand.lands, is_parked=strand.errand.is_parked,
        )
        for strand in plan.strands
    }
