"""A stored mission and flying it: navigation items become activities, the others are done on the way."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fleet.wire.enums import Command, LandedState, Severity
from sim.autopilot.activities import Activity, Idle, Stay
from sim.autopilot.doing import DOING
from sim.autopilot.items import Item
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

_PASSED: Final = frozenset({Command.NAV_WAYPOINT, Command.NAV_SPLINE_WAYPOINT})
_ITEMS_A_TICK: Final = 50
_NAMES: Final[Mapping[int, str]] = {
    Command.NAV_WAYPOINT: "WP", Command.NAV_SPLINE_WAYPOINT: "SplineWP", Command.NAV_TAKEOFF: "Takeoff",
    Command.NAV_LAND: "Land", Command.NAV_RETURN_TO_LAUNCH: "RTL", Command.NAV_LOITER_UNLIM: "LoitUnlim",
    Command.NAV_LOITER_TIME: "LoitTime", Command.NAV_DELAY: "Delay", Command.CONDITION_DELAY: "CondDelay",
}


@dataclass(slots=True)
class Mission:
    """Items as stored and where we are; item 0 is home and never flown."""

    items: list[Item] = field(default_factory=list)
    seq: int = 1
    reached: int | None = None
    is_complete: bool = False
    jumps: dict[int, int] = field(default_factory=dict)
    changed: int = 0
    """Counts jumps from outside, so that the run in progress notices."""

    def rewind(self) -> None:
        self.go_to(1)
        self.jumps.clear()

    def go_to(self, seq: int) -> None:
        self.seq = seq
        self.is_complete = False
        self.changed += 1

    def starts_with_take_off(self) -> bool:
        following = [item.command for item in self.items[1:] if item.command not in DOING]
        return bool(following) and following[0] == Command.NAV_TAKEOFF

    def next_passed(self, seq: int) -> Item | None:
        """The waypoint after `seq` when nothing but things done on the way lies between."""
        for item in self.items[seq + 1 :]:
            if item.command in _PASSED:
                return item
            if item.command not in DOING or item.command == Command.DO_JUMP:
                return None
        return None


class MissionRun(Activity):
    """AUTO. A copter on the ground waits for MISSION_START."""

    def __init__(self) -> None:
        self._step: Activity | None = None
        self._changed = -1

    def landed_state(self) -> LandedState:
        return self._step.landed_state() if self._step else LandedState.IN_AIR

    def begin(self, ship: "Ship") -> None:
        if ship.is_landed:
            Idle().begin(ship)
        else:
            Stay().begin(ship)

    def tick(self, ship: "Ship") -> bool:
        mission = ship.mission
        if ship.is_landed and not (ship.is_started or ship.rules.starts_by_mode):
            return False
        if mission.changed != self._changed:
            self._changed, self._step = mission.changed, None
        for _ in range(_ITEMS_A_TICK):
            if self._step is None and not self._take_up(ship):
                return mission.is_complete
            if self._step is not None:
                if not self._step.tick(ship) or not ship.is_armed:
                    return False
                announce(ship)
                self._step = None
                mission.seq += 1
        return False

    def _take_up(self, ship: "Ship") -> bool:
        """Start the item at `seq`; False when there is none left."""
        mission = ship.mission
        if mission.seq >= len(mission.items):
            self._complete(ship)
            return False
        item = mission.items[mission.seq]
        if item.command in DOING:
            seq = mission.seq
            DOING[item.command](ship, item)
            if mission.seq == seq:
                mission.seq += 1
            self._changed = mission.changed
            return True
        ship.voice.text(Severity.INFO, f"Mission: {mission.seq} {_NAMES.get(item.command, item.command)}")
        self._step = ship.rules.navigation[item.command](ship, item, exit_speed(ship, item))
        self._step.begin(ship)
        return True

    def _complete(self, ship: "Ship") -> None:
        if ship.mission.is_complete:
            return
        ship.mission.is_complete = True
        ship.voice.text(Severity.INFO, "Mission complete")
        ship.next_mode = ship.rules.mission_end
        Stay().begin(ship)


def announce(ship: "Ship") -> None:
    """Say that the item in progress is reached. It proves nothing: see MissionRun and what disarmed subs do."""
    ship.mission.reached = ship.mission.seq
    ship.voice.say("MISSION_ITEM_REACHED", seq=ship.mission.seq)
    ship.voice.text(Severity.INFO, f"Reached command #{ship.mission.seq}")


def exit_speed(ship: "Ship", item: Item) -> float:
    """Speed allowed on passing a waypoint: that of a circular arc tangent to both legs at the waypoint radius."""
    following = ship.mission.next_passed(ship.mission.seq)
    if item.command not in _PASSED or item.p1 > 0 or following is None:
        return 0.0
    corner = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    after = ship.locate(following.frame, following.lat_deg, following.lon_deg, following.alt_m)
    turn = _angle(ship.leg_end or ship.estimate.at, corner, after)
    if turn is None or turn > math.radians(120):
        return 0.0
    top = ship.speed_m_s or ship.limits.speed_m_s
    arc_m = ship.limits.radius_m / max(math.tan(turn / 2), 1e-3)
    return min(top, math.sqrt(ship.limits.accel_m_s2 * arc_m))


def _angle(a: Enu, b: Enu, c: Enu) -> float | None:
    """Change of direction at b, radians; None when a leg has no length."""
    u = (b.east_m - a.east_m, b.north_m - a.north_m, b.up_m - a.up_m)
    v = (c.east_m - b.east_m, c.north_m - b.north_m, c.up_m - b.up_m)
    size = math.hypot(*u) * math.hypot(*v)
    if size < 1e-6:
        return None
    return math.acos(max(-1.0, min(1.0, sum(p * q for p, q in zip(u, v, strict=True)) / size)))
