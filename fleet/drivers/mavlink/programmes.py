"""Commands as programmes of steps, alike for every kind; each is done only when the vehicle shows it."""

import math
from collections.abc import Callable, Mapping

from fleet.commands import Command, Verb
from fleet.drivers.mavlink.capture import Capture
from fleet.drivers.mavlink.commands import Arm, Disarm, Reported, SendCommand, SetMode, Until
from fleet.drivers.mavlink.fences import put_fence, put_rally
from fleet.drivers.mavlink.geo import apart_m
from fleet.drivers.mavlink.items import Mission, difference, mission_of
from fleet.drivers.mavlink.kind import Kind
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.mission import Download, SetCurrent, Upload
from fleet.drivers.mavlink.set_parameters import set_parameters
from fleet.drivers.mavlink.signing_key import set_signing_key
from fleet.drivers.mavlink.step import Outgoing, Programme, StepFailed, Talk, perform
from fleet.drivers.payloads.operate import operate
from fleet.model import FlightMode
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MavFrame, TargetMask
from world.position import Geodetic

MakeProgramme = Callable[[Talk, Command], Programme]

UPLOADS = 3
URGENT_ROUNDS = 3
CLIMBED_M = 1.0
LIFT_OFF_WITHIN_S = 20.0
ARRIVED_M = 3.0
APPROACHED_M = 2.0
_POSITION_ONLY = (
    TargetMask.IGNORE_VX | TargetMask.IGNORE_VY | TargetMask.IGNORE_VZ
    | TargetMask.IGNORE_AX | TargetMask.IGNORE_AY | TargetMask.IGNORE_AZ | TargetMask.IGNORE_YAW_RATE
)


class MissingArgument(StepFailed):
    """A command without an argument its verb needs."""

    def __init__(self, command: Command, name: str) -> None:
        super().__init__(f"{command.verb} needs {name}")


def standard(kind: Kind) -> Mapping[Verb, MakeProgramme]:
    """The programmes every kind has; a kind adds its own."""
    return {
        Verb.ARM: lambda talk, command: arm(kind, talk),
        Verb.DISARM: lambda talk, command: perform(Disarm(talk)),
        Verb.GO_TO: lambda talk, command: go_to(kind, talk, command),
        Verb.UPLOAD_ROUTE: lambda talk, command: upload_route(kind, talk, command),
        Verb.START_ROUTE: lambda talk, command: start_route(kind, talk),
        Verb.SET_SPEED: lambda talk, command: set_speed(kind, talk, command),
        Verb.CAPTURE: lambda talk, command: perform(Capture(talk)),
        Verb.UPLOAD_FENCE: upload_fence,
        Verb.UPLOAD_RALLY: upload_rally,
        Verb.OPERATE: operate,
        Verb.SET_PARAMETERS: set_parameters,
        Verb.SET_SIGNING_KEY: set_signing_key,
        Verb.HOLD: lambda talk, command: hold(kind, talk),
        Verb.STOP: lambda talk, command: hold(kind, talk),
        Verb.RETURN: lambda talk, command: urgently(talk, (kind.comes_back,)),
        Verb.LAND: lambda talk, command: urgently(talk, (kind.land,)),
        Verb.KILL: lambda talk, command: perform(Disarm(talk, is_forced=True)),
    }


def arm(kind: Kind, talk: Talk) -> Programme:
    """Arms in a mode that allows it; an armed vehicle is left as it is."""
    if talk.known().state.is_armed is not True:
        yield from perform(SetMode(talk, kind.arming))
        yield from perform(Arm(talk))


def hold(kind: Kind, talk: Talk) -> Programme:
    """Stands still in the best mode that the vehicle takes."""
    yield from urgently(talk, kind.hold)


def urgently(talk: Talk, modes: tuple[int, ...]) -> Programme:
    """Into the first mode that is taken. One refusal ends nothing: it may be the late answer to an older order."""
    failure = StepFailed("no mode to change to")
    for mode in modes * URGENT_ROUNDS:
        try:
            return (yield from perform(SetMode(talk, mode, every_s=0.5)))
        except StepFailed as refused:
            failure = refused
    raise failure


def set_speed(kind: Kind, talk: Talk, command: Command) -> Programme:
    """Accepted on the vehicle's word: no message reports a wanted speed."""
    if command.speed_m_s is None:
        raise MissingArgument(command, "speed_m_s")
    yield from perform(SendCommand(talk, MavCommand.DO_CHANGE_SPEED, kind.speed_type, command.speed_m_s, -1.0))


def upload_route(kind: Kind, talk: Talk, command: Command) -> Programme:
    """Loads the route, reads it back, makes its first item current. A vehicle under way holds meanwhile."""
    if command.route is None:
        raise MissingArgument(command, "route")
    known = talk.known()
    home = known.state.home or known.state.position
    if home is None:
        raise StepFailed("neither home nor position of the vehicle is known yet")
    was_under_way = known.is_flying and known.state.mode is FlightMode.AUTO
    mission = mission_of(
        command.route, home, frame=kind.route_frame, with_take_off=kind.takes_off and not known.is_flying,
        speed_type=kind.speed_type, has_home_item=kind.has_home_item,
    )
    if was_under_way:
        yield from hold(kind, talk)
    yield from _upload_verified(kind, talk, mission)
    talk.on_mission(mission)
    yield from perform(SetCurrent(talk, mission.first, up_to=mission.first_nav))
    if was_under_way:
        yield from _run_mission(kind, talk)


def _upload_verified(kind: Kind, talk: Talk, mission: Mission) -> Programme:
    differs: str | None = None
    for _ in range(UPLOADS):
        yield from perform(Upload(talk, mission.items))
        back = yield from perform(Download(talk))
        differs = difference(mission.items, back, first=mission.first)
        if differs is None:
            return
    raise StepFailed(f"the vehicle does not hold the route: {differs}")


def upload_fence(talk: Talk, command: Command) -> Programme:
    """The fence that the autopilot minds by itself."""
    if command.fence is None:
        raise MissingArgument(command, "fence")
    yield from put_fence(talk, command.fence)


def upload_rally(talk: Talk, command: Command) -> Programme:
    """Where the vehicle may come back to by itself."""
    if command.rally is None:
        raise MissingArgument(command, "rally")
    yield from put_rally(talk, command.rally)


def start_route(kind: Kind, talk: Talk) -> Programme:
    """Arms if need be and runs the loaded mission; from the ground, done when the vehicle has left it."""
    start_height_m = talk.known().state.height_above_home_m
    is_lifting_off = kind.takes_off and not talk.known().is_flying
    yield from arm(kind, talk)
    yield from _run_mission(kind, talk)
    if is_lifting_off:
        yield from until_climbing(talk, start_height_m)


def _run_mission(kind: Kind, talk: Talk) -> Programme:
    # MISSION_START also raises ArduCopter's automatic throttle, without which AUTO stays on the ground
    try:
        yield from perform(Reported(
            talk, MavCommand.MISSION_START, *kind.mission_start,
            has_effect=lambda known: known.state.raw_mode == kind.auto, every_s=2.0,
        ))
    except StepFailed:
        yield from perform(SetMode(talk, kind.auto))


def take_off(kind: Kind, talk: Talk, command: Command) -> Programme:
    """Guided take-off to a height above home; done when the vehicle climbs."""
    height_m = command.height_m
    if height_m is None:
        raise MissingArgument(command, "height_m")
    start_height_m = talk.known().state.height_above_home_m
    yield from arm(kind, talk)
    if talk.known().state.raw_mode != kind.guided:
        yield from perform(SetMode(talk, kind.guided))
    yield from perform(SendCommand(talk, MavCommand.NAV_TAKEOFF, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, height_m))
    yield from until_climbing(talk, start_height_m)


def until_climbing(talk: Talk, start_height_m: float | None) -> Programme:
    def has_climbed(known: Known) -> bool:
        now_m = known.state.height_above_home_m
        return known.state.is_armed is True and now_m is not None and now_m >= (start_height_m or 0.0) + CLIMBED_M

    yield from perform(Until(
        has_climbed, within_s=LIFT_OFF_WITHIN_S, otherwise=f"no climb within {LIFT_OFF_WITHIN_S:.0f} s of the take-off"
    ))


def go_to(kind: Kind, talk: Talk, command: Command) -> Programme:
    """Guided way to a position, repeated until the vehicle is seen to approach; a position target holds by itself."""
    target, start = command.position, talk.known().state.position
    if target is None:
        raise MissingArgument(command, "position")
    if start is None:
        raise StepFailed("the position of the vehicle is not known yet")
    start_m = apart_m(start, target)
    yield from perform(SetMode(talk, kind.guided))
    if command.speed_m_s is not None:
        yield from set_speed(kind, talk, command)

    def is_under_way(known: Known) -> bool:
        at = known.state.position
        return at is not None and apart_m(at, target) <= max(ARRIVED_M, start_m - APPROACHED_M)

    yield from perform(Until(
        is_under_way,
        within_s=kind.under_way_within_s,
        otherwise=f"no approach to the target within {kind.under_way_within_s:.0f} s",
        again=lambda: [_setpoint(kind, talk, target, command.heading_deg)],
    ))


def _setpoint(kind: Kind, talk: Talk, target: Geodetic, heading_deg: float | None) -> Outgoing:
    is_relative, home = kind.route_frame is MavFrame.GLOBAL_RELATIVE_ALT, talk.known().state.home
    height_m = target.height_m - home.height_m if is_relative and home is not None else target.height_m
    frame = MavFrame.GLOBAL_RELATIVE_ALT_INT if is_relative and home is not None else MavFrame.GLOBAL_INT
    mask = _POSITION_ONLY if heading_deg is not None else _POSITION_ONLY | TargetMask.IGNORE_YAW
    rates = dict.fromkeys(("vx", "vy", "vz", "afx", "afy", "afz", "yaw_rate"), 0.0)
    place = {"lat_int": round(target.lat_deg * 1e7), "lon_int": round(target.lon_deg * 1e7), "alt": height_m}
    how = {"time_boot_ms": 0, "coordinate_frame": int(frame), "type_mask": int(mask)}
    turn = {"yaw": math.radians(heading_deg or 0.0)}
    return Outgoing(name="SET_POSITION_TARGET_GLOBAL_INT", fields=talk.target | rates | place | how | turn)
