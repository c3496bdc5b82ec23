"""What a vehicle can be busy with, common to all kinds: small things with a begin and a tick that says when done."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.wire.enums import LandedState
from sim.engine.columns import TICKS_PER_S
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

FACES_FROM_M = 2.0
"""Shorter legs do not turn the nose."""


class Activity:
    """Base: idle for ever. `tick` runs at 10 Hz of simulated time."""

    def begin(self, ship: "Ship") -> None:
        """Give the first orders."""

    def landed_state(self) -> LandedState:
        """What EXTENDED_SYS_STATE says meanwhile."""
        return LandedState.IN_AIR

    def tick(self, ship: "Ship") -> bool:
        """True once done."""
        return False


class Idle(Activity):
    """Motors at rest."""

    def begin(self, ship: "Ship") -> None:
        ship.row.off()

    def landed_state(self) -> LandedState:
        return LandedState.ON_GROUND


class Stay(Activity):
    """Stop and keep the place."""

    def begin(self, ship: "Ship") -> None:
        at = stopping_point(ship)
        ship.leg_end = None
        ship.row.fly_leg(at, at)


class Linger(Activity):
    """Keep the place for a time."""

    def __init__(self, seconds: float) -> None:
        self._ticks = round(seconds * TICKS_PER_S)
        self._until = 0

    def begin(self, ship: "Ship") -> None:
        Stay().begin(ship)
        self._until = ship.tick_now + self._ticks

    def tick(self, ship: "Ship") -> bool:
        return ship.tick_now >= self._until


class FlyTo(Activity):
    """A straight leg from the last waypoint (or from here) to a place, then a wait there.

    With `exit_m_s` it counts as reached once within the waypoint radius or past the end plane, and is not stopped at.
    """

    def __init__(self, target: Enu, *, exit_m_s: float = 0.0, hold_s: float = 0.0, faces: bool = True) -> None:
        self._target = target
        self._exit_m_s = exit_m_s
        self._hold_ticks = round(hold_s * TICKS_PER_S)
        self._faces = faces
        self._start = target
        self._arrived: int | None = None

    def begin(self, ship: "Ship") -> None:
        here, radius = ship.estimate.at, ship.limits.radius_m
        near = ship.leg_end is not None and distance_m(ship.leg_end, here) <= 2 * radius
        self._start = ship.leg_end if near and ship.leg_end is not None else here
        ship.leg_end = self._target
        ship.row.fly_leg(self._start, self._target, exit_m_s=self._exit_m_s)
        if self._faces and flat_m(here, self._target) > FACES_FROM_M:
            ship.face(bearing_rad(here, self._target))

    def tick(self, ship: "Ship") -> bool:
        here = ship.estimate.at
        if self._arrived is None:
            gap_m = distance_m if ship.rules.minds_height else flat_m
            is_there = gap_m(here, self._target) <= ship.limits.radius_m
            if not is_there and not (self._exit_m_s > 0 and self._is_past(here)):
                return False
            self._arrived = ship.tick_now
        return ship.tick_now - self._arrived >= self._hold_ticks

    def _is_past(self, here: Enu) -> bool:
        a, b = self._start, self._target
        along = (b.east_m - a.east_m, b.north_m - a.north_m, b.up_m - a.up_m)
        beyond = (here.east_m - b.east_m, here.north_m - b.north_m, here.up_m - b.up_m)
        return sum(u * v for u, v in zip(along, beyond, strict=True)) >= 0


class InTurn(Activity):
    """Several activities one after another."""

    def __init__(self, steps: Sequence[Activity]) -> None:
        self._steps = list(steps)

    def landed_state(self) -> LandedState:
        return self._steps[0].landed_state() if self._steps else LandedState.IN_AIR

    def begin(self, ship: "Ship") -> None:
        self._steps[0].begin(ship)

    def tick(self, ship: "Ship") -> bool:
        if self._steps and self._steps[0].tick(ship):
            del self._steps[0]
            if self._steps:
                self._steps[0].begin(ship)
        return not self._steps


def stopping_point(ship: "Ship") -> Enu:
    """Where the vehicle comes to rest when it brakes now."""
    e = ship.estimate
    speed = math.sqrt(e.east_m_s**2 + e.north_m_s**2 + e.up_m_s**2)
    if speed < 0.2 or not ship.rules.can_stop:
        return e.at
    k = ship.row.stopping_m() / speed
    return Enu(east_m=e.east_m + k * e.east_m_s, north_m=e.north_m + k * e.north_m_s, up_m=e.up_m + k * e.up_m_s)


def flat_m(a: Enu, b: Enu) -> float:
    return math.hypot(a.east_m - b.east_m, a.north_m - b.north_m)


def distance_m(a: Enu, b: Enu) -> float:
    return math.hypot(a.east_m - b.east_m, a.north_m - b.north_m, a.up_m - b.up_m)


def bearing_rad(a: Enu, b: Enu) -> float:
    """Clockwise from north."""
    return math.atan2(b.east_m - a.east_m, b.north_m - a.north_m)
