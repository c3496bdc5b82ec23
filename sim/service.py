"""The simulator as a service: vehicles' bytes in, vehicles' bytes out, one step every 20 ms of its clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from sim.autopilot.camera import LENS_UP_M, Capture
from sim.autopilot.failsafes import CRASH_M_S
from sim.autopilot.photographer import Detect
from sim.engine.attitude import quaternions, roll_pitch
from sim.engine.backends import Backend
from sim.engine.columns import STEP_TICKS, STEPS_PER_S, TICK_NS, TICKS_PER_S, Rows
from sim.engine.engine import Engine
from sim.engine.weather import Weather
from sim.machine import Ledger, Machine, VehicleFailed, VehicleWrecked, build_machines
from sim.truth import Truth
from sim.vehicles.spec import VehicleSpec
from world.ids import VehicleId
from world.position import LocalFrame
from world.terrain import Terrain
from world.time import Clock, Instant

CALM = Weather()


class Failure(StrEnum):
    """What a scenario breaks on purpose. Values are those of scenario files."""

    MOTOR = "motor"
    """A copter falls and is silent once it has hit the ground; robots stop."""
    LINK = "link"
    """The radio is dead both ways; the vehicle goes on as its failsafes say."""
    BATTERY = "battery"
    """Charge drops to 10 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateHash:
    """Once per simulated second."""

    tick: int
    digest: str


SimEvent = StateHash | VehicleFailed | VehicleWrecked


class SimService:
    """All vehicles of one place. Simulated time starts at the clock's now when `run` (or the first step) begins.

    `send(vehicle, data)` carries a vehicle's bytes to its ground station; `receive` takes what comes back.
    `on_capture(row, capture)` is told of every picture, `on_event` of hashes and losses. With `detect` every camera
    finds people on board and says on the wire what `detect(capture)` gives. `make_engine` takes Engine's arguments:
    others' physics come in by it.
    """

    def __init__(
        self, *, clock: Clock, specs: Sequence[VehicleSpec], terrain: Terrain, frame: LocalFrame, seed: int,
        send: Callable[[VehicleId, bytes], None],
        on_capture: Callable[[int, Capture], None] = lambda row, capture: None,
        detect: Detect | None = None, on_event: Callable[[SimEvent], None] = lambda event: None,
        weather: Weather = CALM,
        backend: Backend = Backend.COMPILED,
        make_engine: Callable[..., Engine] = Engine,
    ) -> None:
        self._clock = clock
        self._on_event = on_event
        self._start = clock.now()
        self.engine = make_engine(
            specs=specs, terrain=terrain, frame=frame, seed=seed, weather=weather, backend=backend
        )
        self._ledger = Ledger(wakes=np.zeros(len(specs), np.int64))
        self.machines: list[Machine] = build_machines(
            self.engine, specs, terrain=terrain, frame=frame, seed=seed, start_utc_ns=self._start.utc_ns, send=send,
            on_capture=on_capture, detect=detect, ledger=self._ledger,
        )
        self._by_id = {machine.id: machine for machine in self.machines}

    def now(self) -> Instant:
        """The simulated instant of the last step."""
        passed = self.engine.tick * TICK_NS
        return Instant(mono_ns=self._start.mono_ns + passed, utc_ns=self._start.utc_ns + passed)

    def machine(self, vehicle: VehicleId) -> Machine:
        return self._by_id[vehicle]

    async def run(self) -> None:
        """Step on a 20 ms grid of the clock until cancelled. Who is late catches up, and hears others between steps."""
        while True:
            following = self._start.mono_ns + (self.engine.tick + STEP_TICKS) * TICK_NS
            await self._clock.sleep_until(following)
            self.step()

    def receive(self, vehicle: VehicleId, data: bytes) -> None:
        """Bytes for a vehicle, on its first link."""
        self._by_id[vehicle].hear(data)
        self._report_failures()

    def step(self) -> None:
        """20 ms of physics, then everybody's thoughts and words."""
        engine = self.engine
        engine.advance()
        machines = self.machines
        for row in np.flatnonzero(engine.columns.impact > CRASH_M_S).tolist():
            machines[row].hit_ground()
        for row in np.flatnonzero(self._ledger.wakes <= engine.tick).tolist():
            machines[row].step(engine)
        self._report_failures()
        if engine.tick % (STEP_TICKS * STEPS_PER_S) == 0:
            self._on_event(StateHash(tick=engine.tick, digest=engine.hash(self._minds())))

    def fail(self, vehicle: VehicleId, how: Failure) -> None:
        """Break something, now."""
        machine = self._by_id[vehicle]
        if how is Failure.MOTOR:
            machine.lose_motors()
        elif how is Failure.LINK:
            machine.lose_link()
        else:
            machine.drain(10.0)

    def truth(self) -> Truth:
        """Copies: later steps do not change them."""
        engine, c = self.engine, self.engine.columns
        roll, pitch = roll_pitch(c, *engine.roles())
        fitted = [machine.camera_pitch_rad for machine in self.machines]
        lens_pitch = np.array([np.nan if p is None else p for p in fitted])
        zeros = np.zeros(len(fitted))
        return Truth(
            tick=engine.tick, at=self.now(), vehicles=tuple(machine.id for machine in self.machines),
            position=c.pos.copy(), velocity=c.vel.copy(), attitude=quaternions(roll, pitch, c.yaw),
            lens_position=c.pos + np.array([0.0, 0.0, LENS_UP_M]), lens_attitude=quaternions(zeros, lens_pitch, c.yaw),
            is_armed=np.array([machine.is_armed for machine in self.machines]),
            on_ground=c.on_ground.astype(bool), is_alive=np.array([machine.is_alive for machine in self.machines]),
        )

    def airborne(self) -> Rows:
        """Rows of what flies and is in the air, armed and not lost; without copying everybody's truth."""
        copters, _, planes = self.engine.roles()
        on_ground, machines = self.engine.columns.on_ground, self.machines
        return np.array([
            row for row in (*copters, *planes)
            if machines[row].is_alive and machines[row].is_armed and not on_ground[row]
        ], np.int64)

    @property
    def elapsed_s(self) -> float:
        return self.engine.tick / TICKS_PER_S

    def _minds(self) -> npt.NDArray[np.int64]:
        return np.array([machine.mind() for machine in self.machines], np.int64)

    def _report_failures(self) -> None:
        for event in self._ledger.take_events():
            self._on_event(event)
