"""No plan counts on a vehicle that does not answer for itself, and none is approved: said with vehicle and remedy."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, combinations, product

import pytest

from command.app.failsafes import declared
from fleet.drivers.mavlink.failsafe_tables import rules_for
from fleet.guard.failsafes import failsafe_fault
from fleet.model import (
    UNANSWERED,
    Alarm,
    AutopilotKind,
    FailsafeAction,
    FailsafeCause,
    FailsafeSetting,
    Undeclared,
    VehicleKind,
    VehicleProfile,
)
from missions.declared import Declared, FailsafeDemand, offered
from missions.jobs import Job, NoPlan, Pending, PlansAtOnce, SearchJob
from missions.model import OrderVerb, Phase, Plan
from missions.words import Words, joined
from sim.autopilot.parameters import Parameters
from sim.scenario import load, shipped
from sim.scenarios.model import VehicleKind as ScenarioKind
from sim.vehicles.spec import Kind
from tests.support.mission_stage import Stage
from tests.support.search_area import demo_intent, frame, mountain
from world.ids import IntentId, VehicleId
from world.time import Instant

NOW = Instant(mono_ns=1, utc_ns=1)
U01, U02 = VehicleId("U01"), VehicleId("U02")


def profile(settings: Iterable[FailsafeSetting], *undeclared: Undeclared) -> VehicleProfile:
    return VehicleProfile(
        vehicle=U01, kind=VehicleKind.COPTER, at=NOW, failsafes=tuple(settings), undeclared=undeclared
    )


def test_the_plan_and_the_guard_never_disagree() -> None:
    """They share no code: whoever changes one table must change the other."""
    causes = list(FailsafeCause)
    some = list(chain.from_iterable(combinations(causes, count) for count in range(4)))
    for actions in product([*FailsafeAction, None], repeat=len(causes)):
        settings = tuple(
            FailsafeSetting(cause=cause, action=action)
            for cause, action in zip(causes, actions, strict=True) if action is not None
        )
        for accepted in some:
            plan = Declared({U01: FailsafeDemand(accepts_none=frozenset(accepted))})
            plan.hear(profile(settings))
            assert bool(plan.faults([U01])) is bool(failsafe_fault(settings, frozenset(accepted))), settings


def test_what_is_said_names_vehicle_and_remedy_in_both_languages() -> None:
    plan = Declared({U02: FailsafeDemand(is_needed=False)})
    assert plan.faults([U02]) == []
    (unread,) = plan.faults([U01, U02])
    assert "U01" in unread.text
    assert "mend its link" in unread.text
    assert "U01" in unread.text_zh
    told = Undeclared(cause=FailsafeCause.LINK_LOSS, text="U01 does nothing: set X to 1", text_zh="U01 请将 X 设为 1")
    plan.hear(profile([], told))
    assert plan.faults([U01]) == [Words(text=told.text, text_zh=told.text_zh)]
    plan.hear(profile([]))
    (bare,) = plan.faults([U01])
    assert "a lost link" in bare.text
    assert "失联" in bare.text_zh
    assert joined([bare] * 5).text.endswith("; and 2 more")
    assert joined([bare] * 5).text_zh.endswith("；另有 2 项")


def test_only_who_may_be_in_the_plan_is_asked() -> None:
    intent = demo_intent(mountain(), frame(), copters=2, with_robots=True)
    assert offered(intent) == ("U01", "U02", "G01", "W01")
    assert offered(replace(intent, patrols=())) == ("U01", "U02")


@pytest.mark.parametrize("kind", list(ScenarioKind))
def test_an_incidents_machines_answer_every_cause(kind: ScenarioKind) -> None:
    scenario = load(shipped("quick_search"))
    vehicle = replace(scenario.vehicles[0], kind=kind)
    values = Parameters(Kind(kind.value), declared(scenario, vehicle))
    rules = rules_for(kind.value, AutopilotKind.ARDUPILOT)
    settings = tuple(
        FailsafeSetting(cause=cause, action=rule.read({name: values[name] for name in rule.parameters}))
        for cause, rule in rules.items()
    )
    assert failsafe_fault(settings, UNANSWERED.get(VehicleKind(kind.value), frozenset())) is None


@dataclass(slots=True, kw_only=True)
class Once:
    """Two copters over a small area are planned once for all tests: what is tested here is around it."""

    answers: list[Plan | NoPlan]
    asked: int = 0

    def begin(self, job: Job) -> Pending:
        self.asked += 1
        return self

    def outcome(self) -> Plan | NoPlan:
        return self.answers[min(self.asked, len(self.answers)) - 1]

    def drop(self) -> None: ...


TERRAIN, FRAME = mountain(), frame()
INTENT = demo_intent(TERRAIN, FRAME, copters=2, scale=0.4)


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = PlansAtOnce(TERRAIN, FRAME).begin(SearchJob(intent=INTENT)).outcome()
    assert isinstance(found, Plan)
    return found


def alarms(stage: Stage, head: str) -> list[Alarm]:
    return [value for _, _, value in stage.bus.record if isinstance(value, Alarm) and value.key.startswith(head)]


def stage_of(*answers: Plan | NoPlan, kind: type[Stage] = Stage) -> tuple[Stage, Once]:
    planner = Once(answers=list(answers))
    return kind(terrain=TERRAIN, frame=FRAME, intent=INTENT, planner=planner), planner


def test_an_intent_waits_until_every_vehicle_has_declared(plan: Plan) -> None:
    stage, planner = stage_of(plan)
    stage.fleet.silent.add(U02)
    stage.acts.append((40.0, lambda s: s.fleet.declare(U02, FailsafeAction.NONE)))
    stage.acts.append((60.0, lambda s: s.fleet.declare(U02)))
    stage.play(lambda s: bool(s.plans()), 100.0)
    unread, idle, over = alarms(stage, "undeclared/")
    assert "failsafes of U02 have not been read back" in unread.text
    assert 15.0 <= unread.at.mono_ns / 1e9 - 2.0 <= 17.0, "who was just switched on is waited for without a word"
    assert "U02 has no answer to a lost link" in idle.text
    assert "U02 对失联没有应对动作" in idle.text_zh
    assert (unread.is_active, idle.is_active, over.is_active) == (True, True, False)
    assert (planner.asked, len(stage.plans())) == (1, 1)
    assert 60.0 <= stage.loop.time() < 61.0


def test_what_an_earlier_run_said_is_withdrawn_by_the_next(plan: Plan) -> None:
    stage, _ = stage_of(plan)
    stage.fleet.silent.add(U02)
    stage.acts.append((20.0, Stage.kill_service))
    stage.acts.append((21.0, lambda s: s.fleet.declare(U02)))
    stage.acts.append((22.0, Stage.restart))
    stage.play(lambda s: bool(s.plans()), 40.0)
    assert [alarm.is_active for alarm in alarms(stage, "undeclared/")] == [True, False]


def test_another_intent_takes_the_words_about_the_first_with_it(plan: Plan) -> None:
    stage, planner = stage_of(plan)
    stage.fleet.silent.add(U02)
    alone = replace(INTENT, id=IntentId("alone"), offers=INTENT.offers[:1])
    stage.acts.append((20.0, lambda s: s.bus.publish("mission/intent", alone)))
    stage.play(lambda s: planner.asked > 0, 40.0)
    assert [alarm.is_active for alarm in alarms(stage, "undeclared/")] == [True, False]


class ChangedBefore(Stage):
    """U02 shows that it does nothing without a link, and then somebody approves."""

    def _approve_first(self, plan: Plan) -> None:
        self.fleet.declare(U02, FailsafeAction.NONE)
        Stage._approve_first(self, plan)


class ChangedAfter(Stage):
    """Somebody approves, and before the launch U02 shows that it does nothing without a link."""

    def _approve_first(self, plan: Plan) -> None:
        Stage._approve_first(self, plan)
        self.loop.call_later(0.3, self.fleet.declare, U02, FailsafeAction.NONE)


@pytest.mark.parametrize("kind", [ChangedBefore, ChangedAfter])
@pytest.mark.parametrize("restarts", [False, True])
def test_an_approval_does_not_count_until_it_is_given_anew(plan: Plan, kind: type[Stage], restarts: bool) -> None:
    stage, _ = stage_of(plan, kind=kind)
    phases: list[Phase] = []
    if restarts:
        stage.acts.append((8.0, Stage.restart))
    stage.acts.append((9.0, lambda s: phases.append(s.service.phase)))
    stage.acts.append((10.0, lambda s: s.order(OrderVerb.LAUNCH)))
    stage.acts.append((11.0, lambda s: phases.append(s.service.phase)))
    stage.acts.append((12.0, lambda s: s.fleet.declare(U02)))
    stage.acts.append((13.0, lambda s: phases.append(s.service.phase)))
    stage.acts.append((14.0, lambda s: Stage._approve_first(s, plan)))
    stage.play(lambda s: s.service.phase is Phase.PREPARING, 30.0)
    assert phases == [Phase.PLANNED] * 3, "neither the old approval nor its launch counts, whatever happens later"
    assert stage.service.phase is Phase.PREPARING
    refused = alarms(stage, "approval-refused/")
    assert "The approval by pilot does not count: U02 has no answer to a lost link" in refused[0].text
    assert "批准无效：U02 对失联没有应对动作" in refused[0].text_zh
    assert refused[0].is_active
    assert len(refused) == 1 or not refused[-1].is_active


def test_a_planner_that_failed_is_asked_again_and_one_that_refused_is_not(plan: Plan) -> None:
    stage, planner = stage_of(NoPlan(text="it died", text_zh="中断", is_failure=True), plan)
    stage.play(lambda s: bool(s.plans()), 60.0)
    died, over = alarms(stage, "no-plan/")
    assert (died.text, died.text_zh, died.is_active, over.is_active) == (
        "No plan: it died.", "无法规划：中断。", True, False
    )
    assert planner.asked == 2
    stage, planner = stage_of(NoPlan(text="too far", text_zh="太远"), plan)
    stage.play(lambda s: bool(s.plans()), 60.0)
    assert (planner.asked, stage.plans()) == (1, [])
