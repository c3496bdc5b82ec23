"""Commands, from COMMAND_LONG or COMMAND_INT, and what each does. One table; what is not in it gets ack 3."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Command, MavFrame, MavResult, Severity
from fleet.wire.message import Message
from sim.autopilot import fence
from sim.autopilot.arming import arm_or_disarm, has_position, prearm_reasons
from sim.autopilot.doing import shoot, stop_watching, trigger_by_distance
from sim.autopilot.guided import Guided
from sim.autopilot.items import Item
from sim.autopilot.modes import change_mode, start_mission
from sim.autopilot.ship import FAR_M, PlaceUnknown
from sim.speak.port import Port
from sim.speak.reports import ON_REQUEST, REPORTS

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

OK, FAILED, DENIED, UNSUPPORTED = MavResult.ACCEPTED, MavResult.FAILED, MavResult.DENIED, MavResult.UNSUPPORTED


class Order(NamedTuple):
    """One command in one shape: params 1..4, a place in degrees, and the port to answer on."""

    command: int
    p: tuple[float, float, float, float]
    lat_deg: float
    lon_deg: float
    alt_m: float
    frame: int
    port: Port


def order_of(message: Message, port: Port) -> Order:
    """From either message; COMMAND_LONG has no frame and means heights above home. NaN params 1..4 mean 0."""
    given = (message.param1, message.param2, message.param3, message.param4)
    p1, p2, p3, p4 = (value if math.isfinite(value) else 0.0 for value in given)
    p = (p1, p2, p3, p4)
    if message.SPEC.name == "COMMAND_INT":
        return Order(message.command, p, message.x / 1e7, message.y / 1e7, message.z, message.frame, port)
    frame = MavFrame.GLOBAL if message.command == Command.DO_SET_HOME else MavFrame.GLOBAL_RELATIVE_ALT
    return Order(message.command, p, message.param5, message.param6, message.param7, frame, port)


def obey(ship: "Ship", order: Order) -> MavResult:
    """Do it, or say why not by the result."""
    handler = ORDERS.get(order.command)
    if handler is None:
        return UNSUPPORTED
    try:
        return handler(ship, order)
    except PlaceUnknown:
        return FAILED


def _arm(ship: "Ship", order: Order) -> MavResult:
    if order.p[0] not in (0, 1):
        return UNSUPPORTED
    return arm_or_disarm(ship, order.p[0] == 1, order.p[1])


def _set_mode(ship: "Ship", order: Order) -> MavResult:
    if not int(order.p[0]) & 1:
        return DENIED
    return OK if change_mode(ship, int(order.p[1])) else FAILED


def _take_off(ship: "Ship", order: Order) -> MavResult:
    """Only armed, on the ground and in GUIDED."""
    activity = ship.activity
    if not ship.rules.flies:
        return UNSUPPORTED
    if not ship.is_armed or not ship.is_landed or not isinstance(activity, Guided) or ship.home is None:
        return FAILED
    if not 0 < order.alt_m <= FAR_M:
        return FAILED
    if ship.rules.take_off is None:
        return FAILED
    activity.do(ship, ship.rules.take_off(ship.home.up_m + order.alt_m))
    return OK


def _to_mode(pick: Callable[["Ship"], int | None]) -> Callable[["Ship", Order], MavResult]:
    def handler(ship: "Ship", order: Order) -> MavResult:
        mode = pick(ship)
        if mode is None:
            return UNSUPPORTED
        return OK if change_mode(ship, mode) else FAILED

    return handler


def _start_mission(ship: "Ship", order: Order) -> MavResult:
    return OK if start_mission(ship) else FAILED


def _change_speed(ship: "Ship", order: Order) -> MavResult:
    if not (math.isfinite(order.p[1]) and order.p[1] > 0):
        return FAILED
    if not ship.rules.can_stop and order.p[0] != 0:  # ArduPlane: the least ground speed, which nothing here needs
        return OK
    ship.speed_m_s = order.p[1]
    ship.apply_limits()
    return OK


def _yaw(ship: "Ship", order: Order) -> MavResult:
    if not ship.is_aloft or not isinstance(ship.activity, Guided):
        return FAILED
    angle, rate, direction, is_relative = order.p
    target = math.radians(angle)
    if is_relative:
        target = ship.estimate.yaw_rad + (target if direction >= 0 else -target)
    ship.row.turn_to(target, math.radians(rate) if rate > 0 else ship.limits.turn_rad_s)
    return OK


def _reposition(ship: "Ship", order: Order) -> MavResult:
    """Flag 1 in param 2 allows the change to GUIDED; param 1 is a speed when positive."""
    may_change = bool(int(order.p[1]) & 1)
    if not ship.is_armed or (ship.is_landed and ship.rules.flies):
        return DENIED
    if not isinstance(ship.activity, Guided) and not (may_change and change_mode(ship, ship.rules.guided)):
        return DENIED
    target = ship.locate(order.frame, order.lat_deg, order.lon_deg, order.alt_m)
    if order.p[0] > 0:
        ship.speed_m_s = order.p[0]
        ship.apply_limits()
    if isinstance(ship.activity, Guided):
        ship.activity.go(ship, target)
    return OK


def _set_home(ship: "Ship", order: Order) -> MavResult:
    if order.p[0] == 1:
        if not has_position(ship):
            return FAILED
        ship.home = ship.estimate.at
    else:
        ship.home = ship.locate(order.frame, order.lat_deg, order.lon_deg, order.alt_m)
    ship.is_home_locked = True
    return OK


def _set_interval(ship: "Ship", order: Order) -> MavResult:
    """Interval 0 is the default rate, here 1 Hz; an unknown id gets ack 2 and a text."""
    name = _name_of(order.p[0])
    if name not in REPORTS:
        ship.voice.text(Severity.NOTICE, f"No ap_message for mavlink id ({int(order.p[0])})")
        return DENIED
    order.port.streams.ask(name, 1e6 if order.p[1] == 0 else order.p[1], ship.tick_now)
    return OK


def _get_interval(ship: "Ship", order: Order) -> MavResult:
    name = _name_of(order.p[0])
    if name not in REPORTS:
        return FAILED
    order.port.say("MESSAGE_INTERVAL", message_id=int(order.p[0]), interval_us=order.port.streams.interval_us(name))
    return OK


def _request_message(ship: "Ship", order: Order) -> MavResult:
    name = _name_of(order.p[0])
    report = ON_REQUEST.get(name) or REPORTS.get(name)
    fields = report(ship) if report else None
    if fields is None:
        return FAILED
    order.port.say(name, **fields)
    return OK


def _say(name: str) -> Callable[["Ship", Order], MavResult]:
    def handler(ship: "Ship", order: Order) -> MavResult:
        fields = ON_REQUEST[name](ship)
        if fields is None:
            return FAILED
        order.port.say(name, **fields)
        return OK

    return handler


def _item_like(do: Callable[["Ship", Item], None]) -> Callable[["Ship", Order], MavResult]:
    """Commands that do what the mission item of the same number does."""

    def handler(ship: "Ship", order: Order) -> MavResult:
        p = order.p
        do(ship, Item(order.frame, order.command, p[0], p[1], p[2], p[3], 0, 0, 0.0))
        return OK

    return handler


def _watch(ship: "Ship", order: Order) -> MavResult:
    ship.watched = ship.locate(order.frame, order.lat_deg, order.lon_deg, order.alt_m)
    return OK


def _set_current(ship: "Ship", order: Order) -> MavResult:
    seq = int(order.p[0])
    if not 0 <= seq < len(ship.mission.items):
        return FAILED
    ship.mission.go_to(max(seq, 1))
    return OK


def _land_by_mission(ship: "Ship", order: Order) -> MavResult:
    """Jump to the landing sequence of the mission (ArduPlane: jump_to_landing_sequence) and fly it."""
    starts = [seq for seq, item in enumerate(ship.mission.items) if item.command == Command.DO_LAND_START]
    if not starts or ship.rules.can_stop:
        return FAILED
    ship.mission.go_to(starts[0])
    return OK if change_mode(ship, ship.rules.auto) else FAILED


def _prearm(ship: "Ship", order: Order) -> MavResult:
    for reason in prearm_reasons(ship):
        ship.voice.text(Severity.CRITICAL, f"PreArm: {reason}")
    return OK


def _terminate(ship: "Ship", order: Order) -> MavResult:
    if order.p[0] > 0.5 and ship.is_armed:
        ship.disarm()
        return OK
    return FAILED


def _enable_fence(ship: "Ship", order: Order) -> MavResult:
    """0 off, 1 on if there is a fence; 2 would be the floor, which nothing here has."""
    if order.p[0] not in (0, 1) or (order.p[0] == 1 and not fence.is_present(ship)):
        return FAILED
    ship.parameters.put("FENCE_ENABLE", order.p[0])
    return OK


def _name_of(msgid: float) -> str:
    spec = ardupilotmega().by_id.get(int(msgid)) if math.isfinite(msgid) else None
    return spec.name if spec else ""


ORDERS: Mapping[int, Callable[["Ship", Order], MavResult]] = {
    Command.COMPONENT_ARM_DISARM: _arm,
    Command.DO_SET_MODE: _set_mode,
    Command.NAV_TAKEOFF: _take_off,
    Command.NAV_RETURN_TO_LAUNCH: _to_mode(lambda ship: ship.rules.come_home),
    Command.NAV_LAND: _to_mode(lambda ship: ship.rules.come_down),
    Command.NAV_LOITER_UNLIM: _to_mode(lambda ship: ship.rules.stand),
    Command.MISSION_START: _start_mission,
    Command.DO_CHANGE_SPEED: _change_speed,
    Command.CONDITION_YAW: _yaw,
    Command.DO_REPOSITION: _reposition,
    Command.DO_SET_HOME: _set_home,
    Command.DO_SET_MISSION_CURRENT: _set_current,
    Command.DO_FENCE_ENABLE: _enable_fence,
    Command.DO_LAND_START: _land_by_mission,
    Command.DO_SET_ROI_LOCATION: _watch,
    Command.DO_SET_ROI_NONE: _item_like(stop_watching),
    Command.DO_SET_CAM_TRIGG_DIST: _item_like(trigger_by_distance),
    Command.DO_DIGICAM_CONTROL: _item_like(shoot),
    Command.DO_FLIGHTTERMINATION: _terminate,
    Command.RUN_PREARM_CHECKS: _prearm,
    Command.SET_MESSAGE_INTERVAL: _set_interval,
    Command.GET_MESSAGE_INTERVAL: _get_interval,
    Command.REQUEST_MESSAGE: _request_message,
    Command.REQUEST_AUTOPILOT_CAPABILITIES: _say("AUTOPILOT_VERSION"),
    Command.GET_HOME_POSITION: _say("HOME_POSITION"),
}
