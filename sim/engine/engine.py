"""All machines of a place, advanced together in steps of five 4 ms ticks."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sim.engine.backends import Backend, kernels
from sim.engine.columns import STEP_TICKS, Floats, Rows, empty_columns
from sim.engine.digest import state_hash
from sim.engine.estimates import STEPS_BETWEEN_FIXES, Estimate, Senses
from sim.engine.ground import Ground
from sim.engine.row import Row
from sim.engine.weather import Medium, Weather
from sim.vehicles.figures import (
    BoatFigures,
    CopterFigures,
    PlaneFigures,
    RoverFigures,
    SubFigures,
    boat_figures,
    copter_figures,
    plane_figures,
    rover_figures,
    sub_figures,
)
from sim.vehicles.spec import Kind, VehicleSpec
from world.position import LocalFrame
from world.terrain import Terrain

Figures = CopterFigures | RoverFigures | SubFigures | PlaneFigures | BoatFigures


class NoWater(ValueError):
    """A boat is asked for where no water surface is known."""


class Engine:
    """Knows physics only. `tick` is the one clock; nothing is ever summed up from dt."""

    def __init__(self, *, specs: Sequence[VehicleSpec], terrain: Terrain, frame: LocalFrame, seed: int,
                 weather: Weather, backend: Backend = Backend.COMPILED) -> None:
        self.tick = 0
        self.columns = empty_columns(len(specs))
        rows = {kind: _rows(specs, kind) for kind in Kind}
        self._copters, self._drivers, self._subs = rows[Kind.COPTER], rows[Kind.ROVER], rows[Kind.SUB]
        self._planes, self._boats = rows[Kind.PLANE], rows[Kind.BOAT]
        self._kernels = kernels(backend)
        self._figures = (copter_figures(), rover_figures(), sub_figures(), plane_figures(), boat_figures())
        self._ground = Ground(terrain, self.columns, np.concatenate([self._drivers, self._planes]))
        self._place(specs)
        self._medium = Medium(weather, seed, self.columns, self._subs, self._boats)
        self.senses = Senses(specs, seed, self.columns, frame, self._copters, self._drivers, self._planes)
        self._beliefs: tuple[int, Floats] = (-1, np.empty(0))

    def row(self, index: int) -> Row:
        return Row(self.columns, index)

    def advance(self) -> None:
        """One step of 20 ms."""
        self._ground.refresh()
        self._medium.advance()
        self._move()
        self.tick += STEP_TICKS
        if self.tick % (STEP_TICKS * STEPS_BETWEEN_FIXES) == 0:
            self.senses.advance()

    def _move(self) -> None:
        copter, rover, *_ = self._figures
        if len(self._copters):
            self._kernels.copter(self.columns, self._copters, copter, STEP_TICKS)
        if len(self._drivers):
            self._kernels.rover(self.columns, self._drivers, rover, STEP_TICKS)
        self._move_others()

    def _move_others(self) -> None:
        """What swims or has wings."""
        _, _, sub, plane, boat = self._figures
        if len(self._subs):
            self._kernels.sub(self.columns, self._subs, sub, STEP_TICKS)
        if len(self._planes):
            self._kernels.plane(self.columns, self._planes, plane, STEP_TICKS)
        if len(self._boats):
            self._kernels.boat(self.columns, self._boats, boat, STEP_TICKS)

    def estimate(self, index: int) -> Estimate:
        """What a vehicle believes at this tick; worked out once per tick for all, and only when asked for."""
        tick, table = self._beliefs
        if tick != self.tick:
            table = self.senses.table()
            self._beliefs = (self.tick, table)
        return Estimate(*table[index].tolist())

    def retire(self, index: int) -> None:
        """Motors off for good, and numbers again where a broken model left none."""
        self.columns.drive[index] = 0
        self.columns.health[index] = 0.0
        for name in ("pos", "vel", "ref_vel", "thrust", "disturbance", "yaw", "yaw_rate", "energy_j", "power_w"):
            column = getattr(self.columns, name)
            column[index] = np.nan_to_num(column[index], posinf=0.0, neginf=0.0)

    def hash(self, minds: npt.NDArray[np.int64]) -> str:
        return state_hash(self.tick, self.columns, minds)

    def roles(self) -> tuple[Rows, Rows, Rows]:
        """Rows of copters, of robots on the ground and of planes."""
        return self._copters, self._drivers, self._planes

    def battery(self, kind: Kind) -> tuple[float, float]:
        """Joules when full, and cells in series."""
        copter, rover, sub, plane, boat = self._figures
        by_kind: dict[Kind, Figures] = {
            Kind.COPTER: copter, Kind.ROVER: rover, Kind.SUB: sub, Kind.PLANE: plane, Kind.BOAT: boat,
        }
        figures = by_kind[kind]
        return figures.battery_j, figures.battery_cells

    def _place(self, specs: Sequence[VehicleSpec]) -> None:
        c = self.columns
        for i, spec in enumerate(specs):
            c.pos[i] = (spec.home.east_m, spec.home.north_m, spec.home.up_m)
            c.yaw[i] = c.aim_yaw[i] = np.radians(spec.heading_deg)
            c.energy_j[i] = self.battery(spec.kind)[0] * spec.battery_pct / 100.0
            if spec.water_up_m is not None:
                c.surface[i] = spec.water_up_m
            elif spec.kind is Kind.BOAT:
                raise NoWater(f"{spec.id} is a boat; give it water_up_m")
        self._ground.refresh()
        c.pos[self._boats, 2] = c.surface[self._boats]
        on_land = np.concatenate([self._copters, self._drivers, self._planes])
        c.pos[on_land, 2] = c.ground[on_land]
        c.on_ground[on_land] = 1


def _rows(specs: Sequence[VehicleSpec], kind: Kind) -> Rows:
    return np.array([i for i, spec in enumerate(specs) if spec.kind is kind], np.int64)
