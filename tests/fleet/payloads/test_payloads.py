"""Every payload, driver against twin over bytes: what it is told it does, and a yes is true."""

import math
from dataclasses import replace
from typing import Any

import pytest

from fleet.commands import AckResult, Verb
from fleet.drivers.payloads.registry import HEARD, PAYLOADS
from fleet.drivers.registry import DRIVERS
from fleet.guard.payloads import PAYLOADS as GUARDED
from fleet.model import VehicleKind
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import WinchAction
from fleet.wire.readings import PayloadAction, PayloadCommand, PayloadState
from fleet.wire.tunnel import SETPOINTS, tunnel_fields
from sim.payloads.rack import TWINS
from sim.payloads.surroundings import Surroundings
from sim.payloads.water_monitor import WaterJet
from sim.vehicles.spec import Kind
from tests.support.payload_bench import PayloadBench
from world.ids import Digest

WATER: dict[str, Any] = {"flow_l_s": 40.0, "azimuth_deg": 20.0}
BREACH: dict[str, Any] = {"force_n": 30_000.0, "depth_m": 0.05, "feed_m_s": 0.01}
STARTS: dict[str, dict[str, Any]] = {
    "water_monitor": WATER, "breaching_tool": BREACH, "pump": {"flow_m3_h": 120.0}, "gas_sensor": {"rate_hz": 2.0},
    "uwb": {}, "geophone": {}, "speaker": {"recording_id": 3.0}, "light": {"strobe_hz": 2.0}, "relay_radio": {},
}


def test_every_driver_has_its_twin_and_its_row_in_the_guard() -> None:
    assert set(PAYLOADS) == set(GUARDED)
    assert set(PAYLOADS) == {*TWINS, "camera"}, "the camera's twin is there with every camera"
    for name, driver in PAYLOADS.items():
        assert set(driver.actions) == set(GUARDED[name].actions), name
        assert driver.capabilities.carriers >= GUARDED[name].domains, name
        assert set(driver.fold) <= set(HEARD)


@pytest.mark.parametrize("name", list(PAYLOADS))
def test_the_guard_is_more_careful_than_the_driver_and_means_the_same(name: str) -> None:
    for action, row in PAYLOADS[name].actions.items():
        bounds = GUARDED[name].actions[action].bounds
        assert [setpoint.name for setpoint in row.setpoints] == list(bounds), (name, action)
        for setpoint in row.setpoints:
            bound = bounds[setpoint.name]
            assert setpoint.low <= bound.low < bound.high <= setpoint.high
            assert setpoint.default == bound.default
            assert setpoint.source


@pytest.mark.parametrize("name", list(PAYLOADS))
def test_every_failure_has_words_in_both_languages_and_what_is_safe(name: str) -> None:
    for code, fault in PAYLOADS[name].capabilities.faults.items():
        assert code == fault.code
        assert all((fault.text, fault.text_zh, fault.safe, fault.safe_zh))
        assert not fault.text_zh.isascii()
        assert not fault.safe_zh.isascii()
    assert all(figure.source for figure in PAYLOADS[name].capabilities.figures)


@pytest.mark.parametrize("name", list(STARTS))
def test_it_starts_stops_and_is_made_safe(name: str) -> None:
    bench = PayloadBench(name)
    bench.done(name, "start", **STARTS[name])
    state = bench.states.get((name, 0))
    assert state is not None
    assert state.doing is PayloadState.RUNNING
    bench.done(name, "stop")
    assert bench.states[name, 0].doing is PayloadState.OFF
    assert [each for each in bench.rack.effects() if each[0] == name] == []
    bench.done(name, "start", **STARTS[name])
    bench.done(name, "safe", digest=None)
    assert bench.states[name, 0].doing is PayloadState.OFF


def test_water_is_where_it_was_asked_before_anybody_hears_yes() -> None:
    bench = PayloadBench("water_monitor")
    monitor = bench.twin("water_monitor")
    bench.done("water_monitor", "start", **WATER)
    jet = monitor.effect()
    assert isinstance(jet, WaterJet)
    assert jet.flow_l_s == pytest.approx(40.0, abs=2.0)
    assert jet.azimuth_deg == pytest.approx(20.0, abs=2.0)
    assert jet.reach_m == pytest.approx(60.0, abs=2.0)
    assert jet.recoil_n == pytest.approx(0.04 * math.sqrt(2 * 0.8e6 * (40 / 60) ** 2 * 1000), rel=0.1)
    bench.done("water_monitor", "adjust", flow_l_s=20.0, azimuth_deg=-30.0, spread_deg=60.0)
    assert monitor.effect().flow_l_s == pytest.approx(20.0, abs=2.0)
    state: Any = bench.states["water_monitor", 0]
    assert state.azimuth_deg == pytest.approx(-30.0, abs=2.0)
    assert monitor.executed == 2


def test_the_valve_ramps_and_water_stops_slowly() -> None:
    bench = PayloadBench("water_monitor")
    start = bench.now
    bench.done("water_monitor", "start", flow_l_s=48.0)
    assert start.age_s(bench.now) >= 7.0, "6 L/s a second"
    bench.done("water_monitor", "stop")
    assert bench.twin("water_monitor").flow_l_s == 0.0


def test_the_breaching_tool_goes_as_deep_as_asked_and_no_deeper() -> None:
    bench = PayloadBench("breaching_tool")
    bench.done("breaching_tool", "start", **BREACH)
    tool = bench.twin("breaching_tool")
    assert tool.depth_m == pytest.approx(0.05, abs=0.01)
    bench.pass_time(10.0)
    assert tool.depth_m == pytest.approx(0.05)
    bench.done("breaching_tool", "stop")
    assert (tool.force_n, tool.depth_m) == (0.0, 0.0)


def test_the_gripper_takes_carries_and_drops_once() -> None:
    bench = PayloadBench("gripper")
    gripper = bench.twin("gripper")
    bench.done("gripper", "grab")
    assert gripper.effect().held_kg == 2.0
    state: Any = bench.states["gripper", 0]
    assert state.force_n == pytest.approx(19.6, abs=0.1)
    bench.done("gripper", "stop")
    assert gripper.effect().held_kg == 2.0, "to stop keeps the load"
    bench.done("gripper", "release")
    assert gripper.effect().held_kg == 0.0
    assert gripper.effect().dropped_kg == 2.0
    assert gripper.releases == 1


def test_a_bare_servo_gripper_of_ardupilot_is_believed_by_its_texts() -> None:
    bench = PayloadBench("gripper")
    gripper = bench.twin("gripper")
    gripper.is_bare = True
    start = bench.now
    bench.done("gripper", "grab")
    assert gripper.held_kg == 2.0
    assert start.age_s(bench.now) > 3.0, "it tells the end only when it is told again"
    bench.done("gripper", "release")
    assert (gripper.held_kg, gripper.releases) == (0.0, 1)
    assert bench.order("gripper", "stop", in_s=10.0).result is not AckResult.ACCEPTED, "ArduPilot says nothing of it"


def test_the_gripper_may_also_close_on_nothing() -> None:
    bench = PayloadBench("gripper", around=Surroundings())
    bench.done("gripper", "grab")
    state: Any = bench.states["gripper", 0]
    assert (state.force_n, state.opening_pct) == (0.0, 0.0)


def test_a_load_in_the_air_is_dropped_only_with_an_approved_plan() -> None:
    bench = PayloadBench("gripper", kind=Kind.COPTER)
    bench.done("gripper", "grab", digest=None)
    bench.known = replace(bench.known, state=replace(bench.known.state, is_landed=False))
    for digest in (None, Digest("b" * 64)):
        end = bench.order("gripper", "release", digest=digest)
        assert end.result is AckResult.REFUSED_BY_GUARD
        assert "its plan is not approved" in end.reason
    assert bench.twin("gripper").held_kg == 2.0


def test_the_winch_goes_to_a_length_and_back_and_stops_on_the_way() -> None:
    bench = PayloadBench("winch")
    winch = bench.twin("winch")
    bench.done("winch", "move", length_m=6.0, rate_m_s=0.6)
    assert winch.length_m == pytest.approx(6.0, abs=0.1)
    state: Any = bench.states["winch", 0]
    assert state.tension_n == pytest.approx(19.6, abs=0.1)
    bench.done("winch", "move", length_m=2.0)
    assert winch.length_m == pytest.approx(2.0, abs=0.1)
    bench.order("winch", "move", length_m=20.0, in_s=4.0)
    bench.done("winch", "stop")
    stood_m = winch.length_m
    assert 2.5 < stood_m < 6.0
    bench.pass_time(5.0)
    assert winch.length_m == stood_m
    bench.done("winch", "retract")
    assert winch.length_m == 0.0
    bench.done("winch", "abandon")
    assert winch.length_m == 30.0


def test_a_load_slows_the_winch() -> None:
    def seconds(load_kg: float) -> float:
        bench = PayloadBench("winch", around=Surroundings(load_kg=load_kg))
        start = bench.now
        bench.done("winch", "move", length_m=12.0, rate_m_s=0.8)
        return start.age_s(bench.now)

    assert seconds(0.0) == pytest.approx(15.0, abs=0.5)
    assert seconds(10.0) == pytest.approx(24.0, abs=0.5)


def test_other_ground_stations_use_the_winch_as_the_standard_says() -> None:
    bench = PayloadBench("winch")

    def wind(*params: float) -> None:
        values = dict.fromkeys((f"param{n}" for n in range(1, 8)), 0.0) | {
            f"param{n}": value for n, value in enumerate(params, 1)
        }
        bench.say(
            "COMMAND_LONG", target_system=1, target_component=169, command=MavCommand.DO_WINCH, confirmation=0, **values
        )
        bench.pass_time(10.0)

    winch = bench.twin("winch")
    wind(1.0, WinchAction.RELATIVE_LENGTH_CONTROL, 3.0, 0.5)
    assert winch.length_m == pytest.approx(3.0)
    wind(1.0, WinchAction.RELATIVE_LENGTH_CONTROL, -1.0, 0.5)
    assert winch.length_m == pytest.approx(2.0)
    wind(1.0, WinchAction.RATE_CONTROL, 0.0, -0.1)
    assert winch.length_m == pytest.approx(1.0)
    wind(1.0, WinchAction.HOLD)
    assert winch.length_m == pytest.approx(1.0)
    wind(1.0, WinchAction.RELATIVE_LENGTH_CONTROL, 100.0)
    wind(1.0, WinchAction.LOAD_LINE)
    wind(2.0, WinchAction.RETRACT)
    assert winch.length_m == pytest.approx(1.0)
    assert [message.result for message in bench.heard if message.SPEC.name == "COMMAND_ACK"][-3:] == [2, 3, 3]


NONSENSE: list[tuple[str, str, str, dict[str, Any]]] = [
    ("guard's table", "flamethrower", "start", {}),
    ("may not be told to fly", "pump", "fly", {}),
    ("needs flow_m3_h", "pump", "start", {}),
    ("has no depth_m", "pump", "start", {"flow_m3_h": 50.0, "depth_m": 1.0}),
    ("with flow_m3_h nan", "pump", "start", {"flow_m3_h": math.nan}),
    ("with flow_m3_h 1e+09", "pump", "start", {"flow_m3_h": 1e9}),
    ("with flow_m3_h -50", "pump", "start", {"flow_m3_h": -50.0}),
]


@pytest.mark.parametrize(("words", "payload", "action", "rest"), NONSENSE)
def test_nonsense_is_refused_in_one_sentence_and_nothing_is_sent(
    words: str, payload: str, action: str, rest: dict[str, Any]
) -> None:
    bench = PayloadBench("pump")
    bench.refused(words, payload, action, **rest)
    assert bench.frames == []


def test_the_driver_knows_its_limits_without_the_guard() -> None:
    bench = PayloadBench("pump")
    bench.refused("payload flamethrower is not known; use one of water_monitor", "flamethrower", "stop")
    bench.refused("pump stop has no setpoint flow_m3_h; it takes none", "pump", "stop", flow_m3_h=5.0)
    assert bench.frames == []


def test_a_payload_that_is_not_there_never_says_yes() -> None:
    bench = PayloadBench("pump")
    assert bench.order("water_monitor", "stop", in_s=10.0).result is AckResult.TIMED_OUT
    assert bench.order("gripper", "grab", in_s=10.0).result is not AckResult.ACCEPTED
    assert bench.order("pump", "stop", in_s=10.0, instance=1).result is AckResult.TIMED_OUT


def test_camera_and_gimbal_are_told_through_the_guard_too() -> None:
    bench = PayloadBench("gimbal", kind=Kind.COPTER)
    bench.done("gimbal", "point", pitch_deg=-30.0, yaw_deg=20.0, digest=None)
    bench.done("gimbal", "level")
    bench.done("gimbal", "stop")
    for action in ("image", "start_video", "stop_video", "video_mode", "photo_mode", "describe", "streams", "stop"):
        bench.done("camera", action, digest=None)
    bench.done("camera", "start_images", interval_s=1.0)
    bench.done("camera", "stop_images")
    bench.refused("SET_CAMERA_ZOOM unsupported", "camera", "zoom", zoom_pct=50.0)


def test_two_of_one_kind_are_told_apart() -> None:
    bench = PayloadBench("speaker", "speaker")
    bench.done("speaker", "start", recording_id=2.0, instance=1)
    assert [(name, instance) for name, instance, _ in bench.rack.effects()] == [("speaker", 1)]
    assert bench.states["speaker", 0].doing is PayloadState.OFF
    assert bench.states["speaker", 1].doing is PayloadState.RUNNING


def test_the_payload_itself_refuses_what_a_guard_would_not_have_let_out() -> None:
    """As another station could send it: too much, unapproved, too late, overtaken, reset of a latch."""
    bench = PayloadBench("water_monitor")
    monitor = bench.twin("water_monitor")
    now_us = bench.now.utc_ns // 1000
    good: dict[str, Any] = {"time_utc_us": now_us, "deadline_utc_us": now_us + 60_000_000, "approval": b"approved"}
    fine = (30.0, 0.0, 30.0, 0.0)

    def tell(number: int, action: PayloadAction, setpoints: Any = fine, **changes: Any) -> int:
        order = PayloadCommand(
            payload=monitor.payload, action=action, command_id=number, setpoints=setpoints, **good | changes
        )
        bench.say("TUNNEL", **tunnel_fields(order, target_system=1, target_component=242))
        bench.pass_time(0.2)
        return bench.states["water_monitor", 0].fault_code or 0

    start = PayloadAction.START
    assert tell(1, start, deadline_utc_us=now_us - 1) == 0x8001
    assert tell(2, start, (61.0, 0.0, 30.0, 0.0)) == 0x8003
    assert tell(3, start, (30.0, None, 30.0, 0.0)) == 0x8003
    assert tell(4, start, approval=bytes(8)) == 0x8004
    assert tell(5, PayloadAction.ADJUST) == 0x8005
    assert tell(6, PayloadAction.RESET_LATCH) == 0x8006
    assert monitor.executed == 0
    assert tell(7, start) == 0
    assert tell(8, PayloadAction.SAFE, deadline_utc_us=now_us - 1, time_utc_us=now_us + 9) == 0
    assert tell(9, start) == 0x8002
    assert monitor.executed == 2
    bench.pass_time(20.0)
    assert monitor.flow_l_s == 0.0


def test_setpoints_of_the_table_are_those_of_the_drivers() -> None:
    for twin in TWINS.values():
        payload = getattr(twin, "payload", None)
        if payload is not None:
            rows = [action.setpoints for action in PAYLOADS[twin.name].actions.values() if action.setpoints]
            assert all(tuple(each.name for each in row) == SETPOINTS[payload] for row in rows), twin.name
            limits = {each.name: (each.low, each.high) for row in rows for each in row}
            assert limits == dict(getattr(twin, "limits", {})), twin.name


@pytest.mark.parametrize("kind", list(VehicleKind))
def test_every_kind_of_vehicle_can_be_told(kind: VehicleKind) -> None:
    assert Verb.OPERATE in DRIVERS[kind].programmes
