"""GO_TO by DO_REPOSITION, for vehicles that take no position targets: planes of ArduPilot, and PX4."""

import math

from fleet.commands import Command
from fleet.drivers.mavlink.commands import SendCommandInt, Until
from fleet.drivers.mavlink.geo import apart_m
from fleet.drivers.mavlink.kind import Kind
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.programmes import APPROACHED_M, ARRIVED_M, MissingArgument, set_speed
from fleet.drivers.mavlink.step import Programme, StepFailed, Talk, perform
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MavFrame

DEFAULT_SPEED = -1.0
CHANGE_MODE = 1.0
"""MAV_DO_REPOSITION_FLAGS_CHANGE_MODE: into GUIDED, or PX4's AUTO.LOITER."""


def reposition(kind: Kind, talk: Talk, command: Command, *, yaw: float) -> Programme:
    """Done when the vehicle is seen to approach in the mode for it. `yaw`: param 4, read as each likes."""
    target, start = command.position, talk.known().state.position
    if target is None:
        raise MissingArgument(command, "position")
    if start is None:
        raise StepFailed("the position of the vehicle is not known yet")
    start_m = apart_m(start, target)
    yield from perform(SendCommandInt(
        talk, MavCommand.DO_REPOSITION, DEFAULT_SPEED, CHANGE_MODE, 0.0, yaw, frame=MavFrame.GLOBAL,
        x=round(target.lat_deg * 1e7), y=round(target.lon_deg * 1e7), z=target.height_m,
    ))
    if command.speed_m_s is not None:
        yield from set_speed(kind, talk, command)

    def is_under_way(known: Known) -> bool:
        at = known.state.position
        is_near = at is not None and apart_m(at, target) <= max(ARRIVED_M, start_m - APPROACHED_M)
        return is_near and known.state.raw_mode == kind.guided

    yield from perform(Until(
        is_under_way, within_s=kind.under_way_within_s,
        otherwise=f"no approach to the target within {kind.under_way_within_s:.0f} s",
    ))


def yaw_rad(command: Command) -> float:
    """Heading asked for, NaN for as it is."""
    return math.nan if command.heading_deg is None else math.radians(command.heading_deg)
