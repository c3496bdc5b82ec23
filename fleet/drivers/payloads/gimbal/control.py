"""How the gimbal is told: control taken from its manager, then angles or a place, until its attitude shows it.

ArduPilot and PX4 are themselves the manager of a gimbal wired to them, so orders go to the autopilot.
"""

import math

from fleet.commands import AckResult
from fleet.drivers.mavlink.commands import command_long
from fleet.drivers.mavlink.geo import bearing_deg, offsets_m, turn_deg
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Step, StepFailed, Talk, perform
from fleet.drivers.payloads.gimbal.state import FOLD, UNKNOWN, GimbalState
from fleet.drivers.payloads.gimbal.values import CAPABILITIES, PLACE, POINT
from fleet.drivers.payloads.settled import Lines, by_commands
from fleet.drivers.payloads.shape import Action, Asked, PayloadDriver
from fleet.drivers.payloads.tool import Tool
from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import Component, GimbalFlag
from fleet.wire.message import Message
from world.position import Geodetic
from world.time import Instant

STATION, UNCHANGED = 255.0, -1.0
POINTS_WITHIN_DEG = 6.0
"""The vehicle moves on while its gimbal turns."""
STILL_DEG_S = 1.0
REPEAT_S = 1.0
REPEATS = 15
TOOL: Tool[GimbalState] = Tool(
    title=CAPABILITIES.title, unknown=UNKNOWN, fold=FOLD, faults=CAPABILITIES.faults, component=None
)
_LEVEL = GimbalFlag.ROLL_LOCK | GimbalFlag.PITCH_LOCK | GimbalFlag.YAW_IN_VEHICLE_FRAME
_CONTROL = (
    MavCommand.DO_GIMBAL_MANAGER_CONFIGURE, (STATION, float(Component.GROUND_STATION), UNCHANGED, UNCHANGED)
)


def _asking(name: str) -> tuple[MavCommand, tuple[float, ...]]:
    return MavCommand.REQUEST_MESSAGE, (float(ardupilotmega().spec(name).msgid),)


_ATTITUDE = (_asking("GIMBAL_DEVICE_ATTITUDE_STATUS"),)


def _to(pitch_deg: float, yaw_deg: float) -> Lines:
    return [_CONTROL, (MavCommand.DO_GIMBAL_MANAGER_PITCHYAW, (pitch_deg, yaw_deg, 0.0, 0.0, float(_LEVEL)))]


def _point(asked: Asked) -> Lines:
    return _to(asked.setpoints["pitch_deg"], asked.setpoints["yaw_deg"])


def _points(state: GimbalState, asked: Asked) -> bool:
    return _is_at(state, asked.setpoints["pitch_deg"], asked.setpoints["yaw_deg"])


def _is_level(state: GimbalState, asked: Asked) -> bool:
    return _is_at(state, 0.0, 0.0)


def _is_at(state: GimbalState, pitch_deg: float, yaw_deg: float) -> bool:
    pitch, yaw = state.pitch_deg, state.yaw_deg
    if pitch is None or yaw is None or state.is_yaw_to_north is not False:
        return False
    return abs(pitch - pitch_deg) <= POINT[0].tolerance and turn_deg(yaw, yaw_deg) <= POINT[1].tolerance


def _is_still(state: GimbalState, asked: Asked) -> bool:
    return state.rate_deg_s is not None and state.rate_deg_s <= STILL_DEG_S


class Watch(Step[None]):
    """DO_SET_ROI_LOCATION, repeated until the gimbal's attitude, with the vehicle's, points at the place."""

    def __init__(self, talk: Talk, place: Geodetic) -> None:
        super().__init__()
        self._talk, self._place = talk, place
        self._state = UNKNOWN
        self._pace = Pace(every_s=REPEAT_S, times=REPEATS)

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._pace.is_spent(now):
            raise StepFailed("the gimbal does not point at the place", AckResult.TIMED_OUT)
        if not self._pace.is_due(now):
            return []
        if known.state.home is None:
            raise StepFailed("the home of the vehicle is not known yet, above which COMMAND_LONG counts heights")
        place = (self._place.lat_deg, self._place.lon_deg, self._place.height_m - known.state.home.height_m)
        look = command_long(self._talk, MavCommand.DO_SET_ROI_LOCATION, 0.0, 0.0, 0.0, 0.0, *place)
        command, params = _ATTITUDE[0]
        return [look, command_long(self._talk, command, *params)]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        handler = FOLD.get(message.SPEC.name)
        if handler is None:
            return []
        before, self._state = self._state, handler(self._state, message, now)
        if self._state is not before and self._points_there(known):
            self.end()
        return []

    def _points_there(self, known: Known) -> bool:
        at, heading, state = known.state.position, known.state.heading_deg, self._state
        if at is None or heading is None or state.pitch_deg is None or state.yaw_deg is None:
            return False
        flat_m = max(math.hypot(*offsets_m(at, self._place)), 0.1)
        pitch_deg = math.degrees(math.atan2(self._place.height_m - at.height_m, flat_m))
        yaw_deg = state.yaw_deg if state.is_yaw_to_north else state.yaw_deg + heading
        off_deg = turn_deg(yaw_deg % 360.0, bearing_deg(at, self._place)) * math.cos(math.radians(pitch_deg))
        return math.hypot(off_deg, state.pitch_deg - pitch_deg) <= POINTS_WITHIN_DEG


def _place(asked: Asked) -> Geodetic:
    values = asked.setpoints
    return Geodetic(lat_deg=values["lat_deg"], lon_deg=values["lon_deg"], height_m=values["height_m"])


_ENDS: Lines = [(MavCommand.DO_SET_ROI_NONE, ())]
"""No place to look at any more: angles, once reached, are held."""
_STOP = Action(programme=by_commands(TOOL, lambda asked: _ENDS, _is_still, _ATTITUDE))
ACTIONS = {
    "point": Action(programme=by_commands(TOOL, _point, _points, _ATTITUDE), setpoints=POINT),
    "level": Action(programme=by_commands(TOOL, lambda asked: _to(0.0, 0.0), _is_level, _ATTITUDE)),
    "watch": Action(programme=lambda talk, asked: perform(Watch(talk, _place(asked))), setpoints=PLACE),
    "stop": _STOP,
    "safe": _STOP,
}
DRIVER = PayloadDriver(name="gimbal", capabilities=CAPABILITIES, actions=ACTIONS, unknown=UNKNOWN, fold=FOLD)
