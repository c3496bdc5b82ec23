"""The fleet in plane metres, as last reported: who is in the air and where."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.model import FleetState, LinkState, VehicleState
from world.ids import VehicleId
from world.position import Enu, LocalFrame

FLIES = frozenset({"copter", "plane"})
STANDS = frozenset({"copter", "rover", "boat", "sub"})
"""They can wait where they are for each other; a plane circles."""
LEVEL = frozenset({"rover", "boat"})
"""Their height is that of the ground or the water."""
MEDIA = (FLIES, frozenset({"rover"}), frozenset({"boat", "sub"}))
"""Kinds that can meet each other under way."""
BERTH_M, BERTH_M_S = 3.0, 0.4
CIRCLE_M = 60.0
"""Radius of the circles that planes fly where others stand: ArduPlane's WP_LOITER_RAD by default."""


def medium_of(kind: str) -> frozenset[str]:
    return next(kinds for kinds in MEDIA if kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One vehicle. `at` and `home` are None while unknown."""

    state: VehicleState
    at: Enu | None
    home: Enu | None

    @property
    def is_heard(self) -> bool:
        """Lately enough to believe where it is."""
        return self.state.link in (LinkState.FRESH, LinkState.LATE)

    @property
    def is_grounded(self) -> bool:
        """It said so, or cannot fly."""
        return self.state.kind not in FLIES or self.state.is_armed is False

    @property
    def is_aloft(self) -> bool:
        """Anything that flies and is not known to stand on the ground."""
        return not self.is_grounded and self.state.is_landed is not True

    @property
    def is_under_way(self) -> bool:
        """It can be sent somewhere as it is: in the air, or of those that never leave ground or water."""
        return self.is_aloft or self.state.kind not in FLIES

    @property
    def is_parked(self) -> bool:
        """A rover or boat in its berth, or disarmed: others pass it more closely than what is under way."""
        if self.state.kind not in LEVEL:
            return False
        at, home, speed_m_s = self.at, self.home, self.speed_m_s
        is_home = at is not None and home is not None and _flat_m(at, home) <= BERTH_M
        return self.state.is_armed is False or (is_home and (speed_m_s is None or speed_m_s <= BERTH_M_S))

    @property
    def speed_m_s(self) -> float | None:
        v = self.state.velocity
        return None if v is None else math.sqrt(v.north**2 + v.east**2 + v.down**2)


Sights = Mapping[VehicleId, Sight]


def sights_of(fleet: FleetState, frame: LocalFrame) -> dict[VehicleId, Sight]:
    return {state.vehicle: sight_of(state, frame) for state in fleet.vehicles}


def sight_of(state: VehicleState, frame: LocalFrame) -> Sight:
    at = None if state.position is None else frame.to_enu(state.position)
    home = None if state.home is None else frame.to_enu(state.home)
    return Sight(state=state, at=at, home=home)


def _flat_m(a: Enu, b: Enu) -> float:
    return math.hypot(a.east_m - b.east_m, a.north_m - b.north_m)
