"""Flies one vehicle's task: looks at what is, compares it with the plan, takes the next step. Holds nothing a record
lacks."""

from dataclasses import replace

from fleet.commands import Ack, AckResult, Route, Verb
from fleet.model import FlightMode, Severity, VehicleState
from missions.book import Told
from missions.commander import Wish
from missions.contingencies import CONTINGENCIES, HOME_BY_ITSELF, Cause
from missions.crew import lands_by_itself
from missions.desk import Desk
from missions.detours import Detours, Orders
from missions.model import Plan, Task, TaskPhase, TaskProgress, VehicleOffer
from missions.route_points import last_wanted, resume_index, triggers_in_force
from missions.track import Tracker, first_needed
from world.ids import OperatorId, VehicleId
from world.position import Enu
from world.time import Instant

STEP_S = 0.2
READY_WITHIN_S = 180.0
REFUSALS = 4
RETRY_S = 3.0
OFF_ROUTE_S = 10.0
LEFT_AFTER_S = 5.0
AHEAD_M = 40.0
NEAR_STRIP_M = 25.0
"""The ground a strip is for lies about this far ahead of it, and this far to either side."""


class Pilot:
    """One per vehicle of the plan; `run` is its asyncio task."""

    def __init__(self, offer: VehicleOffer, desk: Desk) -> None:
        self.offer = offer
        self.phase = TaskPhase.WAITING
        self.note = ""
        self.may_start = True
        """Nobody in the air is in the way of its take-off; set by the marshal."""
        self.detours = Detours(
            offer.vehicle,
            desk,
            Orders(obey=self._obey_visiting, tell=self._tell, is_called_off=self._is_called_off, say=self._say),
        )
        self._desk = desk
        self._tracker: Tracker | None = None
        self._tracked: Route | None = None
        self._resume_from: int | None = None
        self._refusals = 0
        self._off_route_since: Instant | None = None

    @property
    def vehicle(self) -> VehicleId:
        return self.offer.vehicle

    @property
    def task(self) -> Task | None:
        return self._desk.book.task_of(self.vehicle)

    @property
    def told(self) -> Told:
        return self._desk.book.told_to(self.vehicle)

    @property
    def is_started(self) -> bool:
        return self.told.started is not None

    @property
    def has_left_pad(self) -> bool:
        """Started long enough ago that a state from before the start cannot be taken for a landing."""
        started = self.told.started
        return started is not None and started.age_s(self._desk.clock.now()) > LEFT_AFTER_S

    @property
    def is_over(self) -> bool:
        return self.phase in (TaskPhase.DONE, TaskPhase.FAILED)

    @property
    def route_point(self) -> int:
        """Index of the point of the task's route it is flying to."""
        tracker = self.tracker()
        return 0 if tracker is None else tracker.next

    @property
    def points(self) -> tuple[Enu, ...]:
        """Of the task's route."""
        tracker = self.tracker()
        return () if tracker is None else tracker.points

    @property
    def is_on_plan(self) -> bool:
        """The vehicle holds the route of the current plan."""
        task, told = self.task, self.told
        return task is not None and told.route is not None and told.route.points == task.route.points

    def progress(self) -> TaskProgress | None:
        task = self.task
        if task is None:
            return None
        return TaskProgress(
            task=task.id, vehicle=self.vehicle, phase=self.phase, route_point=self.route_point, note=self.note
        )

    def tracker(self) -> Tracker | None:
        """Follows the position along the task's route; made anew when the route changed."""
        task = self.task
        if task is None:
            return None
        if self._tracker is None or self._tracked is None or self._tracked.points != task.route.points:
            points = [self._desk.frame.to_enu(point.position) for point in task.route.points]
            self._tracker, self._tracked = Tracker(points, start=task.route.start_index), task.route
            self._resume_from = None
            place, state = self._desk.crew.place(self.vehicle), self._desk.crew.state(self.vehicle)
            if self.is_started and place is not None and state is not None:
                self._tracker.join(place, state.mission_item if self.is_on_plan and self.told.is_on_route else None)
        return self._tracker

    async def run(self) -> None:
        await self._desk.commander.settle(self.vehicle)
        while not self.is_over:
            await self._step()
            await self._desk.clock.sleep(STEP_S)

    async def _step(self) -> None:
        book, state, task = self._desk.book, self._desk.crew.state(self.vehicle), self.task
        plan = book.flown
        if state is None or task is None or plan is None or not book.is_under_way:
            return
        self._follow(state)
        if self._came_home(state) or self._is_out(state):
            return
        if self.vehicle in book.held:
            self._say(TaskPhase.INTERRUPTED, f"held by {book.held[self.vehicle].by}")
        elif not self.is_started:
            await self._begin(state, task, plan)
        elif self.detours.is_wanted:
            self._note_where_to_resume(task)
            await self.detours.make()
        elif not self.is_on_plan or not self.told.is_on_route:
            await self._rejoin(state, task, plan)
        else:
            await self._watch(state, task)

    def _follow(self, state: VehicleState) -> None:
        tracker, place = self.tracker(), self._desk.crew.place(self.vehicle)
        if tracker is not None and place is not None and self.is_started and self.told.is_on_route and self.is_on_plan:
            tracker.update(place, state.mission_item)

    def _came_home(self, state: VehicleState) -> bool:
        is_down = state.is_armed is False and state.is_landed is not False
        if self.told.is_released or (self.has_left_pad and is_down and self._desk.crew.is_at_home(self.offer)):
            self._say(TaskPhase.DONE, "")
            return True
        return False

    def _is_out(self, state: VehicleState) -> bool:
        """A vehicle that takes no further part is watched home if it can come home, else given up."""
        cause = self._desk.book.out.get(self.vehicle)
        if cause is None:
            return False
        if not CONTINGENCIES[cause].comes_home or not self._desk.crew.is_flying(self.vehicle):
            self._say(TaskPhase.FAILED, str(cause))
        else:
            self._say(TaskPhase.RETURNING, str(cause))
        return True

    async def _begin(self, state: VehicleState, task: Task, plan: Plan) -> None:
        """On the ground: wait until ready, load, wait for the lane, start."""
        if not self._is_loaded(task):
            await self._load(state, task, plan)
        elif self._desk.gate.opened is None:
            self._say(TaskPhase.READY, "")
        elif self.may_start and self._desk.gate.opened.age_s(self._desk.clock.now()) >= task.start_delay_s:
            await self._obey(Wish(verb=Verb.START_ROUTE, plan_digest=self.told.route_digest), TaskPhase.READY)

    def _is_loaded(self, task: Task) -> bool:
        has_height = task.return_height_m is None or self.told.return_height_m == task.return_height_m
        return self.is_on_plan and has_height

    async def _load(self, state: VehicleState, task: Task, plan: Plan) -> None:
        launch = self._desk.book.launch
        if not state.is_ready and not self.is_started:
            self._say(TaskPhase.WAITING, "; ".join(state.prearm_reasons) or "not ready")
            if launch is not None and launch.at.age_s(self._desk.clock.now()) > READY_WITHIN_S:
                self._desk.alarms.contingency(Cause.NOT_READY, self.vehicle, self.note)
            return
        self._say(TaskPhase.UPLOADING, "")
        if task.return_height_m is not None and self.told.return_height_m != task.return_height_m:
            wish = Wish(verb=Verb.SET_RETURN_HEIGHT, height_m=task.return_height_m, plan_digest=plan.digest)
            if not await self._obey(wish, TaskPhase.UPLOADING):
                return
        if not self.is_on_plan:
            await self._obey(
                Wish(verb=Verb.UPLOAD_ROUTE, route=task.route, plan_digest=plan.digest), TaskPhase.UPLOADING
            )

    async def _rejoin(self, state: VehicleState, task: Task, plan: Plan) -> None:
        """In the air with an old route or off its route: load what is left of the present one and go on with it."""
        start = self._resume_from if self._resume_from is not None else self._next_point(task)
        route = replace(task.route, start_index=min(start, len(task.route.points) - 1))
        self._say(TaskPhase.UPLOADING, plan.reason)
        if await self._obey(Wish(verb=Verb.UPLOAD_ROUTE, route=route, plan_digest=plan.digest), self.phase):
            if not self.told.is_on_route and self.detours.give_way is None:
                await self._obey(Wish(verb=Verb.START_ROUTE, plan_digest=plan.digest), self.phase)
            if self.told.is_on_route:
                self._resume_from = None

    def _next_point(self, task: Task) -> int:
        """Where to go on. A vehicle found off its route, as after a restart, goes to the first strip that lacks
        looks."""
        tracker, place = self.tracker(), self._desk.crew.place(self.vehicle)
        if tracker is None or place is None or self.told.is_on_route or tracker.next > task.route.start_index:
            return 0 if tracker is None else tracker.next
        needed = first_needed(
            [self._desk.frame.to_enu(point.position) for point in task.route.points],
            [bool(trigger_m) for trigger_m in triggers_in_force(task.route)],
            self._desk.book.undone_of(self.vehicle),
            ahead_m=AHEAD_M,
            within_m=NEAR_STRIP_M,
        )
        return max(task.route.start_index, last_wanted(task.route) + 1 if needed is None else needed)

    async def _watch(self, state: VehicleState, task: Task) -> None:
        tracker = self.tracker()
        is_over = tracker is not None and tracker.next > last_wanted(task.route)
        self._say(TaskPhase.RETURNING if is_over else TaskPhase.RUNNING, "")
        if not lands_by_itself(self.offer.kind) and tracker is not None and self._has_arrived(tracker):
            await self._obey(Wish(verb=Verb.DISARM, plan_digest=self.told.route_digest), self.phase)
        self._notice_mode(state)

    def _has_arrived(self, tracker: Tracker) -> bool:
        return tracker.is_over

    def _notice_mode(self, state: VehicleState) -> None:
        """A vehicle that neither flies its route nor comes home was taken over by somebody."""
        now = self._desk.clock.now()
        if state.mode in (FlightMode.AUTO, FlightMode.UNKNOWN) or state.mode in HOME_BY_ITSELF:
            self._off_route_since = None
        elif self._off_route_since is None:
            self._off_route_since = now
        elif self._off_route_since.age_s(now) > OFF_ROUTE_S:
            self._desk.alarms.contingency(Cause.LEFT_ROUTE, self.vehicle, f"mode {state.mode}")

    def _note_where_to_resume(self, task: Task) -> None:
        """A visit's strip is flown again from the point before; a few metres aside leave no gap."""
        if self._resume_from is None and self.told.is_on_route:
            following = self.route_point
            self._resume_from = following if self.detours.visit is None else resume_index(task.route, following)

    @property
    def resumes_at(self) -> int:
        """Index of the route point it will fly to next, once it flies its route."""
        task = self.task
        if task is None or self.told.is_on_route:
            return self.route_point
        return self._resume_from if self._resume_from is not None else self._next_point(task)

    async def _obey_visiting(self, wish: Wish) -> bool:
        return await self._obey(wish, TaskPhase.CONFIRMING)

    async def _tell(self, wish: Wish) -> Ack:
        return await self._desk.commander.carry_out(self.vehicle, self._by(), wish)

    def _is_called_off(self) -> bool:
        """Held by people, or out of the mission: no command of ours may move it."""
        return self.vehicle in self._desk.book.held or self.vehicle in self._desk.book.out

    async def _obey(self, wish: Wish, phase: TaskPhase) -> bool:
        """Carry out one command; what is refused again and again ends the task."""
        if self._is_called_off():
            return False
        ack = await self._tell(wish)
        if ack.result is AckResult.ACCEPTED:
            self._refusals = 0
            return True
        if ack.result is AckResult.SUPERSEDED:
            return False
        await self._refused(ack, phase)
        return False

    async def _refused(self, ack: Ack, phase: TaskPhase) -> None:
        self._refusals += 1
        self._say(phase, f"{ack.verb}: {ack.reason or ack.result}")
        if self._refusals >= REFUSALS:
            self._desk.alarms.contingency(Cause.REFUSED, self.vehicle, self.note)
        else:
            self._desk.alarms.say(
                key=f"refused/{self.vehicle}",
                severity=Severity.LOG,
                vehicle=self.vehicle,
                text=self.note,
                text_zh=self.note,
            )
            await self._desk.clock.sleep(RETRY_S)

    def _by(self) -> OperatorId:
        approved = self._desk.book.approved
        assert approved is not None, "nothing is commanded before an approval"
        return approved[1].by

    def _say(self, phase: TaskPhase, note: str) -> None:
        self.phase, self.note = phase, note
