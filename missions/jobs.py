"""What planners are asked and answer, as plain data that may go to another process; and who carries it out."""

from dataclasses import dataclass
from typing import Protocol

from missions.model import Plan, SearchIntent
from missions.planners.errors import PlanningError
from missions.planners.replan import Survivor
from missions.planners.search_plan import plan_search
from missions.revising import revised
from missions.survey import Ground
from world.ids import IntentId, VehicleId
from world.position import LocalFrame
from world.terrain import Terrain


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchJob:
    """The first plan of an intent."""

    intent: SearchIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionJob:
    """The next revision of a plan that is flown; survivors as they were when it was asked for."""

    plan: Plan
    intent: SearchIntent
    needed: tuple[int, ...]
    survivors: tuple[Survivor, ...]
    elapsed_s: float
    """Since the launch."""
    out: tuple[VehicleId, ...]
    reason: str


Job = SearchJob | RevisionJob


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPlan:
    """Why there is none. `is_failure`: the planner itself failed, and the same job may succeed another time."""

    text: str
    text_zh: str
    is_failure: bool = False


Outcome = Plan | NoPlan


class Pending(Protocol):
    """A job under way."""

    def outcome(self) -> Outcome | None:
        """None while it is computed."""

    def drop(self) -> None:
        """Nobody waits for it any more."""


class Planner(Protocol):
    """Takes one job at a time and returns at once."""

    def begin(self, job: Job) -> Pending: ...


class Workshop:
    """Carries jobs out, here and now, over one terrain."""

    def __init__(self, terrain: Terrain, frame: LocalFrame) -> None:
        self._terrain, self._frame = terrain, frame
        self._ground: tuple[IntentId, Ground] | None = None

    def carry_out(self, job: Job) -> Outcome:
        try:
            if isinstance(job, SearchJob):
                return plan_search(job.intent, self._terrain, self._frame)
            return self._revise(job)
        except PlanningError as why:
            return NoPlan(text=str(why), text_zh=why.text_zh)

    def _revise(self, job: RevisionJob) -> Outcome:
        revision = revised(
            job.plan, job.intent, job.needed, job.survivors, self._ground_of(job), self._frame,
            elapsed_s=job.elapsed_s, out=job.out, reason=job.reason,
        )
        return revision or NoPlan(text="no vehicle has the energy left", text_zh="剩余设备电量不足")

    def _ground_of(self, job: RevisionJob) -> Ground:
        """The same over all revisions: made once a mission."""
        if self._ground is None or self._ground[0] != job.intent.id:
            self._ground = job.intent.id, Ground.of(job.intent, job.plan, self._terrain, self._frame)
        return self._ground[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A job that was carried out before anybody asked."""

    result: Outcome

    def outcome(self) -> Outcome:
        return self.result

    def drop(self) -> None:
        """There is nothing to end."""


class PlansAtOnce:
    """Computes in the calling process: time stands still meanwhile, which simulated time may and heartbeats may not."""

    def __init__(self, terrain: Terrain, frame: LocalFrame) -> None:
        self._workshop = Workshop(terrain, frame)

    def begin(self, job: Job) -> Pending:
        return _Done(result=self._workshop.carry_out(job))
