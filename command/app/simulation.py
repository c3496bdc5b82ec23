"""Machines, cameras and what goes wrong in one incident; keeps the truth that the report judges by."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from command.app.failsafes import declared
from command.app.noise import note
from command.report.track import Second
from command.report.truth import Truth
from fleet.wire.readings import PixelBox
from sim.autopilot.camera import Capture
from sim.cameras.model import CameraPose
from sim.cameras.onboard import OnboardDetector
from sim.cameras.service import CameraService
from sim.engine.weather import Weather
from sim.machine import VehicleFailed
from sim.scenarios.model import Scenario
from sim.scenarios.model import VehicleSpec as ScenarioVehicle
from sim.service import Failure, SimEvent, SimService, StateHash
from sim.vehicles.spec import CameraSpec, Kind, LensSpec, VehicleSpec
from sim.worlds.measure import measure
from sim.worlds.model import World
from world.attitude import Quaternion
from world.ids import VehicleId
from world.position import Enu
from world.time import Clock

BOOTED_S = 60.0
"""Vehicles of an incident were switched on this long before it begins."""
MEASURE_S = 0.1
"""How often the real distances between airborne vehicles are taken."""
HOME_M = 5.0
"""A vehicle that landed this near to its home came back."""


class Simulation:
    """Runs SimService and CameraService as one; `send` carries a vehicle's bytes.

    With `onboard` the cameras find people by themselves, and detection images are neither drawn nor sent.
    `on_second` is told the truth of every simulated second.
    """

    def __init__(
        self, clock: Clock, world: World, cameras: CameraService, *, send: Callable[[VehicleId, bytes], None],
        onboard: OnboardDetector | None = None, on_second: Callable[[Second], None] = lambda second: None,
    ) -> None:
        scenario = world.scenario
        self._clock, self._world, self._scenario, self._cameras = clock, world, scenario, cameras
        self._onboard, self._on_second = onboard, on_second
        self._service = SimService(
            clock=clock,
            specs=[vehicle_spec(world, vehicle) for vehicle in scenario.vehicles],
            terrain=world.solid(),
            frame=scenario.frame(),
            seed=scenario.seed,
            send=send,
            on_capture=self._film if onboard is None else lambda row, capture: None,
            detect=None if onboard is None else self._detect,
            on_event=self._note,
            weather=weather(scenario),
        )
        self._closest: tuple[float, tuple[VehicleId, VehicleId]] | None = None
        self._closest_lately_m: float | None = None
        self._history = hashlib.sha256()

    def receiver(self, vehicle: VehicleId) -> Callable[[bytes], None]:
        return lambda data: self._service.receive(vehicle, data)

    async def run(self) -> None:
        machines = enumerate(self._service.machines)
        poses = {one.id: self._pose_reader(row) for row, one in machines if one.camera_pitch_rad is not None}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._service.run())
            tasks.create_task(self._measure())
            tasks.create_task(self._break_on_purpose())
            tasks.create_task(self._cameras.develop())
            tasks.create_task(self._cameras.live(poses, self._scenario.camera.live_fps))

    def _film(self, row: int, capture: Capture) -> None:
        self._cameras.capture(capture.vehicle, _pose_of(capture), image=capture.index, utc_ns=capture.utc_ns)

    def _detect(self, capture: Capture) -> Sequence[PixelBox]:
        assert self._onboard is not None
        return self._onboard.detect(capture.vehicle, capture.index, _pose_of(capture), capture.utc_ns)

    def _pose_reader(self, row: int) -> Callable[[], CameraPose | None]:
        def pose() -> CameraPose | None:
            truth = self._service.truth()
            if not truth.is_alive[row]:
                return None
            east_m, north_m, up_m = truth.lens_position[row].tolist()
            w, x, y, z = truth.lens_attitude[row].tolist()
            position = Enu(east_m=east_m, north_m=north_m, up_m=up_m)
            return CameraPose(position=position, attitude=Quaternion(w=w, x=x, y=y, z=z))

        return pose

    def _note(self, event: SimEvent) -> None:
        if isinstance(event, VehicleFailed):
            note(f"sim: the model of {event.vehicle} broke down, it is lost: {event.reason}")
        if isinstance(event, StateHash):
            self._history.update(event.digest.encode())
            place = measure(self._world, self._service.elapsed_s)
            self._on_second(second_of(self._service, event, self._closest_lately_m, place))
            self._closest_lately_m = None

    async def _break_on_purpose(self) -> None:
        """Events count from the first take-off."""
        if not self._scenario.events:
            return
        while not len(self._service.airborne()):
            await self._clock.sleep(0.5)
        began = self._clock.now()
        for event in sorted(self._scenario.events, key=lambda event: event.at_s):
            await self._clock.sleep_until(began.plus_s(event.at_s).mono_ns)
            self._service.fail(event.vehicle, Failure(event.kind.value))

    async def _measure(self) -> None:
        while True:
            await self._clock.sleep(MEASURE_S)
            rows = self._service.airborne()
            if len(rows) < 2:
                continue
            at = self._service.engine.columns.pos[rows]
            apart = np.linalg.norm(at[:, None] - at[None], axis=2)
            np.fill_diagonal(apart, np.inf)
            i, j = np.unravel_index(int(apart.argmin()), apart.shape)
            least = float(apart[i, j])
            self._closest_lately_m = min(least, self._closest_lately_m or least)
            if self._closest is None or least < self._closest[0]:
                machines = self._service.machines
                self._closest = (least, (machines[rows[i]].id, machines[rows[j]].id))

    def truth(self) -> Truth:
        now = self._service.truth()
        homes = np.array([vehicle.home_m for vehicle in self._scenario.vehicles])
        away_m = np.linalg.norm(now.position[:, :2] - homes, axis=1)
        is_back = now.is_alive & ~now.is_armed & (away_m <= HOME_M)
        closest = self._closest
        return Truth(
            people=tuple(person.at for person in self._world.people),
            min_separation_m=None if closest is None else round(closest[0], 2),
            closest_pair=None if closest is None else closest[1],
            landed=tuple(v for v, is_home in zip(now.vehicles, is_back, strict=True) if is_home),
            lost=tuple(v for v, is_alive in zip(now.vehicles, now.is_alive, strict=True) if not is_alive),
            state_hash=self._history.hexdigest(),
        )


def second_of(
    service: SimService, event: StateHash, separation_m: float | None, place: dict[str, float]
) -> Second:
    """The truth as columns of whole numbers, quantised as the state hash does."""
    c, machines = service.engine.columns, service.machines
    vectors = [np.rint(column * 1e3) for column in (c.pos, c.vel)]
    turned = [np.rint(c.yaw * 1e4)[:, None], np.rint(c.energy_j)[:, None]]
    errors = [np.rint(column * 1e3) for column in (c.error, c.wind)]
    flags = [c.drive[:, None], c.on_ground[:, None]]
    minds = np.array([[*one.mind(), one.is_alive, round(100 * one.charge_pct)] for one in machines], np.int64)
    table = np.hstack([*vectors, *turned, *errors, *flags, minds])
    return Second(
        tick=event.tick,
        at=service.now(),
        digest=event.digest,
        vehicles=tuple(machine.id for machine in machines),
        rows=tuple(tuple(row) for row in np.nan_to_num(table).astype(np.int64).tolist()),
        separation_m=None if separation_m is None else round(separation_m, 3),
        place=place,
    )


def _pose_of(capture: Capture) -> CameraPose:
    return CameraPose(position=capture.position, attitude=capture.attitude)


def vehicle_spec(world: World, vehicle: ScenarioVehicle) -> VehicleSpec:
    """The simulator's machine for a scenario's vehicle, switched on for a while."""
    camera = world.scenario.camera
    kind = Kind(vehicle.kind.value)
    lenses = tuple(
        LensSpec(name=name, width_px=camera.width_px, height_px=camera.height_px, hfov_deg=camera.hfov_deg)
        for name in ("rgb", "thermal")
    )
    return VehicleSpec(
        id=vehicle.id,
        sysid=vehicle.sysid,
        kind=kind,
        home=world.ground_at(vehicle.home_m),
        heading_deg=vehicle.heading_deg,
        booted_s=BOOTED_S,
        parameters=declared(world.scenario, vehicle),
        water_up_m=world.water.surface_m if world.water else None,
        camera=CameraSpec(pitch_deg=camera.pitch_deg, lenses=lenses) if kind is Kind.COPTER else None,
        payloads=vehicle.payloads,
    )


def weather(scenario: Scenario) -> Weather:
    spec = scenario.weather
    return Weather(wind_m_s=spec.wind_m_s, wind_from_deg=spec.wind_from_deg, gust_m_s=spec.gust_m_s)
