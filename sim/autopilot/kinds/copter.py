"""ArduCopter: take-off, landing, return, and its table."""

from typing import TYPE_CHECKING

from fleet.wire.enums import Command, CopterMode, LandedState, MavType
from sim.autopilot.activities import Activity, FlyTo, Idle, InTurn, Linger, Stay, flat_m
from sim.autopilot.guided import Guided
from sim.autopilot.items import Item
from sim.autopilot.kinds.common import delay, linger, stay_for_ever, waypoint
from sim.autopilot.mission import MissionRun
from sim.autopilot.parameters import Parameters
from sim.autopilot.rules import KindRules, Limits, ModeRule
from sim.engine.columns import TICKS_PER_S
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

_LAND_DETECT_TICKS = TICKS_PER_S
_BELOW_GROUND_M = 100.0


class TakeOff(Activity):
    """Straight up to a height."""

    def __init__(self, up_m: float) -> None:
        self._up_m = up_m

    def landed_state(self) -> LandedState:
        return LandedState.TAKEOFF

    def begin(self, ship: "Ship") -> None:
        here = ship.estimate.at
        ship.is_landed = False
        ship.row.keep_heading(ship.limits.turn_rad_s)
        top = Enu(east_m=here.east_m, north_m=here.north_m, up_m=max(self._up_m, here.up_m))
        ship.leg_end = top
        ship.row.fly_leg(here, top)

    def tick(self, ship: "Ship") -> bool:
        return ship.estimate.up_m >= self._up_m - 0.5


class Settle(Activity):
    """Down to the ground at landing speed, then disarm."""

    def __init__(self) -> None:
        self._touched: int | None = None

    def landed_state(self) -> LandedState:
        return LandedState.LANDING

    def begin(self, ship: "Ship") -> None:
        here = ship.estimate.at
        bottom = Enu(east_m=here.east_m, north_m=here.north_m, up_m=ship.estimate.ground_up_m - _BELOW_GROUND_M)
        ship.leg_end = None
        ship.row.fly_leg(here, bottom)
        self._set_speed(ship)

    def tick(self, ship: "Ship") -> bool:
        self._set_speed(ship)
        if not ship.estimate.on_ground:
            self._touched = None
            return False
        if self._touched is None:
            self._touched = ship.tick_now
        if ship.tick_now - self._touched < _LAND_DETECT_TICKS:
            return False
        if ship.is_armed:
            ship.disarm()
        return True

    def _set_speed(self, ship: "Ship") -> None:
        p, limits = ship.parameters, ship.limits
        above_m = ship.estimate.up_m - ship.estimate.ground_up_m
        fast = p["LAND_SPEED_HIGH"] / 100 or limits.descend_m_s
        speed = fast if above_m > p["LAND_ALT_LOW"] / 100 else p["LAND_SPEED"] / 100
        ship.row.limit(
            speed_m_s=limits.speed_m_s, climb_m_s=limits.climb_m_s, descend_m_s=speed, accel_m_s2=limits.accel_m_s2,
        )


def come_home(ship: "Ship") -> Activity:
    """RTL: climb to RTL_ALT (lower inside the cone around home), fly home, wait, land."""
    here, p = ship.estimate.at, ship.parameters
    if ship.is_landed or ship.home is None:
        return Idle()
    climb = max(p["RTL_ALT"] / 100, 2.0)
    if p["RTL_CONE_SLOPE"] > 0:
        climb = min(climb, max(flat_m(here, ship.home) * p["RTL_CONE_SLOPE"], 2.0))
    up_m = max(here.up_m, ship.home.up_m + climb)
    ship.speed_m_s = p["RTL_SPEED"] / 100 or None
    ship.apply_limits()
    over_home = Enu(east_m=ship.home.east_m, north_m=ship.home.north_m, up_m=up_m)
    above = Enu(east_m=here.east_m, north_m=here.north_m, up_m=up_m)
    steps: list[Activity] = [FlyTo(above, faces=False)] if up_m - here.up_m > 0.5 else []
    return InTurn([*steps, FlyTo(over_home), Linger(p["RTL_LOIT_TIME"] / 1000), Settle()])


def land(ship: "Ship") -> Activity:
    return Idle() if ship.is_landed else InTurn([Linger(0.5), Settle()])


def hold(ship: "Ship") -> Activity:
    """Modes for a pilot's sticks, which are centred here: a copter on the ground stays there."""
    return Idle() if ship.is_landed else Stay()


def _take_off(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    here = ship.estimate
    target = ship.locate(item.frame, 0.0, 0.0, item.alt_m)
    is_above = not ship.is_landed and here.up_m >= target.up_m - 0.5
    return Linger(0.0) if is_above else TakeOff(target.up_m)


def _land_there(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    if item.lat_e7 == 0 and item.lon_e7 == 0:
        return land(ship)
    there = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    return InTurn([FlyTo(Enu(east_m=there.east_m, north_m=there.north_m, up_m=ship.estimate.up_m)), Settle()])


def _limits(p: Parameters) -> Limits:
    return Limits.of(
        speed=p["WPNAV_SPEED"] / 100, climb=p["WPNAV_SPEED_UP"] / 100, descend=p["WPNAV_SPEED_DN"] / 100,
        accel=p["WPNAV_ACCEL"] / 100, radius=p["WPNAV_RADIUS"] / 100, turn_deg_s=60,
    )


def _manual(name: str, *, needs_position: bool = False) -> ModeRule:
    return ModeRule(name=name, start=hold, needs_position=needs_position, is_autonomous=False)


RULES = KindRules(
    mav_type=MavType.QUADROTOR,
    firmware="ArduCopter V4.5.7 (simulated by Taihang)",
    modes={
        CopterMode.STABILIZE: _manual("STABILIZE"),
        CopterMode.ALT_HOLD: _manual("ALT_HOLD"),
        CopterMode.AUTO: ModeRule(name="AUTO", start=lambda ship: MissionRun(), may_arm=False),
        CopterMode.GUIDED: ModeRule(name="GUIDED", start=lambda ship: Guided()),
        CopterMode.LOITER: _manual("LOITER", needs_position=True),
        CopterMode.RTL: ModeRule(name="RTL", start=come_home, may_arm=False),
        CopterMode.LAND: ModeRule(name="LAND", start=land, needs_position=False, may_arm=False),
        CopterMode.POSHOLD: _manual("POSHOLD", needs_position=True),
        CopterMode.BRAKE: ModeRule(name="BRAKE", start=hold, may_arm=False),
    },
    first_mode=CopterMode.STABILIZE,
    auto=CopterMode.AUTO,
    guided=CopterMode.GUIDED,
    come_home=CopterMode.RTL,
    come_down=CopterMode.LAND,
    stand=CopterMode.LOITER,
    navigation={
        Command.NAV_WAYPOINT: waypoint,
        Command.NAV_SPLINE_WAYPOINT: waypoint,
        Command.NAV_TAKEOFF: _take_off,
        Command.NAV_LAND: _land_there,
        Command.NAV_RETURN_TO_LAUNCH: lambda ship, item, exit_m_s: come_home(ship),
        Command.NAV_LOITER_UNLIM: stay_for_ever,
        Command.NAV_LOITER_TIME: linger,
        Command.NAV_DELAY: delay,
        Command.CONDITION_DELAY: delay,
    },
    limits=_limits,
    flies=True,
    take_off=TakeOff,
)
