"""Everybody home, each kind in its own way: copters down in layers, robots into berths, planes to circles."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from fleet.commands import AckResult, Verb
from fleet.together.circles import Circles
from fleet.together.circuit import landings, stacks
from fleet.together.conductor import Conductor
from fleet.together.convoy import Convoy, End
from fleet.together.giver import Giver
from fleet.together.kinds import PLANES, planes, rovers, subs, surfacing
from fleet.together.lanes import Lanes, Top, routes_by_layers
from fleet.together.passage import Manner, Muster, Passage
from fleet.together.sight import FLIES, Sight
from fleet.together.slots import assigned
from fleet.together.weave import Errand, Gait, Routes, Weave
from world.ids import OperatorId, VehicleId
from world.position import Enu
from world.time import Clock, Instant

HEIGHT_WITHIN_S = 15.0
HEIGHT_TRIES = 3


def manner_of(kind: str, conductor: Conductor, lanes: Lanes, top: Top | None) -> Manner:
    """How this kind passes its like. `lanes`: of copters."""
    if kind in ("rover", "boat"):
        return rovers(is_boat=kind == "boat")
    if kind == "sub":
        return subs()
    sights = conductor.sights()
    pads_m = {v: sight.home.up_m for v, sight in sights.items() if sight.home is not None}
    if kind == "plane":
        return planes(pads_m)

    def routes(errands: Sequence[Errand]) -> Routes:
        own_m = {e.vehicle: e.to.up_m if e.lands else pads_m.get(e.vehicle, e.at.up_m) for e in errands}
        return routes_by_layers(lanes, errands, own_m, top)

    return Manner(lanes=lanes, routes=routes, gait=Gait(flat_m_s=lanes.speed_m_s))


def unfit(sight: Sight | None) -> str | None:
    """Why a vehicle cannot be sent anywhere, or None."""
    if sight is None:
        return "it is not in the fleet's state"
    if not sight.is_heard:
        return "its link is lost"
    if not sight.is_under_way:
        return "it is not in the air"
    return None if sight.at is not None else "its position is unknown"


class Homing:
    """`pads`: where to land instead of at home."""

    def __init__(
        self, *, clock: Clock, conductor: Conductor, giver: Giver, lanes: Lanes, top: Top | None, circles: Circles
    ) -> None:
        self._clock, self._conductor, self._giver = clock, conductor, giver
        self._lanes, self._top, self._circles = lanes, top, circles

    async def run(
        self, vehicles: Sequence[VehicleId], by: OperatorId, deadline: Instant, last: Verb,
        pads: Mapping[VehicleId, Enu],
    ) -> dict[VehicleId, End]:
        """All kinds at the same time: those that cannot meet do not wait for each other. Raises AlreadyBusy."""
        sights = self._conductor.sights()
        kinds: dict[str, list[VehicleId]] = {}
        ends: dict[VehicleId, End] = {}
        for vehicle in vehicles:
            fault = unfit(sights.get(vehicle))
            if fault is not None:
                ends[vehicle] = End.unfit(fault)
            else:
                kinds.setdefault(str(sights[vehicle].state.kind), []).append(vehicle)
        ways = {"plane": self._planes}
        for part in await asyncio.gather(*(
            ways.get(kind, partial(self._down, kind))(members, by, deadline, last, pads)
            for kind, members in kinds.items()
        )):
            ends |= part
        return {vehicle: ends[vehicle] for vehicle in vehicles}

    async def _down(
        self, kind: str, vehicles: Sequence[VehicleId], by: OperatorId, deadline: Instant, last: Verb,
        pads: Mapping[VehicleId, Enu],
    ) -> dict[VehicleId, End]:
        manner = manner_of(kind, self._conductor, self._lanes, self._top)
        if kind in ("rover", "boat"):
            last = Verb.RETURN
        passage = Passage(clock=self._clock, conductor=self._conductor, manner=manner, last=last)
        prepare = partial(self._set_return_heights, by) if last is Verb.RETURN and kind in FLIES else None
        muster = self._muster if kind != "sub" else self._muster_subs
        return await passage.run(vehicles, lambda left: muster(left, pads), by, deadline, prepare)

    def _muster(self, vehicles: Sequence[VehicleId], pads: Mapping[VehicleId, Enu]) -> Muster:
        """Those that can come home, from where they are now; who has come down since takes no part."""
        muster, sights = Muster([], {}), self._conductor.sights()
        for vehicle in vehicles:
            sight = sights.get(vehicle)
            fault = unfit(sight)
            pad = pads.get(vehicle) or (None if sight is None else sight.home)
            if fault is not None or sight is None or sight.at is None or pad is None:
                muster.unfit[vehicle] = End.unfit(fault or "its home is not known")
            else:
                muster.errands.append(Errand(vehicle, sight.at, pad, lands=True, is_parked=sight.is_parked))
        return muster

    def _muster_subs(self, vehicles: Sequence[VehicleId], pads: Mapping[VehicleId, Enu]) -> Muster:
        """They come up where they are, if there is room: none has a way home."""
        muster = self._muster(vehicles, pads)
        at = {errand.vehicle: errand.at for errand in muster.errands}
        spots = surfacing(at, {errand.vehicle: errand.to.up_m for errand in muster.errands})
        return Muster([errand._replace(to=spots[errand.vehicle]) for errand in muster.errands], muster.unfit)

    async def _planes(
        self, vehicles: Sequence[VehicleId], by: OperatorId, deadline: Instant, last: Verb,
        pads: Mapping[VehicleId, Enu],
    ) -> dict[VehicleId, End]:
        """Return: to circles in layers over their homes and beside. Land: one after another, the lowest first."""
        sights = self._conductor.sights()
        at = {v: here for v in vehicles if (here := self._circles.of(sights[v])) is not None}
        homes = {v: home for v in at if (home := pads.get(v) or sights[v].home) is not None}
        homeless = {v: End.unfit("its home is not known") for v in vehicles if v not in homes}
        if not homes:
            return homeless
        if last is Verb.LAND:
            convoy = Convoy(landings({v: at[v] for v in homes}, homes), PLANES)
            return homeless | await self._conductor.conduct(convoy, by, deadline)
        return homeless | await self._to_circles(sorted(homes), at, _middle(list(homes.values())), by, deadline)

    async def _to_circles(
        self, names: Sequence[VehicleId], at: Mapping[VehicleId, Enu], middle: Enu, by: OperatorId, deadline: Instant
    ) -> dict[VehicleId, End]:
        free = stacks(middle, len(names))
        goals = {v: free[k] for v, k in zip(names, assigned([at[v] for v in names], free), strict=True)}
        return await self._circles.enter(goals, by, deadline)

    async def _set_return_heights(self, by: OperatorId, plan: Weave) -> dict[VehicleId, str]:
        """So that whoever loses its link comes home on its own layer; who did not take it, and why."""
        wanted_m = {s.vehicle: s.points[-2].up_m - s.points[-1].up_m for s in plan.strands}
        refused: dict[VehicleId, str] = {}
        for _ in range(HEIGHT_TRIES):
            deadline = self._clock.now().plus_s(HEIGHT_WITHIN_S)
            acks = await self._giver.give_all(
                self._giver.command(vehicle, Verb.SET_RETURN_HEIGHT, by, deadline, height_m=height_m)
                for vehicle, height_m in wanted_m.items()
            )
            refused = {v: ack.reason for v, ack in acks.items() if ack.result is not AckResult.ACCEPTED}
            wanted_m = {vehicle: wanted_m[vehicle] for vehicle in refused}
            if not refused:
                break
        return refused


def _middle(homes: Sequence[Enu]) -> Enu:
    count = len(homes)
    return Enu(
        east_m=sum(home.east_m for home in homes) / count, north_m=sum(home.north_m for home in homes) / count,
        up_m=max(home.up_m for home in homes),
    )
