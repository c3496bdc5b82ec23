"""What the control of Gazebo's bodies knows and remembers, as NamedTuples: compiled loops take them as they are."""

from typing import Final, NamedTuple

import numpy as np

from sim.engine.columns import Floats

CONTACT_TICKS: Final = 5
"""A touch is remembered so long: contacts of a body at rest flicker."""
SPEEDS: Final = 4
"""A touch is told one tick late, and what counts is the speed before it: so many are remembered."""
GRIP: Final = 0.8
"""Share of the weight that tracks hold by, soil (Wong, Theory of Ground Vehicles: 0.6-0.9; from memory)."""
TRACTION_S: Final = 0.1
"""In which tracks take on the speed of their motors; stiffer than this rings with the 4 ms step."""


class Sensed(NamedTuple):
    """What Gazebo says of all vehicles, in the order of the datagrams, and what is remembered for it."""

    axes: Floats
    """(n, 3, 3) with columns ahead, left, up in ENU."""
    rates: Floats
    """(n, 3) in the body, FLU."""
    is_touching: Floats
    """1 or 0."""
    since_touch: Floats
    """Ticks."""
    speeds: Floats
    """(n, SPEEDS), the last one first."""


class CopterMemory(NamedTuple):
    """One row per copter."""

    feed: Floats
    """(k, 3) acceleration of the followed velocity."""
    lift: Floats
    """Specific thrust along the body's axis, m/s2."""
    applied: Floats
    """(k, 3) specific thrust of the last tick."""
    before: Floats
    """(k, 3) velocity one tick ago."""


class RoverMemory(NamedTuple):
    """One row per robot."""

    target: Floats
    """Speed along the tracks asked for, m/s."""


class Body(NamedTuple):
    """What forces act on."""

    mass_kg: float
    inertia: Floats
    """(3,) kg m2 around ahead, left, up."""


def nothing_sensed(count: int) -> Sensed:
    return Sensed(
        axes=np.zeros((count, 3, 3)), rates=np.zeros((count, 3)), is_touching=np.zeros(count),
        since_touch=np.zeros(count), speeds=np.zeros((count, SPEEDS)),
    )
