"""Where the mission stands: phase, searched area, looks per cell, and the approval that covers the plan."""

from command.views.columns import Snapshot, utc_ms
from missions.approval import BY_HAND
from missions.model import Approval, MissionProgress, Plan, TaskProgress
from world.time import Instant

_MOST_LOOKS = 255  # a byte per cell on the wire


class Mission:
    """Newest progress and the approval that covers the current plan."""

    def __init__(self) -> None:
        self.progress: MissionProgress | None = None
        self._approval: Approval | None = None

    def apply_progress(self, progress: MissionProgress) -> None:
        self.progress = progress

    def apply_approval(self, approval: Approval) -> None:
        if not approval.plan.startswith(BY_HAND):
            self._approval = approval

    @property
    def tasks(self) -> tuple[TaskProgress, ...]:
        return () if self.progress is None else self.progress.tasks

    def snapshot(self, now: Instant, plan: Plan | None) -> Snapshot | None:
        """None until the mission service has spoken."""
        progress = self.progress
        if progress is None:
            return None
        return {
            "mission": progress.mission,
            "phase": progress.phase,
            "plan_digest": progress.plan_digest,
            "age_s": max(0.0, progress.at.age_s(now)),
            "elapsed_s": None if progress.started is None else progress.started.age_s(now),
            "cells_done": progress.cells_done,
            "cells_total": 0 if plan is None else len(plan.cells),
            "looks": bytes(min(looks, _MOST_LOOKS) for looks in progress.looks_per_cell),
            "area_searched_km2": progress.area_searched_km2,
            "orphans": progress.orphans,
            "note": progress.note,
            "approval": self._approved(plan),
        }

    def _approved(self, plan: Plan | None) -> Snapshot | None:
        if self._approval is None or plan is None:
            return None
        is_exact = self._approval.digest == plan.digest
        if not is_exact and not self._approval.covers_replans:
            return None
        return {"by": self._approval.by, "utc_ms": utc_ms(self._approval.at.utc_ns), "is_exact": is_exact}
