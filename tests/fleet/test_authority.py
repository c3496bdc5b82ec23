"""Leases are named, expire, are handed over with both people knowing, and yield to commanders only."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.authority import LONGEST_S, OFFER_S, Authority, LeaseTaken
from fleet.commands import Lease
from fleet.leases import TRANSITIONS, LeaseAct, LeaseEvent, LeaseOutcome, LeaseRequest, LeaseState, Role
from world.ids import OperatorId, VehicleId
from world.time import Instant

U01 = VehicleId("U01")
LI, WANG, CHIEF = OperatorId("li"), OperatorId("wang"), OperatorId("chief")
NOW = Instant(mono_ns=0, utc_ns=0)


def lease(holder: OperatorId, until_s: float = 60.0, payload: str | None = None) -> Lease:
    return Lease(vehicle=U01, holder=holder, expires=NOW.plus_s(until_s), payload=payload)


def ask(act: LeaseAct, by: OperatorId, **rest: Any) -> LeaseRequest:
    return LeaseRequest(act=act, vehicle=U01, by=by, **rest)


def outcome(events: list[LeaseEvent]) -> LeaseOutcome:
    assert len(events) == 1, events
    return events[0].outcome


def held_by(holder: OperatorId, payload: str | None = None) -> Authority:
    authority = Authority(commanders=[CHIEF])
    assert outcome(authority.request(ask(LeaseAct.ASK, holder, payload=payload), NOW)) is LeaseOutcome.GRANTED
    return authority


# given directly


def test_a_lease_is_given_renewed_and_expires() -> None:
    authority = Authority()
    assert authority.holder(U01, NOW) is None
    authority.grant(lease(LI), NOW)
    authority.grant(lease(LI, 120.0), NOW.plus_s(50.0))
    assert authority.holder(U01, NOW.plus_s(119.0)) == LI
    assert authority.holder(U01, NOW.plus_s(120.0)) is None
    assert not authority.may_command(LI, U01, NOW.plus_s(120.0))
    authority.grant(lease(WANG, 200.0), NOW.plus_s(120.0))


def test_a_taken_lease_yields_to_a_commander_only() -> None:
    authority = Authority(commanders=[CHIEF])
    assert authority.grant(lease(LI), NOW) == []
    with pytest.raises(LeaseTaken, match="U01 is leased to li; wang is no commander"):
        authority.grant(lease(WANG), NOW)
    assert authority.may_command(CHIEF, U01, NOW)
    event = authority.grant(lease(CHIEF), NOW)[0]
    assert (event.outcome, event.to, event.holder) == (LeaseOutcome.PRE_EMPTED, (CHIEF, LI), CHIEF)
    assert authority.holder(U01, NOW) == CHIEF
    assert not authority.may_command(LI, U01, NOW)


def test_a_lease_is_given_back_by_ending_it() -> None:
    authority = Authority()
    authority.grant(lease(LI), NOW)
    authority.grant(lease(LI, 0.0), NOW)
    assert authority.holder(U01, NOW) is None


# payloads


def test_a_payload_obeys_who_holds_it_and_else_who_holds_the_vehicle() -> None:
    authority = held_by(LI)
    assert authority.may_command(LI, U01, NOW, "camera")
    authority.request(ask(LeaseAct.ASK, WANG, payload="camera"), NOW)
    assert not authority.may_command(LI, U01, NOW, "camera")
    assert authority.may_command(WANG, U01, NOW, "camera")
    assert authority.may_command(CHIEF, U01, NOW, "camera")
    assert not authority.may_command(WANG, U01, NOW), "a camera is not its vehicle"
    assert authority.may_command(LI, U01, NOW, "winch")
    with pytest.raises(LeaseTaken, match="camera of U01 is leased to wang"):
        authority.grant(lease(LI, payload="camera"), NOW)
    authority.request(ask(LeaseAct.RELEASE, WANG, payload="camera"), NOW)
    assert authority.may_command(LI, U01, NOW, "camera")


# asked for and handed over


def test_a_held_lease_is_refused_with_its_holder_named_and_the_holder_told() -> None:
    refused, asked = held_by(LI).request(ask(LeaseAct.ASK, WANG), NOW)
    assert (refused.outcome, refused.to) == (LeaseOutcome.REFUSED, (WANG,))
    assert refused.reason == "U01 is leased to li, not to wang."
    assert (asked.outcome, asked.to, asked.holder) == (LeaseOutcome.ASKED_FOR, (LI,), LI)
    assert asked.reason == "wang asks li for U01; offer it, or keep it."


def test_the_old_holder_keeps_it_until_the_new_one_accepts() -> None:
    authority = held_by(LI)
    offered = authority.request(ask(LeaseAct.OFFER, LI, to=WANG), NOW)[0]
    assert (offered.outcome, offered.to, offered.holder) == (LeaseOutcome.OFFERED, (LI, WANG), LI)
    assert authority.may_command(LI, U01, NOW)
    assert not authority.may_command(WANG, U01, NOW)
    taken = authority.request(ask(LeaseAct.ACCEPT, WANG, for_s=90.0), NOW.plus_s(5.0))[0]
    assert (taken.outcome, taken.to, taken.holder) == (LeaseOutcome.HANDED_OVER, (WANG, LI), WANG)
    assert taken.expires == NOW.plus_s(95.0)
    assert taken.reason == "wang has taken over U01 from li."
    assert not authority.may_command(LI, U01, NOW.plus_s(5.0))
    assert outcome(authority.request(ask(LeaseAct.ACCEPT, WANG), NOW.plus_s(6.0))) is LeaseOutcome.REFUSED


def test_an_offer_is_declined_made_to_another_or_lapses() -> None:
    authority = held_by(LI)
    authority.request(ask(LeaseAct.OFFER, LI, to=WANG), NOW)
    assert outcome(authority.request(ask(LeaseAct.DECLINE, WANG), NOW)) is LeaseOutcome.DECLINED
    assert authority.request(ask(LeaseAct.ACCEPT, WANG), NOW)[0].reason == "U01 is not offered to wang."
    authority.request(ask(LeaseAct.OFFER, LI, to=WANG), NOW)
    authority.request(ask(LeaseAct.OFFER, LI, to=CHIEF), NOW)
    assert authority.request(ask(LeaseAct.ACCEPT, WANG), NOW)[0].outcome is LeaseOutcome.REFUSED
    assert authority.tick(NOW.plus_s(OFFER_S - 1.0)) == []
    lapsed = authority.tick(NOW.plus_s(OFFER_S))[0]
    assert (lapsed.outcome, lapsed.to, lapsed.holder) == (LeaseOutcome.LAPSED, (LI, CHIEF), LI)
    assert authority.tick(NOW.plus_s(OFFER_S)) == []
    late = authority.request(ask(LeaseAct.ACCEPT, CHIEF), NOW.plus_s(OFFER_S + 1.0))
    assert outcome(late) is LeaseOutcome.REFUSED


def test_a_renewal_keeps_an_offer_open() -> None:
    authority = held_by(LI)
    authority.request(ask(LeaseAct.OFFER, LI, to=WANG), NOW)
    for act in (LeaseAct.RENEW, LeaseAct.ASK):
        renewed = authority.request(ask(act, LI, for_s=700.0), NOW)[0]
        assert (renewed.outcome, renewed.expires) == (LeaseOutcome.RENEWED, NOW.plus_s(700.0))
    assert outcome(authority.request(ask(LeaseAct.ACCEPT, WANG), NOW)) is LeaseOutcome.HANDED_OVER


def test_a_release_frees_and_tells_who_was_offered() -> None:
    authority = held_by(LI)
    authority.request(ask(LeaseAct.OFFER, LI, to=WANG), NOW)
    freed = authority.request(ask(LeaseAct.RELEASE, LI), NOW)[0]
    assert (freed.outcome, freed.to, freed.holder, freed.expires) == (LeaseOutcome.RELEASED, (LI, WANG), None, None)
    assert authority.request(ask(LeaseAct.RELEASE, LI), NOW)[0].reason == "Nobody holds U01; ask for it."
    assert outcome(authority.request(ask(LeaseAct.ASK, WANG), NOW)) is LeaseOutcome.GRANTED


def test_commanders_take_leases_and_the_old_holder_is_told() -> None:
    authority = held_by(LI)
    no = authority.request(ask(LeaseAct.PRE_EMPT, WANG), NOW)[0]
    assert (no.outcome, no.reason) == (LeaseOutcome.REFUSED, "wang is no commander and cannot take U01; ask for it.")
    taken = authority.request(ask(LeaseAct.PRE_EMPT, CHIEF), NOW)[0]
    assert (taken.outcome, taken.to, taken.holder) == (LeaseOutcome.PRE_EMPTED, (CHIEF, LI), CHIEF)
    assert taken.reason == "chief has taken U01 from li."
    assert outcome(authority.request(ask(LeaseAct.PRE_EMPT, CHIEF), NOW)) is LeaseOutcome.RENEWED
    free = Authority(commanders=[CHIEF])
    assert outcome(free.request(ask(LeaseAct.PRE_EMPT, CHIEF), NOW)) is LeaseOutcome.GRANTED
    offered = held_by(LI)
    offered.request(ask(LeaseAct.OFFER, LI, to=CHIEF), NOW)
    assert outcome(offered.request(ask(LeaseAct.PRE_EMPT, CHIEF), NOW)) is LeaseOutcome.PRE_EMPTED


def test_time_that_has_passed_is_told_first() -> None:
    authority = held_by(LI)
    expired, granted = authority.request(ask(LeaseAct.ASK, WANG), NOW.plus_s(600.0))
    assert (expired.outcome, expired.to, expired.holder) == (LeaseOutcome.EXPIRED, (LI,), None)
    assert expired.reason == "The lease of U01 by li has expired; nobody holds it."
    assert (granted.outcome, granted.reason) == (LeaseOutcome.GRANTED, "wang holds U01.")


def test_senseless_requests_change_nothing() -> None:
    authority = held_by(LI)
    for for_s in (0.0, -1.0, LONGEST_S + 1.0, float("nan"), float("inf")):
        assert "A lease for" in authority.request(ask(LeaseAct.RENEW, LI, for_s=for_s), NOW)[0].reason
    for to in (None, LI):
        assert "somebody else" in authority.request(ask(LeaseAct.OFFER, LI, to=to), NOW)[0].reason
    assert authority.request(ask(LeaseAct.ACCEPT, LI), NOW)[0].reason == "U01 is not offered to li."
    assert authority.request(ask(LeaseAct.PRE_EMPT, LI), NOW)[0].reason == "li holds U01 already."
    assert authority.holder(U01, NOW.plus_s(599.0)) == LI
    assert authority.request(ask(LeaseAct.RENEW, LI, for_s=LONGEST_S), NOW)[0].outcome is LeaseOutcome.RENEWED


def test_whoever_is_not_concerned_may_do_nothing_to_a_held_lease() -> None:
    for state, act, role in TRANSITIONS:
        if state is not LeaseState.FREE and role is not Role.COMMANDER:
            assert role is Role.OFFERED_TO if act in (LeaseAct.ACCEPT, LeaseAct.DECLINE) else role is Role.HOLDER


requests = st.builds(
    LeaseRequest, act=st.sampled_from(LeaseAct), vehicle=st.just(U01), by=st.sampled_from([LI, WANG, CHIEF]),
    payload=st.sampled_from([None, "camera"]), to=st.sampled_from([None, LI, WANG]),
    for_s=st.sampled_from([1.0, 60.0, float("nan")]),
)


@given(st.lists(st.tuples(st.floats(0.0, 100.0), requests), max_size=20))
def test_nobody_loses_a_lease_but_by_own_act_time_or_a_commander(steps: list[tuple[float, LeaseRequest]]) -> None:
    authority, now = Authority(commanders=[CHIEF]), NOW
    for wait_s, request in steps:
        now = now.plus_s(wait_s)
        authority.tick(now)
        before = authority.holder(U01, now, request.payload)
        events = authority.request(request, now)
        after = authority.holder(U01, now, request.payload)
        if before is not None and after != before:
            was = [event for event in events if before in event.to]
            assert was, "the old holder is told"
            assert was[0].outcome in (LeaseOutcome.HANDED_OVER, LeaseOutcome.RELEASED, LeaseOutcome.PRE_EMPTED)
            assert was[0].outcome is not LeaseOutcome.PRE_EMPTED or request.by == CHIEF
        assert all(event.reason.endswith(".") for event in events)
