"""AUTOPILOTS.md 9 and guided flight: velocities die, positions are flown to, home can be set."""

import math

import numpy as np
import pytest

from fleet.wire.enums import Command, MavResult
from tests.sim.support import Place, Station, fly_off, item, spec

ONLY_VELOCITY, ONLY_POSITION = 0x0DC7, 0x0DF8


def one() -> Station:
    (station,) = Place([spec()]).stations.values()
    fly_off(station)
    return station


def local(station: Station, frame: int, mask: int, *, x: float = 0, y: float = 0, z: float = 0, vx: float = 0,
          vy: float = 0, vz: float = 0) -> None:
    station.say(
        "SET_POSITION_TARGET_LOCAL_NED", time_boot_ms=0, target_system=1, target_component=1, coordinate_frame=frame,
        type_mask=mask, x=x, y=y, z=z, vx=vx, vy=vy, vz=vz, afx=0, afy=0, afz=0, yaw=0, yaw_rate=0,
    )


def speed(station: Station) -> float:
    return float(np.linalg.norm(station.place.service.truth().velocity[0]))


def test_one_velocity_dies_within_five_seconds_and_repeated_ones_live() -> None:
    station = one()
    local(station, 1, ONLY_VELOCITY, vx=4.0)
    station.place.pass_time(2.5)
    assert station.place.service.truth().velocity[0][1] == pytest.approx(4.0, abs=0.5), "north"
    station.place.pass_time(4)
    assert speed(station) < 0.5
    for _ in range(8):
        local(station, 1, ONLY_VELOCITY, vy=3.0)
        station.place.pass_time(1)
    assert station.place.service.truth().velocity[0][0] == pytest.approx(3.0, abs=0.5), "east"


def test_body_velocities_follow_the_nose() -> None:
    station = one()
    station.command(Command.CONDITION_YAW, 90, 60, 1, 0)
    station.place.pass_time(5)
    local(station, 8, ONLY_VELOCITY, vx=3.0)
    station.place.pass_time(2.5)
    assert station.place.service.truth().velocity[0][0] == pytest.approx(3.0, abs=0.5)


def test_positions_local_global_and_by_reposition() -> None:
    station = one()
    truth = station.place.service.truth
    local(station, 1, ONLY_POSITION, x=40, y=20, z=-25)
    station.place.pass_time(20)
    assert np.linalg.norm(truth().position[0] - (20, 40, 25)) < 3
    there = item(16, -30, 10, 18)
    station.say(
        "SET_POSITION_TARGET_GLOBAL_INT", time_boot_ms=0, target_system=1, target_component=1, coordinate_frame=6,
        type_mask=ONLY_POSITION, lat_int=there["x"], lon_int=there["y"], alt=18, vx=0, vy=0, vz=0, afx=0, afy=0, afz=0,
        yaw=0, yaw_rate=0,
    )
    station.place.pass_time(25)
    assert np.linalg.norm(truth().position[0] - (-30, 10, 18)) < 3
    back = item(16, 12, 0, 30)
    station.say(
        "COMMAND_INT", target_system=1, target_component=1, frame=6, command=192, current=0, autocontinue=0, param1=-1,
        param2=1, param3=0, param4=math.nan, x=back["x"], y=back["y"], z=30,
    )
    assert station.last("COMMAND_ACK").result == MavResult.ACCEPTED
    station.place.pass_time(25)
    assert np.linalg.norm(truth().position[0] - (12, 0, 30)) < 3


def test_nonsense_setpoints_move_nothing() -> None:
    station = one()
    before = station.place.service.truth().position[0]
    local(station, 1, ONLY_POSITION, x=math.nan, y=0, z=-20)
    local(station, 1, ONLY_VELOCITY, vx=math.inf)
    local(station, 99, ONLY_POSITION, x=500)
    station.place.pass_time(3)
    assert np.linalg.norm(station.place.service.truth().position[0] - before) < 2


def test_home_can_be_set_and_is_where_rtl_goes() -> None:
    station = one()
    there = item(16, 40, 0)
    station.say(
        "COMMAND_INT", target_system=1, target_component=1, frame=0, command=179, current=0, autocontinue=0, param1=0,
        param2=0, param3=0, param4=0, x=there["x"], y=there["y"], z=900,
    )
    station.command(Command.REQUEST_MESSAGE, 242)
    assert station.last("HOME_POSITION").longitude == pytest.approx(there["y"], abs=2)
    station.command(Command.NAV_RETURN_TO_LAUNCH)
    machine = station.place.service.machines[0]
    station.place.wait(lambda: not machine.is_armed, 120)
    assert np.linalg.norm(station.place.service.truth().position[0][:2] - (40, 0)) < 2.5
