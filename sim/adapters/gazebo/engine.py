"""The simulator's engine with Gazebo's physics: copters and robots on the ground move there, everybody else here."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sim.adapters.gazebo.bridge import Bridge
from sim.adapters.gazebo.control import CONTACT_TICKS, CopterControl, RoverControl, Sensed, Senser
from sim.adapters.gazebo.wire import COMMAND_ROW, Step
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


class OutOfStep(RuntimeError):
    """Gazebo's time is not ours: its world has another step than 4 ms, or somebody paused or reset it."""


def moved_in_gazebo(specs: Sequence[VehicleSpec]) -> tuple[VehicleId, ...]:
    """Who is in the datagrams, in their order: what a world's `Link` must name."""
    return tuple(spec.id for spec in specs if spec.kind in MOVED)


class GazeboEngine(Engine):
    """Five of Gazebo's 4 ms steps in each `advance`. Raises GazeboSilent there when Gazebo has gone."""

    def __init__(self, bridge: Bridge, *, specs: Sequence[VehicleSpec], terrain: Terrain, frame: LocalFrame, seed: int,
                 weather: Weather, backend: Backend = Backend.COMPILED) -> None:
        super().__init__(specs=specs, terrain=terrain, frame=frame, seed=seed, weather=weather, backend=backend)
        self._bridge = bridge
        self._rows = np.array([i for i, spec in enumerate(specs) if spec.kind in MOVED], np.int64)
        fly = np.isin(self._rows, self._copters)
        self._flying, self._driving = np.flatnonzero(fly), np.flatnonzero(~fly)
        self._senser = Senser(self.columns, self._rows)
        self._copter = CopterControl(self.columns, self._copters, copter_figures())
        self._rover = RoverControl(self.columns, self._drivers, rover_figures())
        self._commands = np.zeros(len(self._rows), COMMAND_ROW)
        self._step = self._settled(bridge.first())
        self._began_ns = self._step.t_ns
        self._sensed = self._senser.take(self._step.states)
        self.columns.aim_yaw[self._rows] = self.columns.yaw[self._rows]
        self.columns.impact[self._rows] = 0.0

    def _settled(self, step: Step) -> Step:
        for _ in range(SETTLE_TICKS):
            self._senser.take(step.states)
            step = self._bridge.answer(step, self._commands)
        return step

    def _move(self) -> None:
        self._move_others()
        flies, drives = len(self._copters) > 0, len(self._drivers) > 0
        if flies:
            self._copter.begin(STEP_S)
        if drives:
            self._rover.begin(self._part(self._driving))
        for _ in range(STEP_TICKS):
            if flies:
                self._commands[self._flying] = self._asked(self._copter, self._flying)
            if drives:
                self._commands[self._driving] = self._asked(self._rover, self._driving)
            self._step = self._bridge.answer(self._step, self._commands)
            self._sensed = self._senser.take(self._step.states)
        if flies:
            self._copter.end(STEP_S)
        if drives:
            self._rover.end(STEP_S)
        if self._step.t_ns - self._began_ns != (self.tick + STEP_TICKS) * TICK_NS:
            raise OutOfStep(f"Gazebo is at {self._step.t_ns} ns, not a step of 4 ms a tick: its world is not ours")

    def _part(self, of: Rows) -> Sensed:
        sensed = self._sensed
        return Sensed(axes=sensed.axes[of], rates=sensed.rates[of], is_touching=sensed.is_touching[of])

    def _asked(self, control: CopterControl | RoverControl, of: Rows) -> np.ndarray[tuple[int], np.dtype[np.void]]:
        out = np.zeros(len(of), COMMAND_ROW)
        control.command(self._part(of), out)
        return out


__all__ = ["CONTACT_TICKS", "GazeboEngine", "OutOfStep", "moved_in_gazebo"]
