"""From what autopilots ask to forces on Gazebo's bodies: copters by thrust and torque, robots by traction.

What happens in every tick has two equal forms, chosen by the engine's backend: control_arrays and control_compiled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from sim.adapters.gazebo import control_arrays
from sim.adapters.gazebo.bodies import SHAPES
from sim.adapters.gazebo.control_model import Body, CopterMemory, RoverMemory, Sensed
from sim.adapters.gazebo.wire import Commands, States
from sim.engine.arrays import rover
from sim.engine.arrays.guidance import norm, slew
from sim.engine.backends import Backend
from sim.engine.columns import GRAVITY_M_S2, Columns, Drive, Floats, Rows
from sim.scenarios.model import VehicleKind
from sim.vehicles.figures import CopterFigures, RoverFigures

STATE_NUMBERS: Final = 14
"""A state as 64-bit words: 13 numbers, and a word that is 0 when nothing touched the body."""
COMMAND_NUMBERS: Final = 9
Words = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What happens in every tick: see control_arrays."""

    sense: Callable[[Columns, Rows, Floats, Words, Sensed], None]
    copter: Callable[[Columns, Rows, Rows, Sensed, CopterMemory, Body, CopterFigures, Floats], None]
    rover: Callable[[Columns, Rows, Rows, Sensed, RoverMemory, Body, RoverFigures, Floats], None]


def forms(backend: Backend) -> Forms:
    """Imported on demand: machines without numba never import it."""
    if backend is Backend.COMPILED:
        from sim.adapters.gazebo import control_compiled

        return Forms(sense=control_compiled.sense, copter=control_compiled.copter, rover=control_compiled.rover)
    return Forms(sense=control_arrays.sense, copter=control_arrays.copter, rover=control_arrays.rover)


class Tables(NamedTuple):
    """States or commands as plain numbers, one row per vehicle; views, not copies."""

    numbers: Floats
    words: Words


def tables_of(states: States) -> Tables:
    flat = np.ascontiguousarray(states)
    shape = (len(states), STATE_NUMBERS)
    return Tables(flat.view(np.float64).reshape(shape), flat.view(np.int64).reshape(shape))


class Control(Protocol):
    """Of one kind: `begin` and `end` a step of 20 ms, `command` in each of its ticks."""

    def begin(self, sensed: Sensed, step_s: float) -> None: ...
    def command(self, sensed: Sensed, out: Floats) -> None: ...
    def end(self, step_s: float) -> None: ...
    def forget(self) -> None: ...


class CopterControl:
    """The inner loop that our own kernels leave out: a body that must lean before it can push.

    `rows` are the engine's, `at` those of the datagrams.
    """

    def __init__(self, columns: Columns, rows: Rows, at: Rows, figures: CopterFigures, forms: Forms) -> None:
        self._c, self._rows, self._at, self._f, self._forms = columns, rows, at, figures, forms
        self._body = body_of(VehicleKind.COPTER)
        self._memory = CopterMemory(
            feed=np.zeros((len(rows), 3)), lift=np.zeros(len(rows)), applied=np.zeros((len(rows), 3)),
            before=columns.vel[rows].copy(),
        )

    def begin(self, sensed: Sensed, step_s: float) -> None:
        c, rows = self._c, self._rows
        c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
        self._memory.feed[:] = slew(c, rows, self._f.position_gain_per_s, step_s)

    def forget(self) -> None:
        """What is no number is zero again."""
        for remembered in self._memory:
            np.nan_to_num(remembered, copy=False, posinf=0.0, neginf=0.0)

    def command(self, sensed: Sensed, out: Floats) -> None:
        self._forms.copter(self._c, self._rows, self._at, sensed, self._memory, self._body, self._f, out)

    def end(self, step_s: float) -> None:
        """Power and energy of the step, as the kernels have them."""
        c, rows, f = self._c, self._rows, self._f
        air = norm(c.vel[rows] - c.wind[rows])
        parasite = np.where(c.on_ground[rows] == 0, f.parasite_w_per_m3_s3 * air**3, 0.0)
        c.power_w[rows] = f.idle_w + f.hover_w * (self._memory.lift / GRAVITY_M_S2) ** 1.5 + parasite
        c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * step_s, 0.0)


class RoverControl:
    """Tracks as traction at the body, limited by grip; Gazebo gives gravity, slope and contact."""

    def __init__(self, columns: Columns, rows: Rows, at: Rows, figures: RoverFigures, forms: Forms) -> None:
        self._c, self._rows, self._at, self._f, self._forms = columns, rows, at, figures, forms
        self._body = body_of(VehicleKind.ROVER)
        self._memory = RoverMemory(target=np.zeros(len(rows)))
        self._grade = np.zeros(len(rows))

    def begin(self, sensed: Sensed, step_s: float) -> None:
        c, rows, f = self._c, self._rows, self._f
        c.health[rows] = np.where(c.energy_j[rows] <= 0.0, 0.0, c.health[rows])
        up = sensed.axes[self._at][:, :, 2]
        c.slope[rows] = -up[:, :2] / np.maximum(up[:, 2:], 0.1)
        is_on = c.drive[rows] != Drive.OFF
        bearing, speed = rover.course(c, rows, f)
        self._grade = c.slope[rows, 0] * np.sin(c.yaw[rows]) + c.slope[rows, 1] * np.cos(c.yaw[rows])
        self._memory.target[:] = np.where(is_on, rover.allowed(c, rows, bearing, speed, self._grade, f), 0.0)
        steers = is_on & (speed > 0.05) & (c.spins[rows] == 0)
        c.aim_yaw[rows] = np.where(steers, bearing, c.aim_yaw[rows])

    def command(self, sensed: Sensed, out: Floats) -> None:
        self._forms.rover(self._c, self._rows, self._at, sensed, self._memory, self._body, self._f, out)

    def forget(self) -> None:
        """Nothing is remembered from step to step."""

    def end(self, step_s: float) -> None:
        c, rows, f = self._c, self._rows, self._f
        force = f.mass_kg * GRAVITY_M_S2 * np.maximum(f.rolling_resistance + self._grade, 0.0)
        c.power_w[rows] = f.idle_w + force * np.maximum(c.ref_vel[rows, 0], 0.0) / f.drive_efficiency
        c.energy_j[rows] = np.maximum(c.energy_j[rows] - c.power_w[rows] * step_s, 0.0)


def body_of(kind: VehicleKind) -> Body:
    shape = SHAPES[kind]
    return Body(mass_kg=shape.mass_kg, inertia=np.array(shape.inertia))


def numbers_of(commands: Commands) -> Floats:
    """(n, 9) view: what is written there is in `commands`."""
    return commands.view(np.float64).reshape(len(commands), COMMAND_NUMBERS)
