"""How a plane is told with rotors from one without, and what that changes."""

from functools import partial

import pytest

from fleet.commands import AckResult, Verb
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Run, Talk
from fleet.drivers.plane.control import SAYS_WITHIN_S
from fleet.drivers.plane.state import FOLD
from fleet.drivers.registry import DRIVERS
from fleet.model import FlightMode, VehicleKind
from fleet.wire.enums import Autopilot, MavType, PlaneMode
from fleet.wire.message import Message
from tests.fleet.drivers.test_fold import NOW, frame, known
from tests.fleet.drivers.test_programmes import order

FRESH = known(VehicleKind.PLANE)


def heard(*messages: Message, at: Known = FRESH) -> Known:
    for message in messages:
        at = FOLD[message.SPEC.name](at, message, NOW)
    return at


def beat(kind: MavType, mode: int = 0, autopilot: int = Autopilot.ARDUPILOT) -> Message:
    return frame("HEARTBEAT", type=kind, autopilot=autopilot, base_mode=1, custom_mode=mode, system_status=4)


def extended(vtol_state: int) -> Message:
    return frame("EXTENDED_SYS_STATE", vtol_state=vtol_state, landed_state=1)


def q_enable(value: float, name: str = "Q_ENABLE") -> Message:
    return frame("PARAM_VALUE", param_id=name, param_value=value, param_type=2, param_count=1, param_index=0)


def test_a_vtol_type_is_proof_and_fixed_wing_is_none() -> None:
    assert heard(beat(MavType.FIXED_WING)).vitals.is_vtol is None
    for kind in range(MavType.VTOL_DUOROTOR, MavType.GIMBAL):
        assert heard(beat(MavType(kind) if kind in set(MavType) else MavType.VTOL_QUADROTOR)).vitals.is_vtol is True
    assert heard(beat(MavType.VTOL_QUADROTOR, autopilot=Autopilot.INVALID)).vitals.is_vtol is None


def test_the_state_of_transition_tells_and_so_does_the_parameter() -> None:
    assert heard(extended(0)).vitals.is_vtol is False
    assert heard(extended(3)).vitals.is_vtol is True
    assert heard(extended(3), extended(0)).vitals.is_vtol is True, "once seen, it stays"
    assert heard(q_enable(1.0)).vitals.is_vtol is True
    assert heard(q_enable(0.0)).vitals.is_vtol is False
    assert heard(q_enable(1.0, "Q_OPTIONS")).vitals.is_vtol is None


def _same(at: Known) -> Known:
    return at


@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.STOP, Verb.RETURN, Verb.LAND])
def test_with_rotors_other_modes_are_ordered(verb: Verb) -> None:
    wings = {Verb.RETURN: PlaneMode.RTL, Verb.LAND: PlaneMode.AUTOLAND}.get(verb, PlaneMode.LOITER)
    rotors = {Verb.RETURN: PlaneMode.QRTL, Verb.LAND: PlaneMode.QLAND}.get(verb, PlaneMode.QLOITER)
    for at, wanted in ((FRESH, wings), (heard(extended(3)), rotors)):
        talk = Talk(sysid=1, known=partial(_same, at), on_mission=lambda mission: None)
        sent = Run(DRIVERS[VehicleKind.PLANE].programmes[verb](talk, order(verb))).begin(at, NOW)
        assert [(each.fields["command"], each.fields["param2"]) for each in sent] == [(176, wanted), (512, 0.0)]


def test_modes_are_named_alike() -> None:
    assert heard(beat(MavType.FIXED_WING, PlaneMode.QRTL)).state.mode is FlightMode.RETURN
    assert heard(beat(MavType.FIXED_WING, PlaneMode.TAKEOFF)).state.mode is FlightMode.GUIDED
    assert heard(beat(MavType.FIXED_WING, 77)).state.mode is FlightMode.UNKNOWN


@pytest.mark.parametrize("verb", [Verb.TAKE_OFF, Verb.SET_RETURN_HEIGHT])
def test_it_does_not_start_before_it_is_known_whether_it_has_rotors(verb: Verb) -> None:
    for is_told in (True, False):
        at = FRESH
        talk = Talk(sysid=1, known=lambda: at, on_mission=lambda mission: None)  # noqa: B023
        run = Run(DRIVERS[VehicleKind.PLANE].programmes[verb](talk, order(verb, height_m=40.0)))
        assert run.begin(at, NOW) == []
        if is_told:
            at = heard(extended(3))
            assert run.hear(extended(3), at, NOW), "it goes on"
        else:
            assert run.tick(at, NOW.plus_s(SAYS_WITHIN_S + 0.1)) == []
            assert run.result is AckResult.TIMED_OUT
            assert "whether it has rotors" in run.reason
