"""Tables of the guard, a second time and on purpose: whoever changes a row must say so in two places."""

import pytest

from fleet.commands import Verb
from fleet.guard import LIMITS, PX4_LIMITS, VehicleLimits
from fleet.guard.failsafes import NEEDS_FAILSAFES
from fleet.guard.guest import COMMANDS, READINGS, REASONS
from fleet.guard.guest_frames import ABSOLUTE, RELATIVE, GuestFrame, Meaning
from fleet.guard.guest_lists import ITEMS, MOST_ITEMS
from fleet.guard.guest_moves import CLIMBING, GROUND_ONLY, STICKS, STOPPING, mode_change
from fleet.guard.payloads import EVERYWHERE, PAYLOADS
from fleet.guard.rules import NEEDS_APPROVAL
from fleet.model import Domain, VehicleKind, VehicleState
from tests.fleet.guard.test_commands import NOW, flying, state
from tests.fleet.guard.test_guest import ANNA, item, long
from tests.fleet.guard.test_guest_meanings import HOME_M, THERE, flown, message, order, read

ASKING = {401, 410, 510, 511, 512, 519, 520, 521, 522, 525, 527, 528, 2504, 2505, 42428}
ENDING = {17, 20, 21}
QUESTIONS = {
    "SYSTEM_TIME", "TIMESYNC", "PING", "REQUEST_DATA_STREAM", "AUTOPILOT_VERSION_REQUEST", "PARAM_REQUEST_READ",
    "PARAM_REQUEST_LIST", "PARAM_EXT_REQUEST_READ", "PARAM_EXT_REQUEST_LIST", "MISSION_REQUEST_LIST",
    "MISSION_REQUEST_PARTIAL_LIST", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK", "LOG_REQUEST_LIST",
    "LOG_REQUEST_DATA", "LOG_REQUEST_END",
}
LOOKING = {115, 195, 197, 201, 203, 205, 206, 1000, 2000, 2001}
NUMBERS = range(40)
STOPS = {
    VehicleKind.COPTER: {6, 9, 17}, VehicleKind.ROVER: {4, 11}, VehicleKind.BOAT: {4, 5, 11},
    VehicleKind.SUB: {9, 16}, VehicleKind.PLANE: {11, 12, 19, 20, 21, 26},
}
WAITS = {
    VehicleKind.COPTER: {2, 4, 5, 16}, VehicleKind.ROVER: {0, 3, 5, 15}, VehicleKind.BOAT: {0, 3, 15},
    VehicleKind.SUB: {0, 2, 4, 19}, VehicleKind.PLANE: {1, 5, 6, 7, 15},
}
BY_STICKS = {
    VehicleKind.COPTER: {2, 5, 16}, VehicleKind.ROVER: {0, 3, 5}, VehicleKind.BOAT: {0, 3},
    VehicleKind.SUB: {0, 2, 19}, VehicleKind.PLANE: {5, 6, 7},
}
PX4_STOPS, PX4_WAITS = {4 << 16 | sub << 24 for sub in (3, 5, 6)}, {2 << 16, 3 << 16, 6 << 16}


def test_what_guests_may_say_and_give() -> None:
    assert {int(number) for number in COMMANDS} == ASKING | ENDING | {22, 115, 176, 178, 192, 193, 300, 400}
    assert set(READINGS) == QUESTIONS | {
        "FILE_TRANSFER_PROTOCOL", "SET_MODE", "COMMAND_LONG", "COMMAND_INT", "PARAM_SET", "MISSION_CLEAR_ALL",
        "MISSION_ITEM", "MISSION_ITEM_INT", "SET_POSITION_TARGET_GLOBAL_INT", "SET_POSITION_TARGET_LOCAL_NED",
    }
    assert set(REASONS) == {
        "RC_CHANNELS_OVERRIDE", "MANUAL_CONTROL", "SETUP_SIGNING", "HEARTBEAT", "MISSION_SET_CURRENT"
    }
    assert {int(number) for number in ITEMS} == LOOKING | {16, 19, 20, 21, 22, 178}
    assert (set(RELATIVE), set(ABSOLUTE), MOST_ITEMS) == ({3, 6}, {0, 5}, 700)


def test_questions_of_guests_ask_for_nothing_that_moves() -> None:
    for number in ASKING:
        assert read("COMMAND_LONG", long(number)) == ()
    for number in ENDING:
        assert read("COMMAND_LONG", long(number)) == (order(Verb.HOLD),)
    for name in QUESTIONS:
        assert READINGS[name](frame(flying(), LIMITS[VehicleKind.COPTER])) == ()
    there = item(1, 16, z=HOME_M + 40.0, **THERE)
    for number in LOOKING:
        assert flown(there, item(2, number)) == flown(there), "turns a camera or the nose"


def frame(seen: VehicleState, limits: VehicleLimits) -> GuestFrame:
    return GuestFrame(message=message("COMMAND_LONG", long(512)), guest=ANNA, state=seen, limits=limits, now=NOW)


def changed(kind: VehicleKind, mode: int, *, is_px4: bool, is_flying: bool = True) -> Meaning:
    seen = flying(kind=kind) if is_flying else state(kind=kind)
    return mode_change(frame(seen, (PX4_LIMITS if is_px4 else LIMITS)[kind]), mode)


@pytest.mark.parametrize("kind", list(VehicleKind))
def test_modes_of_guests_end_motion_or_wait_or_are_refused(kind: VehicleKind) -> None:
    auto = LIMITS[kind].auto_mode
    here = flying().position
    waiting = (order(Verb.GO_TO, position=here, speed_m_s=0.1),)
    for mode in {*NUMBERS} - {auto}:
        found = changed(kind, mode, is_px4=False)
        if mode in STOPS[kind]:
            assert found == (order(Verb.HOLD),), mode
        else:
            assert (found == waiting) == (mode in WAITS[kind]), mode
            assert isinstance(found, str) == (mode not in WAITS[kind]), mode
        at_rest = changed(kind, mode, is_px4=False, is_flying=False)
        may_rest = WAITS[kind] | ({0} if kind is VehicleKind.COPTER else set())
        assert (at_rest == ()) == (mode in may_rest and mode not in STOPS[kind]), mode


@pytest.mark.parametrize("kind", sorted(PX4_LIMITS))
def test_modes_of_guests_under_px4(kind: VehicleKind) -> None:
    every = {main << 16 | sub << 24 for main in range(12) for sub in range(10)} - {4 << 16 | 4 << 24}
    for mode in every:
        found = changed(kind, mode, is_px4=True)
        assert (found == (order(Verb.HOLD),)) == (mode in PX4_STOPS)
        assert isinstance(found, str) == (mode not in PX4_STOPS | PX4_WAITS)


def test_every_kind_of_vehicle_has_its_modes() -> None:
    assert set(STOPPING) == set(STICKS) == set(VehicleKind)
    assert {kind: set(modes) for kind, modes in STOPPING.items()} == STOPS
    assert {kind: set(modes) for kind, modes in STICKS.items()} == BY_STICKS
    assert (set(GROUND_ONLY), set(CLIMBING)) == ({VehicleKind.COPTER}, {VehicleKind.PLANE})


def test_where_payloads_may_be_used() -> None:
    ground, wet = {Domain.GROUND}, {Domain.GROUND, Domain.UNDERWATER}
    narrow = {"water_monitor": ground, "breaching_tool": ground, "geophone": ground, "pump": wet}
    assert {name: set(row.domains) for name, row in PAYLOADS.items() if row.domains != EVERYWHERE} == narrow
    assert set(EVERYWHERE) == set(Domain)
    assert {name for name, row in PAYLOADS.items() for one in row.actions.values() if one.must_stand} == {
        "water_monitor", "breaching_tool"
    }


def test_what_needs_a_plan_and_what_needs_failsafes() -> None:
    assert set(NEEDS_APPROVAL) == {Verb.UPLOAD_ROUTE, Verb.ARM, Verb.TAKE_OFF, Verb.START_ROUTE}
    assert set(NEEDS_FAILSAFES) == {Verb.ARM, Verb.TAKE_OFF, Verb.START_ROUTE}
