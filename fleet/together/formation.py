"""A formation from first to last: slots assigned, entered layer by layer, kept, closed up when somebody leaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fleet.group import LossPolicy, Slot
from fleet.model import Alarm, Severity
from fleet.together.conductor import Conductor
from fleet.together.convoy import End
from fleet.together.keeping import Departure, Keeping
from fleet.together.passage import Manner, Muster, Passage
from fleet.together.sight import HOVERS
from fleet.together.slots import Pose, assigned, check_apart, places, steps
from fleet.together.weave import Errand, Weave
from world.ids import OperatorId, VehicleId
from world.position import Enu
from world.time import Clock, Instant

SPEED_M_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Slots around an anchor, and the anchor's way; the first point is where it is formed."""

    slots: tuple[Slot, ...]
    anchors: tuple[Enu, ...]
    speed_m_s: float = SPEED_M_S
    turns: bool = False
    on_loss: LossPolicy = LossPolicy.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class FormationReport:
    """How it went for everybody; slot errors as members reported them at the end of each step."""

    ends: dict[VehicleId, End]
    departures: tuple[Departure, ...] = ()
    errors_m: tuple[float, ...] = ()
    poses: int = 0
    weaves: tuple[Weave, ...] = ()
    """Plans by which slots were entered and closed, with the separation that each proves."""


@dataclass(slots=True)
class _Story:
    ends: dict[VehicleId, End] = field(default_factory=dict)
    departures: list[Departure] = field(default_factory=list)
    errors_m: list[float] = field(default_factory=list)
    weaves: list[Weave] = field(default_factory=list)


class Formation:
    """One formation; `run` lasts until the deadline, a stop, or the last member's leave."""

    def __init__(
        self, *, clock: Clock, conductor: Conductor, manner: Manner, tell: Callable[[Alarm], None]
    ) -> None:
        self._clock, self._conductor, self._manner, self._tell = clock, conductor, manner, tell
        self._story = _Story()

    async def run(
        self, shape: Shape, vehicles: Sequence[VehicleId], by: OperatorId, deadline: Instant
    ) -> FormationReport:
        """Raises SlotsTooNear, AlreadyBusy."""
        spacing = self._manner.lanes.spacing
        check_apart(shape.slots, spacing)
        poses = steps(shape.slots, shape.anchors, spacing, turns=shape.turns)
        members = await self._enter(shape, poses[0], vehicles, by, deadline)
        while members and self._clock.now().mono_ns < deadline.mono_ns:
            closes = shape.on_loss is LossPolicy.CLOSE
            keeping = Keeping(
                members=members, slots=shape.slots, poses=poses, spacing=spacing, speed_m_s=shape.speed_m_s,
                ends_at_departure=closes, on_departure=self._departed,
            )
            ends = await self._conductor.conduct(keeping, by, deadline)
            self._story.ends |= ends
            self._story.errors_m += keeping.errors_m
            poses = poses[keeping.step:]
            members = keeping.members
            if not closes or not keeping.departures or not keeping.is_over:
                break
            members = await self._close_up(shape, poses[0], members, by, deadline)
        story = self._story
        return FormationReport(
            ends=story.ends, departures=tuple(story.departures), errors_m=tuple(story.errors_m), poses=len(poses),
            weaves=tuple(story.weaves),
        )

    async def _enter(
        self, shape: Shape, pose: Pose, vehicles: Sequence[VehicleId], by: OperatorId, deadline: Instant
    ) -> dict[VehicleId, int]:
        """Who is in the air takes the nearest slots, all in all; who finds none, or is on the ground, is told so."""
        sights = self._conductor.sights()
        at = {
            v: sight.at for v in vehicles
            if (sight := sights.get(v)) is not None and sight.at is not None
            and sight.is_aloft and sight.is_heard and sight.state.kind in HOVERS
        }
        for vehicle in vehicles:
            if vehicle not in at:
                self._story.ends[vehicle] = End.unfit("it is not in the air, not heard, or cannot hover")
        names = sorted(at)
        for vehicle in names[len(shape.slots):]:
            self._story.ends[vehicle] = End.unfit("there are more vehicles than slots")
        names = names[: len(shape.slots)]
        there = places(shape.slots, pose)
        chosen = dict(zip(names, assigned([at[v] for v in names], there), strict=True)) if names else {}
        await self._shift({v: there[chosen[v]] for v in names}, by, deadline)
        return {v: slot for v, slot in chosen.items() if self._story.ends[v].is_done}

    async def _close_up(
        self, shape: Shape, pose: Pose, members: dict[VehicleId, int], by: OperatorId, deadline: Instant
    ) -> dict[VehicleId, int]:
        """The open slots nearest to the front are taken over by those in the last ones."""
        sights, there = self._conductor.sights(), places(shape.slots, pose)
        for slot in range(len(members)):
            if slot in members.values():
                continue
            last = max(members, key=lambda v: members[v])
            sight = sights.get(last)
            if sight is None or sight.at is None:
                continue
            await self._shift({last: there[slot]}, by, deadline)
            if not self._story.ends[last].is_done:
                del members[last]
                break
            members[last] = slot
        return members

    async def _shift(self, goals: Mapping[VehicleId, Enu], by: OperatorId, deadline: Instant) -> None:
        passage = Passage(clock=self._clock, conductor=self._conductor, manner=self._manner)
        self._story.ends |= await passage.run(list(goals), lambda left: self._muster(left, goals), by, deadline)
        self._story.weaves += passage.weaves

    def _muster(self, vehicles: Sequence[VehicleId], goals: Mapping[VehicleId, Enu]) -> Muster:
        sights = self._conductor.sights()
        muster = Muster([], {})
        for vehicle in vehicles:
            sight = sights.get(vehicle)
            if sight is None or sight.at is None or not sight.is_heard or not sight.is_aloft:
                muster.unfit[vehicle] = End.unfit("it is not in the air, not heard, or cannot hover")
            else:
                muster.errands.append(Errand(vehicle, sight.at, goals[vehicle]))
        return muster

    def _departed(self, departure: Departure) -> None:
        self._story.departures.append(departure)
        vehicle = departure.vehicle
        self._tell(Alarm(
            key=f"{vehicle}/left_formation", severity=Severity.CAUTION, vehicle=vehicle,
            text=f"{vehicle} left the formation: {departure.reason}", text_zh=f"{vehicle} 已离开编队",
            at=self._clock.now(), is_active=True,
        ))

