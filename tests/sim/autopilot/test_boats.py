"""Simulated ArduRover in a boat, by bytes: LOITER keeps the place, HOLD drifts."""

from typing import Any

import numpy as np

from fleet.wire.enums import Command, MavResult, MavType, MissionResult, RoverMode
from sim.engine.weather import Weather
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, bare, flat_terrain, item, spec

DRIFT = Weather(wind_m_s=5.0, wind_from_deg=270.0, current_m_s=0.3, current_toward_deg=0.0)


def boat(**changes: Any) -> Station:
    (station,) = Place([spec(Kind.BOAT, **changes)], terrain=flat_terrain(-20.0), weather=DRIFT).stations.values()
    return station


def moved_m(station: Station, seconds: float) -> float:
    before = station.place.service.truth().position[0].copy()
    station.place.pass_time(seconds)
    return float(np.linalg.norm(station.place.service.truth().position[0] - before))


def test_hold_drifts_and_loiter_keeps_the_place() -> None:
    station = boat()
    assert station.all("HEARTBEAT") == []
    assert station.mode(RoverMode.HOLD) is MavResult.ACCEPTED
    assert station.arm() is MavResult.ACCEPTED
    assert moved_m(station, 60.0) > 10.0
    assert station.last("HEARTBEAT").type == MavType.SURFACE_BOAT
    assert station.mode(RoverMode.LOITER) is MavResult.ACCEPTED
    station.place.pass_time(30.0)
    assert moved_m(station, 60.0) < 5.0


def test_a_mission_by_boat_and_home_again() -> None:
    station = boat()
    items = [item(16), item(16, 60.0, 0.0, 0.0), item(16, 60.0, 50.0, 0.0), bare(20)]
    assert station.upload(items) is MissionResult.ACCEPTED
    assert station.mode(RoverMode.HOLD) is MavResult.ACCEPTED
    assert station.arm() is MavResult.ACCEPTED
    assert station.command(Command.MISSION_START) is MavResult.ACCEPTED
    station.place.wait(lambda: "Reached command #2" in station.texts(), 120.0)
    station.place.pass_time(90.0)
    here = station.place.service.truth().position[0]
    assert np.hypot(here[0] - 12.0, here[1]) < 5.0
    assert here[2] == 1.0, "on the water all the time"


def test_a_silent_station_stops_or_recalls_it() -> None:
    for action, ends_in in ((1, RoverMode.RTL), (2, RoverMode.HOLD)):
        station = boat(parameters={"FS_GCS_ENABLE": 1, "FS_ACTION": action})
        station.mode(RoverMode.LOITER)
        station.arm()
        station.beat()
        station.place.pass_time(7.0)
        assert station.last("HEARTBEAT").custom_mode == ends_in
