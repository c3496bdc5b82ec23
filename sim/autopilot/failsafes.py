"""What a vehicle does by itself: ground station silent, battery low, fence broken, crashed, idle on the ground."""

from typing import TYPE_CHECKING, Final

from fleet.wire.enums import Severity
from sim.autopilot.fence import breach
from sim.autopilot.reactions import REACTIONS, Reaction, on_silence, react
from sim.engine.columns import TICKS_PER_S

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

CRASH_M_S: Final = 4.0
"""Harder touches break a machine."""


class Failsafes:
    """`hear_station` is called for each heartbeat of the station in SYSID_MYGCS; clocks run in the vehicle's time."""

    def __init__(self) -> None:
        self._station_tick: int | None = None
        self._is_station_lost = False
        self._battery_level = 0

    def hear_station(self, ship: "Ship") -> None:
        if self._is_station_lost:
            ship.voice.text(Severity.INFO, "GCS Failsafe Cleared")
            ship.failsafe = ""
        self._station_tick, self._is_station_lost = ship.tick_now, False

    def tick(self, ship: "Ship") -> None:
        if not ship.is_armed:
            return
        self._crash(ship)
        self._station(ship)
        self._battery(ship)
        self._fence(ship)
        self._idle_on_ground(ship)

    def _station(self, ship: "Ship") -> None:
        p = ship.parameters
        is_on, timeout = ship.rules.station_parameters
        if p[is_on] == 0 or self._station_tick is None or self._is_station_lost:
            return
        if ship.tick_now - self._station_tick < p[timeout] * TICKS_PER_S:
            return
        self._is_station_lost = True
        reaction = on_silence(ship)
        ship.failsafe = "station"
        is_going_on = reaction is Reaction.CONTINUE
        ship.voice.text(Severity.WARNING, "GCS Failsafe - Continuing" if is_going_on else "GCS Failsafe")
        react(ship, reaction)

    def _battery(self, ship: "Ship") -> None:
        level = battery_level(ship)
        if level <= self._battery_level:
            return
        self._battery_level = level
        ship.failsafe = "battery"
        name, action = ("low", "BATT_FS_LOW_ACT") if level == 1 else ("critical", "BATT_FS_CRT_ACT")
        ship.voice.text(Severity.WARNING, f"Battery 1 is {name} {volts(ship):.2f}V used {used_mah(ship):.0f} mAh")
        react(ship, REACTIONS[ship.spec.kind].battery.get(int(ship.parameters[action]), Reaction.NOTHING))

    def _fence(self, ship: "Ship") -> None:
        what, known = breach(ship) if ship.is_aloft else "", ship.breach
        if what and not known.what:
            known.count += 1
            known.at_ms = ship.boot_ms
            ship.voice.text(Severity.WARNING, f"{what} fence breached")
            reaction = REACTIONS[ship.spec.kind].fence.get(int(ship.parameters["FENCE_ACTION"]), Reaction.NOTHING)
            if reaction is not Reaction.NOTHING:
                ship.failsafe = "fence"
                react(ship, reaction)
        known.what = what

    def _crash(self, ship: "Ship") -> None:
        if ship.rules.flies and ship.estimate.impact_m_s > CRASH_M_S:
            ship.voice.text(Severity.EMERGENCY, "Crash: Disarming: AngErr=90>30, Accel=0.1<3.0")
            ship.disarm()

    def _idle_on_ground(self, ship: "Ship") -> None:
        """Armed without take-off: disarms itself after DISARM_DELAY."""
        if not ship.rules.flies or not ship.is_landed or not ship.is_armed or ship.is_started:
            return
        delay = ship.parameters.get("DISARM_DELAY", 0)
        if delay > 0 and ship.tick_now - ship.idle_since >= delay * TICKS_PER_S:
            ship.disarm()


def volts(ship: "Ship") -> float:
    """A lithium cell: 4.15 V full, 3.3 V empty, linear in between."""
    share = ship.battery_pct / 100
    return ship.pack.cells * (3.3 + 0.85 * share)


def used_mah(ship: "Ship") -> float:
    return (1 - ship.battery_pct / 100) * ship.parameters["BATT_CAPACITY"]


def battery_level(ship: "Ship") -> int:
    """0 good, 1 low, 2 critical, by voltage or remaining charge as the parameters say."""
    p = ship.parameters
    left, now = p["BATT_CAPACITY"] - used_mah(ship), volts(ship)
    if now < p["BATT_CRT_VOLT"] or left < p["BATT_CRT_MAH"]:
        return 2
    return int(now < p["BATT_LOW_VOLT"] or left < p["BATT_LOW_MAH"])
