"""One vehicle's legs, one after the other: given, acknowledged, seen to be done; tried again, or given up."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.commands import Ack, AckResult, Verb
from fleet.together.sight import CIRCLE_M, FLIES, LEVEL, Sight
from fleet.together.spacing import Way, standing
from world.ids import VehicleId
from world.position import Enu
from world.time import Instant

LANDS = frozenset({Verb.RETURN, Verb.LAND})
ARRIVED_M = 2.5
ARRIVED_UP_M = 1.5
STILL_M_S = 0.8
CIRCLE_OFF_M, CIRCLE_UP_M = 25.0, 5.0
"""How far beside its circle, and above or below it, a plane counts as being on it."""
TRIES = 4
RETRY_S = 2.0
_SPARE_S = 45.0
"""Beside the time a leg takes: loss of packets, the wait of a return above its home."""
_ANSWERED_S = 60.0
_SLOWEST_M_S, _SLOWEST_UP_M_S = 1.0, 0.4
_FINAL = frozenset({AckResult.SUPERSEDED, AckResult.UNKNOWN_VEHICLE})
"""Somebody else commands it now, or nobody knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One straight way by one command. TAKE_OFF starts on the pad, RETURN and LAND end on the ground.

    `circles`: it is done when the vehicle circles around its end, in the air.
    """

    verb: Verb
    end: Enu
    speed_m_s: float | None = None
    circles: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything one vehicle is to do, leg by leg. `return_up_m`: the height its own return would fly at.

    `after`: of each leg the legs of others that must be done before it begins; None where ranks decide who goes.
    """

    vehicle: VehicleId
    legs: tuple[Leg, ...]
    return_up_m: float | None = None
    after: tuple[frozenset[tuple[VehicleId, int]], ...] | None = None


class Stage(StrEnum):
    WAITING = "waiting"
    ORDERED = "ordered"
    GOING = "going"
    DONE = "done"
    FAILED = "failed"


class Traveller:
    """Where it is in its plan. `waits_for` says why it does not go on."""

    def __init__(self, plan: Plan, rank: int) -> None:
        self.plan, self.rank = plan, rank
        self.stage = Stage.WAITING
        self.reason = self.waits_for = ""
        self.waits_since: Instant | None = None
        self.result = AckResult.TIMED_OUT
        self.has_lifted = self._is_refused = False
        self._index = self._tries = 0
        self._given: Instant | None = None
        self._not_before: Instant | None = None
        self._allowance_s = 0.0

    @property
    def vehicle(self) -> VehicleId:
        return self.plan.vehicle

    @property
    def is_over(self) -> bool:
        return self.stage in (Stage.DONE, Stage.FAILED)

    @property
    def is_under_orders(self) -> bool:
        """It may be moving along its leg, whatever was heard of it."""
        return self.stage in (Stage.ORDERED, Stage.GOING) or (self._tries > 0 and self.stage is not Stage.DONE)

    @property
    def leg(self) -> Leg:
        return self.plan.legs[min(self._index, len(self.plan.legs) - 1)]

    def has_done(self, number: int) -> bool:
        """That leg of its plan is behind it."""
        return self._index > number

    @property
    def circles_at(self) -> Enu | None:
        """Around what it circles until its next leg; None for those that stand, or never began."""
        done = self.plan.legs[self._index - 1] if self._index else None
        return done.end if done is not None and done.circles else None

    @property
    def stands_at(self) -> Enu | None:
        """Where its last leg ended; None for those that never began."""
        return self.plan.legs[self._index - 1].end if self._index else None

    @property
    def after(self) -> frozenset[tuple[VehicleId, int]] | None:
        """What its next leg waits for."""
        return None if self.plan.after is None else self.plan.after[min(self._index, len(self.plan.after) - 1)]

    def is_ready(self, now: Instant) -> bool:
        """Its next leg may be given, as far as it is concerned."""
        return self.stage is Stage.WAITING and (self._not_before is None or now.mono_ns >= self._not_before.mono_ns)

    def order(self, sight: Sight) -> Leg:
        """The leg as it is to be given from where the vehicle is."""
        leg = self.leg
        if leg.verb is Verb.TAKE_OFF and sight.is_aloft:
            return Leg(verb=Verb.GO_TO, end=leg.end)
        return leg

    def ways(self, at: Enu) -> list[Way]:
        """All that is left of its plan."""
        ways = []
        for leg in self.plan.legs[self._index:]:
            ways.append(Way(at, leg.end))
            at = leg.end
        return ways

    def ordered(self, sight: Sight, now: Instant) -> None:
        self.stage, self._given, self.waits_for, self.waits_since = Stage.ORDERED, now, "", None
        self._tries += 1
        at = sight.at or self.leg.end
        flat_m = ((at.east_m - self.leg.end.east_m) ** 2 + (at.north_m - self.leg.end.north_m) ** 2) ** 0.5
        up_m = abs(at.up_m - self.leg.end.up_m)
        slowest_m_s = _SLOWEST_M_S if self.leg.speed_m_s is None else min(_SLOWEST_M_S, self.leg.speed_m_s / 2.0)
        self._allowance_s = _SPARE_S + flat_m / slowest_m_s + up_m / _SLOWEST_UP_M_S

    def hear(self, ack: Ack, now: Instant) -> None:
        """How the command of its leg ended."""
        if self.stage is not Stage.ORDERED:
            return
        if ack.result is AckResult.ACCEPTED:
            self.stage = Stage.GOING
            return
        reason = f"{ack.verb}: {ack.reason or ack.result}"
        if ack.result in _FINAL:
            self.fail(reason, ack.result)
        else:
            # one that is in the air already refuses to take off again: what it shows decides, not what it says
            self._is_refused = ack.result is AckResult.REFUSED_BY_VEHICLE and self.leg.verb is Verb.TAKE_OFF
            self._again(reason, ack.result, now)

    def watch(self, sight: Sight, now: Instant) -> None:
        """Go on when the vehicle shows that it is there."""
        if self.is_over or not sight.is_heard:
            return
        self.has_lifted |= sight.is_aloft
        if self._is_refused and self.is_ready(now):
            self._is_refused = False
            if sight.is_grounded:
                self.fail(self.reason, AckResult.REFUSED_BY_VEHICLE)
                return
        if self._is_there(sight):
            self._index, self._tries, self._not_before = self._index + 1, 0, None
            self.stage = Stage.DONE if self._index >= len(self.plan.legs) else Stage.WAITING
        elif self.stage is Stage.GOING and self.has_lifted and self.leg.verb not in LANDS and sight.is_grounded:
            self.fail("it is on the ground again, disarmed", AckResult.REFUSED_BY_VEHICLE)
        elif self._given is not None and self._is_overdue(self._given.age_s(now)):
            self._again(f"it did not arrive within {self._allowance_s:.0f} s", AckResult.TIMED_OUT, now)

    def fail(self, reason: str, result: AckResult) -> None:
        self.stage, self.reason, self.result = Stage.FAILED, reason, result

    def _again(self, reason: str, result: AckResult, now: Instant) -> None:
        if self._tries >= TRIES:
            self.fail(reason, result)
            return
        self.stage, self.reason, self._not_before = Stage.WAITING, reason, now.plus_s(RETRY_S)

    def _is_overdue(self, given_s: float) -> bool:
        """Not there in time, or the fleet service never told the end of the command."""
        limits_s = {Stage.GOING: self._allowance_s, Stage.ORDERED: _ANSWERED_S}
        return given_s > limits_s.get(self.stage, given_s)

    def _is_there(self, sight: Sight) -> bool:
        leg, at, kind = self.leg, sight.at, sight.state.kind
        if self.stage is Stage.ORDERED or at is None:
            return False
        if leg.verb is Verb.ARM:
            return sight.state.is_armed is True
        if leg.verb in LANDS and kind in FLIES:
            return self.is_under_orders and (sight.is_grounded or (leg.circles and is_circling(at, leg.end)))
        if not sight.is_under_way:
            return False
        if kind == "plane":
            return at.up_m >= leg.end.up_m - CIRCLE_UP_M if leg.verb is Verb.TAKE_OFF else is_circling(at, leg.end)
        is_still = sight.speed_m_s is None or sight.speed_m_s <= STILL_M_S
        return is_still and is_near(at, leg.end, minds_height=kind not in LEVEL)


def is_circling(at: Enu, centre: Enu) -> bool:
    """Around it, at its height, as planes stand."""
    flat_m = ((at.east_m - centre.east_m) ** 2 + (at.north_m - centre.north_m) ** 2) ** 0.5
    return flat_m <= CIRCLE_M + CIRCLE_OFF_M and abs(at.up_m - centre.up_m) <= CIRCLE_UP_M


def is_near(at: Enu, end: Enu, *, minds_height: bool = True) -> bool:
    flat_2 = (at.east_m - end.east_m) ** 2 + (at.north_m - end.north_m) ** 2
    return flat_2 <= ARRIVED_M**2 and (not minds_height or abs(at.up_m - end.up_m) <= ARRIVED_UP_M)


def placed(at: Enu, end: Enu) -> Enu:
    """Above or below where it shall be, it counts as there: its fix wanders, and the plan kept everybody apart."""
    is_there = (at.east_m - end.east_m) ** 2 + (at.north_m - end.north_m) ** 2 <= ARRIVED_M**2
    return Enu(east_m=end.east_m, north_m=end.north_m, up_m=at.up_m) if is_there else at


def here(sight: Sight) -> list[Way]:
    return [] if sight.at is None else [standing(sight.at)]
