"""AUTOPILOTS.md 13 and batteries, fences: clocks run in the vehicle's time and count one station only."""

import pytest

from fleet.wire.encode import Encoder
from fleet.wire.enums import MissionResult
from sim.service import Failure
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, fly_off, item, spec


def one(kind: Kind = Kind.COPTER, /, **parameters: float) -> Station:
    (station,) = Place([spec(kind, parameters=parameters)]).stations.values()
    return station


def mode_of(station: Station) -> int:
    return station.place.service.machines[0].mind()[0]


def test_a_sub_disarms_after_two_and_a_half_seconds_of_silence() -> None:
    station = one(Kind.SUB)
    station.beat()
    station.arm()
    machine = station.place.service.machines[0]
    assert station.place.wait(lambda: not machine.is_armed, 10) == pytest.approx(2.5, abs=0.2)


def test_a_copters_station_failsafe_is_off_by_default_and_returns_when_on() -> None:
    for enable, mode in ((0.0, 4), (1.0, 6)):
        station = one(FS_GCS_ENABLE=enable)
        station.beat()
        fly_off(station)
        station.beat()
        station.place.pass_time(4.8)
        assert mode_of(station) == 4
        station.place.pass_time(0.5)
        assert mode_of(station) == mode


def test_only_the_station_in_sysid_mygcs_counts() -> None:
    station = one(SYSID_MYGCS=250.0)
    stranger, mine = Encoder(255, 190), Encoder(250, 190)
    beat = {"type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4}
    place, vehicle = station.place, station.spec.id
    fly_off(station)
    me = {"target_system": 1, "target_component": 1}
    station.say("PARAM_SET", param_id="FS_GCS_ENABLE", param_value=1.0, param_type=6, **me)
    place.service.receive(vehicle, mine.encode("HEARTBEAT", **beat))
    for _ in range(6):
        place.service.receive(vehicle, stranger.encode("HEARTBEAT", **beat))
        place.pass_time(1)
    assert mode_of(station) == 6


def test_a_low_battery_returns_when_told_so() -> None:
    station = one(BATT_LOW_MAH=3200.0, BATT_FS_LOW_ACT=2.0)
    fly_off(station)
    station.place.pass_time(1)
    assert mode_of(station) == 4
    station.place.service.fail(station.spec.id, Failure.BATTERY)
    station.place.pass_time(1)
    assert mode_of(station) == 6
    assert any(text.startswith("Battery 1 is low") for text in station.texts())


@pytest.mark.parametrize("parameters", [
    {"FENCE_ENABLE": 1.0, "FENCE_TYPE": 1.0, "FENCE_ALT_MAX": 25.0},
    {"FENCE_ENABLE": 1.0, "FENCE_TYPE": 2.0, "FENCE_RADIUS": 30.0},
    {"FENCE_ENABLE": 1.0, "FENCE_TYPE": 4.0},
])
def test_a_broken_fence_sends_it_home(parameters: dict[str, float]) -> None:
    station = one(Kind.COPTER, **parameters)
    corners = [item(5001, 12 + a, b, 0, 4, frame=0) for a, b in ((-30, -30), (30, -30), (30, 30), (-30, 30))]
    assert station.upload(corners, mission_type=1) is MissionResult.ACCEPTED
    fly_off(station)
    there = item(16, 80, 0, 40)
    station.say(
        "COMMAND_INT", target_system=1, target_component=1, frame=6, command=192, current=0, autocontinue=0, param1=-1,
        param2=1, param3=0, param4=0, x=there["x"], y=there["y"], z=40,
    )
    station.place.wait(lambda: mode_of(station) == 6, 20)
    assert any("fence breached" in text for text in station.texts())
