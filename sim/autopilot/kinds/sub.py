"""ArduSub: dives, holds depth, surfaces, and its table. It has no RTL mode."""

from typing import TYPE_CHECKING

from fleet.wire.enums import Command, MavType, SubMode
from sim.autopilot.activities import Activity, FlyTo, Idle, InTurn, Stay
from sim.autopilot.guided import Guided
from sim.autopilot.items import Item
from sim.autopilot.kinds.common import delay, linger, stay_for_ever, waypoint
from sim.autopilot.mission import MissionRun
from sim.autopilot.parameters import Parameters
from sim.autopilot.rules import KindRules, Limits, ModeRule
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship


def surface(ship: "Ship") -> Activity:
    """Straight up, then float there."""
    here, water = ship.estimate.at, ship.spec.water_up_m
    up_m = here.up_m if water is None else water
    return InTurn([FlyTo(Enu(east_m=here.east_m, north_m=here.north_m, up_m=up_m), faces=False), Stay()])


def _come_home(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    return Stay() if ship.home is None else FlyTo(ship.home)


def _surface_there(ship: "Ship", item: Item, exit_m_s: float) -> Activity:
    return surface(ship)


def _limits(p: Parameters) -> Limits:
    return Limits.of(
        speed=p["WPNAV_SPEED"] / 100, climb=p["WPNAV_SPEED_UP"] / 100, descend=p["WPNAV_SPEED_DN"] / 100,
        accel=p["WPNAV_ACCEL"] / 100, radius=p["WPNAV_RADIUS"] / 100, turn_deg_s=40,
    )


def _manual(name: str, start: type[Activity]) -> ModeRule:
    return ModeRule(name=name, start=lambda ship: start(), needs_position=False, is_autonomous=False)


RULES = KindRules(
    mav_type=MavType.SUBMARINE,
    firmware="ArduSub V4.5.7 (simulated by Taihang)",
    modes={
        SubMode.STABILIZE: _manual("STABILIZE", Idle),
        SubMode.ALT_HOLD: _manual("ALT_HOLD", Stay),
        SubMode.AUTO: ModeRule(name="AUTO", start=lambda ship: MissionRun()),
        SubMode.GUIDED: ModeRule(name="GUIDED", start=lambda ship: Guided()),
        SubMode.SURFACE: ModeRule(name="SURFACE", start=surface, needs_position=False),
        SubMode.POSHOLD: ModeRule(name="POSHOLD", start=lambda ship: Stay()),
        SubMode.MANUAL: _manual("MANUAL", Idle),
    },
    first_mode=SubMode.MANUAL,
    auto=SubMode.AUTO,
    guided=SubMode.GUIDED,
    come_home=None,
    come_down=SubMode.SURFACE,
    stand=SubMode.POSHOLD,
    navigation={
        Command.NAV_WAYPOINT: waypoint,
        Command.NAV_LAND: _surface_there,
        Command.NAV_RETURN_TO_LAUNCH: _come_home,
        Command.NAV_LOITER_UNLIM: stay_for_ever,
        Command.NAV_LOITER_TIME: linger,
        Command.NAV_DELAY: delay,
        Command.CONDITION_DELAY: delay,
    },
    limits=_limits,
    flies=False,
    sails_disarmed=True,
)
