"""Physical figures of bodies, read from the tables beside this file in which every figure names its source."""

import tomllib
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar

from sim.adapters.bodies.columns import Model
from sim.vehicles.figures import (
    BadFigures,
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

B = TypeVar("B", "CopterBody", "PlaneBody", "RoverBody", "BoatBody", "SubBody", "Inertial")


class CopterBody(NamedTuple):
    """Field names are the TOML keys; a NamedTuple because the compiled kernel takes it as it is."""

    mass_kg: float
    arm_m: float
    inertia_roll_kg_m2: float
    inertia_pitch_kg_m2: float
    inertia_yaw_kg_m2: float
    rotor_time_s: float
    thrust_expo: float
    torque_m: float
    spin_damping_n_m_s: float


class PlaneBody(NamedTuple):
    """A wing with its derivatives, per radian; control derivatives for a surface at full throw."""

    air_kg_m3: float
    wing_m2: float
    span_m: float
    chord_m: float
    oswald: float
    inertia_roll_kg_m2: float
    inertia_pitch_kg_m2: float
    inertia_yaw_kg_m2: float
    lift_0: float
    lift_per_rad: float
    stall_rad: float
    side_per_rad: float
    roll_beta: float
    roll_p: float
    roll_r: float
    pitch_0: float
    pitch_alpha: float
    pitch_q: float
    yaw_beta: float
    yaw_p: float
    yaw_r: float
    aileron_roll: float
    elevator_pitch: float
    rudder_yaw: float
    servo_time_s: float


class RoverBody(NamedTuple):
    """On tracks, or on wheels of which the front pair steers."""

    inertia_yaw_kg_m2: float
    speed_max_m_s: float
    track_m: float
    wheelbase_m: float
    steer_max_rad: float
    speed_time_s: float


class BoatBody(NamedTuple):
    """A hull with a thruster on each side."""

    mass_kg: float
    inertia_yaw_kg_m2: float
    beam_m: float
    yaw_damping_n_m_s: float
    yaw_damping_n_m_s2: float


class SubBody(NamedTuple):
    """Masses and inertias with the water that moves along."""

    mass_kg: float
    inertia_roll_kg_m2: float
    inertia_pitch_kg_m2: float
    inertia_yaw_kg_m2: float
    damping_n_m_s: float
    damping_n_m_s2: float
    righting_m: float
    height_m: float
    horizontal_x_m: float
    horizontal_y_m: float
    vertical_x_m: float
    vertical_y_m: float


class Inertial(NamedTuple):
    """Standard deviations of one sample."""

    gyro_rad_s: float
    accel_m_s2: float
    compass_gauss: float
    baro_m: float
    pitot_pa: float


class Figures(NamedTuple):
    """All of them: those of the engine's vehicles, and what their bodies need besides."""

    copter: CopterFigures
    plane: PlaneFigures
    rover: RoverFigures
    boat: BoatFigures
    sub: SubFigures
    copter_body: CopterBody
    plane_body: PlaneBody
    rover_body: RoverBody
    boat_body: BoatBody
    sub_body: SubBody
    inertial: Inertial


def figures() -> Figures:
    """Raises BadFigures when a table lacks a figure or a source."""
    return Figures(
        copter=copter_figures(), plane=plane_figures(), rover=rover_figures(), boat=boat_figures(), sub=sub_figures(),
        copter_body=_read("copter", CopterBody), plane_body=_read("plane", PlaneBody),
        rover_body=_read("rover", RoverBody), boat_body=_read("boat", BoatBody), sub_body=_read("sub", SubBody),
        inertial=_read("inertial", Inertial),
    )


def mass_of(model: Model, f: Figures) -> tuple[float, tuple[float, float, float]]:
    """Mass in kg and moments of inertia in kg m2 about nose, right wing and keel; 1 where the ground holds the axis."""
    if model is Model.COPTER:
        c = f.copter_body
        return c.mass_kg, (c.inertia_roll_kg_m2, c.inertia_pitch_kg_m2, c.inertia_yaw_kg_m2)
    if model is Model.PLANE:
        p = f.plane_body
        return f.plane.mass_kg, (p.inertia_roll_kg_m2, p.inertia_pitch_kg_m2, p.inertia_yaw_kg_m2)
    if model is Model.SUB:
        s = f.sub_body
        return s.mass_kg, (s.inertia_roll_kg_m2, s.inertia_pitch_kg_m2, s.inertia_yaw_kg_m2)
    if model is Model.BOAT:
        return f.boat_body.mass_kg, (1.0, 1.0, f.boat_body.inertia_yaw_kg_m2)
    return f.rover.mass_kg, (1.0, 1.0, f.rover_body.inertia_yaw_kg_m2)


def _read(name: str, shape: type[B]) -> B:
    text = files("sim.adapters.bodies").joinpath(f"{name}.toml").read_text("utf-8")
    table: dict[str, dict[str, Any]] = tomllib.loads(text)
    if set(table) != set(shape._fields):
        raise BadFigures(f"bodies/{name}.toml: expected exactly the figures {', '.join(shape._fields)}")
    unsourced = [key for key, row in table.items() if not row.get("source")]
    if unsourced:
        raise BadFigures(f"bodies/{name}.toml: no source given for {', '.join(unsourced)}")
    return shape(**{key: float(row["value"]) for key, row in table.items()})
