"""The life of a mission: which event leads from which phase to which, as one table."""

from collections.abc import Mapping
from enum import StrEnum

from missions.model import Phase


class MissionEvent(StrEnum):
    """What moves a mission on."""

    PLANNED = "planned"
    APPROVED = "approved"
    APPROVAL_VOID = "approval_void"
    LAUNCH_ORDERED = "launch_ordered"
    PREPARED = "prepared"
    ALL_STARTED = "all_started"
    SEARCH_OVER = "search_over"
    MORE_TO_SEARCH = "more_to_search"
    ALL_DOWN = "all_down"
    ALL_STOPPED = "all_stopped"
    NOBODY_LEFT = "nobody_left"


class IllegalTransition(RuntimeError):
    """An event that means nothing in the present phase."""


TRANSITIONS: Mapping[Phase, Mapping[MissionEvent, Phase]] = {
    Phase.EMPTY: {MissionEvent.PLANNED: Phase.PLANNED},
    Phase.PLANNED: {MissionEvent.APPROVED: Phase.APPROVED, MissionEvent.PLANNED: Phase.PLANNED},
    Phase.APPROVED: {
        MissionEvent.APPROVAL_VOID: Phase.PLANNED,
        MissionEvent.LAUNCH_ORDERED: Phase.PREPARING,
        MissionEvent.ALL_STOPPED: Phase.STOPPED,
    },
    Phase.PREPARING: {
        MissionEvent.PREPARED: Phase.LAUNCHING,
        MissionEvent.ALL_STOPPED: Phase.STOPPED,
        MissionEvent.NOBODY_LEFT: Phase.FAILED,
    },
    Phase.LAUNCHING: {
        MissionEvent.ALL_STARTED: Phase.SEARCHING,
        MissionEvent.ALL_STOPPED: Phase.STOPPED,
        MissionEvent.NOBODY_LEFT: Phase.FAILED,
    },
    Phase.SEARCHING: {
        MissionEvent.SEARCH_OVER: Phase.RECOVERING,
        MissionEvent.ALL_STOPPED: Phase.STOPPED,
        MissionEvent.NOBODY_LEFT: Phase.FAILED,
    },
    Phase.RECOVERING: {
        MissionEvent.MORE_TO_SEARCH: Phase.SEARCHING,
        MissionEvent.ALL_DOWN: Phase.DONE,
        MissionEvent.ALL_STOPPED: Phase.STOPPED,
        MissionEvent.NOBODY_LEFT: Phase.FAILED,
    },
    Phase.DONE: {MissionEvent.PLANNED: Phase.PLANNED},
    Phase.STOPPED: {MissionEvent.PLANNED: Phase.PLANNED},
    Phase.FAILED: {MissionEvent.PLANNED: Phase.PLANNED},
}

UNDER_WAY = frozenset({Phase.PREPARING, Phase.LAUNCHING, Phase.SEARCHING, Phase.RECOVERING})
OVER = frozenset({Phase.DONE, Phase.STOPPED, Phase.FAILED})


def after(phase: Phase, event: MissionEvent) -> Phase:
    """The next phase; raises IllegalTransition."""
    following = TRANSITIONS[phase].get(event)
    if following is None:
        raise IllegalTransition(f"{event} means nothing to a mission that is {phase}")
    return following


def allows(phase: Phase, event: MissionEvent) -> bool:
    return event in TRANSITIONS[phase]
