"""ArduPlane with rotors (Q_ENABLE): takes off and lands upright, flies on wings in between; its table."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from fleet.wire.enums import Command, LandedState, PlaneMode
from sim.autopilot.activities import Activity, FlyTo, Idle, InTurn, Linger, Stay, distance_m
from sim.autopilot.items import Item
from sim.autopilot.kinds import plane
from sim.autopilot.rules import ModeRule
from sim.engine.columns import TICKS_PER_S
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

ASSIST, HOVER = 1, 2
_THERE_M = 2.0
_FAST_DOWN_M_S = 1.5
"""Q_WP_SPEED_DN default."""
_LAND_DETECT_TICKS = TICKS_PER_S


class OnWings(Activity):
    """An activity flown on wings, with the rotors' help while it is slow."""

    def __init__(self, inner: Activity) -> None:
        self._inner = inner

    def landed_state(self) -> LandedState:
        return self._inner.landed_state()

    def begin(self, ship: "Ship") -> None:
        ship.row.use_rotors(ASSIST)
        self._inner.begin(ship)

    def tick(self, ship: "Ship") -> bool:
        return self._inner.tick(ship)


class HoverTo(Activity):
    """On rotors, straight to a place."""

    def __init__(self, target: Enu, *, is_take_off: bool = False) -> None:
        self._target = target
        self._is_take_off = is_take_off

    def landed_state(self) -> LandedState:
        return LandedState.TAKEOFF if self._is_take_off else LandedState.IN_AIR

    def begin(self, ship: "Ship") -> None:
        ship.is_landed = False
        ship.leg_end = None
        ship.row.use_rotors(HOVER)
        ship.row.fly_leg(ship.estimate.at, self._target)

    def tick(self, ship: "Ship") -> bool:
        return distance_m(ship.estimate.at, self._target) <= _THERE_M


class UpTo(Activity):
    """Straight up from where it stands."""

    def __init__(self, up_m: float) -> None:
        self._up_m = up_m
        self._inner: Activity = Activity()

    def landed_state(self) -> LandedState:
        return LandedState.TAKEOFF

    def begin(self, ship: "Ship") -> None:
        here = ship.estimate.at
        self._inner = HoverTo(Enu(east_m=here.east_m, north_m=here.north_m, up_m=max(self._up_m, here.up_m)))
        self._inner.begin(ship)

    def tick(self, ship: "Ship") -> bool:
        if not self._inner.tick(ship):
            return False
        ship.row.use_rotors(ASSIST)
        return True


class SettleUpright(Activity):
    """Down to the ground on rotors, then disarm."""

    def __init__(self) -> None:
        self._touched: int | None = None

    def landed_state(self) -> LandedState:
        return LandedState.LANDING

    def begin(self, ship: "Ship") -> None:
        here = ship.estimate.at
        ship.leg_end = None
        ship.row.use_rotors(HOVER)
        ship.row.fly_leg(here, Enu(east_m=here.east_m, north_m=here.north_m, up_m=ship.estimate.ground_up_m - 100.0))

    def tick(self, ship: "Ship") -> bool:
        e, p, limits = ship.estimate, ship.parameters, ship.limits
        is_low = e.up_m - e.ground_up_m < p["Q_LAND_FINAL_ALT"]
        ship.row.limit(
            speed_m_s=limits.speed_m_s, climb_m_s=limits.climb_m_s, accel_m_s2=limits.accel_m_s2,
            descend_m_s=p["Q_LAND_FINAL_SPD"] if is_low else _FAST_DOWN_M_S,
        )
        if not e.on_ground:
            self._touched = None
            return False
        if self._touched is None:
            self._touched = ship.tick_now
        if ship.tick_now - self._touched < _LAND_DETECT_TICKS:
            return False
        if ship.is_armed:
            ship.disarm()
        return True


def _hover(ship: "Ship") -> Activity:
    return Idle() if ship.is_landed else HoverTo(ship.estimate.at)


def _land(ship: "Ship") -> Activity:
    return Idle() if ship.is_landed else InTurn([HoverTo(ship.estimate.at), SettleUpright()])


def _come_home(ship: "Ship") -> Activity:
    """QRTL: on wings while it is far, then upright over home and down."""
    if ship.is_landed or ship.home is None:
        return Idle() if ship.is_landed else HoverTo(ship.estimate.at)
    home, here = ship.home, ship.estimate.at
    over = Enu(east_m=home.east_m, north_m=home.north_m, up_m=home.up_m + ship.parameters["Q_RTL_ALT"])
    is_far = distance_m(here, over) > 1.5 * abs(ship.limits.circle_m)
    ways = [OnWings(FlyTo(over, exit_m_s=ship.limits.speed_m_s))] if is_far else []
    return InTurn([*ways, HoverTo(over), SettleUpright()])


def _take_off(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    """NAV_TAKEOFF is flown as NAV_VTOL_TAKEOFF (Q_OPTIONS default)."""
    target = ship.locate(item.frame, 0.0, 0.0, item.alt_m)
    is_above = not ship.is_landed and ship.estimate.up_m >= target.up_m - 1.0
    return Linger(0.0) if is_above else UpTo(target.up_m)


def _land_there(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    there = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    over = Enu(east_m=there.east_m, north_m=there.north_m, up_m=max(there.up_m + 10.0, 0.0))
    return InTurn([OnWings(FlyTo(over, exit_m_s=ship.limits.speed_m_s)), HoverTo(over), SettleUpright()])


def _on_wings(rule: ModeRule) -> ModeRule:
    def start(ship: "Ship") -> Activity:
        ship.row.use_rotors(ASSIST)
        return rule.start(ship)

    return replace(rule, start=start)


def _upright(name: str, start: Callable[["Ship"], Activity], **rest: bool) -> ModeRule:
    return ModeRule(name=name, start=start, **rest)


RULES = replace(
    plane.RULES,
    modes={number: _on_wings(rule) for number, rule in plane.RULES.modes.items()} | {
        PlaneMode.QSTABILIZE: _upright("QSTABILIZE", _hover, needs_position=False, is_autonomous=False),
        PlaneMode.QHOVER: _upright("QHOVER", _hover, needs_position=False, is_autonomous=False),
        PlaneMode.QLOITER: _upright("QLOITER", _hover, is_autonomous=False),
        PlaneMode.QLAND: _upright("QLAND", _land, may_arm=False),
        PlaneMode.QRTL: _upright("QRTL", _come_home, may_arm=False),
    },
    come_down=PlaneMode.QLAND,
    rotors=ASSIST,
    navigation={
        **plane.RULES.navigation,
        Command.NAV_TAKEOFF: _take_off,
        Command.NAV_VTOL_TAKEOFF: _take_off,
        Command.NAV_LAND: _land_there,
        Command.NAV_VTOL_LAND: _land_there,
    },
    take_off=lambda up_m: InTurn([UpTo(up_m), OnWings(Stay())]),
)
