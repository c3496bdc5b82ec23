"""Who may not be overruled: those who end motion, the safety pilot, a stopped fleet, payloads' own operators."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.authority import Authority
from fleet.commands import ALWAYS_THROUGH, Command, Lease, PayloadOrder, Verb
from fleet.guard import LIMITS, EquipmentClass, Guard, GuardedVehicle
from fleet.guard.failsafes import failsafe_fault
from fleet.model import FailsafeAction, FailsafeCause, FailsafeSetting, LinkState, VehicleKind, VehicleState
from tests.fleet.guard.test_commands import NOW, command, flying, guard, refused, state, verdict
from tests.fleet.guard.test_frames import U01, Gate, no
from tests.support.fleet_bench import APPROVED, COMMANDER, PILOT, STRANGER, at, flat_site, route
from world.ids import OperatorId, VehicleId
from world.position import Geodetic
from world.time import Instant

G01 = VehicleId("G01")
CAMERA_OPERATOR = OperatorId("camera operator")
REFUSED = "is refused: "


def with_payload(payload: str = "camera", holder: OperatorId = CAMERA_OPERATOR) -> tuple[Guard, Authority]:
    authority = Authority(commanders=[COMMANDER])
    authority.grant(Lease(vehicle=U01, holder=PILOT, expires=NOW.plus_s(60.0)), NOW)
    authority.grant(Lease(vehicle=U01, payload=payload, holder=holder, expires=NOW.plus_s(60.0)), NOW)
    vehicles = {U01: GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER])}
    made = Guard(send=lambda vehicle, data: None, authority=authority, vehicles=vehicles, site=flat_site())
    return made, authority


def operate(payload: str = "gripper", action: str = "grab", by: OperatorId = PILOT) -> Command:
    return command(Verb.OPERATE, by=by, order=PayloadOrder(payload=payload, action=action))


# never refused

numbers = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
places = st.one_of(st.none(), st.builds(
    Geodetic, lat_deg=st.floats(), lon_deg=st.floats(), height_m=st.floats(),
))
states = st.builds(
    VehicleState, vehicle=st.sampled_from([U01, G01, VehicleId("X09")]), kind=st.sampled_from(VehicleKind),
    heard=st.integers(-(10**15), 10**15).map(lambda ns: Instant(mono_ns=ns, utc_ns=0)),
    link=st.sampled_from(LinkState), position=places, home=places, is_armed=st.sampled_from([None, True, False]),
    is_landed=st.sampled_from([None, True, False]), battery_pct=numbers, has_safety_pilot=st.booleans(),
)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(sorted(ALWAYS_THROUGH)), st.sampled_from([PILOT, COMMANDER]), states, st.booleans(), st.booleans(),
    st.lists(st.sampled_from(Verb), max_size=3),
)
def test_stop_hold_return_and_land_always_pass(
    verb: Verb, by: OperatorId, seen: VehicleState, is_latched: bool, is_watched: bool, before: list[Verb]
) -> None:
    made = guard()
    for earlier in before:
        made.admit(command(earlier, route=route(), height_m=30.0), state(), NOW)
    if is_latched:
        made.latch(None, COMMANDER, NOW)
    if is_watched:
        made.watch(seen, NOW)
    assert made.admit(command(verb, by=by, plan_digest=None), seen, NOW) is None


@pytest.mark.parametrize("verb", sorted(ALWAYS_THROUGH))
def test_their_frames_leave_under_a_stop_and_beside_a_pilot(verb: Verb) -> None:
    gate = Gate()
    gate.guard.latch([U01], PILOT, NOW)
    gate.guard.watch(flying(has_safety_pilot=True), NOW)
    assert gate.admit(verb).long(176, 1.0, 17.0) is None


# safety pilot


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in (Verb.CAPTURE, Verb.OPERATE)])
def test_what_would_move_a_vehicle_is_refused_while_its_pilot_flies(verb: Verb) -> None:
    seen = flying(has_safety_pilot=True)
    asked = command(verb, position=at(0, 90, 40), height_m=30.0, speed_m_s=5.0, held_s=3.0, route=route())
    said = verdict(asked, seen)
    if verb in ALWAYS_THROUGH | {Verb.DISARM, Verb.KILL}:
        assert said is None
    else:
        reason = "its safety pilot flies it by radio; wait until it is given back, or have a commander take it back"
        assert said == f"{verb} of U01 {REFUSED}{reason}."


def test_cameras_and_tools_work_on_while_the_pilot_flies() -> None:
    seen = flying(has_safety_pilot=True)
    assert verdict(command(Verb.CAPTURE), seen) is None
    assert verdict(operate(), seen) is None


def test_frames_of_a_command_under_way_wait_from_the_moment_the_pilot_takes_over() -> None:
    gate = Gate().admit(Verb.GO_TO, position=at(0, 90, 40))
    assert gate.long(176, 1.0, 4.0) is None
    gate.guard.watch(flying(has_safety_pilot=True), NOW)
    no(gate.long(176, 1.0, 4.0), "needs a command to be under way")
    gate.guard.watch(flying(), NOW)
    assert gate.long(176, 1.0, 4.0) is None
    shooting = Gate().admit(Verb.CAPTURE)
    shooting.guard.watch(flying(has_safety_pilot=True), NOW)
    assert shooting.long(2000, 0, 0, 1) is None


# the fleet's stop


def test_a_stopped_fleet_moves_again_only_by_a_commander() -> None:
    made = guard()
    assert made.latch(None, COMMANDER, NOW) is None
    assert made.is_latched(U01)
    said = made.admit(command(Verb.GO_TO, position=at(0, 90, 40)), flying(), NOW)
    assert said == f"go_to of U01 {REFUSED}commander has stopped the fleet; a commander must release it first."
    assert made.admit(command(Verb.GO_TO, by=COMMANDER, position=at(0, 90, 40)), flying(), NOW) is not None
    assert made.release(PILOT, NOW) == "pilot is no commander and cannot release the fleet's stop."
    assert made.is_latched(U01)
    for _ in range(2):  # the second time it is stopped no more
        assert made.release(COMMANDER, NOW, [U01]) is None
        assert not made.is_latched(U01)
        assert made.is_latched(G01)
    assert made.release(COMMANDER, NOW) is None
    assert not made.is_latched(G01)
    assert made.admit(command(Verb.GO_TO, position=at(0, 90, 40)), flying(), NOW) is None


def test_a_stop_of_an_earlier_run_holds_for_who_is_not_back_yet() -> None:
    made, guest = guard(), VehicleId("guests-3")
    made.keep_stopped([U01, guest], PILOT)
    made.latch([U01], COMMANDER, NOW)
    said = made.admit(command(Verb.GO_TO, position=at(0, 90, 40)), flying(), NOW)
    assert "pilot has stopped the fleet" in str(said), "who stopped first is named"
    assert (made.is_latched(guest), made.is_latched(G01)) == (True, False)
    assert made.release(COMMANDER, NOW) is None
    assert not made.is_latched(U01)
    assert not made.is_latched(guest), "all means all"


@pytest.mark.parametrize("verb", [
    Verb.ARM, Verb.TAKE_OFF, Verb.GO_TO, Verb.UPLOAD_ROUTE, Verb.START_ROUTE, Verb.SET_SPEED, Verb.LOOK_AT
])
def test_nothing_that_moves_passes_a_stop(verb: Verb) -> None:
    made = guard()
    made.latch([U01], PILOT, NOW)
    asked = command(verb, position=at(0, 90, 40), height_m=30.0, speed_m_s=5.0, route=route())
    assert "pilot has stopped the fleet" in str(made.admit(asked, flying(), NOW))


def test_tools_of_a_stopped_fleet_may_only_be_ended() -> None:
    made = guard()
    made.latch([U01], COMMANDER, NOW)
    assert "has stopped the fleet" in str(made.admit(operate("winch", "retract"), flying(), NOW))
    for action in ("stop", "safe"):
        assert made.admit(operate("winch", action), flying(), NOW) is None
    assert made.admit(command(Verb.CAPTURE), flying(), NOW) is None


def test_a_stop_ends_what_is_under_way_at_once() -> None:
    gate = Gate().admit(Verb.GO_TO, position=at(0, 90, 40))
    gate.guard.latch(None, PILOT, NOW)
    no(gate.long(176, 1.0, 4.0), "needs a command to be under way")


def test_one_may_stop_what_one_may_command() -> None:
    made = guard()
    assert made.latch([U01], STRANGER, NOW) == "stranger may not stop U01."
    assert not made.is_latched(U01)
    assert made.latch(None, STRANGER, NOW) == "stranger may not stop any vehicle."
    assert made.latch([U01, VehicleId("X01"), VehicleId("X02")], PILOT, NOW) == (
        "pilot may not stop X01, X02."
    )
    assert made.is_latched(U01)
    made.latch([U01], COMMANDER, NOW)
    assert "pilot has stopped" in str(made.admit(command(Verb.ARM), state(), NOW)), "the first stop is told"


# kill


def test_motors_stop_only_by_a_button_that_was_held() -> None:
    for held_s in (None, 0.0, 2.9, math.nan):
        refused("motors are stopped only by a button held for 3 s", command(Verb.KILL, held_s=held_s))
    assert verdict(command(Verb.KILL, held_s=3.0)) is None
    refused("stranger does not hold", command(Verb.KILL, by=STRANGER, held_s=3.0))


def test_nobody_kills_a_fleet_with_one_press() -> None:
    made = guard()
    for _ in range(2):
        assert made.admit(command(Verb.KILL, held_s=3.5), flying(), NOW) is None
    other = command(Verb.KILL, "G01", held_s=3.5)
    said = made.admit(other, state("G01"), NOW.plus_s(3.4))
    assert said == f"kill of G01 {REFUSED}pilot was still holding the button for U01; hold it again for this one."
    assert made.admit(replace(other, issued_by=COMMANDER), state("G01"), NOW.plus_s(3.4)) is None
    assert made.admit(other, state("G01"), NOW.plus_s(3.5)) is None


# payloads


def test_a_payload_is_its_operators() -> None:
    made, authority = with_payload("gripper")
    said = made.admit(operate(), flying(), NOW)
    assert said == "pilot does not hold the lease of gripper of U01; camera operator does."
    assert made.admit(operate(by=CAMERA_OPERATOR), flying(), NOW) is None
    assert made.admit(operate(by=COMMANDER), flying(), NOW) is None
    assert made.admit(operate("winch", "retract"), flying(), NOW) is None
    away = made.admit(operate("winch", "retract", by=CAMERA_OPERATOR), flying(), NOW)
    assert away == "camera operator does not hold the lease of U01; pilot does."
    assert "does not hold the lease of U01" in str(made.admit(command(Verb.ARM, by=CAMERA_OPERATOR), state(), NOW))
    later = NOW.plus_s(59.0)
    authority.grant(Lease(vehicle=U01, payload="gripper", holder=CAMERA_OPERATOR, expires=later), NOW)
    assert made.admit(operate(), flying(heard=later), later) is None


@pytest.mark.parametrize("action", ["stop", "safe"])
def test_who_answers_for_the_vehicle_may_end_what_its_payloads_do(action: str) -> None:
    made, _ = with_payload("gripper")
    for by in (PILOT, CAMERA_OPERATOR, COMMANDER):
        assert made.admit(operate(action=action, by=by), flying(), NOW) is None
    assert made.admit(operate(action=action, by=OperatorId("somebody")), flying(), NOW) is not None


def test_images_are_the_camera_operators_too() -> None:
    made, _ = with_payload()
    assert "camera of U01; camera operator does" in str(made.admit(command(Verb.CAPTURE), flying(), NOW))
    assert made.admit(command(Verb.CAPTURE, by=CAMERA_OPERATOR), flying(), NOW) is None
    none = made.admit(replace(operate(), order=None), flying(), NOW)
    assert none == "operate of U01 is refused: an order needs a payload of the guard's table."


# failsafes


def settings_of(**actions: FailsafeAction) -> tuple[FailsafeSetting, ...]:
    plain = dict.fromkeys(FailsafeCause, FailsafeAction.RETURN) | {FailsafeCause(k): v for k, v in actions.items()}
    return tuple(FailsafeSetting(cause=cause, action=action) for cause, action in plain.items())


def declared(*settings: FailsafeSetting, is_told: bool = True, **fields: Any) -> Guard:
    authority = Authority(commanders=[COMMANDER])
    vehicle = GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER], needs_failsafes=True, **fields)
    made = Guard(send=lambda vehicle, data: None, authority=authority, vehicles={U01: vehicle}, site=flat_site())
    made.approve(APPROVED)
    if is_told:
        made.declare(U01, settings, NOW)
    return made


def test_motors_do_not_start_before_failsafes_are_read_back() -> None:
    arm, off = command(Verb.ARM, by=COMMANDER), command(Verb.TAKE_OFF, by=COMMANDER, height_m=30.0)
    for asked in (arm, off):
        unread = "its failsafes have not been read back; wait until they are, or mend the link"
        assert str(declared(is_told=False).admit(asked, state(), NOW)).endswith(f"{REFUSED}{unread}.")
        assert declared(*settings_of()).admit(asked, state(), NOW) is None
        assert "it does nothing on a lost link" in str(declared().admit(asked, state(), NOW))
    going = declared(is_told=False)
    assert going.admit(command(Verb.UPLOAD_ROUTE, by=COMMANDER, route=route()), state(), NOW) is None
    going.close(U01, is_done=True)
    assert "failsafes" in str(going.admit(command(Verb.START_ROUTE, by=COMMANDER), state(), NOW))
    assert going.admit(command(Verb.GO_TO, by=COMMANDER, position=at(0, 90, 40)), flying(), NOW) is None


@pytest.mark.parametrize("cause", list(FailsafeCause))
def test_every_cause_needs_an_answer_that_does_something(cause: FailsafeCause) -> None:
    idle = {FailsafeAction.NONE, FailsafeAction.WARN, FailsafeAction.UNKNOWN}
    if cause is not FailsafeCause.LINK_LOSS:
        idle.add(FailsafeAction.CONTINUE)
    for action in FailsafeAction:
        fault = failsafe_fault(settings_of(**{cause: action}), frozenset())
        assert (fault is not None) == (action in idle), action
    others = tuple(setting for setting in settings_of() if setting.cause is not cause)
    assert "it does nothing on" in str(failsafe_fault(others, frozenset()))
    assert failsafe_fault(others, {cause}) is None
    assert failsafe_fault(settings_of(**{cause: FailsafeAction.NONE}), {cause}) is None
    unread = str(failsafe_fault(settings_of(**{cause: FailsafeAction.UNKNOWN}), {cause}))
    assert unread.startswith("what it does on a")
    assert unread.endswith(" was not understood; set a failsafe for it and read it back")


def test_refusals_name_the_cause_and_the_remedy() -> None:
    words = {
        FailsafeCause.LINK_LOSS: "a lost link", FailsafeCause.LOW_BATTERY: "a low battery",
        FailsafeCause.FENCE_BREACH: "a breach of its fence",
    }
    for cause, said in words.items():
        made = declared(*settings_of(**{cause: FailsafeAction.NONE}))
        remedy = "set a failsafe for it, or have the site accept that in writing"
        assert made.admit(command(Verb.ARM, by=COMMANDER), state(), NOW) == (
            f"arm of U01 {REFUSED}it does nothing on {said}; {remedy}."
        )
        fine = declared(*settings_of(**{cause: FailsafeAction.NONE}), accepts_none=frozenset({cause}))
        assert fine.admit(command(Verb.ARM, by=COMMANDER), state(), NOW) is None


def test_an_older_reading_never_replaces_a_newer_one() -> None:
    made, arm = declared(*settings_of()), command(Verb.ARM, by=COMMANDER)
    made.declare(U01, (), NOW.plus_s(-1.0))
    assert made.admit(arm, state(), NOW) is None
    made.declare(U01, (), NOW)
    assert "it does nothing on a lost link" in str(made.admit(arm, state(), NOW))
    made.declare(U01, settings_of(), NOW.plus_s(1.0))
    assert made.admit(arm, state(), NOW) is None


def test_a_vehicle_says_what_it_is_built_for() -> None:
    plain = GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER])
    assert (plain.equipment, plain.needs_failsafes, plain.accepts_none) == (EquipmentClass.NONE, False, frozenset())
