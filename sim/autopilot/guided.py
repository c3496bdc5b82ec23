"""GUIDED: one target or one velocity at a time; a velocity that is not repeated dies."""

import math
from typing import TYPE_CHECKING

from fleet.wire.enums import LandedState
from sim.autopilot.activities import Activity, FlyTo, Idle, Stay
from sim.engine.columns import TICKS_PER_S
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship


class Guided(Activity):
    """Holds its inner activity: standing, flying to a target, taking off, or obeying a velocity."""

    def __init__(self) -> None:
        self._inner: Activity = Idle()
        self._velocity_until: int | None = None

    def landed_state(self) -> LandedState:
        return self._inner.landed_state()

    def begin(self, ship: "Ship") -> None:
        self.do(ship, Idle() if ship.is_landed else Stay())

    def do(self, ship: "Ship", activity: Activity) -> None:
        self._velocity_until = None
        self._inner = activity
        activity.begin(ship)

    def go(self, ship: "Ship", target: Enu, yaw_rad: float | None = None) -> None:
        """Fly straight there and stand; on the ground a copter needs a take-off first."""
        if ship.is_landed:
            return
        ship.leg_end = None
        self.do(ship, FlyTo(target, faces=yaw_rad is None))
        if yaw_rad is not None:
            ship.row.turn_to(yaw_rad, ship.limits.turn_rad_s)

    def push(self, ship: "Ship", velocity: tuple[float, float, float], yaw_rate_rad_s: float | None) -> None:
        """ENU velocity, good for GUID_TIMEOUT; the nose keeps its heading unless a yaw rate is given."""
        if ship.is_landed or not ship.rules.can_stop:
            return
        ship.leg_end = None
        self._inner = Activity()
        self._velocity_until = ship.tick_now + round(ship.parameters["GUID_TIMEOUT"] * TICKS_PER_S)
        limits = ship.limits
        east, north, up = velocity
        scale = min(1.0, limits.speed_m_s / max(math.hypot(east, north), 1e-9))
        ship.row.fly_velocity(scale * east, scale * north, max(-limits.descend_m_s, min(limits.climb_m_s, up)))
        if yaw_rate_rad_s is not None:
            ship.row.spin(yaw_rate_rad_s)
        elif not ship.rules.flies:
            ship.row.keep_heading(limits.turn_rad_s)

    def tick(self, ship: "Ship") -> bool:
        if self._velocity_until is not None and ship.tick_now >= self._velocity_until:
            ship.row.keep_heading(ship.limits.turn_rad_s)
            self.do(ship, Stay())
        self._inner.tick(ship)
        return False
