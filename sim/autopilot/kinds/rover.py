"""ArduRover on tracks: drives, holds, returns, and its table."""

from typing import TYPE_CHECKING

from fleet.wire.enums import Command, MavType, RoverMode
from sim.autopilot.activities import Activity, FlyTo, Idle, InTurn, Stay
from sim.autopilot.guided import Guided
from sim.autopilot.kinds.common import delay, linger, stay_for_ever, waypoint
from sim.autopilot.mission import MissionRun
from sim.autopilot.parameters import Parameters
from sim.autopilot.rules import KindRules, Limits, ModeRule

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship


def come_home(ship: "Ship") -> Activity:
    """RTL: straight home, then stand."""
    return Stay() if ship.home is None else InTurn([FlyTo(ship.home), Stay()])


def _limits(p: Parameters) -> Limits:
    return Limits.of(
        speed=p["WP_SPEED"], climb=10.0, descend=10.0, accel=p["WP_ACCEL"], radius=p["WP_RADIUS"], turn_deg_s=45,
    )


def _manual(name: str) -> ModeRule:
    return ModeRule(name=name, start=lambda ship: Idle(), needs_position=False, is_autonomous=False)


RULES = KindRules(
    mav_type=MavType.GROUND_ROVER,
    firmware="ArduRover V4.5.7 (simulated by Taihang)",
    modes={
        RoverMode.MANUAL: _manual("MANUAL"),
        RoverMode.ACRO: _manual("ACRO"),
        RoverMode.STEERING: _manual("STEERING"),
        RoverMode.HOLD: ModeRule(name="HOLD", start=lambda ship: Stay(), needs_position=False, is_autonomous=False),
        RoverMode.LOITER: ModeRule(name="LOITER", start=lambda ship: Stay()),
        RoverMode.AUTO: ModeRule(name="AUTO", start=lambda ship: MissionRun()),
        RoverMode.RTL: ModeRule(name="RTL", start=come_home, may_arm=False),
        RoverMode.SMART_RTL: ModeRule(name="SMART_RTL", start=come_home, may_arm=False),
        RoverMode.GUIDED: ModeRule(name="GUIDED", start=lambda ship: Guided()),
    },
    first_mode=RoverMode.MANUAL,
    auto=RoverMode.AUTO,
    guided=RoverMode.GUIDED,
    come_home=RoverMode.RTL,
    come_down=None,
    stand=RoverMode.LOITER,
    navigation={
        Command.NAV_WAYPOINT: waypoint,
        Command.NAV_RETURN_TO_LAUNCH: lambda ship, item, exit_m_s: come_home(ship),
        Command.NAV_LOITER_UNLIM: stay_for_ever,
        Command.NAV_LOITER_TIME: linger,
        Command.NAV_DELAY: delay,
        Command.CONDITION_DELAY: delay,
    },
    limits=_limits,
    flies=False,
    minds_height=False,
)
