"""Whole missions by bytes, one per kind, and what a mission can contain."""

from typing import Any

import numpy as np
import pytest

from fleet.wire.enums import Command, MavResult, MissionResult
from sim.service import StateHash
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, bare, fly_off, hilly_terrain, item, spec


def one(kind: Kind = Kind.COPTER, **changes: Any) -> Station:
    (station,) = Place([spec(kind, **changes)]).stations.values()
    return station


def launch(station: Station, items: list[dict[str, Any]]) -> None:
    assert station.upload(items) is MissionResult.ACCEPTED
    station.mode(4)
    assert station.arm() is MavResult.ACCEPTED
    assert station.command(Command.MISSION_START) is MavResult.ACCEPTED


def nearest_m(track: np.ndarray, place: tuple[float, float, float]) -> float:
    return float(np.linalg.norm(track - np.array(place), axis=1).min())


def test_a_copter_flies_its_mission_and_comes_home() -> None:
    station = one()
    place, service = station.place, station.place.service
    corners = [(60.0, 0.0, 25.0), (60.0, 60.0, 30.0), (10.0, 60.0, 30.0)]
    launch(station, [item(16), item(22, 0, 0, 25), *[item(16, *c) for c in corners], bare(20)])
    track, nose = [], []
    while service.machines[0].is_armed:
        service.step()
        track.append(service.truth().position[0])
        nose.append(service.engine.columns.yaw[0] % (2 * np.pi))
        assert service.elapsed_s < 200
    path = np.array(track)
    for corner in corners:
        assert nearest_m(path, corner) < 5.0
    assert np.linalg.norm(path[-1][:2] - (12, 0)) < 2.5
    on_second_leg = (path[:, 1] > 20) & (path[:, 1] < 40) & (path[:, 0] > 50)
    assert np.abs(np.cos(np.array(nose)[on_second_leg]) - 1).max() < 0.05, "the nose looks along the leg"
    place.pass_time(1)
    assert [message.seq for message in station.all("MISSION_ITEM_REACHED")] == [1, 2, 3, 4]


def test_a_rover_drives_its_route_over_hills_and_back() -> None:
    (station,) = Place([spec(Kind.ROVER)], terrain=hilly_terrain()).stations.values()
    service = station.place.service
    assert station.upload([item(16), item(16, 60, 0), item(16, 60, 40), bare(20)]) is MissionResult.ACCEPTED
    station.mode(10)
    assert station.arm() is MavResult.ACCEPTED
    seen = []
    for _ in range(50 * 170):
        service.step()
        seen.append(service.truth().position[0])
    path = np.array(seen)
    for corner in ((60.0, 0.0), (60.0, 40.0)):
        assert np.linalg.norm(path[:, :2] - corner, axis=1).min() < 4
    assert np.linalg.norm(path[-1][:2] - (12, 0)) < 4
    heights = hilly_terrain().heights_at(path[:, 0], path[:, 1])
    assert np.abs(path[:, 2] - heights).max() < 0.1


def test_a_sub_dives_its_route_and_surfaces() -> None:
    station = one(Kind.SUB)
    service = station.place.service
    station.upload([item(16), item(16, 12, 0, -8), item(16, 40, 0, -8), item(16, 12, 0, -3), bare(21)])
    station.mode(3)
    station.arm()
    seen = []
    for _ in range(50 * 180):
        if service.engine.tick % 250 == 0:
            station.beat()
        service.step()
        seen.append(service.truth().position[0])
    path = np.array(seen)
    assert nearest_m(path, (40.0, 0.0, 12.0)) < 3
    assert path[-1][2] == pytest.approx(20.0, abs=0.6)
    assert service.machines[0].is_armed


def test_a_disarmed_sub_reaches_everything_in_no_time_without_moving() -> None:
    station = one(Kind.SUB)
    station.upload([item(16), *[item(16, 30.0 * n, 0, -5) for n in range(1, 5)]])
    station.mode(3)
    station.place.pass_time(1)
    assert [message.seq for message in station.all("MISSION_ITEM_REACHED")] == [1, 2, 3, 4]
    assert np.linalg.norm(station.place.service.truth().position[0][:2] - (12, 0)) < 0.5


def test_speed_hold_and_jump() -> None:
    station = one()
    launch(station, [
        item(16), item(22, 0, 0, 15), bare(178, 1, 4), item(16, 50, 0, 15), item(16, 12, 0, 15, 5), bare(177, 3, 1),
        bare(21),
    ])
    machine, service = station.place.service.machines[0], station.place.service
    station.place.wait(lambda: machine.mind()[3] == 3, 30)
    fastest = 0.0
    while machine.is_armed:
        service.step()
        fastest = max(fastest, float(np.linalg.norm(service.truth().velocity[0][:2])))
        assert service.elapsed_s < 200
    assert 3.7 < fastest < 4.6
    station.place.pass_time(1)
    assert [message.seq for message in station.all("MISSION_ITEM_REACHED")] == [1, 3, 4, 3, 4]


def test_collinear_waypoints_are_passed_at_speed() -> None:
    station = one()
    row_of_points = [item(16, 12 + 20.0 * n, 0, 20) for n in range(1, 9)]
    launch(station, [item(16), item(22, 0, 0, 20), bare(178, 1, 8), *row_of_points])
    service, machine = station.place.service, station.place.service.machines[0]
    station.place.wait(lambda: machine.mind()[3] >= 5, 40)
    slowest = 99.0
    while machine.mind()[3] < 9:
        service.step()
        slowest = min(slowest, float(service.truth().velocity[0][0]))
    assert slowest > 6.5


def test_set_current_jumps_and_mission_current_tells() -> None:
    station = one()
    station.stream(42, 2)
    launch(station, [item(16), item(22, 0, 0, 20), item(16, 100, 0, 20), item(16, 12, 50, 20)])
    station.place.pass_time(15)
    station.say("MISSION_SET_CURRENT", target_system=1, target_component=1, seq=3)
    assert station.last("MISSION_CURRENT").seq == 3
    station.place.pass_time(20)
    assert np.linalg.norm(station.place.service.truth().position[0] - (12, 50, 20)) < 3


def test_rtl_climbs_to_its_height_first() -> None:
    station = one(parameters={"RTL_ALT": 3500.0})
    fly_off(station, 15)
    guided = item(16, 112, 0, 15)
    station.say(
        "COMMAND_INT", target_system=1, target_component=1, frame=6, command=192, current=0, autocontinue=0, param1=-1,
        param2=1, param3=0, param4=0, x=guided["x"], y=guided["y"], z=15,
    )
    station.place.pass_time(20)
    assert station.command(Command.NAV_RETURN_TO_LAUNCH) is MavResult.ACCEPTED
    service = station.place.service
    low, was_high = 0.0, False
    while service.machines[0].is_armed:
        service.step()
        east, _, up = service.truth().position[0]
        was_high = was_high or up > 33.5
        if not was_high and east < 105:
            low += 1
        assert service.elapsed_s < 250
    assert was_high
    assert low == 0, "it did not set out before it was high enough"
    assert np.linalg.norm(service.truth().position[0][:2] - (12, 0)) < 2.5


def test_same_seed_same_hashes_and_the_wire_too() -> None:
    def history() -> tuple[list[str], bytes]:
        station = one()
        station.stream(33, 10)
        launch(station, [item(16), item(22, 0, 0, 20), bare(206, 5, 0, 1), item(16, 40, 0, 20), bare(20)])
        station.place.pass_time(40)
        digests = [event.digest for event in station.place.events if isinstance(event, StateHash)]
        return digests, bytes(station.raw)

    assert history() == history()
