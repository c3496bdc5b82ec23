"""Commands as ArduCopter understands them."""

from fleet.commands import Command, Verb
from fleet.drivers.copter.values import COPTER, RETURN_HEIGHT_PARAMETER
from fleet.drivers.mavlink.commands import SendCommand, SetMode, Until
from fleet.drivers.mavlink.geo import bearing_deg, turn_deg
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.programmes import MissingArgument, standard, take_off
from fleet.drivers.mavlink.set_parameters import write
from fleet.drivers.mavlink.step import Programme, Talk, perform
from fleet.model import FlightMode
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import ParamType

TURNED_DEG = 8.0
TURN_WITHIN_S = 15.0


def look_at(talk: Talk, command: Command) -> Programme:
    """Turns the nose, with the fixed camera, to a heading or a position; done when it points there."""
    heading_deg, at = command.heading_deg, talk.known().state.position
    if heading_deg is None and command.position is not None and at is not None:
        heading_deg = bearing_deg(at, command.position)
    if heading_deg is None:
        raise MissingArgument(command, "heading_deg, or a position and a known own position")
    wanted_deg = heading_deg

    def points_there(known: Known) -> bool:
        now_deg = known.state.heading_deg
        return now_deg is not None and turn_deg(now_deg, wanted_deg) <= TURNED_DEG

    if talk.known().state.mode not in (FlightMode.GUIDED, FlightMode.AUTO):  # the others turn as they like
        yield from perform(SetMode(talk, COPTER.guided))
    yield from perform(SendCommand(talk, MavCommand.CONDITION_YAW, wanted_deg, 0.0, 0.0, 0.0))
    yield from perform(Until(points_there, within_s=TURN_WITHIN_S, otherwise=f"not turned to {wanted_deg:.0f} deg"))


def set_return_height(talk: Talk, command: Command) -> Programme:
    """Height above home of unplanned returns, kept by the vehicle itself."""
    if command.height_m is None:
        raise MissingArgument(command, "height_m")
    centimetres = round(command.height_m * 100.0)
    yield from write(talk, RETURN_HEIGHT_PARAMETER, centimetres, ParamType.INT32)


PROGRAMMES = dict(standard(COPTER)) | {
    Verb.TAKE_OFF: lambda talk, command: take_off(COPTER, talk, command),
    Verb.LOOK_AT: look_at,
    Verb.SET_RETURN_HEIGHT: set_return_height,
}
