"""Over a link that loses a third, repeats and delays, a yes is true and nothing is done twice."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import AckResult
from fleet.wire.readings import PayloadState
from tests.support.payload_bench import PayloadBench
from tests.support.rough_channel import Roughness

Truth = Callable[[Any], bool]
Story = list[tuple[str, dict[str, Any], Truth]]


def is_off(twin: Any) -> bool:
    return bool(twin.state is PayloadState.OFF)


def runs(twin: Any) -> bool:
    return bool(twin.state is PayloadState.RUNNING)


STORIES: dict[str, Story] = {
    "water_monitor": [
        ("start", {"flow_l_s": 30.0}, lambda twin: abs(twin.flow_l_s - 30.0) <= 2.0),
        ("adjust", {"flow_l_s": 20.0, "azimuth_deg": 40.0}, lambda twin: abs(twin.azimuth_deg - 40.0) <= 2.0),
        ("stop", {}, lambda twin: twin.flow_l_s == 0.0),
        ("start", {"flow_l_s": 10.0}, lambda twin: abs(twin.flow_l_s - 10.0) <= 2.0),
        ("safe", {}, lambda twin: twin.flow_l_s == 0.0),
    ],
    "breaching_tool": [
        ("start", {"force_n": 30_000.0, "depth_m": 0.05, "feed_m_s": 0.02}, lambda twin: twin.depth_m >= 0.04),
        ("safe", {}, lambda twin: twin.force_n == 0.0),
    ],
    "gripper": [
        ("grab", {}, lambda twin: twin.held_kg == 2.0),
        ("release", {}, lambda twin: twin.held_kg == 0.0 and twin.opening_pct >= 95.0),
        ("grab", {}, lambda twin: twin.held_kg == 2.0),
        ("safe", {}, lambda twin: True),  # it drops nothing: see `tell`
        ("release", {}, lambda twin: twin.held_kg == 0.0),
    ],
    "winch": [
        ("move", {"length_m": 4.0}, lambda twin: abs(twin.length_m - 4.0) <= 0.1),
        ("move", {"length_m": 2.0}, lambda twin: abs(twin.length_m - 2.0) <= 0.1),
        ("stop", {}, lambda twin: abs(twin.length_m - 2.0) <= 0.1 and twin.speed_m_s == 0.0),
        ("retract", {}, lambda twin: twin.length_m == 0.0),
    ],
    "pump": [
        ("start", {"flow_m3_h": 100.0}, lambda twin: abs(twin.flow_m3_h - 100.0) <= 10.0),
        ("stop", {}, lambda twin: twin.flow_m3_h == 0.0),
    ],
    "gas_sensor": [("stop", {}, is_off), ("start", {"rate_hz": 2.0}, runs)],
    "uwb": [("start", {}, runs), ("stop", {}, is_off)],
    "geophone": [("start", {}, runs), ("stop", {}, is_off)],
    "speaker": [("start", {"recording_id": 4.0}, runs), ("stop", {}, is_off)],
    "light": [
        ("start", {"strobe_hz": 1.0}, lambda twin: twin.is_on), ("stop", {}, lambda twin: not twin.is_on),
        ("start", {}, lambda twin: twin.is_on), ("safe", {}, lambda twin: not twin.is_on),
    ],
    "relay_radio": [("start", {}, lambda twin: twin.is_on), ("stop", {}, lambda twin: not twin.is_on)],
}


def tell(name: str, how: Roughness, *, in_s: float) -> list[AckResult]:
    """The story of a payload over a link; every yes is checked against what is true at that instant."""
    bench = PayloadBench(name, link=how)
    twin = bench.twin(name)
    ends, ran = [], 0
    for action, setpoints, is_true in STORIES[name]:
        held_kg = getattr(twin, "held_kg", 0.0)
        end = bench.order(name, action, in_s=in_s, **setpoints)
        assert action != "safe" or getattr(twin, "held_kg", 0.0) >= held_kg, "made safe, and dropped what it held"
        if end.result is AckResult.ACCEPTED:
            assert is_true(twin), (action, end)
        ends.append(end.result)
        ran = getattr(twin, "executed", ran)
    bench.pass_time(3.0)
    assert getattr(twin, "executed", 0) <= len(STORIES[name]), "an order was carried out twice"
    assert getattr(twin, "executed", ran) == ran, "a late copy was carried out"
    return ends


@pytest.mark.parametrize("name", list(STORIES))
@pytest.mark.parametrize("seed", range(4))
def test_a_third_lost_is_borne(name: str, seed: int) -> None:
    how = Roughness(seed=seed, lost=0.3, repeated=0.3, delay_s=0.5)
    assert set(tell(name, how, in_s=120.0)) == {AckResult.ACCEPTED}


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(["water_monitor", "gripper", "winch", "light", "pump"]),
    how=st.builds(
        Roughness, seed=st.integers(0, 2**31), lost=st.floats(0.0, 0.8), repeated=st.floats(0.0, 0.6),
        delay_s=st.floats(0.0, 1.0),
    ),
)
def test_every_order_ends_and_a_yes_is_true(name: str, how: Roughness) -> None:
    tell(name, how, in_s=25.0)


@pytest.mark.parametrize("is_bare", [False, True])
def test_a_load_is_dropped_once_however_often_it_is_told(is_bare: bool) -> None:
    for seed in range(6):
        bench = PayloadBench("gripper", link=Roughness(seed=seed, lost=0.2, repeated=0.9, delay_s=1.5))
        bench.twin("gripper").is_bare = is_bare
        bench.pass_time(3.0)
        bench.done("gripper", "grab", in_s=200.0)
        bench.done("gripper", "release", in_s=200.0)
        bench.done("gripper", "grab", in_s=200.0)
        bench.pass_time(10.0)
        gripper = bench.twin("gripper")
        assert (gripper.releases, gripper.held_kg) == (1, 2.0)


def test_an_order_that_ran_out_of_time_is_not_obeyed_later() -> None:
    """Everything is delayed beyond the order's deadline: the payload refuses it, and the fleet said no."""
    bench = PayloadBench("water_monitor", link=Roughness(seed=1, delay_s=0.0))
    bench._down.how = Roughness(seed=1, delay_s=30.0)
    late: list[bytes] = []
    bench._down.deliver = late.append
    assert bench.order("water_monitor", "start", in_s=2.0, flow_l_s=30.0).result is AckResult.TIMED_OUT
    bench.pass_time(30.0)
    assert late
    for data in late:
        bench.place.service.receive(bench.spec.id, data)
    bench.pass_time(10.0)
    assert bench.twin("water_monitor").executed == 0
    assert bench.twin("water_monitor").flow_l_s == 0.0


def test_the_same_seed_ends_the_same() -> None:
    def frames() -> list[bytes]:
        bench = PayloadBench("water_monitor", link=Roughness(seed=3, lost=0.3, repeated=0.2, delay_s=0.4))
        bench.order("water_monitor", "start", flow_l_s=25.0)
        return bench.frames

    assert frames() == frames()
