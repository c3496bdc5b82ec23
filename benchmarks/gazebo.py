"""Ten copters in Gazebo 11, each step answered by our autopilots: how many times faster than life, without cameras.

`rtf`: simulated over wall seconds of a flight of 60 s (median of three): take-off, a leg and the way home over
hills and forest. `rtf_fastest_10_s`: of the ten simulated seconds that the rest of the machine disturbed least;
`load_1m` says how much else ran. `cpu_s_gazebo` and `cpu_s_ours` are of the median flight, `rtf_one_core` is what they
would allow one after the other on a core of their own. `repeatable`: every flight left the same state hashes.
"""

import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from command.app.simulation import vehicle_spec, weather
from command.errors import EnvironmentLacks
from fleet.wire.encode import Encoder
from fleet.wire.enums import Command, CopterMode
from perception.detectors.weights import cache_folder
from sim.adapters.gazebo.house import GazeboMissing, House, PluginUnbuilt, find
from sim.adapters.gazebo.stage import Stage, staged
from sim.scenario import load, shipped
from sim.scenarios.model import VehicleKind
from sim.scenarios.model import VehicleSpec as ScenarioVehicle
from sim.service import SimEvent, SimService, StateHash
from sim.vehicles.spec import VehicleSpec
from sim.worlds.build import build_world
from sim.worlds.model import World
from world.ids import VehicleId
from world.position import Enu, LocalFrame
from world.time import Instant

COPTERS: Final = 10
FLIGHT_S: Final = 60
HEIGHT_M: Final = 25.0
GOAL_RTF: Final = 5.0
_STEPS_PER_S: Final = 50
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


class NotFlown(RuntimeError):
    """The copters did not do what they were asked, so their time means nothing."""


class StillClock:
    """Simulated time moves by steps only."""

    def now(self) -> Instant:
        return Instant(mono_ns=0, utc_ns=1_800_000_000_000_000_000)

    async def sleep(self, seconds: float) -> None:
        raise NotFlown("nobody waits here")

    async def sleep_until(self, mono_ns: int) -> None:
        raise NotFlown("nobody waits here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """Seconds of the flight, not of getting ready."""

    seconds: tuple[float, ...]
    """Wall seconds of each simulated one."""
    cpu_s_gazebo: float
    cpu_s_ours: float
    hashes: tuple[str, ...]
    farthest_m: float

    @property
    def wall_s(self) -> float:
        return sum(self.seconds)

    @property
    def fastest_10_s(self) -> float:
        """Wall seconds of the fastest ten simulated ones in a row."""
        return min(sum(self.seconds[first : first + 10]) for first in range(len(self.seconds) - 9))


def run(*, seed: int, quick: bool = False) -> dict[str, Any]:
    """quick: one flight instead of three."""
    try:
        house = find()
    except GazeboMissing as reason:
        raise EnvironmentLacks(str(reason)) from reason
    world = _world(seed)
    try:
        flights = [_fly(house, world, seed) for _ in range(1 if quick else 3)]
    except PluginUnbuilt as reason:
        raise EnvironmentLacks(str(reason)) from reason
    middle = sorted(flights, key=lambda flight: flight.wall_s)[len(flights) // 2]
    rtf = FLIGHT_S / middle.wall_s
    return {
        "rtf": round(rtf, 2),
        "goal_rtf": GOAL_RTF,
        "is_goal_met": rtf >= GOAL_RTF,
        "rtf_fastest_10_s": round(10.0 / min(flight.fastest_10_s for flight in flights), 2),
        "copters": COPTERS,
        "tick_ms": 4,
        "flight_s": FLIGHT_S,
        "flights": len(flights),
        "repeatable": None if quick else len({flight.hashes for flight in flights}) == 1,
        "farthest_m": round(middle.farthest_m, 1),
        "cpu_s_gazebo": round(middle.cpu_s_gazebo, 2),
        "cpu_s_ours": round(middle.cpu_s_ours, 2),
        "rtf_one_core": round(FLIGHT_S / (middle.cpu_s_gazebo + middle.cpu_s_ours), 2),
        "load_1m": round(os.getloadavg()[0], 2),
        "cores": os.cpu_count(),
        "seed": seed,
    }


def _world(seed: int) -> World:
    """The small search area with ten copters on its launch site, in two rows."""
    scenario = load(shipped("quick_search"), seed=seed)
    east_m, north_m = scenario.launch.at_m
    pads = [(east_m - 24.0 + 12.0 * (k % 5), north_m + 12.0 * (k // 5)) for k in range(COPTERS)]
    copters = tuple(
        ScenarioVehicle(id=VehicleId(f"U{k + 1:02d}"), kind=VehicleKind.COPTER, sysid=k + 1, home_m=pad)
        for k, pad in enumerate(pads)
    )
    return build_world(replace(scenario, vehicles=copters))


def _fly(house: House, world: World, seed: int) -> Flight:
    specs = [replace(vehicle_spec(world, v), refuses_first_arm=0.0) for v in world.scenario.vehicles]
    with tempfile.TemporaryDirectory(prefix="taihang-bench-") as work, staged(
        house, cache_folder(), Path(work), world, specs, seed=seed
    ) as stage:
        return _Crew(stage, world, specs, seed).fly()


class _Crew:
    """Commands all copters by MAVLink bytes and steps the simulator as fast as it goes."""

    def __init__(self, stage: Stage, world: World, specs: list[VehicleSpec], seed: int) -> None:
        self._stage, self._specs = stage, specs
        self._frame: LocalFrame = world.scenario.frame()
        self._hashes: list[str] = []
        self._seconds: list[float] = []
        self._encoder = Encoder(255, 190)
        self._service = SimService(
            clock=StillClock(), specs=specs, terrain=world.solid(), frame=self._frame, seed=seed,
            send=lambda vehicle, data: None, on_event=self._note, weather=weather(world.scenario),
            make_engine=stage.make_engine,
        )

    def fly(self) -> Flight:
        homes = self._service.truth().position
        for spec in self._specs:
            self._command(spec, Command.DO_SET_MODE, 1, CopterMode.GUIDED)
            self._command(spec, Command.COMPONENT_ARM_DISARM, 1)
            self._command(spec, Command.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, HEIGHT_M)
        before_s = self._stage.server.cpu_s(_TICKS_PER_S), time.process_time()
        self._pass(20)
        for number, spec in enumerate(self._specs):
            self._go(spec, homes[number], east_m=(number - 4.5) * 6.0, north_m=120.0)
        self._pass(20)
        farthest_m = float(abs(self._service.truth().position[:, 1] - homes[:, 1]).min())
        for spec in self._specs:
            self._command(spec, Command.DO_SET_MODE, 1, CopterMode.RTL)
        self._pass(FLIGHT_S - 40)
        if farthest_m < 60.0:
            raise NotFlown(f"a copter came only {farthest_m:.0f} m far")
        return Flight(
            seconds=tuple(self._seconds), hashes=tuple(self._hashes), farthest_m=farthest_m,
            cpu_s_gazebo=self._stage.server.cpu_s(_TICKS_PER_S) - before_s[0],
            cpu_s_ours=time.process_time() - before_s[1],
        )

    def _pass(self, seconds: int) -> None:
        for _ in range(seconds):
            began_s = time.perf_counter()
            for spec in self._specs:
                self._say(spec, "HEARTBEAT", type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4)
            for _ in range(_STEPS_PER_S):
                self._service.step()
            self._seconds.append(time.perf_counter() - began_s)

    def _go(self, spec: VehicleSpec, home: Any, *, east_m: float, north_m: float) -> None:
        at = self._frame.to_geodetic(Enu(east_m=home[0] + east_m, north_m=home[1] + north_m, up_m=0.0))
        self._say(
            spec, "SET_POSITION_TARGET_GLOBAL_INT", time_boot_ms=0, target_system=spec.sysid, target_component=1,
            coordinate_frame=6, type_mask=0x0DF8, lat_int=round(at.lat_deg * 1e7), lon_int=round(at.lon_deg * 1e7),
            alt=HEIGHT_M, vx=0.0, vy=0.0, vz=0.0, afx=0.0, afy=0.0, afz=0.0, yaw=0.0, yaw_rate=0.0,
        )

    def _command(self, spec: VehicleSpec, command: int, *parameters: float) -> None:
        padded = [*parameters, *[0.0] * (7 - len(parameters))]
        self._say(
            spec, "COMMAND_LONG", target_system=spec.sysid, target_component=1, command=command, confirmation=0,
            **{f"param{number}": value for number, value in enumerate(padded, 1)},
        )

    def _say(self, spec: VehicleSpec, name: str, **fields: Any) -> None:
        self._service.receive(spec.id, self._encoder.encode(name, **fields))

    def _note(self, event: SimEvent) -> None:
        if isinstance(event, StateHash):
            self._hashes.append(event.digest)
