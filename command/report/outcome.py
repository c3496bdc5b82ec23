"""The outcome of a run, computed from its record and the simulator's truth; nothing is taken from a service's word."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from command.eyes import Eyes
from command.report.truth import Truth
from command.store.record import Event
from missions.model import Find, MissionProgress, Phase, Plan, SearchIntent
from perception.model import Contact, Look, MissedLook
from world.position import LocalFrame
from world.time import NS_PER_S, Instant

MATCH_M = 10.0
"""A find further than this from every person is a false one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One run in figures. None means that nothing was there to measure."""

    scenario: str
    seed: int
    eyes: Eyes
    """Where detections come from; a model's are never taken for pixels'."""
    subjects: int
    found: int
    false_finds: int
    position_error_m: float | None
    """Mean over found subjects."""
    position_error_max_m: float | None
    area_searched_km2: float
    cells: int
    cells_done: int
    makespan_s: float | None
    """Launch order to the last landing."""
    makespan_plan_s: float
    makespan_bound_s: float
    min_separation_m: float | None
    orphans: int
    replans: int
    lost: tuple[str, ...]
    landed: tuple[str, ...]
    frames_detected: int
    missed_looks: int
    phase: str
    digest: str
    """Over every logged event but its wall times: equal for equal seeds."""
    wall_s: float = 0.0
    ready_s: float = 0.0
    airborne_s: float | None = None


@dataclass(slots=True)
class _Seen:
    """What the record holds, gathered in one pass."""

    intent: SearchIntent | None = None
    plans: list[Plan] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)
    finds: dict[str, Find] = field(default_factory=dict)
    looks: int = 0
    missed: int = 0
    launched: Instant | None = None


def record_digest(events: Iterable[Event]) -> str:
    """SHA-256 over topics and payloads in order."""
    digest = hashlib.sha256()
    for event in events:
        digest.update(event.topic.encode() + b"\0" + hashlib.sha256(event.payload).digest())
    return digest.hexdigest()


def compute(
    *,
    scenario: str,
    seed: int,
    eyes: Eyes,
    events: list[Event],
    progress: MissionProgress | None,
    truth: Truth,
    frame: LocalFrame,
) -> Outcome:
    seen = _gather(events)
    errors, false_finds = _errors(seen, truth, frame)
    first = seen.plans[0] if seen.plans else None
    latest = seen.plans[-1] if seen.plans else None
    return Outcome(
        scenario=scenario,
        seed=seed,
        eyes=eyes,
        subjects=len(truth.people),
        found=len(errors),
        false_finds=false_finds,
        position_error_m=round(float(np.mean(errors)), 3) if errors else None,
        position_error_max_m=round(max(errors), 3) if errors else None,
        area_searched_km2=round(progress.area_searched_km2, 4) if progress else 0.0,
        cells=len(latest.cells) if latest else 0,
        cells_done=progress.cells_done if progress else 0,
        makespan_s=_makespan_s(seen, progress),
        makespan_plan_s=round(first.makespan_s, 1) if first else 0.0,
        makespan_bound_s=round(first.makespan_bound_s, 1) if first else 0.0,
        min_separation_m=truth.min_separation_m,
        orphans=progress.orphans if progress else 0,
        replans=max(0, len(seen.plans) - 1),
        lost=tuple(truth.lost),
        landed=tuple(truth.landed),
        frames_detected=seen.looks,
        missed_looks=seen.missed,
        phase=progress.phase.value if progress else Phase.EMPTY.value,
        digest=record_digest(events),
    )


def _gather(events: list[Event]) -> _Seen:
    seen = _Seen()
    for event in events:
        match value := event.value():
            case SearchIntent():
                seen.intent = value
            case Plan():
                seen.plans.append(value)
            case Contact():
                seen.contacts[value.id] = value
            case Find():
                seen.finds[value.contact] = value
            case Look():
                seen.looks += 1
            case MissedLook():
                seen.missed += 1
            case _ if event.topic == "mission/order" and seen.launched is None and value.verb == "launch":
                seen.launched = event.at
            case _:
                pass
    return seen


def _makespan_s(seen: _Seen, progress: MissionProgress | None) -> float | None:
    if seen.launched is None or progress is None or progress.phase is not Phase.DONE:
        return None
    return round((progress.at.mono_ns - seen.launched.mono_ns) / NS_PER_S, 1)


def _found_contacts(seen: _Seen) -> list[str]:
    """Contacts accepted as finds; one that was merged into another counts as the other."""
    kept: dict[str, None] = {}
    for key in seen.finds:
        at: str | None = key
        while at in seen.contacts and (into := seen.contacts[at].merged_into) is not None:
            at = into
        if at in seen.contacts:
            kept[at] = None
    return list(kept)


def _errors(seen: _Seen, truth: Truth, frame: LocalFrame) -> tuple[list[float], int]:
    """Distances of finds to the people they are assigned to (least sum), and how many finds match nobody."""
    from scipy.optimize import linear_sum_assignment  # half a second of loading, for those who judge

    places = [seen.contacts[key].position for key in _found_contacts(seen)]
    if not places or not truth.people:
        return [], len(places)
    at = np.array([[p.east_m, p.north_m] for p in map(frame.to_enu, places)])
    people = np.array([[p.east_m, p.north_m] for p in truth.people])
    distance = np.linalg.norm(at[:, None] - people[None], axis=2)
    rows, columns = linear_sum_assignment(np.minimum(distance, 10 * MATCH_M))
    errors = [float(distance[r, c]) for r, c in zip(rows, columns, strict=True) if distance[r, c] <= MATCH_M]
    return errors, len(places) - len(errors)
