"""What differs between kinds of autopilot, as one table each: modes, mission commands, speeds, failsafes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fleet.wire.enums import MavType
from sim.autopilot.activities import Activity
from sim.autopilot.items import Item
from sim.autopilot.parameters import Parameters

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship


def _sane(value: float) -> float:
    return min(max(value, 0.01), 1000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast a vehicle goes by its parameters, and how near counts as there."""

    speed_m_s: float
    climb_m_s: float
    descend_m_s: float
    accel_m_s2: float
    radius_m: float
    turn_rad_s: float
    circle_m: float = 60.0
    """Radius of the circles of those that cannot stop; negative counter-clockwise."""

    @staticmethod
    def of(*, speed: float, climb: float, descend: float, accel: float, radius: float, turn_deg_s: float,
           circle: float = 60.0) -> "Limits":
        """From parameters, which may hold any nonsense: positive, and not beyond all reason."""
        return Limits(
            speed_m_s=_sane(speed), climb_m_s=_sane(climb), descend_m_s=_sane(descend), accel_m_s2=_sane(accel),
            radius_m=_sane(radius), turn_rad_s=math.radians(turn_deg_s),
            circle_m=math.copysign(max(_sane(abs(circle)), 20.0), circle),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeRule:
    """One flight mode. `start` makes what the vehicle does in it while armed."""

    name: str
    start: Callable[["Ship"], Activity]
    needs_position: bool = True
    may_arm: bool = True
    is_autonomous: bool = True
    """Sets the GUIDED flag of HEARTBEAT.base_mode."""


Navigation = Callable[["Ship", Item, float], Activity]
"""Makes the activity of a mission item; the number is the speed allowed on leaving it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRules:
    """The whole table of a kind."""

    mav_type: MavType
    firmware: str
    modes: Mapping[int, ModeRule]
    first_mode: int
    auto: int
    guided: int
    come_home: int | None
    """Mode of MAV_CMD_NAV_RETURN_TO_LAUNCH and of failsafes that return."""
    come_down: int | None
    """Mode of MAV_CMD_NAV_LAND."""
    stand: int
    """Mode of MAV_CMD_NAV_LOITER_UNLIM."""
    navigation: Mapping[int, Navigation]
    limits: Callable[[Parameters], Limits]
    flies: bool
    """Takes off, lands, and disarms by itself on the ground."""
    minds_height: bool = True
    """Waypoints are reached in three dimensions."""
    sails_disarmed: bool = False
    """Counts mission items as reached although disarmed, as a sub was seen to."""
    can_stop: bool = True
    """False: it circles where others stand, and takes no velocities."""
    take_off: Callable[[float], Activity] | None = None
    """MAV_CMD_NAV_TAKEOFF in GUIDED, to a height in the local frame."""
    starts_by_mode: bool = False
    """Takes off on entering AUTO; others wait for MISSION_START on the ground."""
    mission_end: int | None = None
    """Mode entered when the mission is complete; None stays where it is."""
    station_parameters: tuple[str, str] = ("FS_GCS_ENABLE", "FS_GCS_TIMEOUT")
    """What switches the failsafe of a silent ground station on, and after how long it comes."""
    rotors: int = 0
    """Of planes, as the engine counts them: 1 fitted, 0 not."""
