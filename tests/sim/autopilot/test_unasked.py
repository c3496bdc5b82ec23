"""AUTOPILOTS.md 1-3 and 16: nothing useful comes unasked, streams belong to a link, few messages answer a request."""

import pytest

from fleet.wire.encode import Encoder
from fleet.wire.enums import Command, MavResult
from fleet.wire.frame import parse_datagram
from sim.vehicles.spec import Kind
from tests.sim.support import Place, spec

UNASKED = {"HEARTBEAT", "STATUSTEXT", "TIMESYNC", "TUNNEL"}

TYPE_OF = {Kind.COPTER: 2, Kind.ROVER: 10, Kind.SUB: 12, Kind.PLANE: 1, Kind.BOAT: 11}


@pytest.mark.parametrize("kind", list(Kind))
def test_only_heartbeats_texts_and_time_come_unasked(kind: Kind) -> None:
    place = Place([spec(kind, booted_s=0.0)])
    place.pass_time(60)
    (station,) = place.stations.values()
    assert {message.SPEC.name for _, message in station.heard} <= UNASKED
    beats = [message for component, message in station.heard if message.SPEC.name == "HEARTBEAT" and component == 1]
    assert 59 <= len(beats) <= 61
    assert beats[0].autopilot == 3
    assert beats[0].type == TYPE_OF[kind]


@pytest.mark.parametrize(("asked_hz", "given"), [(1, 10), (10, 100), (50, 500)])
def test_message_intervals_are_kept(asked_hz: float, given: int) -> None:
    place = Place([spec()])
    station = place.stations[place.service.machines[0].id]
    assert station.stream(30, asked_hz) is MavResult.ACCEPTED
    place.pass_time(10)
    assert abs(len(station.all("ATTITUDE")) - given) <= 2


def test_an_unknown_message_id_is_denied_with_a_text() -> None:
    place = Place([spec()])
    (station,) = place.stations.values()
    assert station.command(Command.SET_MESSAGE_INTERVAL, 60000, 1e5) is MavResult.DENIED
    assert "No ap_message for mavlink id (60000)" in station.texts()


def test_a_data_stream_brings_its_group() -> None:
    place = Place([spec()])
    (station,) = place.stations.values()
    station.say(
        "REQUEST_DATA_STREAM", target_system=1, target_component=1, req_stream_id=6, req_message_rate=4, start_stop=1,
    )
    place.pass_time(10)
    assert 35 <= len(station.all("GLOBAL_POSITION_INT")) <= 42
    assert not station.all("ATTITUDE")


@pytest.mark.parametrize(("message", "result"), [
    (148, MavResult.ACCEPTED), (242, MavResult.ACCEPTED), (435, MavResult.FAILED), (397, MavResult.FAILED),
    (300, MavResult.FAILED),
])
def test_requested_messages(message: int, result: MavResult) -> None:
    place = Place([spec()])
    (station,) = place.stations.values()
    assert station.command(Command.REQUEST_MESSAGE, message) is result
    if message == 148:
        assert station.last("AUTOPILOT_VERSION").flight_sw_version >> 24 == 4


def test_a_second_link_is_silent_until_it_asks() -> None:
    place = Place([spec()])
    (station,) = place.stations.values()
    station.stream(33, 10)
    second = bytearray()
    place.service.machines[0].open_port(second.extend, is_stream=True)
    place.pass_time(5)
    assert {frame.msgid for frame in parse_datagram(bytes(second))} <= {0, 111, 385}
    assert len(station.all("GLOBAL_POSITION_INT")) >= 49


def test_positions_are_zero_until_there_is_one() -> None:
    place = Place([spec(booted_s=0.0)])
    (station,) = place.stations.values()
    station.stream(33, 2)
    place.pass_time(20)
    assert {(m.lat, m.lon) for m in station.all("GLOBAL_POSITION_INT")} == {(0, 0)}
    place.pass_time(25)
    assert station.last("GLOBAL_POSITION_INT").lat == pytest.approx(354_900_000, abs=500)


def test_messages_for_others_are_not_obeyed() -> None:
    place = Place([spec()])
    (station,) = place.stations.values()
    command = {f"param{n}": 0.0 for n in range(1, 8)} | {"command": 400, "confirmation": 0}
    station.say("COMMAND_LONG", target_system=9, target_component=1, **command)
    station.say("COMMAND_LONG", target_system=1, target_component=77, **command)
    assert not station.all("COMMAND_ACK")


def test_garbage_is_survived() -> None:
    place = Place([spec()])
    (station,) = place.stations.values()
    good = Encoder(255, 190).encode("TIMESYNC", tc1=0, ts1=42)
    place.service.receive(station.spec.id, b"\xfd\xff\x00garbage\x00" * 20 + good + b"\xfd")
    assert station.last("TIMESYNC").ts1 == 42
    assert station.last("TIMESYNC").tc1 == 60_000 * 1_000_000
