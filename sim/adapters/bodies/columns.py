"""State of all bodies as columns: rigid bodies in north, east, down from each one's own home, and their actuators."""

from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

ACTUATORS: Final = 8


class Model(IntEnum):
    """Which equations move a body."""

    COPTER = 0
    PLANE = 1
    WHEELS = 2
    TRACKS = 3
    BOAT = 4
    SUB = 5


POS, VEL, ATT, RATE, ACT, ASK = 0, 3, 6, 10, 13, 13 + ACTUATORS
WIND = ASK + ACTUATORS
GUST, GYRO, ACCEL, SPEED, ON_GROUND, WIDTH = WIND + 3, WIND + 6, WIND + 9, WIND + 12, WIND + 13, WIND + 14
"""Where in a row of state each quantity begins. One array, so that the kernel takes little and compiles soon."""


class Bodies(NamedTuple):
    """One row per machine; vectors FRD where they belong to the body, NED where they belong to the place.

    All but `time_ns` are views of `state`, which the compiled kernel changes in place.
    """

    state: Floats
    """(n, WIDTH)"""
    pos: Floats
    """(n, 3) metres north, east, down of home."""
    vel: Floats
    """(n, 3) NED m/s."""
    att: Floats
    """(n, 4) w x y z, body FRD to NED."""
    rate: Floats
    """(n, 3) FRD rad/s."""
    act: Floats
    """(n, ACTUATORS) what motors and surfaces do, -1 to 1."""
    ask: Floats
    """(n, ACTUATORS) what they are asked for."""
    wind: Floats
    """(n, 3) NED velocity of the air, or of the water for what floats and dives."""
    gust: Floats
    """(n, 3) part of the wind that comes and goes."""
    gyro: Floats
    """(n, 3) what the gyroscopes measured over the last step, rad/s."""
    accel: Floats
    """(n, 3) what the accelerometers measured over it, FRD m/s2: at rest 9.8 up."""
    speed: Floats
    """(n,) velocity along the body's nose through air or water, m/s."""
    on_ground: Floats
    """(n,) 1 on the ground, 0 off it."""
    time_ns: npt.NDArray[np.int64]
    """Since the machine was put at its home."""


class Geometry(NamedTuple):
    """Rotors or thrusters: where they are, which way they push at +1, FRD; `spin` +1 counter-clockwise from above."""

    at: Floats
    push: Floats
    spin: Floats


def empty_bodies(count: int) -> Bodies:
    """Columns full of zeros."""

    state = np.zeros((count, WIDTH))
    return Bodies(
        state=state, pos=state[:, POS:VEL], vel=state[:, VEL:ATT], att=state[:, ATT:RATE], rate=state[:, RATE:ACT],
        act=state[:, ACT:ASK], ask=state[:, ASK:WIND], wind=state[:, WIND:GUST], gust=state[:, GUST:GYRO],
        gyro=state[:, GYRO:ACCEL], accel=state[:, ACCEL:SPEED], speed=state[:, SPEED], on_ground=state[:, ON_GROUND],
        time_ns=np.zeros(count, np.int64),
    )
