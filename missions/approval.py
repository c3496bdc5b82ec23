"""Who answers for which plan: approvals bind to a digest and reach no further than what was approved."""

from collections.abc import Iterable
from dataclasses import replace

from missions.model import Approval, Plan
from missions.planners.digest import is_genuine
from world.time import Instant

BY_HAND = "by-hand/"
"""Begins the plan of an approval that a person gives with one command of their own; no plan has that name."""


def approval_of(plan: Plan, approvals: Iterable[Approval]) -> Approval | None:
    """The newest approval of exactly this plan; none when the plan is not what its digest says."""
    if not is_genuine(plan):
        return None
    fitting = [one for one in approvals if one.plan == plan.id and one.digest == plan.digest]
    return fitting[-1] if fitting else None


def is_within(approved: Plan, revision: Plan) -> bool:
    """A revision stays within what was approved: same intent, no other cells, no other vehicles."""
    return (
        revision.mission == approved.mission
        and revision.intent == approved.intent
        and revision.revision > approved.revision
        and revision.cell_m == approved.cell_m
        and {cell.centre for cell in revision.cells} <= {cell.centre for cell in approved.cells}
        and {task.vehicle for task in revision.tasks} <= {task.vehicle for task in approved.tasks}
    )


def carried_over(approved: Plan, approval: Approval, revision: Plan, at: Instant) -> Approval | None:
    """The approval of a revision that the first one covers, in the same person's name; None when a new one is
    needed."""
    if not approval.covers_replans or not is_within(approved, revision):
        return None
    return replace(approval, plan=revision.id, digest=revision.digest, at=at)
