"""ArduPlane without rotors: rolls, climbs, circles where others stand, lands along a line, and its table."""

import math
from typing import TYPE_CHECKING

from fleet.wire.enums import Command, LandedState, MavType, PlaneMode
from sim.autopilot.activities import Activity, FlyTo, Idle, InTurn, Linger, Stay
from sim.autopilot.guided import Guided
from sim.autopilot.items import Item
from sim.autopilot.kinds.common import delay
from sim.autopilot.mission import MissionRun
from sim.autopilot.parameters import Parameters
from sim.autopilot.rules import KindRules, Limits, ModeRule
from sim.engine.columns import TICKS_PER_S
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

_L1_S = 0.3183 * 0.75 * 17.0
"""A waypoint is reached within WP_RADIUS, and no farther off than the L1 controller looks (NAVL1_PERIOD 17 s)."""
_BELOW_GROUND_M = 5.0
_STANDS_M_S = 0.5


class TakeOffRun(Activity):
    """Straight ahead along the nose and up to a height."""

    def __init__(self, up_m: float) -> None:
        self._up_m = up_m

    def landed_state(self) -> LandedState:
        return LandedState.TAKEOFF

    def begin(self, ship: "Ship") -> None:
        ship.is_landed = False
        e, far = ship.estimate, max(ship.parameters["TKOFF_DIST"], 50.0)
        start = Enu(east_m=e.east_m, north_m=e.north_m, up_m=self._up_m)
        end = Enu(
            east_m=e.east_m + far * math.sin(e.yaw_rad), north_m=e.north_m + far * math.cos(e.yaw_rad), up_m=self._up_m,
        )
        ship.leg_end = None
        ship.row.fly_leg(start, end, exit_m_s=ship.limits.speed_m_s)

    def tick(self, ship: "Ship") -> bool:
        return ship.estimate.up_m >= self._up_m - 1.0


class Glide(Activity):
    """Modes for a pilot's sticks, which are centred here: no power, wings level."""

    def begin(self, ship: "Ship") -> None:
        ship.row.off()


class TouchDown(Activity):
    """Down along a straight line, flare, roll out, disarm."""

    def __init__(self, target: Enu) -> None:
        self._target = target
        self._stands_since: int | None = None

    def landed_state(self) -> LandedState:
        return LandedState.LANDING

    def begin(self, ship: "Ship") -> None:
        there = self._target
        end = Enu(east_m=there.east_m, north_m=there.north_m, up_m=there.up_m - _BELOW_GROUND_M)
        ship.leg_end = None
        ship.row.fly_leg(ship.estimate.at, end, exit_m_s=ship.limits.speed_m_s)

    def tick(self, ship: "Ship") -> bool:
        e, p, limits = ship.estimate, ship.parameters, ship.limits
        if e.up_m - e.ground_up_m < p["LAND_FLARE_ALT"]:
            ship.row.limit(
                speed_m_s=limits.speed_m_s, climb_m_s=0.05, descend_m_s=p["TECS_LAND_SINK"],
                accel_m_s2=limits.accel_m_s2,
            )
        if not e.on_ground or math.hypot(e.east_m_s, e.north_m_s) > _STANDS_M_S:
            self._stands_since = None
            return False
        if self._stands_since is None:
            self._stands_since = ship.tick_now
        if ship.tick_now - self._stands_since < p["LAND_DISARMDELAY"] * TICKS_PER_S:
            return False
        if ship.is_armed:
            ship.disarm()
        return True


class ChangeTo(Activity):
    """Go on in another mode."""

    def __init__(self, mode: int) -> None:
        self._mode = mode

    def begin(self, ship: "Ship") -> None:
        ship.next_mode = self._mode


def circle(ship: "Ship") -> Activity:
    """LOITER: circles around where it is."""
    return Idle() if ship.is_landed else Stay()


def come_home(ship: "Ship") -> Activity:
    """RTL: to RTL_ALTITUDE above home and circles there; it does not land."""
    if ship.is_landed or ship.home is None:
        return Idle() if ship.is_landed else Stay()
    home = ship.home
    return FlyTo(Enu(east_m=home.east_m, north_m=home.north_m, up_m=home.up_m + ship.parameters["RTL_ALTITUDE"]))


def glide(ship: "Ship") -> Activity:
    return Idle() if ship.is_landed else Glide()


def _take_off_mode(ship: "Ship") -> Activity:
    """TAKEOFF: from the ground to TKOFF_ALT, then circles; in the air it circles at once."""
    if not ship.is_landed or ship.home is None:
        return Stay()
    return InTurn([TakeOffRun(ship.home.up_m + ship.parameters["TKOFF_ALT"]), Stay()])


def pass_by(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    """Waypoints are flown through, never waited at (ArduPlane ignores param 1)."""
    target = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    return FlyTo(target, exit_m_s=ship.limits.speed_m_s)


def circle_for(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    target = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    return FlyTo(target, hold_s=item.p1)


class CircleFor(FlyTo):
    """There, and circles without end."""

    def tick(self, ship: "Ship") -> bool:
        return False


def circle_for_ever(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    return CircleFor(ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m))


def _take_off(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    target = ship.locate(item.frame, 0.0, 0.0, item.alt_m)
    is_above = not ship.is_landed and ship.estimate.up_m >= target.up_m - 1.0
    return Linger(0.0) if is_above else TakeOffRun(target.up_m)


def _land_there(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    there = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    return TouchDown(there)


def limits_of(p: Parameters) -> Limits:
    cruise = p["AIRSPEED_CRUISE"]
    return Limits.of(
        speed=cruise, climb=p["TECS_CLMB_MAX"], descend=p["TECS_SINK_MAX"], accel=2.0,
        radius=min(p["WP_RADIUS"], _L1_S * cruise), turn_deg_s=45, circle=p["WP_LOITER_RAD"],
    )


def manual(name: str) -> ModeRule:
    return ModeRule(name=name, start=glide, needs_position=False, is_autonomous=False)


RULES = KindRules(
    mav_type=MavType.FIXED_WING,
    firmware="ArduPlane V4.5.7 (simulated by Taihang)",
    modes={
        PlaneMode.MANUAL: manual("MANUAL"),
        PlaneMode.STABILIZE: manual("STABILIZE"),
        PlaneMode.FLY_BY_WIRE_A: manual("FBWA"),
        PlaneMode.FLY_BY_WIRE_B: manual("FBWB"),
        PlaneMode.CRUISE: manual("CRUISE"),
        PlaneMode.CIRCLE: ModeRule(name="CIRCLE", start=circle, needs_position=False),
        PlaneMode.AUTO: ModeRule(name="AUTO", start=lambda ship: MissionRun()),
        PlaneMode.RTL: ModeRule(name="RTL", start=come_home, may_arm=False),
        PlaneMode.LOITER: ModeRule(name="LOITER", start=circle),
        PlaneMode.TAKEOFF: ModeRule(name="TAKEOFF", start=_take_off_mode),
        PlaneMode.GUIDED: ModeRule(name="GUIDED", start=lambda ship: Guided()),
    },
    first_mode=PlaneMode.MANUAL,
    auto=PlaneMode.AUTO,
    guided=PlaneMode.GUIDED,
    come_home=PlaneMode.RTL,
    come_down=None,
    stand=PlaneMode.LOITER,
    navigation={
        Command.NAV_WAYPOINT: pass_by,
        Command.NAV_SPLINE_WAYPOINT: pass_by,
        Command.NAV_TAKEOFF: _take_off,
        Command.NAV_LAND: _land_there,
        Command.NAV_RETURN_TO_LAUNCH: lambda ship, item, exit_m_s: ChangeTo(PlaneMode.RTL),
        Command.NAV_LOITER_UNLIM: circle_for_ever,
        Command.NAV_LOITER_TIME: circle_for,
        Command.NAV_DELAY: delay,
        Command.CONDITION_DELAY: delay,
    },
    limits=limits_of,
    flies=True,
    minds_height=False,
    can_stop=False,
    starts_by_mode=True,
    mission_end=PlaneMode.RTL,
    station_parameters=("FS_GCS_ENABL", "FS_LONG_TIMEOUT"),
)
