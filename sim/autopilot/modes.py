"""Changing flight modes: what is refused, in which words, and what leaving for AUTO takes."""

from typing import TYPE_CHECKING

from fleet.wire.enums import Severity
from sim.autopilot.arming import has_position

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship


def change_mode(ship: "Ship", mode: int) -> bool:
    """False, and a text to everybody, when the vehicle stays in its mode."""
    rule = ship.rules.modes.get(mode)
    if rule is None:
        ship.voice.text(Severity.NOTICE, f"No such mode {mode}")
        return False
    if mode == ship.mode:
        return True
    if ship.is_armed and rule.needs_position and not has_position(ship):
        return _refuse(ship, rule.name, "requires position")
    if mode == ship.rules.auto and ship.is_armed and not _may_fly_mission(ship):
        return _refuse(ship, rule.name, "init failed")
    ship.enter(mode)
    return True


def start_mission(ship: "Ship") -> bool:
    """MAV_CMD_MISSION_START: into AUTO; an armed copter on the ground may now take off."""
    if not change_mode(ship, ship.rules.auto):
        return False
    if ship.is_armed:
        ship.is_started = True
    return True


def _may_fly_mission(ship: "Ship") -> bool:
    if len(ship.mission.items) < 2:
        ship.voice.text(Severity.CRITICAL, "Auto: No mission")
        return False
    if ship.rules.flies and ship.is_landed and not ship.mission.starts_with_take_off():
        ship.voice.text(Severity.CRITICAL, "Auto: Missing Takeoff Cmd")
        return False
    return True


def _refuse(ship: "Ship", name: str, reason: str) -> bool:
    ship.voice.text(Severity.WARNING, f"Mode change to {name} failed: {reason}")
    return False
