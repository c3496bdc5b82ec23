"""What the guard asks of each command before anything is sent: one table of checks by verb."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fleet.commands import Command, Route, Verb
from fleet.guard.energy import Around, shortage, to_landing_s
from fleet.guard.fences import fence_fault, rally_fault
from fleet.guard.limits import VehicleLimits
from fleet.guard.parameters import parameters_fault
from fleet.guard.payloads import makes_safe, order_fault
from fleet.guard.routes import (
    Leg,
    energy_fault,
    height_fault,
    is_under_way,
    leg_fault,
    route_fault,
    start_of,
    take_off_fault,
)
from fleet.guard.space import Site
from fleet.model import VehicleState
from world.time import Instant

NEEDS_APPROVAL = frozenset({Verb.UPLOAD_ROUTE, Verb.ARM, Verb.TAKE_OFF, Verb.START_ROUTE})
UNCHECKED = frozenset({Verb.STOP, Verb.HOLD, Verb.RETURN, Verb.LAND, Verb.DISARM, Verb.KILL})
"""Authority is all they need: they end motion."""
MOVES = frozenset({
    Verb.ARM, Verb.TAKE_OFF, Verb.GO_TO, Verb.UPLOAD_ROUTE, Verb.START_ROUTE, Verb.SET_SPEED, Verb.LOOK_AT, Verb.OPERATE
})
"""Refused under a stop of the fleet. A route that is uploaded in flight goes on by itself."""
BESIDE_A_PILOT = frozenset({Verb.CAPTURE, Verb.OPERATE})
"""What may be done, beside ending motion, while a person flies by radio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One command to judge, with what it is judged by. `on_board`: the route that was read back from the vehicle."""

    command: Command
    state: VehicleState
    around: Around
    now: Instant
    is_commander: bool
    on_board: Route | None = None

    @property
    def limits(self) -> VehicleLimits:
        return self.around.limits

    @property
    def site(self) -> Site:
        return self.around.site


Check = Callable[[Case], str | None]


def moves(command: Command) -> bool:
    """Whether it sets a vehicle or one of its payloads in motion."""
    return command.verb in MOVES and not makes_safe(command)


def fault_of(case: Case) -> str | None:
    """One clear sentence on why a command must not be sent, or None. Authority and approval are judged before."""
    if case.command.verb in UNCHECKED or makes_safe(case.command):
        return None
    age_s = case.state.heard.age_s(case.now)
    if age_s > case.limits.max_link_age_s:
        return f"nothing was heard of the vehicle for {age_s:.0f} s; {case.limits.max_link_age_s:.0f} s is the limit"
    return CHECKS[case.command.verb](case)


def _arm(case: Case) -> str | None:
    if case.state.battery_pct is None:
        return "the battery of the vehicle is unknown"
    if not case.state.battery_pct > case.limits.reserve_pct:
        return f"the battery holds {case.state.battery_pct:.0f} %, no more than its reserve"
    if case.state.prearm_reasons and not is_under_way(case.state):
        return f"it is not ready: {'; '.join(case.state.prearm_reasons)}"
    return None


def _start(case: Case) -> str | None:
    """The route on board was judged when it came there; a battery falls and winds rise since."""
    if case.on_board is None or is_under_way(case.state):
        return _arm(case) or _reach(case)
    return _arm(case) or route_fault(case.on_board, case.state, case.around)


def _reach(case: Case) -> str | None:
    """Of a vehicle under way: the nearest safe landing must stay in reach of its battery."""
    if not is_under_way(case.state):
        return None
    if case.state.position is None:
        return "the position of the vehicle is unknown"
    at = case.site.enu(case.state.position)
    return shortage(to_landing_s(at, case.around), case.state, case.limits)


def _take_off(case: Case) -> str | None:
    if case.command.height_m is None or case.state.position is None:
        return "a take-off needs a height and a known position"
    at = case.site.enu(case.state.position)
    up, _ = start_of(case.state, at, case.command.height_m, case.around)
    climb = Leg(name="the take-off", start=at, end=up, speed_m_s=case.limits.climb_m_s, floor_m=None)
    fault = take_off_fault(case.command.height_m, case.limits) or _arm(case)
    return fault or leg_fault(climb, replace(case.around, home=at)) or energy_fault([climb], case.state, case.around)


def _go_to(case: Case) -> str | None:
    target = case.command.position
    if target is None or case.state.position is None:
        return "a way needs a target and a known position"
    fault = height_fault(target)
    if fault is not None:
        return f"the target is refused: {fault}"
    start, floor_m = start_of(case.state, case.site.enu(case.state.position), None, case.around)
    speed_m_s = case.limits.cruise_m_s if case.command.speed_m_s is None else case.command.speed_m_s
    leg = Leg(name="the way", start=start, end=case.site.enu(target), speed_m_s=speed_m_s, floor_m=floor_m)
    return leg_fault(leg, case.around) or energy_fault([leg], case.state, case.around)


def _upload(case: Case) -> str | None:
    if case.command.route is None:
        return "there is no route to upload"
    return route_fault(case.command.route, case.state, case.around)


def _speed(case: Case) -> str | None:
    wanted = case.command.speed_m_s
    if wanted is not None and 0.0 < wanted <= case.limits.max_speed_m_s:
        return _reach(case)
    return f"a speed of {wanted} m/s; more than 0 and at most {case.limits.max_speed_m_s:g} is allowed"


def _return_height(case: Case) -> str | None:
    wanted, low, high = case.command.height_m, case.limits.min_agl_m, case.limits.max_return_height_m
    if low is None or high is None:
        return "this kind of vehicle has no return height"
    if wanted is not None and low <= wanted <= high:
        return None
    return f"a return height of {wanted} m; {low:g} to {high:g} m is allowed"


def _look_at(case: Case) -> str | None:
    heading = case.command.heading_deg
    if heading is None and case.command.position is None:
        return "looking needs a heading or a position"
    if heading is None or (math.isfinite(heading) and 0.0 <= heading <= 360.0):
        return _reach(case)
    return f"a heading of {heading:g} deg; 0 to 360 is allowed"


def _parameters(case: Case) -> str | None:
    return parameters_fault(case.command.parameters, case.limits, is_commander=case.is_commander)


def _fence(case: Case) -> str | None:
    return fence_fault(case.command.fence, case.state, case.around, is_commander=case.is_commander)


def _rally(case: Case) -> str | None:
    if case.state.home is None:
        return "the home of the vehicle is unknown"
    return rally_fault(case.command.rally, case.around)


def _signing_key(case: Case) -> str | None:
    """ArduPilot and PX4 take none while armed (GCS_Signing.cpp, message_signing.md)."""
    if case.command.key is None:
        return "there is no key to set"
    if not case.is_commander:
        return "a commander sets signing keys"
    if case.state.is_armed is not False:
        return "autopilots take signing keys disarmed only; wait until it has landed"
    return None


def _nothing(case: Case) -> str | None:
    return None


CHECKS: Mapping[Verb, Check] = {
    Verb.ARM: _arm,
    Verb.TAKE_OFF: _take_off,
    Verb.GO_TO: _go_to,
    Verb.UPLOAD_ROUTE: _upload,
    Verb.START_ROUTE: _start,
    Verb.SET_SPEED: _speed,
    Verb.SET_RETURN_HEIGHT: _return_height,
    Verb.LOOK_AT: _look_at,
    Verb.CAPTURE: _nothing,
    Verb.SET_PARAMETERS: _parameters,
    Verb.SET_SIGNING_KEY: _signing_key,
    Verb.UPLOAD_FENCE: _fence,
    Verb.UPLOAD_RALLY: _rally,
    Verb.OPERATE: lambda case: order_fault(case.command, case.state),
}
