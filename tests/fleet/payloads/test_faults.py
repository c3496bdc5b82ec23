"""Every way a payload fails, driver against twin: the order fails with the fault in words, and what is safe happens."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fleet.drivers.payloads.registry import PAYLOADS
from fleet.wire.payload_faults import (
    BreachingToolFault,
    GasSensorFault,
    GeophoneFault,
    GripperFault,
    LightFault,
    PumpFault,
    SpeakerFault,
    UwbFault,
    WaterMonitorFault,
    WinchFault,
)
from fleet.wire.readings import PayloadState
from sim.payloads.surroundings import Gas
from tests.support.payload_bench import PLENTY, PayloadBench

Arrange = Callable[[PayloadBench], None]


def broken(name: str, code: int) -> Arrange:
    return lambda bench: bench.twin(name).fail(code)


def around(**changes: Any) -> Arrange:
    def arrange(bench: PayloadBench) -> None:
        bench.rack.around = replace(bench.rack.around, **changes)

    return arrange


WATER: dict[str, Any] = {"flow_l_s": 45.0}
BREACH: dict[str, Any] = {"force_n": 30_000.0, "depth_m": 0.05, "feed_m_s": 0.01}
FLOW: dict[str, Any] = {"flow_m3_h": 100.0}
CASES: list[tuple[str, int, str, dict[str, Any], Arrange]] = [
    ("water_monitor", WaterMonitorFault.NO_PRESSURE, "start", WATER, around(supply_mpa=0.1)),
    ("water_monitor", WaterMonitorFault.LOW_PRESSURE, "start", WATER, around(supply_mpa=0.3)),
    ("water_monitor", WaterMonitorFault.VALVE_STUCK, "start", WATER, broken("water_monitor", 2)),
    ("water_monitor", WaterMonitorFault.AIM_JAMMED, "start", WATER, broken("water_monitor", 3)),
    ("water_monitor", WaterMonitorFault.TIPPING, "start", WATER, broken("water_monitor", 4)),
    ("breaching_tool", BreachingToolFault.JAMMED, "start", BREACH, around(yields_at_n=70_000.0)),
    ("breaching_tool", BreachingToolFault.NO_CONTACT, "start", BREACH, around(yields_at_n=None)),
    ("breaching_tool", BreachingToolFault.HYDRAULICS_LOST, "start", BREACH, broken("breaching_tool", 3)),
    ("gripper", GripperFault.JAMMED, "grab", {}, broken("gripper", 1)),
    ("gripper", GripperFault.LOAD_SLIPPED, "grab", {}, broken("gripper", 2)),
    ("gripper", GripperFault.OVERLOADED, "grab", {}, around(load_kg=8.0)),
    ("winch", WinchFault.JAMMED, "move", {"length_m": 5.0}, broken("winch", 2)),
    ("winch", WinchFault.LINE_LOST, "move", {"length_m": 5.0}, broken("winch", 3)),
    ("pump", PumpFault.RUNS_DRY, "start", FLOW, around(intake_depth_m=0.1)),
    ("pump", PumpFault.BLOCKED, "start", FLOW, broken("pump", 2)),
    ("pump", PumpFault.OVERHEATED, "start", FLOW, broken("pump", 3)),
    ("gas_sensor", GasSensorFault.SENSOR_FAILED, "start", {}, broken("gas_sensor", 1)),
    ("uwb", UwbFault.RADIO_FAILED, "start", {}, broken("uwb", 1)),
    ("geophone", GeophoneFault.NOT_COUPLED, "start", {}, broken("geophone", 1)),
    ("speaker", SpeakerFault.AMPLIFIER_FAILED, "start", {"recording_id": 2.0}, broken("speaker", 1)),
    ("speaker", SpeakerFault.NO_RECORDING, "start", {"recording_id": 50.0}, lambda bench: None),
    ("light", LightFault.THROTTLED, "start", {}, broken("light", 1)),
    ("light", LightFault.OVERHEATED, "start", {}, broken("light", 2)),
    ("light", LightFault.THERMISTOR_FAILED, "start", {}, broken("light", 4)),
    ("relay_radio", 1, "start", {}, broken("relay_radio", 1)),
]
WITHOUT_AN_ORDER = {
    ("winch", WinchFault.OVERLOADED), ("gas_sensor", GasSensorFault.SATURATED),
    ("gas_sensor", GasSensorFault.CH4_EXCESS), ("geophone", GeophoneFault.OVERRANGE),
}


def test_every_listed_fault_is_tried() -> None:
    tried = {(name, int(code)) for name, code, _, _, _ in CASES} | {(n, int(c)) for n, c in WITHOUT_AN_ORDER}
    listed = {(name, code) for name, row in PAYLOADS.items() for code in row.capabilities.faults}
    elsewhere = ("camera", "gimbal")
    assert tried == {(name, code) for name, code in listed if name not in elsewhere}


@pytest.mark.parametrize(
    ("name", "code", "action", "setpoints", "arrange"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES]
)
def test_a_fault_ends_the_order_in_words(
    name: str, code: int, action: str, setpoints: dict[str, Any], arrange: Arrange
) -> None:
    bench = PayloadBench(name)
    arrange(bench)
    fault = PAYLOADS[name].capabilities.faults[code]
    bench.refused(f"{fault.text}; {fault.safe}", name, action, **setpoints)


@pytest.mark.parametrize("name", ["water_monitor", "breaching_tool", "pump", "uwb", "geophone", "speaker"])
def test_what_breaks_while_it_runs_stops_by_itself_and_says_so(name: str) -> None:
    starts = {"water_monitor": WATER, "breaching_tool": BREACH, "pump": FLOW, "speaker": {"recording_id": 2.0}}
    code = {"water_monitor": 3, "breaching_tool": 3}.get(name, 1)
    bench = PayloadBench(name)
    bench.done(name, "start", **starts.get(name, {}))
    bench.twin(name).fail(code)
    bench.pass_time(15.0)
    state = bench.states[name, 0]
    assert (state.doing, state.fault_code) == (PayloadState.FAULT, code)
    assert [each for each in bench.rack.effects() if each[0] == name] == []
    bench.done(name, "safe")
    bench.twin(name).mend()
    bench.pass_time(5.0)
    bench.done(name, "start", **starts.get(name, {}))


def test_a_stuck_valve_is_never_called_safe() -> None:
    bench = PayloadBench("water_monitor")
    bench.done("water_monitor", "start", **WATER)
    bench.twin("water_monitor").fail(WaterMonitorFault.VALVE_STUCK)
    bench.refused("throttle it at the pump", "water_monitor", "safe")
    assert bench.twin("water_monitor").flow_l_s > 0.0
    bench.rack.around = replace(PLENTY, supply_mpa=0.0)
    bench.twin("water_monitor").mend()
    bench.pass_time(15.0)
    bench.done("water_monitor", "safe")


def test_water_stops_when_the_hose_runs_empty_and_when_it_would_tip() -> None:
    bench = PayloadBench("water_monitor")
    bench.done("water_monitor", "start", **WATER)
    bench.rack.around = replace(PLENTY, supply_mpa=0.0)
    bench.pass_time(15.0)
    assert bench.states["water_monitor", 0].fault_code == WaterMonitorFault.NO_PRESSURE
    assert bench.twin("water_monitor").flow_l_s == 0.0
    tipping = PayloadBench("water_monitor")
    monitor = tipping.twin("water_monitor")
    tipping.done("water_monitor", "start", **WATER)
    monitor.wanted |= {"flow_l_s": 60.0, "azimuth_deg": 90.0}
    tipping.pass_time(10.0)
    assert tipping.states["water_monitor", 0].fault_code == WaterMonitorFault.TIPPING


def test_a_jammed_tool_is_left_where_it_is() -> None:
    bench = PayloadBench("breaching_tool")
    bench.done("breaching_tool", "start", **BREACH)
    bench.rack.around = replace(PLENTY, yields_at_n=70_000.0)
    bench.refused("jammed", "breaching_tool", "adjust", **BREACH | {"depth_m": 0.2})
    bench.pass_time(10.0)
    tool = bench.twin("breaching_tool")
    assert tool.force_n == 0.0
    assert tool.depth_m == pytest.approx(0.05)
    bench.done("breaching_tool", "safe")


def test_a_winch_never_lifts_too_much() -> None:
    bench = PayloadBench("winch")
    bench.done("winch", "move", length_m=5.0)
    bench.rack.around = replace(PLENTY, load_kg=12.0)
    fault = PAYLOADS["winch"].capabilities.faults[WinchFault.OVERLOADED]
    bench.refused(f"{fault.text}; {fault.safe}", "winch", "move", length_m=1.0)
    assert bench.twin("winch").length_m == pytest.approx(5.0, abs=0.1)
    bench.done("winch", "stop")


def test_a_load_that_slips_is_told_at_once() -> None:
    bench = PayloadBench("gripper")
    bench.done("gripper", "grab")
    bench.twin("gripper").fail(GripperFault.LOAD_SLIPPED)
    bench.pass_time(1.0)
    state: Any = bench.states["gripper", 0]
    assert (state.fault_code, state.force_n) == (GripperFault.LOAD_SLIPPED, 0.0)
    assert bench.twin("gripper").effect().dropped_kg == 2.0


def test_gas_excess_cuts_power_of_all_and_stays_latched_until_reset_by_hand() -> None:
    bench = PayloadBench("gas_sensor", "pump", "light", "relay_radio", "speaker")
    bench.done("pump", "start", **FLOW)
    bench.done("light", "start")
    bench.done("relay_radio", "start")
    bench.rack.around = replace(PLENTY, gas=lambda at: Gas(ch4_pct=2.5))
    bench.pass_time(20.0)
    gas: Any = bench.states["gas_sensor", 0]
    assert gas.is_power_cut
    assert gas.fault_code == GasSensorFault.CH4_EXCESS
    assert [name for name, _, _ in bench.rack.effects()] == ["gas_sensor"], "nothing else does anything"
    bench.refused("reset it by hand", "pump", "start", **FLOW)
    bench.refused("reset it by hand", "speaker", "start", recording_id=1.0)
    bench.refused("reset it by hand", "gas_sensor", "start")
    assert bench.order("light", "start").result.value == "refused_by_vehicle"
    bench.done("pump", "safe")
    bench.rack.reset_by_hand()
    bench.pass_time(1.0)
    assert bench.states["gas_sensor", 0].doing is PayloadState.LATCHED, "not while the gas is there"
    bench.rack.around = PLENTY
    bench.pass_time(60.0)
    assert bench.states["gas_sensor", 0].doing is PayloadState.LATCHED, "never by itself"
    assert bench.states["pump", 0].doing is PayloadState.LATCHED
    bench.rack.reset_by_hand()
    bench.pass_time(1.0)
    bench.done("pump", "start", **FLOW)
    measuring: Any = bench.states["gas_sensor", 0]
    assert measuring.doing is PayloadState.RUNNING


def test_a_saturated_gas_is_dangerous_and_has_no_number() -> None:
    bench = PayloadBench("gas_sensor")
    bench.rack.around = replace(PLENTY, gas=lambda at: Gas(co_ppm=5000.0, ch4_pct=0.2))
    bench.pass_time(30.0)
    gas: Any = bench.states["gas_sensor", 0]
    assert gas.saturated == ("co_ppm",)
    assert gas.co_ppm is None
    assert gas.ch4_pct == pytest.approx(0.2, abs=0.1)
    assert gas.fault_code == GasSensorFault.SATURATED


def test_a_geophone_says_when_it_cannot_hear() -> None:
    bench = PayloadBench("geophone")
    bench.done("geophone", "start")
    bench.rack.around = replace(PLENTY, shaking_m_s=1e-3)
    bench.pass_time(2.0)
    state = bench.states["geophone", 0]
    assert (state.doing, state.fault_code) == (PayloadState.RUNNING, GeophoneFault.OVERRANGE)
