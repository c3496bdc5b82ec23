"""`taihang bench together`: many simulated autopilots start, lift, form and come home together; how near they came.

Separations are those of the simulator's truth: least distance on the ground of two in the air less than a layer apart.
"""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fleet.commands import Route, RoutePoint, Verb
from fleet.group import Slot
from fleet.together.formation import Shape
from fleet.together.slots import Pose, assigned, places
from fleet.wire.enums import CopterMode
from tests.sim.support import FRAME
from tests.support.fleet_bench import APPROVED, COMMANDER
from tests.support.together_bench import Channel, Measured, TogetherBench, copters, grid, play
from world.ids import VehicleId
from world.position import Enu

PAD_STEP_M = 12.0
SLOT_STEP_M = 20.0
FORMATION_S = 600.0
DELAY_S = (0.01, 0.25)
JITTER_S = 0.02


@dataclass(slots=True)
class _Figures:
    """What the scenes measured."""

    lanes_min_m: float = 0.0
    return_min_m: float = 0.0
    formation_min_m: float = 0.0
    errors_m: list[float] = field(default_factory=list)


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    """Lanes, formation and return over perfect links; the start over round trips of 20 to 500 ms, with 20 ms of jitter.
    """
    before_s, vehicles = time.process_time(), 8 if quick else 12
    figures = _Figures()
    play(copters(grid(vehicles, PAD_STEP_M)), lambda bench: _sortie(bench, figures), seed=seed)
    spread_ms = play(copters(grid(vehicles, SLOT_STEP_M)), lambda bench: _start(bench, seed), seed=seed)
    return {
        "spread_ms": spread_ms,
        "lanes_min_m": figures.lanes_min_m,
        "return_min_m": figures.return_min_m,
        "formation_error_p95_m": float(np.percentile(figures.errors_m, 95)) if figures.errors_m else None,
        "formation_min_m": figures.formation_min_m,
        "vehicles": vehicles,
        "seed": seed,
        "cpu_s": time.process_time() - before_s,
    }


async def _sortie(bench: TogetherBench, figures: _Figures) -> None:
    together = bench.together
    await together.take_off(None, COMMANDER, APPROVED, bench.in_s(400.0))
    figures.lanes_min_m, bench.measured = bench.measured.least_m, Measured()
    slots = _square(len(together.vehicles))
    bench.on_look = lambda: figures.errors_m.extend(_errors_m(bench, slots))
    anchors = (Enu(east_m=0.0, north_m=120.0, up_m=40.0), Enu(east_m=30.0, north_m=120.0, up_m=40.0))
    forming = asyncio.ensure_future(
        together.form(Shape(slots=slots, anchors=anchors), None, COMMANDER, bench.in_s(FORMATION_S))
    )
    while not forming.done():
        await bench.clock.sleep(1.0)
    figures.formation_min_m, bench.measured, bench.on_look = bench.measured.least_m, Measured(), lambda: None
    await together.return_together(None, COMMANDER, bench.in_s(900.0))
    figures.return_min_m = bench.measured.least_m


def _square(count: int) -> tuple[Slot, ...]:
    return tuple(Slot(east_m=e, north_m=n) for e, n in grid(count, SLOT_STEP_M))


def _errors_m(bench: TogetherBench, slots: tuple[Slot, ...]) -> list[float]:
    """Of the truth, about the formation's own middle; nothing until everybody has entered."""
    at = np.array([bench.truth_at(vehicle) for vehicle in bench.together.vehicles])
    there = np.array([(p.east_m, p.north_m, p.up_m) for p in places(slots, Pose(_enu(at.mean(axis=0))))])
    there -= there.mean(axis=0) - at.mean(axis=0)
    chosen = assigned([_enu(row) for row in at], [_enu(row) for row in there])
    errors = np.linalg.norm(at - there[chosen], axis=1)
    return errors.tolist() if errors.max() < SLOT_STEP_M / 2.0 else []


def _enu(row: Any) -> Enu:
    return Enu(east_m=float(row[0]), north_m=float(row[1]), up_m=float(row[2]))


async def _start(bench: TogetherBench, seed: int) -> float:
    """Spread of the autopilots' own changes of mode, in ms."""
    dice, together = random.Random(seed), bench.together
    for vehicle in together.vehicles:
        delay_s = dice.uniform(*DELAY_S)
        bench.channels[vehicle] = Channel(delay_s=(delay_s, delay_s + JITTER_S))
    await together.give_all(
        together.giver.command(
            v, Verb.UPLOAD_ROUTE, COMMANDER, bench.in_s(60.0), plan_digest=APPROVED, route=_route(bench.truth_at(v))
        ) for v in together.vehicles
    )
    await bench.all_done(Verb.ARM)
    changed: dict[VehicleId, int] = {}

    def noting(vehicle: VehicleId, data: bytes) -> None:
        bench.sim.receive(vehicle, data)
        if bench.sim.machine(vehicle).mind()[0] == CopterMode.AUTO:
            changed.setdefault(vehicle, bench.clock.now().mono_ns)

    bench.hear_by(noting)
    await bench.clock.sleep(0.5)
    await together.start(None, COMMANDER, APPROVED, bench.in_s(1.0), bench.in_s(40.0))
    return (max(changed.values()) - min(changed.values())) / 1e6


def _route(pad: Any) -> Route:
    goal = FRAME.to_geodetic(Enu(east_m=float(pad[0]), north_m=float(pad[1]) + 60.0, up_m=30.0))
    return Route(points=(RoutePoint(position=goal, speed_m_s=5.0),), take_off_height_m=20.0)
