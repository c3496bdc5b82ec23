"""What is true in the simulated place at one tick, for cameras, the independent checker and measurements."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.columns import Floats
from world.ids import VehicleId
from world.time import Instant

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Copies, one row per vehicle in the order of `vehicles`. ENU metres and m/s; quaternions w x y z, FRD -> NED."""

    tick: int
    at: Instant
    vehicles: tuple[VehicleId, ...]
    position: Floats
    velocity: Floats
    attitude: Floats
    lens_position: Floats
    lens_attitude: Floats
    """NaN rows where no camera is fitted."""
    is_armed: Flags
    on_ground: Flags
    is_alive: Flags
    """False once a vehicle is wrecked or its model has failed."""
