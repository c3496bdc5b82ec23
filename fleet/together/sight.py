"""The fleet in plane metres, as last reported: who is in the air and where."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.model import FleetState, LinkState, VehicleState
from world.ids import VehicleId
from world.position import Enu, LocalFrame

FLIES = frozenset({"copter", "plane"})
HOVERS = frozenset({"copter"})
"""They can wait in the air for each other."""


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
