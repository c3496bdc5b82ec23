"""Which event the facts of a mission amount to: one table from phase to conditions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from missions.book import Book
from missions.contingencies import Cause
from missions.lifecycle import MissionEvent
from missions.model import Phase, TaskPhase
from missions.pilot import Pilot
from world.ids import VehicleId

PREPARED = frozenset(
    {TaskPhase.READY, TaskPhase.RUNNING, TaskPhase.RETURNING, TaskPhase.CONFIRMING, TaskPhase.GIVING_WAY}
)
NOT_SEARCHING = frozenset({TaskPhase.RETURNING, TaskPhase.DONE, TaskPhase.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What phases turn on."""

    has_plan: bool
    is_approved: bool
    is_launched: bool
    is_prepared: bool
    is_started: bool
    is_searching: bool
    is_down: bool
    is_stopped: bool
    is_anybody_left: bool
    has_ended: bool

    @staticmethod
    def of(book: Book, pilots: Mapping[VehicleId, Pilot]) -> "Facts":
        crew = [pilot for _, pilot in sorted(pilots.items())]
        taking_part = [pilot for pilot in crew if pilot.vehicle not in book.out]
        return Facts(
            has_plan=book.plan is not None,
            is_approved=book.approved is not None,
            is_launched=book.launch is not None,
            is_prepared=bool(taking_part)
            and all(pilot.phase in PREPARED or pilot.is_started or pilot.is_over for pilot in taking_part),
            is_started=bool(taking_part) and all(pilot.is_started for pilot in taking_part),
            is_searching=any(pilot.phase not in NOT_SEARCHING for pilot in taking_part),
            is_down=bool(crew) and all(pilot.is_over for pilot in crew),
            is_stopped=bool(crew) and all(book.out.get(pilot.vehicle) is Cause.STOP_ORDERED for pilot in crew),
            is_anybody_left=not crew or any(pilot.phase is not TaskPhase.FAILED for pilot in crew),
            has_ended=book.intent is not None and book.intent.mission in book.ended,
        )


Condition = Callable[[Facts], bool]

STAGES: Mapping[Phase, tuple[tuple[Condition, MissionEvent], ...]] = {
    Phase.EMPTY: ((lambda facts: facts.has_plan, MissionEvent.PLANNED),),
    Phase.PLANNED: ((lambda facts: facts.is_approved, MissionEvent.APPROVED),),
    Phase.APPROVED: (
        (lambda facts: not facts.is_approved, MissionEvent.APPROVAL_VOID),
        (lambda facts: facts.is_launched, MissionEvent.LAUNCH_ORDERED),
    ),
    Phase.PREPARING: (
        (lambda facts: facts.is_stopped, MissionEvent.ALL_STOPPED),
        (lambda facts: not facts.is_anybody_left, MissionEvent.NOBODY_LEFT),
        (lambda facts: facts.is_prepared, MissionEvent.PREPARED),
    ),
    Phase.LAUNCHING: (
        (lambda facts: facts.is_stopped, MissionEvent.ALL_STOPPED),
        (lambda facts: not facts.is_anybody_left, MissionEvent.NOBODY_LEFT),
        (lambda facts: facts.is_started, MissionEvent.ALL_STARTED),
    ),
    Phase.SEARCHING: (
        (lambda facts: facts.is_stopped, MissionEvent.ALL_STOPPED),
        (lambda facts: not facts.is_anybody_left, MissionEvent.NOBODY_LEFT),
        (lambda facts: not facts.is_searching, MissionEvent.SEARCH_OVER),
    ),
    Phase.RECOVERING: (
        (lambda facts: facts.is_stopped, MissionEvent.ALL_STOPPED),
        (lambda facts: facts.is_searching, MissionEvent.MORE_TO_SEARCH),
        (lambda facts: facts.is_down and facts.is_anybody_left, MissionEvent.ALL_DOWN),
        (lambda facts: not facts.is_anybody_left, MissionEvent.NOBODY_LEFT),
    ),
    Phase.DONE: ((lambda facts: facts.has_plan and not facts.has_ended, MissionEvent.PLANNED),),
    Phase.STOPPED: ((lambda facts: facts.has_plan and not facts.has_ended, MissionEvent.PLANNED),),
    Phase.FAILED: ((lambda facts: facts.has_plan and not facts.has_ended, MissionEvent.PLANNED),),
}


def event_in(phase: Phase, facts: Facts) -> MissionEvent | None:
    """The first event of the phase's row whose condition holds."""
    return next((event for condition, event in STAGES.get(phase, ()) if condition(facts)), None)
