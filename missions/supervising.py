"""Watches the fleet during a mission: drop-outs, orphaned cells, cells short of looks; makes revisions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fleet.model import Severity
from missions.alarms import Alarms
from missions.book import Book
from missions.contingencies import Cause, seen_in
from missions.crew import Crew
from missions.jobs import NoPlan, Pending, Planner, RevisionJob
from missions.model import OrderVerb, Plan, TaskPhase
from missions.pilot import Pilot
from missions.survey import Survey
from world.ids import VehicleId
from world.position import LocalFrame
from world.time import Clock

LOOKS_ARRIVE_S = 6.0
"""After the last image of a strip, until perception has examined it."""
GAP_TRIES = 2
GAPS_EVERY_S = 3.0
RETRY_S = 30.0
FAILED_RETRY_S = 5.0
"""After the planner itself failed: its cells are nobody's meanwhile."""
FAILED_KEY = "no-revision"
ORDERED_OUT: Mapping[OrderVerb, Cause] = {OrderVerb.RETURN: Cause.RETURN_ORDERED, OrderVerb.STOP: Cause.STOP_ORDERED}


@dataclass(slots=True)
class Supervisor:
    """Looks at every vehicle on every tick. Revisions are published, and approved elsewhere."""

    book: Book
    crew: Crew
    clock: Clock
    frame: LocalFrame
    survey: Survey
    alarms: Alarms
    publish: Callable[[str, object], None]
    planner: Planner
    _pending: Pending | None = None
    _asked: RevisionJob | None = None
    _tried: dict[int, int] = field(default_factory=dict)
    _ended_at_s: dict[VehicleId, float] = field(default_factory=dict)
    _not_before_s: float = 0.0
    _gaps_not_before_s: float = 0.0

    def tick(self, pilots: Mapping[VehicleId, Pilot]) -> None:
        self._notice_dropouts(pilots)
        self._take_revision()
        now_s = self.clock.now().mono_ns / 1e9
        plan = self.book.plan
        if self._pending is not None:
            return
        if plan is None or not self.book.is_approved() or now_s < self._not_before_s:
            return
        needed = self.survey.orphans()
        if needed:
            self._revise(plan, needed, pilots, f"{len(needed)} cells without a vehicle")
            return
        gaps = self._gaps(plan, pilots, now_s)
        if gaps:
            for index in gaps:
                self._tried[index] = self._tried.get(index, 0) + 1
            self._revise(plan, gaps, pilots, f"{len(gaps)} cells short of looks")

    def _notice_dropouts(self, pilots: Mapping[VehicleId, Pilot]) -> None:
        for vehicle, pilot in sorted(pilots.items()):
            state, task = self.crew.state(vehicle), pilot.task
            if state is None or task is None or pilot.is_over or vehicle in self.book.out:
                continue
            found = seen_in(
                state,
                is_flying=pilot.has_left_pad,
                is_at_home=self.crew.is_at_home(pilot.offer),
                search_left=pilot.phase is TaskPhase.RUNNING,
            )
            if found is not None:
                self.alarms.contingency(found[0], vehicle, found[1])

    def drop_ordered(self, verb: OrderVerb, vehicles: tuple[VehicleId, ...]) -> None:
        """People took vehicles out of the mission."""
        cause = ORDERED_OUT.get(verb)
        if cause is not None and self.book.is_under_way:
            for vehicle in vehicles:
                self.alarms.contingency(cause, vehicle)

    def _revise(self, plan: Plan, needed: list[int], pilots: Mapping[VehicleId, Pilot], reason: str) -> None:
        intent, launch = self.book.intent, self.book.launch
        survivors = self.survey.survivors(pilots, self.clock.now())
        if intent is None or launch is None or not survivors:
            return
        self._asked = RevisionJob(
            plan=plan,
            intent=intent,
            needed=tuple(needed),
            survivors=tuple(survivors),
            elapsed_s=launch.at.age_s(self.clock.now()),
            out=tuple(self.book.out),
            reason=reason,
        )
        self._pending = self.planner.begin(self._asked)
        self._take_revision()

    def _take_revision(self) -> None:
        """What the planner was asked for last, once it is there; dropped when it belongs to an older plan."""
        job, outcome = self._asked, None if self._pending is None else self._pending.outcome()
        if job is None or outcome is None:
            return
        self._pending = self._asked = None
        if isinstance(outcome, Plan):
            if self.book.plan is not None and job.plan.digest == self.book.plan.digest:
                self.publish("mission/plan", outcome)
            self._say_failure(NoPlan(text="", text_zh=""), is_active=False)
            return
        self._not_before_s = self.clock.now().mono_ns / 1e9 + (FAILED_RETRY_S if outcome.is_failure else RETRY_S)
        if outcome.is_failure:
            self._say_failure(outcome, is_active=True)
        else:
            self._warn_left_over(len(job.needed))

    def _say_failure(self, why: NoPlan, *, is_active: bool) -> None:
        if is_active or self.alarms.has_said(FAILED_KEY):
            self.alarms.say(
                key=FAILED_KEY,
                severity=Severity.WARNING,
                text=f"No new plan for the cells left: {why.text}." if is_active else "The cells left are planned.",
                text_zh=f"剩余搜索格无法重新规划：{why.text_zh}。" if is_active else "剩余搜索格已重新规划。",
                is_active=is_active,
            )

    def _warn_left_over(self, count: int) -> None:
        self.alarms.say(
            key="cells-left-over",
            severity=Severity.WARNING,
            text=f"{count} cells cannot be searched: no vehicle has the energy left.",
            text_zh=f"{count} 个搜索格无法完成：剩余设备电量不足。",
        )

    def _gaps(self, plan: Plan, pilots: Mapping[VehicleId, Pilot], now_s: float) -> list[int]:
        """Cells of vehicles that have flown all their strips, whose images are in, and that nobody will see often
        enough."""
        settled = self._settled(pilots, now_s)
        wanted = self._wanted(plan, settled)
        if not wanted or now_s < self._gaps_not_before_s:
            return []
        self._gaps_not_before_s = now_s + GAPS_EVERY_S
        survivors = self.survey.survivors(pilots, self.clock.now())
        if not survivors:
            return []
        return [k for k in self.survey.unpromised(survivors) if k in wanted]

    def _wanted(self, plan: Plan, settled: list[VehicleId]) -> list[int]:
        """Cells short of looks now, of vehicles that have flown their strips, not tried too often."""
        board, intent = self.book.board, self.book.intent
        if board is None or intent is None or not settled:
            return []
        done = board.done(intent.min_looks)
        return [
            cell.index
            for cell in plan.cells
            if not done[cell.index] and cell.owner in settled and self._tried.get(cell.index, 0) < GAP_TRIES
        ]

    def _settled(self, pilots: Mapping[VehicleId, Pilot], now_s: float) -> list[VehicleId]:
        settled: list[VehicleId] = []
        for vehicle, pilot in sorted(pilots.items()):
            if pilot.phase not in (TaskPhase.RETURNING, TaskPhase.DONE):
                self._ended_at_s.pop(vehicle, None)
                continue
            if now_s - self._ended_at_s.setdefault(vehicle, now_s) >= LOOKS_ARRIVE_S:
                settled.append(vehicle)
        return settled
