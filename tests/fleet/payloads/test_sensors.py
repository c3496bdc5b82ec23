"""Readings of gas, range and tremor: true within their noise, in units, the same for the same seed."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.wire.readings import GasReading, GeophoneArrival, UwbRange
from fleet.wire.tunnel import TunnelCounters, unpack_message
from sim.payloads.surroundings import Gas, Surroundings, Tag, Tremor
from tests.support.payload_bench import PayloadBench
from tests.support.rough_channel import Roughness
from world.position import Enu

HOME = Enu(east_m=12.0, north_m=0.0, up_m=0.0)


def near(north_m: float) -> Enu:
    return replace(HOME, north_m=north_m)


def readings(bench: PayloadBench, kind: type[Any]) -> list[Any]:
    said = (unpack_message(message, TunnelCounters()) for message in bench.heard if message.SPEC.name == "TUNNEL")
    return [each for each in said if isinstance(each, kind)]


def test_gas_follows_the_field_with_lag_and_noise() -> None:
    def field(at: Enu) -> Gas:
        return Gas(ch4_pct=0.8, co_ppm=30.0 + at.east_m, o2_pct=19.0, temperature_c=31.0)

    bench = PayloadBench("gas_sensor", around=Surroundings(gas=field))
    first: Any = bench.states["gas_sensor", 0]
    assert first.ch4_pct < 0.7, "a diffusion head is slow"
    bench.pass_time(40.0)
    gas: Any = bench.states["gas_sensor", 0]
    assert gas.ch4_pct == pytest.approx(0.8, abs=0.1)
    assert gas.co_ppm == pytest.approx(42.0, abs=20.0)
    assert gas.o2_pct == pytest.approx(19.0, abs=0.6)
    assert gas.temperature_c == pytest.approx(31.0, abs=3.0)
    assert gas.saturated == ()
    several = {reading.co_ppm for reading in readings(bench, GasReading)}
    assert len(several) > 30, "noise"


def test_gas_comes_as_often_as_asked() -> None:
    bench = PayloadBench("gas_sensor")

    def in_ten_seconds() -> int:
        before = len(readings(bench, GasReading))
        bench.pass_time(10.0)
        return len(readings(bench, GasReading)) - before

    assert in_ten_seconds() == 10
    bench.done("gas_sensor", "start", rate_hz=2.0)
    assert in_ten_seconds() == 20
    bench.done("gas_sensor", "start", rate_hz=0.2)
    assert in_ten_seconds() == pytest.approx(2, abs=1)
    bench.done("gas_sensor", "stop")
    assert in_ten_seconds() == 0


def test_overtaken_readings_change_nothing() -> None:
    bench = PayloadBench("gas_sensor", link=Roughness(seed=4, repeated=0.5, delay_s=3.0))
    newest = 0
    for _ in range(40):
        bench.pass_time(0.5)
        state: Any = bench.states.get(("gas_sensor", 0))
        if state is not None and state.read_us is not None:
            assert state.read_us >= newest
            newest = state.read_us
    assert newest > 0


def test_ranges_to_tags_in_and_out_of_sight() -> None:
    tags = (Tag(id=7, at=near(30.0)), Tag(id=8, at=near(20.0)), Tag(id=9, at=near(500.0)))
    blocked = Surroundings(tags=tags, is_blocked=lambda one, other: other.north_m == 20.0)
    bench = PayloadBench("uwb", around=blocked)
    bench.done("uwb", "start", rate_hz=5.0)
    bench.pass_time(60.0)
    state: Any = bench.states["uwb", 0]
    assert set(state.ranges) == {7, 8}
    clear = [each for each in readings(bench, UwbRange) if each.tag_id == 7]
    hidden = [each for each in readings(bench, UwbRange) if each.tag_id == 8]
    assert len(clear) == pytest.approx(300, abs=5)
    assert sum(each.range_m for each in clear) / len(clear) == pytest.approx(30.0, abs=0.05)
    assert sum(each.range_m for each in hidden) / len(hidden) == pytest.approx(20.8, abs=0.2)
    assert all(each.nlos_probability < 0.5 for each in clear)
    assert all(each.nlos_probability > 0.5 for each in hidden)


def test_knocks_arrive_in_time_and_are_told_once() -> None:
    bench = PayloadBench("geophone")
    bench.done("geophone", "start", rate_hz=2.0)
    now_us = bench.now.utc_ns // 1000
    knocks = tuple(
        Tremor(at=near(40.0), utc_us=now_us + 1_000_000 * k, peak_velocity_m_s=1e-3) for k in range(1, 6)
    )
    faint = Tremor(at=near(900.0), utc_us=now_us + 2_500_000, peak_velocity_m_s=1e-3)
    bench.rack.around = Surroundings(tremors=(*knocks, faint))
    bench.pass_time(10.0)
    state: Any = bench.states["geophone", 0]
    times = [arrival.arrival_utc_us - now_us for arrival in state.arrivals]
    assert times == pytest.approx([1_050_000 + 1_000_000 * k for k in range(5)], abs=5_000)
    assert all(arrival.signal_to_noise_db > 20.0 for arrival in state.arrivals)
    assert len(readings(bench, GeophoneArrival)) == 5


def test_readings_depend_on_the_seed_only() -> None:
    def heard(seed: int, *others: str) -> list[Any]:
        around = Surroundings(tags=(Tag(id=1, at=near(10.0)),))
        bench = PayloadBench("uwb", *others, around=around, seed=seed)
        bench.done("uwb", "start")
        bench.pass_time(5.0)
        return [each.range_m for each in readings(bench, UwbRange)]

    assert heard(7) == heard(7)
    assert heard(7) == heard(7, "gas_sensor", "geophone"), "what else is on board changes nothing"
    assert heard(7) != heard(8)
