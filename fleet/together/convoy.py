"""Many vehicles through one piece of air: a leg is given only when nobody holds any of its way.

Who stands holds its place, who flies holds the rest of its leg, who is not heard holds everything between there and
its home. All of it by reported positions, nothing by elapsed time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fleet.commands import Ack, AckResult, Verb
from fleet.together.sight import FLIES, Sight, Sights
from fleet.together.spacing import Spacing, Way, clashes, column, flat_apart_m, leads_away, standing
from fleet.together.traveller import LANDS, Leg, Plan, Stage, Traveller, here, placed
from world.ids import VehicleId
from world.position import Enu
from world.time import Instant

Holds = dict[VehicleId, list[Way]]
SKY_M = 10_000.0
PATIENCE_S = 40.0
"""Who waits longer lets the others go by another order."""
STUCK_S = 20.0
"""When nobody has been under way for so long, nobody will be."""
GONE_S = 150.0
"""After so long without a word it has gone home by itself or it never will: it may still hover where it was."""
ENDURANCE_S = 1800.0
"""No battery keeps it up longer."""
OWN_WAY_S = 5.0
"""Vehicles that others command hold the way that they cover in this time."""
PAD_CLEAR_M = 3.0
"""Nobody is landed nearer than this to one that stands on the ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How it went for one vehicle."""

    is_done: bool
    reason: str
    result: AckResult = AckResult.ACCEPTED
    """ACCEPTED when it is done."""

    @staticmethod
    def unfit(reason: str) -> "End":
        """It takes no part."""
        return End(is_done=False, reason=reason, result=AckResult.REFUSED_BY_VEHICLE)


class Wish(NamedTuple):
    """A leg to be given now."""

    vehicle: VehicleId
    leg: Leg


class Convoy:
    """Driven by `look` with every state of the fleet, and by `hear` with the acks of what it wished for."""

    def __init__(self, plans: Sequence[Plan], spacing: Spacing, kinds: frozenset[str] = FLIES) -> None:
        """`kinds`: who can be in their way at all."""
        self._travellers = {plan.vehicle: Traveller(plan, rank) for rank, plan in enumerate(plans)}
        self._spacing, self._kinds = spacing, kinds
        self._moved: Instant | None = None
        self._is_stuck = False

    @property
    def is_over(self) -> bool:
        """Also when those who are left wait for one that will not come: whoever ordered this plans anew."""
        return self._is_stuck or all(traveller.is_over for traveller in self._travellers.values())

    @property
    def vehicles(self) -> frozenset[VehicleId]:
        return frozenset(self._travellers)

    def ends(self) -> dict[VehicleId, End]:
        """Of everybody; who is still on the way is not done."""
        return {vehicle: _end(traveller) for vehicle, traveller in self._travellers.items()}

    def hear(self, ack: Ack, now: Instant) -> None:
        self._travellers[ack.vehicle].hear(ack, now)

    def look(self, sights: Sights, now: Instant, others: Mapping[VehicleId, Sequence[Way]] | None = None) -> list[Wish]:
        """Legs to give now. `others`: what vehicles of other convoys hold."""
        for traveller in self._travellers.values():
            sight = sights.get(traveller.vehicle)
            if sight is not None:
                traveller.watch(sight, now)
                self._give_up_on_lost(traveller, sight, now)
        holds = self.holds(sights, now) | {vehicle: list(ways) for vehicle, ways in (others or {}).items()}
        wishes = []
        for traveller in sorted(self._travellers.values(), key=lambda t: t.rank):
            sight = sights.get(traveller.vehicle)
            if sight is None or sight.at is None or not sight.is_heard or not traveller.is_ready(now):
                continue
            waits_for = self._waits_for(traveller, sights, now)
            if waits_for is not None:
                traveller.waits_for = waits_for
                continue
            leg = traveller.order(sight)
            at = placed(sight.at, leg.end) if leg.verb is Verb.TAKE_OFF else sight.at
            blocker = self._blocker(traveller, at, leg, holds, sights)
            if blocker is not None:
                self._wait(traveller, blocker, now)
                continue
            traveller.ordered(sight, now)
            holds[traveller.vehicle] = [Way(at, leg.end)]
            wishes.append(Wish(traveller.vehicle, leg))
        self._notice_stuck(now)
        return wishes

    def holds(self, sights: Sights, now: Instant) -> Holds:
        """Who has which piece of the air."""
        found: Holds = {}
        for vehicle, sight in sights.items():
            traveller = self._travellers.get(vehicle)
            if sight.at is not None and sight.state.kind in self._kinds:
                found[vehicle] = held(sight, sight.at, traveller, now)
        return {vehicle: ways for vehicle, ways in found.items() if ways}

    def _waits_for(self, traveller: Traveller, sights: Sights, now: Instant) -> str | None:
        """Who has not yet done what its plan has it wait for."""
        for vehicle, number in sorted(traveller.after or ()):
            other, sight = self._travellers[vehicle], sights.get(vehicle)
            is_out = other.stage is Stage.FAILED and sight is not None and not held(sight, sight.at, other, now)
            if not other.has_done(number) and not is_out:
                return f"{vehicle} goes before" + (f" ({other.reason})" if other.stage is Stage.FAILED else "")
        return None

    def _notice_stuck(self, now: Instant) -> None:
        """By plans with precedences only: ranks are changed instead."""
        left = [traveller for traveller in self._travellers.values() if not traveller.is_over]
        is_moving = any(traveller.stage in (Stage.ORDERED, Stage.GOING) for traveller in left)
        if is_moving or self._moved is None or not all(traveller.plan.after is not None for traveller in left):
            self._moved = now
        self._is_stuck = bool(left) and self._moved.age_s(now) > STUCK_S

    def _wait(self, traveller: Traveller, blocker: str, now: Instant) -> None:
        traveller.waits_for = blocker
        traveller.waits_since = traveller.waits_since or now
        if any(t.stage in (Stage.ORDERED, Stage.GOING) for t in self._travellers.values()):
            traveller.waits_since = now  # while somebody is on its way the turn may still come
        elif traveller.waits_since.age_s(now) > PATIENCE_S:
            traveller.waits_since = now
            traveller.rank = 1 + max(t.rank for t in self._travellers.values())

    def _give_up_on_lost(self, traveller: Traveller, sight: Sight, now: Instant) -> None:
        if not traveller.is_over and sight.state.heard.age_s(now) > GONE_S:
            traveller.fail(f"nothing was heard of it for {GONE_S:.0f} s", AckResult.LINK_LOST)

    def _blocker(self, traveller: Traveller, at: Enu, leg: Leg, holds: Holds, sights: Sights) -> str | None:
        """Who keeps it from its leg, or None."""
        way, me = Way(at, leg.end), traveller.vehicle
        owners = [(vehicle, held) for vehicle, ways in holds.items() if vehicle != me for held in ways]
        for k in self._clash(way, [held for _, held in owners]):
            vehicle, held = owners[k]
            if not self._is_escape(way, held, is_aloft=me in holds):
                return f"{vehicle} has the air"
        if leg.verb in LANDS and (parked := self._parked(standing(leg.end), me, sights)) is not None:
            return f"{parked} stands on the pad"
        if not self._kinds & FLIES and (parked := self._parked(way, me, sights)) is not None:
            return f"{parked} is parked in the way"
        if leg.verb in LANDS or traveller.after is not None:
            return None
        return self._precedence(traveller, way, sights, is_aloft=me in holds)

    def _parked(self, way: Way, me: VehicleId, sights: Sights) -> VehicleId | None:
        """Who rests too near to a place or way that somebody comes along at its height."""
        for vehicle, sight in sights.items():
            at_rest = sight.is_parked or (not sight.is_aloft and sight.state.kind in FLIES)
            if vehicle == me or sight.at is None or sight.state.kind not in self._kinds or not at_rest:
                continue
            if flat_apart_m(np.array(way.row()), np.array([standing(sight.at).row()]))[0] < PAD_CLEAR_M:
                return vehicle
        return None

    def _precedence(self, traveller: Traveller, way: Way, sights: Sights, *, is_aloft: bool) -> str | None:
        """Somebody would find its way blocked where it wants to stand: one before it in turn, or one in its way."""
        later = traveller.ways(way.start)[1:]
        for other in self._travellers.values():
            sight = sights.get(other.vehicle)
            if other is traveller or other.is_over or sight is None or sight.at is None or not sight.is_heard:
                continue
            ways = other.ways(sight.at)
            if not self._clash(standing(way.end), ways):
                continue
            waits_for_me = is_aloft and bool(self._clash(standing(way.start), ways[:1]))
            would_block_me = sight.is_aloft and bool(self._clash(standing(sight.at), later))
            if would_block_me and self._clash(standing(way.end), ways[:1]):
                return f"{other.vehicle} must get out of the way"
            if other.rank < traveller.rank and not waits_for_me:
                return f"{other.vehicle} goes before"
        return None

    def _clash(self, way: Way, others: Sequence[Way]) -> list[int]:
        if not others:
            return []
        rows = np.array([other.row() for other in others])
        return [int(k) for k in np.flatnonzero(clashes(way, rows, self._spacing))]

    def _is_escape(self, way: Way, held: Way, *, is_aloft: bool) -> bool:
        """They are too near already, and this way leads apart."""
        is_near_now = is_aloft and bool(self._clash(standing(way.start), [held]))
        if not is_near_now or held.start != held.end or self._clash(standing(way.end), [held]):
            return False
        return leads_away(way, held.start, self._spacing)


def held(sight: Sight, at: Enu | None, traveller: Traveller | None, now: Instant) -> list[Way]:
    """What one vehicle may fly or drive through until somebody tells it otherwise; nothing by who is parked."""
    if at is None:
        return []
    is_under_orders = traveller is not None and traveller.is_under_orders
    has_given_up = traveller is not None and traveller.stage is Stage.FAILED
    is_at_rest = sight.is_grounded if sight.state.kind in FLIES else sight.is_parked
    if is_at_rest and sight.is_heard and (has_given_up or not is_under_orders):
        return []
    if not sight.is_under_way and not is_under_orders:
        return []
    if not sight.is_heard:
        return _unseen(sight, at, traveller, now)
    if traveller is None:
        return [Way(at, _after(sight, at))]
    if is_under_orders:
        return [Way(placed(at, traveller.leg.end), traveller.leg.end)]
    if traveller.circles_at is not None:
        return [standing(traveller.circles_at)]
    return here(sight) if traveller.stands_at is None else [standing(placed(at, traveller.stands_at))]


def _unseen(sight: Sight, at: Enu, traveller: Traveller | None, now: Instant) -> list[Way]:
    """All that one may fly through by itself that is not heard: its leg, up or down at both ends, and home."""
    age_s = sight.state.heard.age_s(now)
    if age_s > ENDURANCE_S:
        return []
    ways = [column(at, -SKY_M, SKY_M)]
    if traveller is not None and traveller.is_under_orders:
        ways += [Way(at, traveller.leg.end), column(traveller.leg.end, -SKY_M, SKY_M)]
    if sight.home is not None and age_s <= GONE_S:
        home, return_up_m = sight.home, None if traveller is None else traveller.plan.return_up_m
        low_m, high_m = (-SKY_M, SKY_M) if return_up_m is None else (return_up_m, return_up_m)
        ways.append(Way(
            Enu(east_m=at.east_m, north_m=at.north_m, up_m=low_m),
            Enu(east_m=home.east_m, north_m=home.north_m, up_m=high_m),
        ))
        ways.append(column(home, -SKY_M, SKY_M))
    return ways


def _after(sight: Sight, at: Enu) -> Enu:
    v = sight.state.velocity
    if v is None:
        return at
    s = OWN_WAY_S
    return Enu(east_m=at.east_m + s * v.east, north_m=at.north_m + s * v.north, up_m=at.up_m - s * v.down)


def _end(traveller: Traveller) -> End:
    if traveller.stage is Stage.DONE:
        return End(is_done=True, reason="")
    if traveller.stage is Stage.FAILED:
        return End(is_done=False, reason=traveller.reason, result=traveller.result)
    reason = traveller.waits_for or traveller.reason or f"{traveller.leg.verb} is under way"
    return End(is_done=False, reason=reason, result=AckResult.TIMED_OUT)
