"""Who may say what at the door of a running site."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from command.site.reader import read_site
from command.up.people import NotAllowed, People
from fleet.authority import Authority
from fleet.commands import Command, Lease, Verb
from fleet.inquiries import Inquiry, Question
from fleet.leases import LeaseAct, LeaseRequest
from missions.model import Approval, Order, OrderVerb
from tests.support.live_site import COMMANDER, PILOT, link, vehicle, write_site
from world.ids import CommandId, Digest, OperatorId, PlanId, VehicleId
from world.time import Instant

NOW = Instant(mono_ns=10**18, utc_ns=10**18)
U01, G01 = VehicleId("U01"), VehicleId("G01")
WANG, LI = OperatorId(PILOT), OperatorId(COMMANDER)


class Stage:
    """People of the test site, and a record so slow that nobody hears what they publish."""

    def __init__(self, folder: Path) -> None:
        rest = link("tcp", "tcpout:127.0.0.1:1") + vehicle("U01", ["tcp"])
        self.said: list[tuple[str, Any]] = []
        self.authority = Authority(commanders=[LI])
        self.people = People(read_site(write_site(folder, rest)), self.authority, self.publish)

    def publish(self, topic: str, value: Any) -> None:
        self.said.append((topic, value))

    def hear(self, who: OperatorId, topic: str, value: Any, now: Instant = NOW) -> Any:
        return self.people.hear(self.people.named(who, None), topic, value, now)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def command(verb: Verb, vehicle: VehicleId = U01, by: OperatorId = WANG) -> Command:
    return Command(id=CommandId("c1"), vehicle=vehicle, verb=verb, issued_by=by, deadline=NOW.plus_s(10.0))


def test_a_stranger_is_told_the_names(stage: Stage) -> None:
    with pytest.raises(NotAllowed, match=r"zhao is not in \[users\] .* wang, li"):
        stage.people.named("zhao", "li")
    with pytest.raises(NotAllowed, match="nobody knows who you are"):
        stage.people.named(None, None)
    assert stage.people.named(None, "li").name == LI


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        ("fleet/command", command(Verb.HOLD, by=LI)),
        ("mission/order", Order(id="o", verb=OrderVerb.HOLD, by=LI, at=NOW, vehicles=(U01,))),
        ("fleet/inquiry", Inquiry(
            id=CommandId("q"), vehicle=U01, question=Question.LOGS, asked_by=LI, deadline=NOW.plus_s(9.0)
        )),
        ("fleet/lease_request", LeaseRequest(act=LeaseAct.ASK, vehicle=U01, by=LI)),
    ],
)
def test_nobody_speaks_for_another(stage: Stage, topic: str, value: Any) -> None:
    with pytest.raises(NotAllowed, match="wang cannot speak for li"):
        stage.hear(WANG, topic, value)


def test_states_and_alarms_are_not_said_from_outside(stage: Stage) -> None:
    for topic in ("fleet/state", "fleet/ack", "fleet/lease", "alarm", "mission/plan", "nonsense"):
        with pytest.raises(NotAllowed, match="not said from outside"):
            stage.hear(LI, topic, object())


def test_a_pilot_takes_a_free_vehicle_by_commanding_it_and_keeps_it(stage: Stage) -> None:
    passed = stage.hear(WANG, "fleet/command", command(Verb.GO_TO))
    assert passed == command(Verb.GO_TO)
    assert [topic for topic, _ in stage.said] == ["fleet/lease"]
    assert stage.authority.holder(U01, NOW) == WANG
    stage.hear(WANG, "fleet/command", command(Verb.HOLD), NOW.plus_s(60.0))
    assert len(stage.said) == 1
    stage.hear(WANG, "fleet/command", command(Verb.HOLD), NOW.plus_s(1900.0))
    assert [topic for topic, _ in stage.said] == ["fleet/lease"] * 2


def test_a_pilot_does_not_take_what_another_holds_or_what_is_not_theirs(stage: Stage) -> None:
    stage.authority.grant(Lease(vehicle=U01, holder=OperatorId("zhao"), expires=NOW.plus_s(60.0)), NOW)
    stage.hear(WANG, "fleet/command", command(Verb.GO_TO))
    assert stage.said == []
    with pytest.raises(NotAllowed, match=r"wang may hold U\*, V\* only, not G01"):
        stage.hear(WANG, "fleet/command", command(Verb.HOLD, G01))
    stage.hear(LI, "fleet/command", command(Verb.HOLD, G01, LI))


@pytest.mark.parametrize("verb", [Verb.ARM, Verb.TAKE_OFF])
def test_who_arms_by_hand_approves_exactly_that(stage: Stage, verb: Verb) -> None:
    passed = stage.hear(LI, "fleet/command", command(verb, by=LI))
    ((topic, approval),) = stage.said
    assert topic == "mission/approval"
    assert (approval.by, approval.digest) == (LI, passed.plan_digest)
    other = stage.hear(LI, "fleet/command", replace(command(verb, by=LI), height_m=99.0))
    assert other.plan_digest != passed.plan_digest
    with pytest.raises(NotAllowed, match="belongs to no plan"):
        stage.hear(LI, "fleet/command", passed)


def test_pilots_approve_no_plans_and_launch_none(stage: Stage) -> None:
    approval = Approval(plan=PlanId("p"), digest=Digest("d"), by=WANG, at=NOW, covers_replans=True)
    with pytest.raises(NotAllowed, match="a commander gives"):
        stage.hear(WANG, "mission/approval", approval)
    with pytest.raises(NotAllowed, match="a commander orders launch"):
        stage.hear(WANG, "mission/order", Order(id="o", verb=OrderVerb.LAUNCH, by=WANG, at=NOW, vehicles=(U01,)))
    stop = Order(id="o", verb=OrderVerb.STOP, by=WANG, at=NOW, vehicles=(U01,))
    assert stage.hear(WANG, "mission/order", stop) == stop
    assert stage.authority.holder(U01, NOW) == WANG


@pytest.mark.parametrize("verb", [OrderVerb.STOP, OrderVerb.HOLD, OrderVerb.RETURN])
def test_who_ends_motion_is_in_charge_before_the_record_knows(stage: Stage, verb: OrderVerb) -> None:
    """Such orders go before the record: a lease that came behind them would have them refused."""
    stage.hear(WANG, "mission/order", Order(id="o1", verb=verb, by=WANG, at=NOW, vehicles=(U01,)))
    assert stage.authority.may_command(WANG, U01, NOW)
    assert [topic for topic, _ in stage.said] == ["fleet/lease"]
