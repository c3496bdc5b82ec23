"""AUTOPILOTS.md 4-8: readiness, arming, modes, take-off and disarming."""

from typing import Any

import pytest

from fleet.wire.enums import FORCE_DISARM_MAGIC, Command, MavResult
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, bare, fly_off, item, spec

PREARM = 1 << 28


def one(kind: Kind = Kind.COPTER, **changes: Any) -> Station:
    (station,) = Place([spec(kind, **changes)]).stations.values()
    return station


def test_arming_too_early_fails_and_texts_say_why() -> None:
    station = one(booted_s=0.0)
    station.mode(4)
    for seconds, text in ((2, "Need Alt Estimate"), (15, "AHRS: waiting for home"), (20, "Need Position Estimate")):
        station.place.pass_time(seconds)
        assert station.arm() is MavResult.FAILED
        assert text in station.texts()[-1]
    station.place.pass_time(10)
    assert station.arm() is MavResult.ACCEPTED


def test_ready_is_ekf_and_prearm_about_42_s_after_start() -> None:
    station = one(booted_s=0.0)
    station.stream(193, 5)
    station.stream(1, 5)

    def is_ready() -> bool:
        if not station.all("EKF_STATUS_REPORT"):
            return False
        flags = station.last("EKF_STATUS_REPORT").flags
        health = station.last("SYS_STATUS").onboard_control_sensors_health
        return bool(flags & 0x10 and not flags & 0x80 and health & PREARM)

    assert station.place.wait(is_ready, 60) == pytest.approx(42, abs=1)


def test_one_in_ten_needs_a_second_arm_command() -> None:
    specs = [spec(number=n + 1, refuses_first_arm=0.1) for n in range(60)]
    place = Place(specs)
    first = {}
    for vehicle, station in place.stations.items():
        station.mode(4)
        first[vehicle] = station.arm()
        assert station.arm() is MavResult.ACCEPTED
    assert 2 <= list(first.values()).count(MavResult.FAILED) <= 12


def test_a_bad_mode_is_refused_with_a_text() -> None:
    station = one()
    assert station.mode(77) is MavResult.FAILED
    assert station.texts()[-1] == "No such mode 77"


@pytest.mark.parametrize(("kind", "modes"), [
    (Kind.COPTER, (0, 3, 4, 6, 9)), (Kind.ROVER, (0, 4, 10, 11, 15)), (Kind.SUB, (2, 3, 9, 19)),
])
def test_modes_by_number_show_in_the_heartbeat_within_a_second(kind: Kind, modes: tuple[int, ...]) -> None:
    station = one(kind)
    for number in modes:
        assert station.mode(number) is MavResult.ACCEPTED
        station.place.pass_time(1.1)
        beats = [message for component, message in station.heard if message.SPEC.name == "HEARTBEAT" and component == 1]
        assert beats[-1].custom_mode == number


def test_auto_without_mission_is_accepted_while_disarmed_and_prearm_refuses() -> None:
    station = one()
    assert station.mode(3) is MavResult.ACCEPTED
    assert station.arm() is MavResult.FAILED
    assert "mission" in station.texts()[-1]


def test_take_off_only_armed_on_the_ground_in_guided() -> None:
    station = one()
    station.mode(4)
    take_off = (Command.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 20)
    assert station.command(*take_off) is MavResult.FAILED
    station.arm()
    assert station.command(*take_off) is MavResult.ACCEPTED
    station.place.pass_time(15)
    assert station.command(*take_off) is MavResult.FAILED


def test_an_unknown_command_is_unsupported() -> None:
    assert one().command(31999) is MavResult.UNSUPPORTED


def test_armed_without_take_off_it_disarms_itself_after_ten_seconds() -> None:
    station = one()
    station.mode(4)
    station.arm()
    machine = station.place.service.machines[0]
    assert station.place.wait(lambda: not machine.is_armed, 20) == pytest.approx(10.0, abs=0.2)


def test_disarming_in_the_air_takes_the_magic_and_then_it_falls() -> None:
    station = one()
    fly_off(station)
    assert station.command(Command.COMPONENT_ARM_DISARM, 0) is MavResult.FAILED
    assert station.command(Command.COMPONENT_ARM_DISARM, 0, FORCE_DISARM_MAGIC) is MavResult.ACCEPTED
    station.place.pass_time(5)
    assert station.place.service.truth().position[0, 2] == 0.0


def test_auto_from_the_ground_needs_a_take_off_item_and_a_start() -> None:
    station = one()
    station.upload([item(16), item(16, 30, 0, 20)])
    station.mode(4)
    station.arm()
    assert station.mode(3) is MavResult.FAILED
    assert "Auto: Missing Takeoff Cmd" in station.texts()
    station.upload([item(16), bare(178, 1, 5), item(22, 0, 0, 20), item(16, 30, 0, 20)])
    assert station.mode(3) is MavResult.ACCEPTED
    station.place.pass_time(5)
    assert station.place.service.truth().position[0, 2] == 0.0, "no start yet"
    assert station.command(Command.MISSION_START) is MavResult.ACCEPTED
    station.place.pass_time(5)
    assert station.place.service.truth().position[0, 2] > 3


def test_a_rover_and_a_sub_have_no_take_off_and_disarm_at_will() -> None:
    for kind in (Kind.ROVER, Kind.SUB):
        station = one(kind)
        assert station.arm() is MavResult.ACCEPTED
        assert station.command(Command.NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 20) is MavResult.UNSUPPORTED
        assert station.command(Command.COMPONENT_ARM_DISARM, 0) is MavResult.ACCEPTED
