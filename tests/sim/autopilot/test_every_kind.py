"""AUTOPILOTS.md point by point, for every kind with a table here: what works on one must work on all."""

from typing import Any

import pytest

from fleet.wire.encode import Encoder
from fleet.wire.enums import Command, FenceBreach, MavResult, MissionResult, SysStatusSensor
from fleet.wire.frame import parse_datagram
from sim.service import Failure
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, bare, fly_off, item, spec

KINDS = (Kind.COPTER, Kind.ROVER, Kind.SUB)
GUIDED = {Kind.COPTER: 4, Kind.ROVER: 15, Kind.SUB: 4}
AUTO = {Kind.COPTER: 3, Kind.ROVER: 10, Kind.SUB: 3}
every_kind = pytest.mark.parametrize("kind", KINDS)


def one(kind: Kind, /, **changes: Any) -> Station:
    (station,) = Place([spec(kind, **changes)]).stations.values()
    return station


@every_kind
def test_streams_belong_to_a_link_and_keep_their_rate(kind: Kind) -> None:  # 1, 2
    station = one(kind)
    second = bytearray()
    station.place.service.machines[0].open_port(second.extend)
    assert station.stream(33, 10) is MavResult.ACCEPTED
    assert station.command(Command.SET_MESSAGE_INTERVAL, 60000, 1e5) is MavResult.DENIED
    assert station.texts()[-1] == "No ap_message for mavlink id (60000)"
    station.place.pass_time(5)
    assert 49 <= len(station.all("GLOBAL_POSITION_INT")) <= 51
    assert 33 not in {frame.msgid for frame in parse_datagram(bytes(second))}


@every_kind
def test_requests_that_are_answered_and_those_that_are_not(kind: Kind) -> None:  # 3
    station = one(kind)
    for message, result in ((148, MavResult.ACCEPTED), (242, MavResult.ACCEPTED), (435, MavResult.FAILED),
                            (397, MavResult.FAILED), (300, MavResult.FAILED)):
        assert station.command(Command.REQUEST_MESSAGE, message) is result
    version = station.last("AUTOPILOT_VERSION")
    assert any(version.uid2)
    assert version.flight_sw_version >> 24 == 4
    assert station.command(Command.REQUEST_AUTOPILOT_CAPABILITIES, 1) is MavResult.ACCEPTED


@every_kind
def test_arming_too_early_fails_and_says_why_by_text(kind: Kind) -> None:  # 4, 5
    station = one(kind, booted_s=0.0)
    station.mode(GUIDED[kind])
    station.stream(193, 2)
    station.stream(1, 2)
    for seconds, text in ((2, "Need Alt Estimate"), (15, "AHRS: waiting for home"), (20, "Need Position Estimate")):
        station.place.pass_time(seconds)
        assert station.arm() is MavResult.FAILED
        assert text in station.texts()[-1]
        assert not station.last("SYS_STATUS").onboard_control_sensors_health & SysStatusSensor.PREARM_CHECK
    station.place.pass_time(6)
    assert station.last("EKF_STATUS_REPORT").flags & 0x90 == 0x10
    assert station.last("SYS_STATUS").onboard_control_sensors_health & SysStatusSensor.PREARM_CHECK
    assert station.arm() is MavResult.ACCEPTED


@every_kind
def test_one_in_ten_is_refused_once(kind: Kind) -> None:  # 5
    station = one(kind, refuses_first_arm=1.0)
    station.mode(GUIDED[kind])
    assert station.arm() is MavResult.FAILED
    assert station.arm() is MavResult.ACCEPTED


@every_kind
def test_a_bad_mode_and_an_unknown_command(kind: Kind) -> None:  # 6, 7
    station = one(kind)
    assert station.mode(77) is MavResult.FAILED
    assert station.texts()[-1] == "No such mode 77"
    assert station.command(31999) is MavResult.UNSUPPORTED


@every_kind
def test_auto_without_a_mission_is_taken_while_disarmed(kind: Kind) -> None:  # 7
    station = one(kind)
    assert station.mode(AUTO[kind]) is MavResult.ACCEPTED
    station.place.pass_time(1.1)
    beats = [message for component, message in station.heard if message.SPEC.name == "HEARTBEAT" and component == 1]
    assert beats[-1].custom_mode == AUTO[kind]


def _speed(station: Station) -> float:
    message = station.last("GLOBAL_POSITION_INT")
    return float(max(abs(message.vx), abs(message.vy)) / 100)


@every_kind
def test_one_velocity_dies_within_five_seconds(kind: Kind) -> None:  # 9
    station = one(kind)
    station.stream(33, 5)
    station.mode(GUIDED[kind])
    if kind is Kind.COPTER:
        fly_off(station)
    else:
        station.beat()
        station.arm()
    place = {"x": 0.0, "y": 0.0, "z": 0.0, "afx": 0.0, "afy": 0.0, "afz": 0.0, "yaw": 0.0, "yaw_rate": 0.0}
    station.say(
        "SET_POSITION_TARGET_LOCAL_NED", time_boot_ms=0, target_system=1, target_component=1, coordinate_frame=1,
        type_mask=0b110111000111, vx=0.6, vy=0.0, vz=0.0, **place,
    )
    top = 0.0
    for _ in range(10):
        station.beat()
        station.place.pass_time(0.2)
        top = max(top, _speed(station))
    assert top > 0.3
    for _ in range(8):
        station.beat()
        station.place.pass_time(0.8)
    assert _speed(station) < 0.2


LISTS: dict[int, list[dict[str, Any]]] = {
    0: [item(16), item(16, 30, 0, 5), bare(20)],
    1: [item(5001, a, b, 0, 3, frame=0) for a, b in ((-90, -90), (90, -90), (0, 90))],
    2: [item(5100, 5, 5, 20.7, frame=3), item(5100, 9, 9, 30, frame=6)],
}


@every_kind
@pytest.mark.parametrize("mission_type", list(LISTS))
def test_every_list_by_the_same_handshake(kind: Kind, mission_type: int) -> None:  # 10, 11
    station = one(kind)
    items = LISTS[mission_type]
    assert station.upload(items, mission_type) is MissionResult.ACCEPTED
    assert {message.mission_type for message in station.all("MISSION_REQUEST")} == {mission_type}
    assert not station.all("MISSION_REQUEST_INT")
    back = station.download(mission_type)
    assert [message.command for message in back] == [each["command"] for each in items]
    first = 1 if mission_type == 0 else 0
    for message, sent in list(zip(back, items, strict=True))[first:]:
        assert abs(message.x - sent["x"]) <= 1
        assert message.frame in (0, 2, 3)
    if mission_type == 2:
        assert [message.z for message in back] == [20.0, 30.0], "whole metres, cut off"
    me = {"target_system": 1, "target_component": 1, "mission_type": mission_type}
    station.say("MISSION_COUNT", count=0, **me)
    assert station.last("MISSION_ACK").type == MissionResult.ACCEPTED
    assert station.download(mission_type) == []


@every_kind
@pytest.mark.parametrize(("mission_type", "text"), [
    (0, "Mission upload timeout"), (1, "Fence upload timeout"), (2, "Rally upload timeout"),
])
def test_a_silent_sender_is_dropped_after_eight_seconds(kind: Kind, mission_type: int, text: str) -> None:  # 10
    station = one(kind)
    assert station.upload(LISTS[mission_type], mission_type) is MissionResult.ACCEPTED
    station.say("MISSION_COUNT", count=3, target_system=1, target_component=1, mission_type=mission_type)
    station.place.pass_time(8.5)
    assert station.last("MISSION_ACK").type == MissionResult.OPERATION_CANCELLED
    assert text in station.texts()
    if mission_type == 1:
        assert len(station.download(1)) == 3, "a fence is taken over whole or not at all"


def test_bad_fences_and_rally_points_are_refused_and_leave_the_old_ones() -> None:  # 10
    station = one(Kind.COPTER)
    station.upload(LISTS[1], 1)
    assert station.upload([each | {"param1": 2} for each in LISTS[1][:2]], 1) is MissionResult.ERROR
    assert station.upload([item(5001, 0, 0, 0, 300, frame=0)], 1) is MissionResult.INVALID_PARAM1
    assert station.upload([item(5003, 0, 0, 0, 0, frame=0)], 1) is MissionResult.ERROR
    assert station.upload([item(16, 0, 0, 0, frame=0)], 1) is MissionResult.UNSUPPORTED
    assert len(station.download(1)) == 3
    assert station.upload([item(5100, 5, 5, 900, frame=0)], 2) is MissionResult.UNSUPPORTED_FRAME
    assert station.upload([item(16, 5, 5, 20, frame=3)], 2) is MissionResult.UNSUPPORTED


@every_kind
def test_parameters_by_list_by_name_and_silence(kind: Kind) -> None:  # 14
    station = one(kind)
    me = {"target_system": 1, "target_component": 1}
    station.say("PARAM_REQUEST_LIST", **me)
    station.place.pass_time(0.7)
    values = station.all("PARAM_VALUE")
    assert sorted(message.param_index for message in values) == list(range(values[0].param_count))
    station.say("PARAM_REQUEST_READ", param_id="NO_SUCH_NAME", param_index=-1, **me)
    station.place.pass_time(0.5)
    assert len(station.all("PARAM_VALUE")) == len(values)
    station.say("PARAM_SET", param_id="FS_GCS_TIMEOUT", param_value=-7.0, param_type=9, **me)
    assert station.last("PARAM_VALUE").param_value == -7.0, "a senseless value is accepted"
    assert station.last("PARAM_VALUE").param_index == 65535


@every_kind
def test_it_answers_time_and_asks_it(kind: Kind) -> None:  # 1
    station = one(kind)
    station.say("TIMESYNC", tc1=0, ts1=4711)
    answer = station.last("TIMESYNC")
    assert (answer.ts1, answer.tc1) == (4711, 60_000_000_000)
    station.place.pass_time(11)
    assert [message for message in station.all("TIMESYNC") if message.tc1 == 0]


@every_kind
def test_its_component_is_told_by_its_heartbeat(kind: Kind) -> None:  # 16
    station = one(kind)
    station.place.pass_time(2)
    beats = {component for component, message in station.heard if message.SPEC.name == "HEARTBEAT"}
    assert 1 in beats
    assert 0 not in beats


@every_kind
def test_a_silent_station_is_noticed_only_by_one_that_ever_heard_it(kind: Kind) -> None:  # 13
    station = one(kind, parameters={"FS_GCS_ENABLE": 2.0 if kind is Kind.SUB else 1.0, "FS_GCS_TIMEOUT": 3.0})
    station.mode(GUIDED[kind])
    station.arm()
    station.place.pass_time(5)
    assert "GCS Failsafe" not in station.texts()
    stranger = Encoder(251, 190)
    beat = {"type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4}
    station.arm()
    station.beat()
    for _ in range(5):
        station.place.service.receive(station.spec.id, stranger.encode("HEARTBEAT", **beat))
        station.place.pass_time(0.8)
    assert "GCS Failsafe" in station.texts()
    station.beat()
    assert "GCS Failsafe Cleared" in station.texts()


def test_an_enabled_fence_tells_its_state_and_sys_status_its_bits() -> None:
    station = one(Kind.COPTER, parameters={"FENCE_TYPE": 4.0, "FENCE_ACTION": 4.0})
    station.stream(162, 5)
    station.stream(1, 5)
    assert station.command(Command.DO_FENCE_ENABLE, 1) is MavResult.FAILED, "there is no fence yet"
    station.upload([item(5001, 12 + a, b, 0, 4, frame=0) for a, b in ((-30, -30), (30, -30), (30, 30), (-30, 30))], 1)
    station.place.pass_time(1)
    assert not station.all("FENCE_STATUS")
    fenced = SysStatusSensor.GEOFENCE
    assert station.last("SYS_STATUS").onboard_control_sensors_present & fenced
    assert not station.last("SYS_STATUS").onboard_control_sensors_enabled & fenced
    assert station.command(Command.DO_FENCE_ENABLE, 1) is MavResult.ACCEPTED
    fly_off(station)
    assert station.last("SYS_STATUS").onboard_control_sensors_enabled & fenced
    assert station.last("FENCE_STATUS").breach_type == FenceBreach.NONE
    there = item(16, 80, 0, 40)
    station.say(
        "COMMAND_INT", target_system=1, target_component=1, frame=6, command=192, current=0, autocontinue=0, param1=-1,
        param2=1, param3=0, param4=0, x=there["x"], y=there["y"], z=40,
    )
    place = station.place
    place.wait(lambda: place.service.machines[0].mind()[0] == 17, 20)
    place.pass_time(0.5)
    status = station.last("FENCE_STATUS")
    assert (status.breach_status, status.breach_type, status.breach_count) == (1, FenceBreach.BOUNDARY, 1)
    assert not station.last("SYS_STATUS").onboard_control_sensors_health & fenced
    assert station.command(Command.DO_FENCE_ENABLE, 0) is MavResult.ACCEPTED


@pytest.mark.parametrize(("kind", "option", "mode", "goes_on"), [
    (Kind.COPTER, {"FS_OPTIONS": 2.0}, "auto", True), (Kind.COPTER, {"FS_OPTIONS": 0.0}, "auto", False),
    (Kind.COPTER, {"FS_OPTIONS": 16.0}, "loiter", True), (Kind.COPTER, {"FS_OPTIONS": 0.0}, "loiter", False),
    (Kind.ROVER, {"FS_GCS_ENABLE": 2.0}, "auto", True), (Kind.ROVER, {"FS_GCS_ENABLE": 2.0}, "guided", False),
])
def test_options_let_it_go_on(kind: Kind, option: dict[str, float], mode: str, goes_on: bool) -> None:  # 13
    station = one(kind, parameters={"FS_GCS_ENABLE": 1.0, **option})
    station.beat()
    station.upload([item(16), item(22, 0, 0, 20), item(16, 900, 0, 20)] if kind is Kind.COPTER else
                   [item(16), item(16, 900, 0, 0)])
    if kind is Kind.COPTER:
        fly_off(station)
    else:
        station.mode(GUIDED[kind])
        station.arm()
    number = {"auto": AUTO[kind], "guided": GUIDED[kind], "loiter": 5}[mode]
    assert station.mode(number) is MavResult.ACCEPTED
    station.beat()
    station.place.pass_time(6)
    machine = station.place.service.machines[0]
    assert (machine.mind()[0] == number) is goes_on
    assert ("GCS Failsafe - Continuing" in station.texts()) is goes_on


@every_kind
def test_a_low_battery_is_said_and_later_arming_refused(kind: Kind) -> None:
    station = one(kind, parameters={"BATT_LOW_MAH": 50_000.0 if kind is Kind.ROVER else 8000.0})
    station.mode(GUIDED[kind])
    station.beat()
    station.arm()
    station.place.service.fail(station.spec.id, Failure.BATTERY)
    station.place.pass_time(1)
    assert any(text.startswith("Battery 1 is low") for text in station.texts())
    station.command(Command.COMPONENT_ARM_DISARM, 0)
    assert station.arm() is MavResult.FAILED
    assert station.texts()[-1].endswith("Battery 1 low voltage failsafe")
