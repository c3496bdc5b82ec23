"""The vehicles of a mission as last heard, in the local frame."""

import math

from fleet.model import DOMAIN_OF, Domain, FleetState, LinkState, VehicleKind, VehicleState
from missions.model import SearchIntent, VehicleOffer
from world.ids import VehicleId
from world.position import Enu, LocalFrame
from world.time import Clock

AT_HOME_M = 25.0
STATE_FRESH_S = 2.0


class Crew:
    """Newest fleet state. A vehicle that was never heard has no state, which is not the same as a bad one."""

    def __init__(self, clock: Clock, frame: LocalFrame) -> None:
        self._clock = clock
        self._frame = frame
        self._states: dict[VehicleId, VehicleState] = {}
        self._places: dict[VehicleId, Enu] = {}
        self._heard: FleetState | None = None

    def on_state(self, state: FleetState) -> None:
        self._heard = state
        self._states = {one.vehicle: one for one in state.vehicles}
        self._places.clear()

    @property
    def is_heard(self) -> bool:
        """The fleet service itself speaks: only then does the record end and the present begin."""
        return self._heard is not None and self._heard.at.age_s(self._clock.now()) <= STATE_FRESH_S

    def state(self, vehicle: VehicleId) -> VehicleState | None:
        return self._states.get(vehicle)

    def place(self, vehicle: VehicleId) -> Enu | None:
        state = self._states.get(vehicle)
        if state is None or state.position is None:
            return None
        if vehicle not in self._places:
            self._places[vehicle] = self._frame.to_enu(state.position)
        return self._places[vehicle]

    def is_reachable(self, vehicle: VehicleId) -> bool:
        state = self._states.get(vehicle)
        return state is not None and state.link in (LinkState.FRESH, LinkState.LATE)

    def is_flying(self, vehicle: VehicleId) -> bool:
        """Armed and off the ground, as far as is known."""
        state = self._states.get(vehicle)
        return state is not None and state.is_armed is True and state.is_landed is not True

    def is_at(self, vehicle: VehicleId, at: Enu, within_m: float) -> bool:
        place = self.place(vehicle)
        return place is not None and math.dist((place.east_m, place.north_m), (at.east_m, at.north_m)) <= within_m

    def is_at_home(self, offer: VehicleOffer) -> bool:
        return self.is_at(offer.vehicle, self._frame.to_enu(offer.home), AT_HOME_M)


def offer_of(intent: SearchIntent, vehicle: VehicleId) -> VehicleOffer | None:
    return next((offer for offer in intent.offers if offer.vehicle == vehicle), None)


def lands_by_itself(kind: VehicleKind) -> bool:
    """Copters land and disarm at the end of a return, and nobody may disarm a plane that circles over home; the others
    stand at the end of their route and are disarmed."""
    return DOMAIN_OF[kind] is Domain.AIR
