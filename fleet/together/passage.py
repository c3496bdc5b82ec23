"""Errands of many, done by plans: planned, flown, and planned anew for those that are left while there is time."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from fleet.commands import AckResult, Verb
from fleet.together.conductor import Conductor
from fleet.together.convoy import Convoy, End
from fleet.together.lanes import Lanes, plans_of
from fleet.together.sight import FLIES
from fleet.together.spacing import Way
from fleet.together.traveller import Plan
from fleet.together.weave import Errand, Gait, Routes, Weave, weave
from world.ids import OperatorId, VehicleId
from world.time import Clock, Instant

AGAIN_S = 5.0
"""When nobody finds a way, things are looked at again after this."""
FINAL = frozenset({
    AckResult.SUPERSEDED, AckResult.UNKNOWN_VEHICLE, AckResult.LINK_LOST, AckResult.REFUSED_BY_VEHICLE,
    AckResult.REFUSED_BY_GUARD,
})
"""Who ended so is not planned for again."""
NO_WAY = "no way there leaves the others room"


class Muster(NamedTuple):
    """Who goes now, and who does not, with the reason."""

    errands: list[Errand]
    unfit: dict[VehicleId, End]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How vehicles of a kind pass each other: their spacing and pace, and what routes they may take."""

    lanes: Lanes
    routes: Callable[[Sequence[Errand]], Routes]
    gait: Gait
    parked_m: float | None = None
    """How near they may pass those that are parked; None where those are out of the way."""
    kinds: frozenset[str] = FLIES
    """Who can be in their way."""
    circles: bool = False
    """They circle where others stand."""
    straight: bool = True
    """They may go all at once along straight lines, where that keeps the spacing."""


Prepare = Callable[[Weave], Awaitable[dict[VehicleId, str]]]
"""Something done with vehicles before they go; who refused, and why: they go all the same."""


class Passage:
    """`last`: how the last leg of those that land is ordered. Every plan that was begun is in `weaves`."""

    def __init__(self, *, clock: Clock, conductor: Conductor, manner: Manner, last: Verb = Verb.GO_TO) -> None:
        self._clock, self._conductor, self._manner, self._last = clock, conductor, manner, last
        self.weaves: list[Weave] = []

    async def run(
        self, vehicles: Sequence[VehicleId], muster: Callable[[Sequence[VehicleId]], Muster], by: OperatorId,
        deadline: Instant, prepare: Prepare | None = None,
    ) -> dict[VehicleId, End]:
        """`muster` is asked before every plan where those who are left stand and go. Raises AlreadyBusy."""
        ends: dict[VehicleId, End] = {}
        left = list(vehicles)
        while left and self._clock.now().mono_ns < deadline.mono_ns:
            errands, unfit = muster(left)
            ends |= unfit
            plan = self._plan(errands)
            for vehicle in plan.left:
                ends[vehicle] = End(is_done=False, reason=NO_WAY, result=AckResult.TIMED_OUT)
            if plan.strands:
                ends |= await self._go(plan, by, deadline, prepare)
            elif errands:
                again = self._clock.now().plus_s(AGAIN_S)
                await self._clock.sleep_until(min(again.mono_ns, deadline.mono_ns))
            left = [e.vehicle for e in errands if not ends[e.vehicle].is_done and ends[e.vehicle].result not in FINAL]
        return {v: ends.get(v, End.unfit("its turn did not come in time")) for v in vehicles}

    def _plan(self, errands: Sequence[Errand]) -> Weave:
        blocked: list[Way] = self._conductor.held_beside([errand.vehicle for errand in errands], self._manner.kinds)
        manner = self._manner
        return weave(
            errands, manner.routes(errands), manner.lanes.spacing, manner.gait, blocked, straight=manner.straight,
            parked_m=manner.parked_m,
        )

    async def _go(
        self, plan: Weave, by: OperatorId, deadline: Instant, prepare: Prepare | None
    ) -> dict[VehicleId, End]:
        self.weaves.append(plan)
        refused = await prepare(plan) if prepare is not None else {}
        known = {strand.vehicle for strand in plan.strands} - set(refused) if prepare is not None else set()
        manner = self._manner
        plans = plans_of(plan, manner.lanes, self._last, known)
        if manner.circles:
            plans = [circling(made) for made in plans]
        convoy = Convoy(plans, manner.lanes.spacing, manner.kinds)
        ends = await self._conductor.conduct(convoy, by, deadline)
        for vehicle, reason in refused.items():
            end = ends[vehicle]
            ends[vehicle] = End(
                is_done=end.is_done, reason=f"{end.reason} (return height: {reason})", result=end.result
            )
        return ends


def circling(plan: Plan) -> Plan:
    return replace(plan, legs=tuple(replace(leg, circles=leg.verb is not Verb.LAND) for leg in plan.legs))
