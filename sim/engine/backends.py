"""The two equal implementations of the physics, chosen by argument."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sim.engine.columns import Columns, Rows
from sim.vehicles.figures import BoatFigures, CopterFigures, PlaneFigures, RoverFigures, SubFigures


class Backend(StrEnum):
    """COMPILED is numba, fast from the second start on; ARRAYS is numpy, without any compiler."""

    COMPILED = "compiled"
    ARRAYS = "arrays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernels:
    """Advance the given rows by so many ticks, in place."""

    copter: Callable[[Columns, Rows, CopterFigures, int], None]
    rover: Callable[[Columns, Rows, RoverFigures, int], None]
    sub: Callable[[Columns, Rows, SubFigures, int], None]
    plane: Callable[[Columns, Rows, PlaneFigures, int], None]
    boat: Callable[[Columns, Rows, BoatFigures, int], None]


def kernels(backend: Backend) -> Kernels:
    """Imported on demand: machines without numba never import it."""
    if backend is Backend.COMPILED:
        from sim.engine import compiled, compiled_wings

        return Kernels(
            copter=compiled.copter_step, rover=compiled.rover_step, sub=compiled.sub_step,
            plane=compiled_wings.plane_step, boat=compiled.boat_step,
        )
    from sim.engine.arrays import boat, copter, plane, rover, sub

    return Kernels(copter=copter.step, rover=rover.step, sub=sub.step, plane=plane.step, boat=boat.step)
