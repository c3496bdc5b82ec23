"""The simulator's engine with Gazebo's physics: copters and robots on the ground move there, everybody else here."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from sim.adapters.gazebo.control import Control, CopterControl, RoverControl, forms, numbers_of, tables_of
from sim.adapters.gazebo.control_model import nothing_sensed
from sim.adapters.gazebo.wire import COMMAND_ROW, Commands, Step
from sim.engine.backends import Backend
from sim.engine.columns import STEP_S, STEP_TICKS, TICK_NS, Rows
from sim.engine.engine import Engine
from sim.engine.weather import Weather
from sim.vehicles.figures import copter_figures, rover_figures
from sim.vehicles.spec import Kind, VehicleSpec
from world.ids import VehicleId
from world.position import LocalFrame
from world.terrain import Terrain

SETTLE_TICKS: Final = 250
"""Vehicles come to rest on their feet before simulated time begins."""
MOVED: Final = frozenset({Kind.COPTER, Kind.ROVER})
"""Kinds that Gazebo moves."""


class Lockstep(Protocol):
    """Whoever moves the vehicles: `bridge.Bridge`, with Gazebo behind it."""

    began_ns: int | None
    """Set by the engine: its time when simulated time began."""

    def first(self) -> Step: ...
    def answer(self, step: Step, commands: Commands) -> Step: ...


class OutOfStep(RuntimeError):
    """Gazebo's time is not ours: its world has another step than 4 ms, or somebody paused or reset it."""


def moved_in_gazebo(specs: Sequence[VehicleSpec]) -> tuple[VehicleId, ...]:
    """Who is in the datagrams, in their order: what a world's `Link` must name."""
    return tuple(spec.id for spec in specs if spec.kind in MOVED)


class GazeboEngine(Engine):
    """Five of Gazebo's 4 ms steps in each `advance`. Raises GazeboSilent there when Gazebo has gone."""

    def __init__(
        self, bridge: Lockstep, *, specs: Sequence[VehicleSpec], terrain: Terrain, frame: LocalFrame, seed: int,
        weather: Weather, backend: Backend = Backend.COMPILED,
    ) -> None:
        super().__init__(specs=specs, terrain=terrain, frame=frame, seed=seed, weather=weather, backend=backend)
        self._bridge = bridge
        self._rows = np.array([i for i, spec in enumerate(specs) if spec.kind in MOVED], np.int64)
        self._forms = forms(backend)
        self._sensed = nothing_sensed(len(self._rows))
        self._controls = self._control(self._rows)
        self._commands = np.zeros(len(self._rows), COMMAND_ROW)
        self._asked = numbers_of(self._commands)
        self._step = self._settled(bridge.first())
        self._began_ns = bridge.began_ns = self._step.t_ns
        self.columns.aim_yaw[self._rows] = self.columns.yaw[self._rows]
        self.columns.impact[self._rows] = 0.0

    def _control(self, rows: Rows) -> list[Control]:
        """Of the kinds that there are."""
        flies = np.isin(rows, self._copters)
        at = np.flatnonzero(flies), np.flatnonzero(~flies)
        controls: list[Control] = []
        if len(at[0]):
            controls.append(CopterControl(self.columns, self._copters, at[0], copter_figures(), self._forms))
        if len(at[1]):
            controls.append(RoverControl(self.columns, self._drivers, at[1], rover_figures(), self._forms))
        return controls

    def _settled(self, step: Step) -> Step:
        for _ in range(SETTLE_TICKS):
            step = self._bridge.answer(step, self._commands)
            self._sense(step)
        return step

    def _sense(self, step: Step) -> None:
        numbers, words = tables_of(step.states)
        self._forms.sense(self.columns, self._rows, numbers, words, self._sensed)

    def _let_go(self) -> None:
        """A force that is no number would break Gazebo for everybody: whose it is gets none for good, and falls."""
        broken = np.flatnonzero(~np.isfinite(self._asked).all(axis=1))
        self._asked[broken] = 0.0
        for row in self._rows[broken].tolist():
            self.retire(row)
        for control in self._controls:
            control.forget()

    def _move(self) -> None:
        self._move_others()
        for control in self._controls:
            control.begin(self._sensed, STEP_S)
        for _ in range(STEP_TICKS):
            for control in self._controls:
                control.command(self._sensed, self._asked)
            if not np.isfinite(self._asked).all():
                self._let_go()
            self._step = self._bridge.answer(self._step, self._commands)
            self._sense(self._step)
        for control in self._controls:
            control.end(STEP_S)
        if self._step.t_ns - self._began_ns != (self.tick + STEP_TICKS) * TICK_NS:
            raise OutOfStep(f"Gazebo is at {self._step.t_ns} ns, not a step of 4 ms a tick: its world is not ours")

