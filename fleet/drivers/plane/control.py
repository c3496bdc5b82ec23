"""Commands as ArduPlane understands them: circles where others stand, and upright with rotors."""

from collections.abc import Mapping

from fleet.commands import Command, Verb
from fleet.drivers.mavlink.commands import SendCommand, SetMode, Until
from fleet.drivers.mavlink.programmes import (
    MakeProgramme,
    MissingArgument,
    arm,
    standard,
    take_off,
    until_climbing,
    urgently,
)
from fleet.drivers.mavlink.reposition import reposition
from fleet.drivers.mavlink.set_parameters import write
from fleet.drivers.mavlink.step import Programme, StepFailed, Talk, perform
from fleet.drivers.plane.values import (
    PLANE,
    RETURN_HEIGHT_PARAMETER,
    TAKE_OFF_HEIGHT_PARAMETER,
    VTOL,
    VTOL_RETURN_HEIGHT_PARAMETER,
)
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import ParamType, PlaneMode

CLOCKWISE = 0.0
"""Param 4 of DO_REPOSITION is the way round, for ArduPlane."""
IN_AUTO_WITHIN_S = 5.0
SAYS_WITHIN_S = 5.0
"""Whether it has rotors: EXTENDED_SYS_STATE is asked for until it comes."""


def take_off_run(talk: Talk, command: Command) -> Programme:
    """TAKEOFF mode, which climbs to its parameter and circles; done when it climbs."""
    height_m = command.height_m
    if height_m is None:
        raise MissingArgument(command, "height_m")
    start_height_m = talk.known().state.height_above_home_m
    yield from write(talk, TAKE_OFF_HEIGHT_PARAMETER, height_m, ParamType.REAL32)
    yield from arm(PLANE, talk)
    yield from perform(SetMode(talk, PlaneMode.TAKEOFF))
    yield from until_climbing(talk, start_height_m)


def land(talk: Talk, command: Command) -> Programme:
    """AUTOLAND where the firmware has it, else the landing of the mission on board; with neither, home and circles."""
    try:
        return (yield from urgently(talk, (PLANE.land,)))
    except StepFailed:
        pass
    try:
        yield from perform(SendCommand(talk, MavCommand.DO_LAND_START))
        yield from perform(Until(
            lambda known: known.state.raw_mode == PLANE.auto, within_s=IN_AUTO_WITHIN_S,
            otherwise="it does not fly its landing",
        ))
    except StepFailed as refused:
        yield from urgently(talk, (PLANE.comes_back,))
        raise StepFailed(
            f"it can land neither by itself nor by its mission ({refused.reason}); it returns and circles"
        ) from refused


def _return_height(name: str) -> MakeProgramme:
    def programme(talk: Talk, command: Command) -> Programme:
        if command.height_m is None:
            raise MissingArgument(command, "height_m")
        yield from write(talk, name, command.height_m, ParamType.REAL32)

    return programme


WINGS: Mapping[Verb, MakeProgramme] = dict(standard(PLANE)) | {
    Verb.TAKE_OFF: take_off_run,
    Verb.GO_TO: lambda talk, command: reposition(PLANE, talk, command, yaw=CLOCKWISE),
    Verb.LAND: land,
    Verb.SET_RETURN_HEIGHT: _return_height(RETURN_HEIGHT_PARAMETER),
}
ROTORS: Mapping[Verb, MakeProgramme] = dict(standard(VTOL)) | {
    Verb.TAKE_OFF: lambda talk, command: take_off(VTOL, talk, command),
    Verb.GO_TO: lambda talk, command: reposition(VTOL, talk, command, yaw=CLOCKWISE),
    Verb.SET_RETURN_HEIGHT: _return_height(VTOL_RETURN_HEIGHT_PARAMETER),
}


def _either(verb: Verb) -> MakeProgramme:
    """By what the vehicle has shown when the command begins; a halt waits for nothing: unknown counts as without."""
    return lambda talk, command: (ROTORS if talk.known().vitals.is_vtol else WINGS)[verb](talk, command)


def _either_known(verb: Verb) -> MakeProgramme:
    """The same, once it is known: wings and rotors start and fly to a place in different ways."""
    def programme(talk: Talk, command: Command) -> Programme:
        if talk.known().vitals.is_vtol is None:
            yield from perform(Until(
                lambda known: known.vitals.is_vtol is not None, within_s=SAYS_WITHIN_S,
                otherwise="it has not said whether it has rotors",
            ))
        return (yield from _either(verb)(talk, command))

    return programme


_DIFFER = frozenset({Verb.TAKE_OFF, Verb.GO_TO, Verb.SET_RETURN_HEIGHT})
PROGRAMMES: Mapping[Verb, MakeProgramme] = {
    verb: _either_known(verb) if verb in _DIFFER else _either(verb) for verb in WINGS
}
