"""Around what each plane circles, as far as it was told here; a plane that is elsewhere circles where it is seen."""

from collections.abc import Mapping, Sequence

from fleet.together.conductor import Conductor
from fleet.together.convoy import End
from fleet.together.kinds import planes
from fleet.together.passage import Muster, Passage
from fleet.together.sight import Sight
from fleet.together.traveller import is_circling
from fleet.together.weave import Errand, Weave
from world.ids import OperatorId, VehicleId
from world.position import Enu
from world.time import Clock, Instant


class Circles:
    """Remembers, and brings planes to other circles."""

    def __init__(self, *, clock: Clock, conductor: Conductor) -> None:
        self._clock, self._conductor = clock, conductor
        self._known: dict[VehicleId, Enu] = {}

    def of(self, sight: Sight) -> Enu | None:
        """The middle of its circle."""
        known = self._known.get(sight.state.vehicle)
        return known if known is not None and sight.at is not None and is_circling(sight.at, known) else sight.at

    def note(self, ends: Mapping[VehicleId, End], goals: Mapping[VehicleId, Enu]) -> None:
        """Who has come to its goal circles there."""
        self._known |= {vehicle: goals[vehicle] for vehicle, end in ends.items() if end.is_done and vehicle in goals}

    async def enter(
        self, goals: Mapping[VehicleId, Enu], by: OperatorId, deadline: Instant, weaves: list[Weave] | None = None
    ) -> dict[VehicleId, End]:
        """Raises AlreadyBusy."""
        pads_m = {v: s.home.up_m for v, s in self._conductor.sights().items() if s.home is not None}
        passage = Passage(clock=self._clock, conductor=self._conductor, manner=planes(pads_m))
        ends = await passage.run(list(goals), lambda left: self._muster(left, goals), by, deadline)
        self.note(ends, goals)
        if weaves is not None:
            weaves += passage.weaves
        return ends

    def _muster(self, vehicles: Sequence[VehicleId], goals: Mapping[VehicleId, Enu]) -> Muster:
        muster, sights = Muster([], {}), self._conductor.sights()
        for vehicle in vehicles:
            sight = sights.get(vehicle)
            at = None if sight is None else self.of(sight)
            if sight is None or at is None or not sight.is_heard or not sight.is_aloft:
                muster.unfit[vehicle] = End.unfit("it is not in the air, or not heard")
            else:
                muster.errands.append(Errand(vehicle, at, goals[vehicle]))
        return muster
