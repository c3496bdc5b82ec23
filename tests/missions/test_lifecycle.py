"""Phases only change along the table; approvals bind to a digest."""

import dataclasses

import pytest

from missions.approval import approval_of, carried_over
from missions.lifecycle import OVER, TRANSITIONS, IllegalTransition, MissionEvent, after
from missions.model import Approval, Phase, Plan
from missions.planners.digest import digest_of, is_genuine, sealed
from missions.planners.search_plan import plan_search
from missions.stages import STAGES
from tests.support.search_area import demo_intent, frame, mountain
from world.ids import OperatorId, PlanId, VehicleId
from world.time import Instant

NOW = Instant(mono_ns=5, utc_ns=7)


@pytest.fixture(scope="module")
def plan() -> Plan:
    terrain, at = mountain(), frame()
    return plan_search(demo_intent(terrain, at, copters=2, scale=0.4), terrain, at)


def approval(plan: Plan, *, covers_replans: bool = True) -> Approval:
    return Approval(plan=plan.id, digest=plan.digest, by=OperatorId("chief"), at=NOW, covers_replans=covers_replans)


def revision_of(plan: Plan) -> Plan:
    return sealed(dataclasses.replace(plan, id=PlanId("next"), revision=plan.revision + 1))


def test_every_phase_has_a_row_and_every_stage_event_is_legal() -> None:
    assert set(TRANSITIONS) == set(Phase)
    for phase, rows in STAGES.items():
        for _, event in rows:
            assert event in TRANSITIONS[phase]


def test_a_mission_that_is_over_only_takes_a_new_plan() -> None:
    for phase in OVER:
        assert set(TRANSITIONS[phase]) == {MissionEvent.PLANNED}


def test_launch_before_approval_is_illegal() -> None:
    with pytest.raises(IllegalTransition):
        after(Phase.PLANNED, MissionEvent.LAUNCH_ORDERED)


def test_the_digest_changes_with_the_content_and_only_with_it(plan: Plan) -> None:
    assert is_genuine(plan)
    assert digest_of(dataclasses.replace(plan)) == plan.digest
    for change in ({"reason": "x"}, {"makespan_s": plan.makespan_s + 1e-9}, {"tasks": plan.tasks[1:]}):
        assert digest_of(dataclasses.replace(plan, **change)) != plan.digest


def test_an_approval_holds_for_exactly_its_plan(plan: Plan) -> None:
    given = approval(plan)
    assert approval_of(plan, [given]) == given
    assert approval_of(revision_of(plan), [given]) is None
    assert approval_of(dataclasses.replace(plan, reason="forged"), [given]) is None


def test_replans_are_covered_within_the_same_area_and_fleet(plan: Plan) -> None:
    revision = revision_of(dataclasses.replace(plan, reason="U02 lost"))
    carried = carried_over(plan, approval(plan), revision, NOW)
    assert carried is not None
    assert approval_of(revision, [carried]) == carried
    assert carried_over(plan, approval(plan, covers_replans=False), revision, NOW) is None


def test_other_vehicles_or_cells_need_people(plan: Plan) -> None:
    stranger = dataclasses.replace(plan.tasks[0], vehicle=VehicleId("U99"))
    moved = dataclasses.replace(plan.cells[0].centre, east_m=plan.cells[0].centre.east_m + 500.0)
    elsewhere = dataclasses.replace(plan.cells[0], centre=moved)
    other_fleet = dataclasses.replace(plan, tasks=(stranger,))
    other_area = dataclasses.replace(plan, cells=(elsewhere, *plan.cells[1:]))
    for changed in (other_fleet, other_area):
        assert carried_over(plan, approval(plan), revision_of(changed), NOW) is None
