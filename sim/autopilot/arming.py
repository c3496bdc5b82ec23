"""When a vehicle may be armed: warm-up of the estimator, pre-arm reasons in ArduPilot's words, arming and disarming."""

from typing import TYPE_CHECKING, Final

from fleet.wire.enums import FORCE_DISARM_MAGIC, MavResult, Severity

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

FORCE_ARM_MAGIC: Final = 2989
"""COMPONENT_ARM_DISARM param2 that skips the checks (ArduPilot)."""
_ALTITUDE_AT: Final = 0.25
_FIX_AT: Final = 0.35
_HOME_AT: Final = 0.8
"""Shares of the warm-up after which height, GNSS fix and home are there."""


def has_height(ship: "Ship") -> bool:
    return ship.uptime_s >= _ALTITUDE_AT * ship.spec.warm_up_s


def has_fix(ship: "Ship") -> bool:
    return ship.uptime_s >= _FIX_AT * ship.spec.warm_up_s


def has_home(ship: "Ship") -> bool:
    return ship.uptime_s >= _HOME_AT * ship.spec.warm_up_s


def has_position(ship: "Ship") -> bool:
    return ship.uptime_s >= ship.spec.warm_up_s


def prearm_reasons(ship: "Ship") -> list[str]:
    """Why not, whatever the mode; the PREARM_CHECK bit is set when there is nothing."""
    if not has_height(ship):
        return ["Need Alt Estimate"]
    if ship.home is None:
        return ["AHRS: waiting for home"]
    if not has_position(ship):
        return ["Need Position Estimate"]
    reasons = []
    if ship.mode == ship.rules.auto and ship.rules.flies and len(ship.mission.items) < 2:
        reasons.append("Mode requires mission")
    if ship.failsafe == "battery":
        reasons.append("Battery 1 low voltage failsafe")
    return reasons


def arm_or_disarm(ship: "Ship", is_arm: bool, magic: float) -> MavResult:
    """MAV_CMD_COMPONENT_ARM_DISARM."""
    if is_arm:
        return _arm(ship, is_forced=magic == FORCE_ARM_MAGIC)
    if not ship.is_armed:
        return MavResult.ACCEPTED
    if ship.rules.flies and not ship.is_landed and magic != FORCE_DISARM_MAGIC:
        return MavResult.FAILED
    ship.disarm()
    return MavResult.ACCEPTED


def _arm(ship: "Ship", *, is_forced: bool) -> MavResult:
    if ship.is_armed:
        return MavResult.ACCEPTED
    if is_forced and has_height(ship):
        ship.arm()
        return MavResult.ACCEPTED
    reasons = [("Arm" if not has_home(ship) else "PreArm", text) for text in prearm_reasons(ship)]
    if not reasons and not _may_arm_in_mode(ship):
        reasons = [("Arm", f"{ship.rules.modes[ship.mode].name} mode not armable")]
    if not reasons and ship.refuses_first_arm:
        ship.refuses_first_arm = False
        reasons = [("PreArm", "AHRS: EKF3 Yaw inconsistent 20 deg. Wait or reboot")]
    for prefix, text in reasons:
        ship.voice.text(Severity.CRITICAL, f"{prefix}: {text}")
    if reasons:
        return MavResult.FAILED
    ship.arm()
    return MavResult.ACCEPTED


def _may_arm_in_mode(ship: "Ship") -> bool:
    allows_auto = int(ship.parameters.get("AUTO_OPTIONS", 0)) & 1
    return ship.rules.modes[ship.mode].may_arm or (ship.mode == ship.rules.auto and bool(allows_auto))
