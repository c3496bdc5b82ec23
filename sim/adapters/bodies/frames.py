"""Frames the autopilots can steer: which equations, where rotors and thrusters sit, and what each output moves.

Motor numbers and senses of rotation are those of the autopilots' own tables, looked up at these places:
ArduPilot `libraries/AP_Motors/AP_MotorsMatrix.cpp` (setup_quad_matrix, setup_hexa_matrix, setup_octa_matrix, type X)
and `AP_Motors6DOF.cpp` (SUB_FRAME_VECTORED, SUB_FRAME_VECTORED_6DOF), as stored of its master; PX4
`ROMFS/px4fmu_common/` `init.d-posix/airframes/` 10016_none_iris, 1030_gazebo-classic_plane, 1060_gazebo-classic_rover,
1061_gazebo-classic_r1_rover, 1070_gazebo-classic_boat, 1022_gazebo-classic_uuv_bluerov2_heavy and `init.d/airframes/`
6001_hexa_x, v1.14.
"""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from sim.adapters.bodies.columns import ACTUATORS, Floats, Geometry, Model
from sim.adapters.bodies.figures import Figures
from sim.vehicles.spec import Kind

CHANNELS: Final = 16
"""Outputs read of what an autopilot sends; none of the frames here uses more."""


class Autopilot(StrEnum):
    """Whose software in the loop is the brain."""

    ARDUPILOT = "ardupilot"
    PX4 = "px4"


class Frame(StrEnum):
    """Bodies by name."""

    QUAD_X = "quad_x"
    HEXA_X = "hexa_x"
    OCTO_X = "octo_x"
    PLANE = "plane"
    WHEELS = "wheels"
    TRACKS = "tracks"
    BOAT = "boat"
    SUB = "sub"
    SUB_HEAVY = "sub_heavy"


class NoSuchFrame(ValueError):
    """An autopilot cannot steer this frame, or no frame of this kind."""


class Outputs(NamedTuple):
    """From an autopilot's outputs to actuators: `mix` @ clip((output - zero) / span, low, 1)."""

    zero: Floats
    """(CHANNELS,)"""
    span: Floats
    low: Floats
    mix: Floats
    """(ACTUATORS, CHANNELS)"""


KINDS: Final[Mapping[Kind, tuple[Frame, ...]]] = {
    Kind.COPTER: (Frame.QUAD_X, Frame.HEXA_X, Frame.OCTO_X), Kind.PLANE: (Frame.PLANE,),
    Kind.ROVER: (Frame.TRACKS, Frame.WHEELS), Kind.BOAT: (Frame.BOAT,), Kind.SUB: (Frame.SUB, Frame.SUB_HEAVY),
}
"""Frames of each kind, the usual one first."""
_PX4_LACKS: Final = frozenset({Frame.OCTO_X, Frame.SUB})
_MODELS: Final[Mapping[Frame, Model]] = {
    Frame.QUAD_X: Model.COPTER, Frame.HEXA_X: Model.COPTER, Frame.OCTO_X: Model.COPTER, Frame.PLANE: Model.PLANE,
    Frame.WHEELS: Model.WHEELS, Frame.TRACKS: Model.TRACKS, Frame.BOAT: Model.BOAT, Frame.SUB: Model.SUB,
    Frame.SUB_HEAVY: Model.SUB,
}
_CCW, _CW = 1.0, -1.0
# degrees from the nose, clockwise; both autopilots number the rotors of an X alike
_X: Final[Mapping[Frame, tuple[tuple[float, float], ...]]] = {
    Frame.QUAD_X: ((45, _CCW), (-135, _CCW), (-45, _CW), (135, _CW)),
    Frame.HEXA_X: ((90, _CW), (-90, _CCW), (-30, _CW), (150, _CCW), (30, _CCW), (-150, _CW)),
    Frame.OCTO_X: (
        (22.5, _CW), (-157.5, _CW), (67.5, _CCW), (157.5, _CCW), (-22.5, _CCW), (-112.5, _CCW),
        (-67.5, _CW), (112.5, _CW),
    ),
}
_IRIS: Final = ((0.1515, 0.245), (-0.1515, -0.1875), (0.1515, -0.245), (-0.1515, 0.1875))
"""Metres ahead and right of PX4's 10016_none_iris: the arms are not of one length."""


def model_of(frame: Frame) -> Model:
    return _MODELS[frame]


def frame_of(autopilot: Autopilot, kind: Kind, name: str | None) -> Frame:
    """The frame called `name`, by default the kind's usual one. Raises NoSuchFrame with what there is."""
    able = [frame for frame in KINDS[kind] if autopilot is Autopilot.ARDUPILOT or frame not in _PX4_LACKS]
    if name is None:
        return able[0]
    if name not in able:
        raise NoSuchFrame(f"{autopilot} steers no {kind} of frame {name!r} here: choose one of {', '.join(able)}")
    return Frame(name)


def geometry_of(frame: Frame, autopilot: Autopilot, figures: Figures) -> Geometry:
    """Rotors and thrusters of a frame; none for what has no such things."""
    if frame in _X:
        arm = figures.copter_body.arm_m
        at = [(arm * math.cos(math.radians(a)), arm * math.sin(math.radians(a)), 0.0) for a, _ in _X[frame]]
        if frame is Frame.QUAD_X and autopilot is Autopilot.PX4:
            at = [(x, y, 0.0) for x, y in _IRIS]
        return _geometry(at, [(0.0, 0.0, -1.0)] * len(at), [spin for _, spin in _X[frame]])
    if model_of(frame) is not Model.SUB:
        return _geometry([], [], [])
    body = figures.sub_body
    x, y, ahead, aside = body.horizontal_x_m, body.horizontal_y_m, body.vertical_x_m, body.vertical_y_m
    level = [(x, y, 0.0), (x, -y, 0.0), (-x, y, 0.0), (-x, -y, 0.0)]
    if frame is Frame.SUB:
        at = [*level, (0.0, aside, 0.0), (0.0, -aside, 0.0)]
    else:
        at = [*level, (ahead, aside, 0.0), (ahead, -aside, 0.0), (-ahead, aside, 0.0), (-ahead, -aside, 0.0)]
    return _geometry(at, _thrusts(autopilot, len(at) - len(level)), [0.0] * len(at))


def outputs_of(frame: Frame, autopilot: Autopilot) -> Outputs:
    """What each output of the autopilot moves."""
    return _px4(frame) if autopilot is Autopilot.PX4 else _ardupilot(frame)


def _thrusts(autopilot: Autopilot, upright: int) -> list[tuple[float, float, float]]:
    """Directions of thrust at +1: bow right, bow left, stern right, stern left, then the upright ones."""
    if autopilot is Autopilot.PX4:
        level = [(1.0, -1.0, 0.0), (1.0, 1.0, 0.0), (1.0, 1.0, 0.0), (1.0, -1.0, 0.0)]
        return [*level, (0.0, 0.0, -1.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)]
    level = [(-1.0, 1.0, 0.0), (-1.0, -1.0, 0.0), (1.0, 1.0, 0.0), (1.0, -1.0, 0.0)]
    return level + [(0.0, 0.0, 1.0)] * upright


def _geometry(
    at: Sequence[tuple[float, float, float]], push: Sequence[tuple[float, float, float]], spin: Sequence[float],
) -> Geometry:
    thrust = np.array(push, float).reshape(-1, 3)
    size = np.sqrt((thrust**2).sum(axis=1, keepdims=True))
    return Geometry(
        at=np.array(at, float).reshape(-1, 3), push=thrust / np.maximum(size, 1e-9), spin=np.array(spin, float),
    )


def _outputs(
    wires: Sequence[tuple[int, int, float]], *, zero: float, span: float, low: float, ranges: Sequence[int] = (),
) -> Outputs:
    """`wires`: (channel, actuator, share). Channels in `ranges` count from 1000 us up, 0 to 1."""
    mix = np.zeros((ACTUATORS, CHANNELS))
    for channel, actuator, share in wires:
        mix[actuator, channel] = share
    zeros, spans, lows = np.full(CHANNELS, zero), np.full(CHANNELS, span), np.full(CHANNELS, low)
    for channel in ranges:
        zeros[channel], spans[channel], lows[channel] = 1000.0, 1000.0, 0.0
    return Outputs(zero=zeros, span=spans, low=lows, mix=mix)


def _ardupilot(frame: Frame) -> Outputs:
    """Microseconds. Motors 1000-2000; surfaces, drives, steering 1500 +- 500; thrusters 1500 +- 400 (MOT_PWM_MIN)."""
    model = model_of(frame)
    if model is Model.COPTER:
        return _outputs([(k, k, 1.0) for k in range(len(_X[frame]))], zero=1000.0, span=1000.0, low=0.0)
    if model is Model.SUB:
        thrusters = 6 if frame is Frame.SUB else 8
        return _outputs([(k, k, 1.0) for k in range(thrusters)], zero=1500.0, span=400.0, low=-1.0)
    if model is Model.PLANE:
        return _outputs([(k, k, 1.0) for k in range(4)], zero=1500.0, span=500.0, low=-1.0, ranges=[2])
    return _outputs([(0, 0, 1.0), (2, 1, 1.0)], zero=1500.0, span=500.0, low=-1.0)


def _px4(frame: Frame) -> Outputs:
    """Controls: motors 0 to 1, those that reverse and servos -1 to 1. Numbers are PWM_MAIN_FUNC less one."""
    model = model_of(frame)
    if model is Model.COPTER:
        return _outputs([(k, k, 1.0) for k in range(len(_X[frame]))], zero=0.0, span=1.0, low=0.0)
    wires: dict[Frame, list[tuple[int, int, float]]] = {
        # left and right aileron roll against each other; 2 rudder, 4 throttle, 7 elevator
        Frame.PLANE: [(5, 0, -0.5), (6, 0, 0.5), (7, 1, 1.0), (4, 2, 1.0), (2, 3, 1.0)],
        Frame.WHEELS: [(0, 0, 1.0), (5, 1, 1.0)],
        Frame.TRACKS: [(0, 0, 1.0), (5, 1, 1.0)],
        Frame.BOAT: [(0, 0, 1.0), (1, 1, 1.0)],
    }
    return _outputs(wires.get(frame, [(k, k, 1.0) for k in range(8)]), zero=0.0, span=1.0, low=-1.0)
