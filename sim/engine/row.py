"""What an autopilot has of the engine: its own row, to steer by."""

import math
from typing import Final

from sim.engine.columns import Columns, Drive
from world.position import Enu

SPIN_MAX_RAD_S: Final = 3.5


class Row:
    """Orders for the controllers of one vehicle. They keep obeying the last one."""

    __slots__ = ("_c", "_i")

    def __init__(self, columns: Columns, index: int) -> None:
        self._c, self._i = columns, index

    def off(self) -> None:
        """Motors off, at once."""
        self._c.drive[self._i] = Drive.OFF

    def fly_leg(self, start: Enu, end: Enu, *, exit_m_s: float = 0.0) -> None:
        """Along the straight line; `exit_m_s` is the speed allowed on passing its end. Ends a spin."""
        c, i = self._c, self._i
        if c.spins[i]:
            self.keep_heading(float(c.turn_rate[i]))
        c.leg[i] = (start.east_m, start.north_m, start.up_m)
        c.aim[i] = (end.east_m, end.north_m, end.up_m)
        c.exit_speed[i] = exit_m_s
        self._order(Drive.LEG)

    def fly_velocity(self, east_m_s: float, north_m_s: float, up_m_s: float) -> None:
        self._c.aim_vel[self._i] = (east_m_s, north_m_s, up_m_s)
        self._order(Drive.VELOCITY)

    def limit(self, *, speed_m_s: float, climb_m_s: float, descend_m_s: float, accel_m_s2: float) -> None:
        """Limits of the orders to come and of the one in force."""
        c, i = self._c, self._i
        c.speed[i], c.climb[i], c.descend[i] = _sane(speed_m_s), _sane(climb_m_s), _sane(descend_m_s)
        c.accel[i] = _sane(accel_m_s2)

    def circle_by(self, radius_m: float) -> None:
        """Radius of the circles wings fly, clockwise; negative the other way round."""
        self._c.circle[self._i] = math.copysign(_sane(abs(radius_m)), radius_m)

    @property
    def rotors(self) -> int:
        return int(self._c.rotors[self._i])

    def use_rotors(self, use: int) -> None:
        """Of planes: 0 none are fitted, 1 they help when it is slow, 2 it hovers on them."""
        c, i = self._c, self._i
        if use == 2 and c.rotors[i] != 2:
            c.ref_vel[i] = c.vel[i]
            c.bank[i] = 0.0
            self.keep_heading(1.0)
        c.rotors[i] = use

    def turn_to(self, yaw_rad: float, rate_rad_s: float) -> None:
        c, i = self._c, self._i
        c.spins[i], c.aim_yaw[i], c.turn_rate[i] = 0, yaw_rad, min(abs(rate_rad_s), SPIN_MAX_RAD_S)

    def spin(self, rate_rad_s: float) -> None:
        """Keep turning, clockwise positive."""
        c, i = self._c, self._i
        c.spins[i], c.turn_rate[i] = 1, min(max(rate_rad_s, -SPIN_MAX_RAD_S), SPIN_MAX_RAD_S)

    def keep_heading(self, rate_rad_s: float) -> None:
        self.turn_to(float(self._c.yaw[self._i]), rate_rad_s)

    def stopping_m(self) -> float:
        """Distance in which the present speed can be shed, with the lag of the controllers."""
        speed = math.sqrt(float((self._c.vel[self._i] ** 2).sum()))
        accel = max(float(self._c.accel[self._i]), 0.1)
        return speed * speed / (1.6 * accel) + 0.3 * speed

    def _order(self, drive: Drive) -> None:
        c, i = self._c, self._i
        if c.drive[i] == Drive.OFF:
            c.ref_vel[i] = c.vel[i]
        c.drive[i] = drive


def _sane(limit: float) -> float:
    """Parameters may hold any nonsense; the controllers need a positive, finite limit."""
    return min(max(limit, 0.01), 1000.0)
