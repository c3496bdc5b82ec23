"""A formation from first to last: slots assigned, entered layer by layer, kept, closed up when somebody leaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fleet.group import LossPolicy, Slot
from fleet.model import Alarm, Severity
from fleet.together.circles import Circles
from fleet.together.conductor import Conductor
from fleet.together.convoy import End
from fleet.together.keeping import Departure, Keeping
from fleet.together.passage import Manner, Muster, Passage
from fleet.together.slots import Pose, assigned, check_apart, places, steps
from fleet.together.weave import Errand, Weave
from world.ids import OperatorId, VehicleId
from world.position import Enu
from world.time import Clock, Instant

SPEED_M_S = 2.0


class GoesNoWay(Exception):
    """A formation of those that cannot move together was to move."""


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
        self, *, clock: Clock, conductor: Conductor, circles: Circles, manner_of: Callable[[str], Manner],
        tell: Callable[[Alarm], None],
    ) -> None:
        self._clock, self._conductor, self._circles = clock, conductor, circles
        self._manner_of, self._tell = manner_of, tell
        self._story = _Story()

    async def run(
        self, shape: Shape, vehicles: Sequence[VehicleId], by: OperatorId, deadline: Instant
    ) -> FormationReport:
        """All of one kind, which is that of the first that can be sent. Raises SlotsTooNear, GoesNoWay, AlreadyBusy."""
        at, sights = self._fit(vehicles), self._conductor.sights()
        kind = next((str(sights[v].state.kind) for v in sorted(at or vehicles) if v in sights), "copter")
        manner = self._manner_of(kind)
        spacing = manner.lanes.spacing
        check_apart(shape.slots, spacing)
        if not at:
            return self._report(0)
        if kind == "plane":
            return await self._circle(shape, at, by, deadline)
        poses = steps(shape.slots, shape.anchors, spacing, turns=shape.turns)
        members = await self._enter(shape, poses[0], at, manner, by, deadline)
        while members and self._clock.now().mono_ns < deadline.mono_ns:
            closes = shape.on_loss is LossPolicy.CLOSE
            keeping = Keeping(
                members=members, slots=shape.slots, poses=poses, spacing=spacing,
                speed_m_s=min(shape.speed_m_s, manner.gait.flat_m_s), ends_at_departure=closes,
                on_departure=self._departed, kinds=manner.kinds,
            )
            ends = await self._conductor.conduct(keeping, by, deadline)
            self._story.ends |= ends
            self._story.errors_m += keeping.errors_m
            poses = poses[keeping.step:]
            members = keeping.members
            if not closes or not keeping.departures or not keeping.is_over:
                break
            members = await self._close_up(shape, poses[0], members, manner, by, deadline)
        return self._report(len(poses))

    def _report(self, poses: int) -> FormationReport:
        story = self._story
        return FormationReport(
            ends=story.ends, departures=tuple(story.departures), errors_m=tuple(story.errors_m), poses=poses,
            weaves=tuple(story.weaves),
        )

    def _fit(self, vehicles: Sequence[VehicleId]) -> dict[VehicleId, Enu]:
        """Where those are that can be sent, of one kind; the others are told why they take no part."""
        sights, at, kind = self._conductor.sights(), dict[VehicleId, Enu](), None
        for vehicle in sorted(vehicles):
            sight = sights.get(vehicle)
            if sight is None or sight.at is None or not sight.is_heard or not sight.is_under_way:
                self._story.ends[vehicle] = End.unfit("it is not in the air, or not heard")
            elif kind not in (None, sight.state.kind):
                self._story.ends[vehicle] = End.unfit(f"this is a formation of {kind}s: order others by themselves")
            else:
                kind, at[vehicle] = sight.state.kind, sight.at
        return at

    def _chosen(self, shape: Shape, pose: Pose, at: Mapping[VehicleId, Enu]) -> dict[VehicleId, int]:
        """Whose slot is which: the nearest, all in all."""
        names = sorted(at)
        for vehicle in names[len(shape.slots):]:
            self._story.ends[vehicle] = End.unfit("there are more vehicles than slots")
        names = names[: len(shape.slots)]
        there = places(shape.slots, pose)
        return dict(zip(names, assigned([at[v] for v in names], there), strict=True))

    async def _circle(
        self, shape: Shape, at: Mapping[VehicleId, Enu], by: OperatorId, deadline: Instant
    ) -> FormationReport:
        """Planes keep no place: every slot is a circle around it, and the formation goes no way."""
        if len(shape.anchors) > 1:
            raise GoesNoWay("planes circle around their slots: a formation of them has one anchor and goes no way")
        pose = Pose(shape.anchors[0])
        there = places(shape.slots, pose)
        goals = {v: there[slot] for v, slot in self._chosen(shape, pose, at).items()}
        self._story.ends |= await self._circles.enter(goals, by, deadline, self._story.weaves)
        return self._report(1)

    async def _enter(
        self, shape: Shape, pose: Pose, at: Mapping[VehicleId, Enu], manner: Manner, by: OperatorId, deadline: Instant
    ) -> dict[VehicleId, int]:
        """Who is there at the end."""
        chosen, there = self._chosen(shape, pose, at), places(shape.slots, pose)
        await self._shift({v: there[slot] for v, slot in chosen.items()}, manner, by, deadline)
        return {v: slot for v, slot in chosen.items() if self._story.ends[v].is_done}

    async def _close_up(
        self, shape: Shape, pose: Pose, members: dict[VehicleId, int], manner: Manner, by: OperatorId, deadline: Instant
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
            await self._shift({last: there[slot]}, manner, by, deadline)
            if not self._story.ends[last].is_done:
                del members[last]
                break
            members[last] = slot
        return members

    async def _shift(
        self, goals: Mapping[VehicleId, Enu], manner: Manner, by: OperatorId, deadline: Instant
    ) -> None:
        passage = Passage(clock=self._clock, conductor=self._conductor, manner=manner)
        self._story.ends |= await passage.run(list(goals), lambda left: self._muster(left, goals), by, deadline)
        self._story.weaves += passage.weaves

    def _muster(self, vehicles: Sequence[VehicleId], goals: Mapping[VehicleId, Enu]) -> Muster:
        sights = self._conductor.sights()
        muster = Muster([], {})
        for vehicle in vehicles:
            sight = sights.get(vehicle)
            if sight is None or sight.at is None or not sight.is_heard or not sight.is_under_way:
                muster.unfit[vehicle] = End.unfit("it is not in the air, or not heard")
            else:
                muster.errands.append(Errand(vehicle, sight.at, goals[vehicle], is_parked=sight.is_parked))
        return muster

    def _departed(self, departure: Departure) -> None:
        self._story.departures.append(departure)
        vehicle = departure.vehicle
        self._tell(Alarm(
            key=f"{vehicle}/left_formation", severity=Severity.CAUTION, vehicle=vehicle,
            text=f"{vehicle} left the formation: {departure.reason}", text_zh=f"{vehicle} 已离开编队",
            at=self._clock.now(), is_active=True,
        ))

