"""`taihang bench together`: many simulated autopilots start, lift, form and come home together; how near they came.

Separations are those of the simulator's truth: least distance on the ground of two in the air less than a layer apart.
"""

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import numpy as np

from fleet.commands import Route, RoutePoint, Verb
from fleet.drivers.mavlink.timesync import EVERY_S, WINDOW
from fleet.group import Slot
from fleet.together.formation import FormationReport, Shape
from fleet.together.kinds import PLANES
from fleet.together.slots import Pose, assigned, places
from fleet.wire.enums import CopterMode
from sim.engine.weather import Weather
from sim.vehicles.spec import Kind
from tests.sim.support import FRAME
from tests.support.fleet_bench import APPROVED, COMMANDER
from tests.support.together_bench import Channel, Measured, TogetherBench, copters, grid, play
from world.ids import VehicleId
from world.position import Enu

PAD_STEP_M = 12.0
SLOT_STEP_M = 20.0
PLANE_STEP_M = 200.0
FORMATION_S = 600.0
DELAY_S = (0.01, 0.25)
JITTER_S = 0.02
SWARMS = (16, 50, 100)
WINDY = Weather(wind_m_s=6.0, wind_from_deg=250.0, gust_m_s=1.5)
SLOW = Channel(lost=0.02, delay_s=(0.05, 0.3))
"""What swarms fly in and over: wind with gusts, one packet in fifty lost, delays that jitter."""

Figures = dict[str, Any]


def run(*, seed: int, quick: bool) -> Figures:
    """Twelve over perfect links; swarms in wind over links with delay and loss; starts over round trips of 20 to
    500 ms with 20 ms of jitter. Scenes run in two processes.
    """
    sizes = SWARMS[:1] if quick else SWARMS
    began_s = time.monotonic()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        scenes: list[Future[Figures]] = [pool.submit(swarm, size, seed) for size in reversed(sizes)]
        scenes.append(pool.submit(dozen, seed, 8 if quick else 12))
        scenes.append(pool.submit(planes, 3 if quick else 6, seed))
        scenes += [pool.submit(start, size, seed, f"n{size}_") for size in sizes]
        figures: Figures = {}
        for scene in reversed(scenes):
            part = scene.result()
            cpu_s = part.pop("cpu_s") + figures.get("cpu_s", 0.0)
            figures |= part | {"cpu_s": cpu_s}
    return figures | {"seed": seed, "wall_s": time.monotonic() - began_s}


def timed(scene: Callable[[], Figures]) -> Figures:
    before_s = time.process_time()
    figures = scene()
    return figures | {"cpu_s": time.process_time() - before_s}


@dataclass(slots=True)
class _Sortie:
    """What one scene measured."""

    lifted: int = 0
    take_off_min_m: float = 0.0
    formed: int = 0
    formation_min_m: float = 0.0
    formation_s: float = 0.0
    proven_m: float = 0.0
    returned: int = 0
    return_min_m: float = 0.0
    errors_m: list[float] = field(default_factory=list)


def dozen(seed: int, vehicles: int) -> Figures:
    """Perfect links; the formation also goes its way."""
    sortie = _Sortie()

    def measured() -> Figures:
        anchors = (Enu(east_m=0.0, north_m=120.0, up_m=40.0), Enu(east_m=30.0, north_m=120.0, up_m=40.0))
        play(copters(grid(vehicles, PAD_STEP_M)), lambda bench: _fly(bench, sortie, anchors, 100.0), seed=seed)
        return {
            "lanes_min_m": sortie.take_off_min_m,
            "return_min_m": sortie.return_min_m,
            "formation_error_p95_m": float(np.percentile(sortie.errors_m, 95)) if sortie.errors_m else None,
            "formation_min_m": sortie.formation_min_m,
            "vehicles": vehicles,
        } | start(vehicles, seed, "")

    return timed(measured)


def swarm(vehicles: int, seed: int) -> Figures:
    """Wind, delay, loss: from pads 12 m apart into a square of slots 20 m apart, and home."""
    sortie, key = _Sortie(), f"n{vehicles}"

    async def scene(bench: TogetherBench) -> None:
        bench.channels.update(dict.fromkeys(bench.together.vehicles, SLOW))
        await _fly(bench, sortie, (Enu(east_m=0.0, north_m=120.0, up_m=40.0),), 10.0)

    def measured() -> Figures:
        play(copters(grid(vehicles, PAD_STEP_M)), scene, seed=seed, weather=WINDY)
        return {
            f"{key}_take_off_min_m": sortie.take_off_min_m,
            f"{key}_formation_min_m": sortie.formation_min_m,
            f"{key}_formation_proven_m": sortie.proven_m,
            f"{key}_formation_s": sortie.formation_s,
            f"{key}_formation_error_p95_m": float(np.percentile(sortie.errors_m, 95)) if sortie.errors_m else None,
            f"{key}_return_min_m": sortie.return_min_m,
            f"{key}_all_done": vehicles == sortie.lifted == sortie.formed == sortie.returned,
        }

    return timed(measured)


async def _fly(bench: TogetherBench, sortie: _Sortie, anchors: tuple[Enu, ...], keeps_s: float) -> None:
    """Up, into the slots, `keeps_s` there, and home."""
    together = bench.together
    ends = await together.take_off(None, COMMANDER, APPROVED, bench.in_s(600.0))
    sortie.lifted = sum(end.is_done for end in ends.values())
    sortie.take_off_min_m, bench.measured = bench.measured.least_m, Measured()
    slots, began = _square(len(together.vehicles)), bench.clock.now()
    forming = asyncio.ensure_future(
        together.form(Shape(slots=slots, anchors=anchors), None, COMMANDER, bench.in_s(FORMATION_S))
    )
    while not forming.done() and not _errors_m(bench, slots):
        await bench.clock.sleep(1.0)
    sortie.formation_s = began.age_s(bench.clock.now())
    bench.on_look = lambda: sortie.errors_m.extend(_errors_m(bench, slots))
    await bench.clock.sleep(keeps_s)
    together.break_off(None, "the next scene")
    report: FormationReport = await forming
    sortie.formed = sum(end.is_done for end in report.ends.values())
    sortie.proven_m = min((plan.proven.apart_m for plan in report.weaves), default=0.0)
    sortie.formation_min_m, bench.measured, bench.on_look = bench.measured.least_m, Measured(), lambda: None
    ends = await together.return_together(None, COMMANDER, bench.in_s(900.0))
    sortie.returned = sum(end.is_done for end in ends.values())
    sortie.return_min_m = bench.measured.least_m


def _square(count: int) -> tuple[Slot, ...]:
    return tuple(Slot(east_m=e, north_m=n) for e, n in grid(count, SLOT_STEP_M))


def _errors_m(bench: TogetherBench, slots: tuple[Slot, ...]) -> list[float]:
    """Of the truth, about the formation's own middle; nothing until everybody has entered."""
    at = np.array([bench.truth_at(vehicle) for vehicle in bench.together.vehicles])
    there = np.array([(p.east_m, p.north_m, p.up_m) for p in places(slots, Pose(_enu(at.mean(axis=0))))])
    there -= there.mean(axis=0) - at.mean(axis=0)
    chosen = assigned([_enu(row) for row in at], [_enu(row) for row in there])
    errors = np.linalg.norm(at - there[chosen], axis=1)
    return errors.tolist() if errors.max() < SLOT_STEP_M / 4.0 else []


def _enu(row: Any) -> Enu:
    return Enu(east_m=float(row[0]), north_m=float(row[1]), up_m=float(row[2]))


def planes(vehicles: int, seed: int) -> Figures:
    """Out along one axis, to circles, and home to circles: over perfect links, by wings that circle 60 m wide."""
    figures: Figures = {"planes": vehicles}

    async def scene(bench: TogetherBench) -> None:
        together, done = bench.together, []
        bench.measured = Measured(layer_m=PLANES.layer_m)
        done.append(await together.take_off(None, COMMANDER, APPROVED, bench.in_s(900.0)))
        figures["planes_take_off_min_m"], bench.measured = bench.measured.least_m, Measured(layer_m=PLANES.layer_m)
        slots = tuple(Slot(east_m=e, north_m=n) for e, n in grid(vehicles, PLANE_STEP_M))
        shape = Shape(slots=slots, anchors=(Enu(east_m=0.0, north_m=400.0, up_m=72.0),))
        done.append((await together.form(shape, None, COMMANDER, bench.in_s(900.0))).ends)
        figures["planes_formation_min_m"], bench.measured = bench.measured.least_m, Measured(layer_m=PLANES.layer_m)
        done.append(await together.return_together(None, COMMANDER, bench.in_s(900.0)))
        figures["planes_return_min_m"] = bench.measured.least_m
        figures["planes_all_done"] = all(end.is_done for ends in done for end in ends.values())

    def measured() -> Figures:
        pads = [(PAD_STEP_M * k, 0.0) for k in range(vehicles)]
        play(copters(pads, kind=Kind.PLANE), scene, seed=seed)
        return {key: None if value == np.inf else value for key, value in figures.items()}

    return timed(measured)


def start(vehicles: int, seed: int, key: str) -> Figures:
    """Spread of the autopilots' own changes of mode."""
    spread: list[float] = []

    async def scene(bench: TogetherBench) -> None:
        spread.append(await _start(bench, seed))

    def measured() -> Figures:
        play(copters(grid(vehicles, SLOT_STEP_M)), scene, seed=seed)
        return {f"{key}start_spread_ms" if key else "spread_ms": spread[0]}

    return timed(measured)


async def _start(bench: TogetherBench, seed: int) -> float:
    """In ms."""
    dice, together = random.Random(seed), bench.together
    for vehicle in together.vehicles:
        delay_s = dice.uniform(*DELAY_S)
        bench.channels[vehicle] = Channel(delay_s=(delay_s, delay_s + JITTER_S))
    await bench.clock.sleep(1.5 * WINDOW * EVERY_S)  # until round trips of before do not count any more
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
