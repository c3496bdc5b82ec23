"""The engine with others' physics: orders become forces that fly a body; time, seeds and losses are held."""

from functools import partial

import numpy as np
import pytest

from fleet.wire.enums import Command, MavResult
from sim.adapters.gazebo.engine import GazeboEngine, OutOfStep, moved_in_gazebo
from sim.engine.engine import Engine
from sim.engine.weather import Weather
from sim.service import Failure, StateHash
from sim.vehicles.spec import Kind, VehicleSpec
from tests.sim.gazebo.toy import ToyGazebo
from tests.sim.support import Place, flat_terrain, fly_off, item, spec


def staged(specs: list[VehicleSpec], *, tick_ns: int = 4_000_000) -> Place:
    moved = [made for made in specs if made.id in moved_in_gazebo(specs)]
    return Place(
        specs, terrain=flat_terrain(), weather=Weather(wind_m_s=4.0, wind_from_deg=250.0, gust_m_s=0.8),
        make_engine=partial(GazeboEngine, ToyGazebo(moved, tick_ns=tick_ns)),
    )


def test_a_copter_stands_where_it_is_asked_to_in_wind() -> None:
    place = staged([spec()])
    (station,) = place.stations.values()
    fly_off(station, 8)
    columns = place.service.engine.columns
    start = columns.pos[0].copy()
    place.pass_time(5)
    assert abs(columns.pos[0, 2] - 8.0) < 2.0
    assert np.linalg.norm(columns.pos[0, :2] - start[:2]) < 2.0
    assert station.command(Command.NAV_LAND) is MavResult.ACCEPTED
    place.wait(lambda: not station.is_armed(), 60)
    assert columns.pos[0, 2] == 0.0
    assert columns.impact[0] < 1.5, "it touched down, it did not fall"


def test_a_robot_drives_its_way_and_who_swims_stays_with_us() -> None:
    place = staged([spec(Kind.ROVER), spec(Kind.SUB, 2), spec(number=3)])
    station = place.stations[spec(Kind.ROVER).id]
    rover, sub = place.service.engine.columns.pos[:2]
    place.service.engine.row(1).fly_velocity(0.5, 0.0, 0.0)
    station.upload([item(16), item(16, 22.0, 10.0)])
    assert station.mode(10) is MavResult.ACCEPTED
    assert station.arm() is MavResult.ACCEPTED
    place.wait(lambda: bool(np.hypot(rover[0] - 22.0, rover[1] - 10.0) < 2.5), 60)
    assert rover[2] == 0.0
    assert sub[0] > 26.0, "our own physics moves it"


def test_a_dead_motor_falls() -> None:
    place = staged([spec()])
    (station,) = place.stations.values()
    fly_off(station, 20)
    place.service.fail(station.spec.id, Failure.MOTOR)
    place.wait(lambda: not place.service.truth().is_alive[0], 10)
    assert place.service.engine.columns.impact[0] > 10.0


def test_a_vehicle_whose_forces_are_no_numbers_falls_alone() -> None:
    place = staged([spec(), spec(number=2)])
    station, other = place.stations.values()
    fly_off(station, 10)
    columns = place.service.engine.columns
    columns.disturbance[0] = np.nan
    fly_off_at = columns.pos[1, :2].copy()
    assert other.mode(4) is MavResult.ACCEPTED
    assert other.arm() is MavResult.ACCEPTED
    assert other.command(Command.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 6.0) is MavResult.ACCEPTED
    place.wait(lambda: bool(columns.pos[1, 2] > 5.0), 20)
    assert place.service.truth().is_alive.tolist() == [False, True]
    assert columns.pos[0, 2] == 0.0
    assert np.linalg.norm(columns.pos[1, :2] - fly_off_at) < 2.0


def test_the_same_seed_is_the_same_flight() -> None:
    def history() -> list[str]:
        place = staged([spec(), spec(Kind.ROVER, 2)])
        fly_off(place.stations[spec().id], 3)
        place.pass_time(1)
        return [event.digest for event in place.events if isinstance(event, StateHash)]

    first = history()
    assert len(first) >= 2
    assert history() == first


def test_a_world_with_another_step_is_refused() -> None:
    place = staged([spec()], tick_ns=1_000_000)
    with pytest.raises(OutOfStep, match="not a step of 4 ms"):
        place.service.step()


def test_our_own_engine_is_still_the_default() -> None:
    assert type(Place([spec()]).service.engine) is Engine
