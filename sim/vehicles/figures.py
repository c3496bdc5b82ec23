"""Physical figures of each kind, read from the tables `<kind>.toml` in which every figure names its source."""

import tomllib
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar

from sim.vehicles.spec import Kind

F = TypeVar("F", "CopterFigures", "RoverFigures", "SubFigures", "PlaneFigures", "BoatFigures")


class CopterFigures(NamedTuple):
    """Field names are the TOML keys; a NamedTuple because compiled kernels take it as it is."""

    drag_per_m: float
    tilt_time_s: float
    tilt_max_rad: float
    thrust_max_m_s2: float
    velocity_gain_per_s: float
    position_gain_per_s: float
    disturbance_time_s: float
    yaw_gain_per_s: float
    yaw_time_s: float
    hover_w: float
    idle_w: float
    parasite_w_per_m3_s3: float
    battery_j: float
    battery_cells: float


class RoverFigures(NamedTuple):
    """A tracked robot: turns on the spot, slows on slopes, stops on what is too steep."""

    accel_m_s2: float
    grade_max: float
    lookahead_m: float
    pivot_rad: float
    yaw_gain_per_s: float
    yaw_time_s: float
    position_gain_per_s: float
    mass_kg: float
    rolling_resistance: float
    drive_efficiency: float
    idle_w: float
    battery_j: float
    battery_cells: float


class SubFigures(NamedTuple):
    """A vectored underwater robot, slightly buoyant."""

    drag_per_m: float
    thrust_max_m_s2: float
    thrust_time_s: float
    velocity_gain_per_s: float
    position_gain_per_s: float
    yaw_gain_per_s: float
    yaw_time_s: float
    buoyancy_m_s2: float
    thrust_w_per_m_s2: float
    idle_w: float
    battery_j: float
    battery_cells: float


class PlaneFigures(NamedTuple):
    """A fixed wing: a point mass with lift, drag and bank; the hover figures count where rotors are fitted."""

    mass_kg: float
    stall_m_s: float
    slow_m_s: float
    """Below this airspeed it goes down rather than get slower."""
    parasite_per_m: float
    induced_m3_s4: float
    load_max: float
    thrust_max_m_s2: float
    power_max_w: float
    drive_efficiency: float
    throttle_time_s: float
    bank_max_rad: float
    bank_time_s: float
    course_gain_per_s: float
    line_gain_per_m: float
    circle_gain: float
    height_gain_per_s: float
    climb_gain_per_s: float
    speed_gain_per_s: float
    rolling_resistance: float
    brake_m_s2: float
    hover_gain_per_s: float
    hover_accel_m_s2: float
    hover_speed_m_s: float
    hover_w: float
    yaw_gain_per_s: float
    yaw_time_s: float
    idle_w: float
    battery_j: float
    battery_cells: float


class BoatFigures(NamedTuple):
    """A hull with two thrusters that also steer it."""

    drag_ahead_per_m: float
    drag_aside_per_m: float
    thrust_max_m_s2: float
    thrust_time_s: float
    speed_gain_per_s: float
    lookahead_m: float
    pivot_rad: float
    hold_radius_m: float
    yaw_gain_per_s: float
    yaw_time_s: float
    position_gain_per_s: float
    thrust_w_per_m_s2: float
    idle_w: float
    battery_j: float
    battery_cells: float


class BadFigures(ValueError):
    """A figure table lacks a figure or a source."""


def copter_figures() -> CopterFigures:
    return _read(Kind.COPTER, CopterFigures)


def rover_figures() -> RoverFigures:
    return _read(Kind.ROVER, RoverFigures)


def sub_figures() -> SubFigures:
    return _read(Kind.SUB, SubFigures)


def plane_figures() -> PlaneFigures:
    return _read(Kind.PLANE, PlaneFigures)


def boat_figures() -> BoatFigures:
    return _read(Kind.BOAT, BoatFigures)


def _read(kind: Kind, shape: type[F]) -> F:
    name = f"{kind}.toml"
    table: dict[str, dict[str, Any]] = tomllib.loads(files("sim.vehicles").joinpath(name).read_text("utf-8"))
    if set(table) != set(shape._fields):
        raise BadFigures(f"{name}: expected exactly the figures {', '.join(shape._fields)}")
    unsourced = [key for key, row in table.items() if not row.get("source")]
    if unsourced:
        raise BadFigures(f"{name}: no source given for {', '.join(unsourced)}")
    return shape(**{key: float(row["value"]) for key, row in table.items()})
