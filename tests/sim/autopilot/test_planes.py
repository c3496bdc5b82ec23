"""Simulated ArduPlane by bytes: modes with rotors and without, refusals, failsafes, what it says of itself."""

from typing import Any

import numpy as np
import pytest

from fleet.wire.enums import Command, LandedState, MavResult, MavType, MissionResult, PlaneMode
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, bare, item, spec

HUD, STATE = 74, 245


def plane(**changes: Any) -> Station:
    (station,) = Place([spec(Kind.PLANE, **changes)]).stations.values()
    return station


def vtol(**parameters: float) -> Station:
    return plane(parameters={"Q_ENABLE": 1} | parameters)


def height_m(station: Station) -> float:
    return float(station.place.service.truth().position[0][2])


def mode(station: Station) -> int:
    return int([m for c, m in station.heard if m.SPEC.name == "HEARTBEAT" and c == 1][-1].custom_mode)


def flying(station: Station, to_m: float = 40.0) -> Station:
    """Off the ground by TAKEOFF, or by NAV_TAKEOFF with rotors."""
    assert station.mode(PlaneMode.GUIDED) is MavResult.ACCEPTED
    assert station.arm() is MavResult.ACCEPTED
    if station.spec.parameters.get("Q_ENABLE"):
        assert station.command(Command.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, to_m + 5.0) is MavResult.ACCEPTED
    else:
        assert station.mode(PlaneMode.TAKEOFF) is MavResult.ACCEPTED
    station.place.wait(lambda: height_m(station) > to_m, 60.0)
    return station


def test_guided_on_the_ground_does_not_move_it_and_nav_takeoff_needs_rotors() -> None:
    station = plane()
    station.mode(PlaneMode.GUIDED)
    station.arm()
    assert station.command(Command.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 30.0) is MavResult.FAILED
    station.place.pass_time(15.0)
    assert station.is_armed(), "ArduPlane does not disarm itself before a flight"
    assert np.hypot(*station.place.service.truth().velocity[0][:2]) == 0.0


def test_modes_of_rotors_are_not_there_without_them() -> None:
    fixed, upright = plane(), vtol()
    for number in (PlaneMode.QLOITER, PlaneMode.QLAND, PlaneMode.QRTL):
        assert fixed.mode(number) is MavResult.FAILED
        assert f"No such mode {int(number)}" in fixed.texts()
        assert upright.mode(number) is MavResult.ACCEPTED
    assert upright.mode(PlaneMode.AUTOLAND) is MavResult.FAILED, "not in 4.5"


def test_it_circles_in_every_mode_that_waits_and_velocities_mean_nothing() -> None:
    station = flying(plane())
    for number in (PlaneMode.LOITER, PlaneMode.CIRCLE, PlaneMode.GUIDED):
        assert station.mode(number) is MavResult.ACCEPTED
        station.say(
            "SET_POSITION_TARGET_LOCAL_NED", target_system=1, target_component=1, time_boot_ms=0, coordinate_frame=1,
            type_mask=0b0000_1101_1100_0111, x=0.0, y=0.0, z=0.0, vx=5.0, vy=0.0, vz=0.0, afx=0.0, afy=0.0, afz=0.0,
            yaw=0.0, yaw_rate=0.0,
        )
        centre = station.place.service.truth().position[0][:2]
        track = []
        for _ in range(60):
            station.place.pass_time(1.0)
            track.append(station.place.service.truth().position[0][:2])
        away = np.linalg.norm(np.array(track) - centre, axis=1)
        assert away.max() < 90.0
        assert np.median(away) > 45.0, "WP_LOITER_RAD 60"


def test_reposition_goes_there_and_circles() -> None:
    station = flying(plane())
    there = item(Command.NAV_WAYPOINT, 200.0, 300.0, 60.0)
    fields = {"x": there["x"], "y": there["y"], "z": 60.0, "frame": 6, "command": int(Command.DO_REPOSITION)}
    params = {"param1": -1.0, "param2": 1.0, "param3": 0.0, "param4": 0.0}
    station.say("COMMAND_INT", target_system=1, target_component=1, current=0, autocontinue=0, **fields | params)
    assert station.last("COMMAND_ACK").result == MavResult.ACCEPTED
    station.place.pass_time(90.0)
    here = station.place.service.truth().position[0]
    assert np.hypot(here[0] - 200.0, here[1] - 300.0) < 80.0
    assert here[2] == pytest.approx(60.0, abs=5.0)
    assert mode(station) == PlaneMode.GUIDED


def test_a_mission_ends_in_rtl_over_home() -> None:
    station = plane()
    items = [item(16), item(22, 0, 0, 50), item(16, 0.0, 300.0, 60.0)]
    assert station.upload(items) is MissionResult.ACCEPTED
    station.mode(PlaneMode.GUIDED)
    station.arm()
    station.mode(PlaneMode.AUTO)
    station.place.wait(lambda: "Mission complete" in station.texts(), 90.0)
    station.place.pass_time(90.0)
    assert mode(station) == PlaneMode.RTL
    here = station.place.service.truth().position[0]
    assert np.hypot(here[0] - 12.0, here[1]) < 80.0
    assert here[2] == pytest.approx(100.0, abs=5.0), "RTL_ALTITUDE"


def test_do_land_start_flies_the_landing_of_the_mission() -> None:
    station = plane()
    landing = [bare(189), item(16, 12.0, -400.0, 30.0), item(21, 12.0, 0.0, 0.0)]
    station.upload([item(16), item(22, 0, 0, 50), item(17, 0.0, 300.0, 60.0), *landing])
    station.mode(PlaneMode.GUIDED)
    station.arm()
    station.mode(PlaneMode.AUTO)
    station.place.wait(lambda: height_m(station) > 45.0, 60.0)
    station.stream(STATE, 2.0)
    assert station.command(Command.DO_LAND_START) is MavResult.ACCEPTED
    station.place.wait(lambda: not station.is_armed(), 240.0)
    assert station.place.service.truth().is_alive[0], "it touched down, it did not crash"
    assert LandedState.LANDING in {m.landed_state for m in station.all("EXTENDED_SYS_STATE")}
    without = flying(plane())
    assert without.command(Command.DO_LAND_START) is MavResult.FAILED


def test_airspeed_is_told_and_asked_for_by_type_zero() -> None:
    station = flying(plane())
    station.mode(PlaneMode.LOITER)
    station.stream(HUD, 5.0)
    assert station.command(Command.DO_CHANGE_SPEED, 0, 20.0) is MavResult.ACCEPTED
    station.place.pass_time(40.0)
    seen = [(m.airspeed, m.groundspeed) for m in station.all("VFR_HUD")[-100:]]
    assert np.mean([air for air, _ in seen]) == pytest.approx(20.0, abs=1.0)
    assert np.ptp([ground for _, ground in seen]) > 4.0, "3 m/s of wind, with and against"
    assert station.command(Command.DO_CHANGE_SPEED, 1, 9.0) is MavResult.ACCEPTED
    station.place.pass_time(20.0)
    assert station.last("VFR_HUD").airspeed == pytest.approx(20.0, abs=2.5)


def test_a_silent_station_brings_it_home_if_so_set() -> None:
    for action, ends_in in ((0, PlaneMode.LOITER), (1, PlaneMode.RTL)):
        station = flying(plane(parameters={"FS_GCS_ENABL": 1, "FS_LONG_ACTN": action}))
        station.mode(PlaneMode.LOITER)
        station.beat()
        station.place.pass_time(7.0)
        assert mode(station) == ends_in


def test_a_low_battery_brings_it_home_if_so_set() -> None:
    station = flying(plane(parameters={"BATT_LOW_MAH": 9000, "BATT_FS_LOW_ACT": 1}))
    station.place.service.machines[0].drain(50.0)
    station.place.pass_time(2.0)
    assert mode(station) == PlaneMode.RTL


def test_with_rotors_it_says_so_only_if_told_to() -> None:
    plain, told = vtol(), vtol(Q_MAV_TYPE=MavType.VTOL_QUADROTOR)
    for station, kind in ((plain, MavType.FIXED_WING), (told, MavType.VTOL_QUADROTOR)):
        station.stream(STATE, 2.0)
        station.place.pass_time(2.0)
        assert station.all("HEARTBEAT")[0].type == kind
        assert station.last("EXTENDED_SYS_STATE").vtol_state != 0
    fixed = plane()
    fixed.stream(STATE, 2.0)
    fixed.place.pass_time(2.0)
    assert fixed.last("EXTENDED_SYS_STATE").vtol_state == 0


def test_with_rotors_it_hovers_lands_and_returns() -> None:
    station = flying(vtol())
    station.place.pass_time(20.0)
    assert np.hypot(*station.place.service.truth().velocity[0][:2]) > 10.0, "after its take-off it circles on wings"
    assert station.mode(PlaneMode.QLOITER) is MavResult.ACCEPTED
    station.place.pass_time(30.0)
    assert np.linalg.norm(station.place.service.truth().velocity[0]) < 0.5
    assert station.command(Command.COMPONENT_ARM_DISARM, 0) is MavResult.FAILED, "in the air"
    assert station.mode(PlaneMode.QRTL) is MavResult.ACCEPTED
    station.place.wait(lambda: not station.is_armed(), 180.0)
    here = station.place.service.truth().position[0]
    assert np.hypot(here[0] - 12.0, here[1]) < 4.0
    again = flying(vtol())
    assert again.command(Command.NAV_LAND) is MavResult.ACCEPTED
    assert mode(again) in (PlaneMode.GUIDED, PlaneMode.QLAND)
    again.place.wait(lambda: not again.is_armed(), 120.0)


def test_flying_into_the_ground_wrecks_it() -> None:
    station = flying(plane())
    station.place.service.machines[0].lose_motors()
    row = station.place.service.engine.columns
    row.vel[0, 2], row.pos[0, 2] = -9.0, 3.0
    station.place.pass_time(2.0)
    assert not station.place.service.truth().is_alive[0]
