"""Commands as PX4 understands them: heights above the sea, and DO_REPOSITION rather than position targets."""

import math
from collections.abc import Mapping

from fleet.commands import Command, Verb
from fleet.drivers.mavlink.commands import SendCommand
from fleet.drivers.mavlink.kind import Kind
from fleet.drivers.mavlink.programmes import MakeProgramme, MissingArgument, arm, standard, until_climbing
from fleet.drivers.mavlink.reposition import reposition, yaw_rad
from fleet.drivers.mavlink.set_parameters import write
from fleet.drivers.mavlink.step import Programme, StepFailed, Talk, perform
from fleet.drivers.px4.values import RETURN_HEIGHT_PARAMETER
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import ParamType

ANY = math.nan
"""Here, or as it is: PX4 takes NaN for the params it shall choose."""


def take_off(kind: Kind, talk: Talk, command: Command) -> Programme:
    """AUTO.TAKEOFF to a height above home, which PX4 is told above the sea; done when the vehicle climbs."""
    if command.height_m is None:
        raise MissingArgument(command, "height_m")
    home = talk.known().state.home or talk.known().state.position
    if home is None:
        raise StepFailed("neither home nor position of the vehicle is known yet")
    start_height_m = talk.known().state.height_above_home_m
    amsl_m = home.height_m + command.height_m
    yield from arm(kind, talk)
    yield from perform(SendCommand(talk, MavCommand.NAV_TAKEOFF, -1.0, 0.0, 0.0, ANY, ANY, ANY, amsl_m))
    yield from until_climbing(talk, start_height_m)


def set_return_height(talk: Talk, command: Command) -> Programme:
    if command.height_m is None:
        raise MissingArgument(command, "height_m")
    yield from write(talk, RETURN_HEIGHT_PARAMETER, command.height_m, ParamType.REAL32)


def programmes(kind: Kind) -> Mapping[Verb, MakeProgramme]:
    """Those of one kind on PX4."""
    own: dict[Verb, MakeProgramme] = {
        Verb.GO_TO: lambda talk, command: reposition(kind, talk, command, yaw=yaw_rad(command)),
    }
    if kind.takes_off:
        own |= {
            Verb.TAKE_OFF: lambda talk, command: take_off(kind, talk, command),
            Verb.SET_RETURN_HEIGHT: set_return_height,
        }
    return dict(standard(kind)) | own
