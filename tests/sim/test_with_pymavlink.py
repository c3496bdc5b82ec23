"""What the simulated autopilot says and hears, judged by pymavlink instead of our own wire."""

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.sim.support import Place, Station, item, spec


def test_pymavlink_reads_everything_without_an_error_and_is_understood() -> None:
    place = Place([spec(booted_s=0.0)])
    (station,) = place.stations.values()
    said: list[bytes] = []
    out = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)

    def send(message: mavlink.MAVLink_message) -> None:
        place.service.receive(station.spec.id, message.pack(out))

    place.pass_time(45)
    for msgid in (0, 1, 2, 24, 29, 30, 31, 32, 33, 42, 49, 65, 74, 125, 147, 152, 193, 241, 242, 245):
        send(mavlink.MAVLink_command_long_message(1, 1, 511, 0, msgid, 2e5, 0, 0, 0, 0, 0))
    upload(station, send)
    for command, first, second in ((176, 1, 4), (400, 1, 0), (300, 0, 0), (512, 148, 0)):
        send(mavlink.MAVLink_command_long_message(1, 1, command, 0, first, second, 0, 0, 0, 0, 0))
    place.pass_time(20)
    said.append(bytes(station.raw))

    parser = mavlink.MAVLink(None)
    parser.robust_parsing = False
    messages = parser.parse_buffer(b"".join(said)) or []
    names = {message.get_type() for message in messages}
    assert not any(message.get_type() in ("BAD_DATA", "UNKNOWN") for message in messages)
    assert {"GLOBAL_POSITION_INT", "EKF_STATUS_REPORT", "AUTOPILOT_VERSION", "MISSION_ACK", "HOME_POSITION"} <= names
    assert {message.result for message in messages if message.get_type() == "COMMAND_ACK"} == {0}
    highest = max(message.relative_alt for message in messages if message.get_type() == "GLOBAL_POSITION_INT")
    assert highest > 18_000


def upload(station: Station, send: object) -> None:
    """By pymavlink's messages."""
    assert callable(send)
    send(mavlink.MAVLink_mission_count_message(1, 1, 3, 0))
    for seq, made in enumerate([item(16), item(22, 0, 0, 20), item(16, 60, 0, 20)]):
        send(mavlink.MAVLink_mission_item_int_message(
            1, 1, seq, made["frame"], made["command"], 0, 1, 0, 0, 0, 0, made["x"], made["y"], made["z"], 0,
        ))
