"""What the simulated autopilot says and hears, judged by pymavlink instead of our own wire."""

from collections.abc import Sequence
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, bare, flat_terrain, item, spec

COPTERS = [item(16), item(22, 0, 0, 20), item(16, 60, 0, 20)]


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


def upload(station: Station, send: object, items: Sequence[dict[str, Any]] = COPTERS) -> None:
    """By pymavlink's messages."""
    assert callable(send)
    send(mavlink.MAVLink_mission_count_message(1, 1, len(items), 0))
    for seq, made in enumerate(items):
        send(mavlink.MAVLink_mission_item_int_message(
            1, 1, seq, made["frame"], made["command"], 0, 1, 0, 0, 0, 0, made["x"], made["y"], made["z"], 0,
        ))


class Client:
    """A pymavlink ground station with one simulated vehicle."""

    def __init__(self, kind: Kind) -> None:
        depth = -20.0 if kind is Kind.BOAT else 0.0
        self.place = Place([spec(kind)], terrain=flat_terrain(depth))
        (self.station,) = self.place.stations.values()
        self._out = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
        self._in = mavlink.MAVLink(None)
        self._read = 0

    def send(self, message: mavlink.MAVLink_message) -> None:
        self.place.service.receive(self.station.spec.id, message.pack(self._out))

    def order(self, command: int, *params: float) -> None:
        values = (*params, *(0.0,) * (7 - len(params)))
        self.send(mavlink.MAVLink_command_long_message(1, 1, command, 0, *values))

    def hear(self) -> list[mavlink.MAVLink_message]:
        """What came since the last time."""
        new, self._read = bytes(self.station.raw[self._read :]), len(self.station.raw)
        return self._in.parse_buffer(new) or []

    def fly(self, items: Sequence[dict[str, Any]], mode: int, within_s: float) -> list[mavlink.MAVLink_message]:
        """Upload, arm, AUTO; until disarmed or the time is over."""
        upload(self.station, self.send, items)
        self.order(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, 33, 5e5)
        self.order(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
        self.order(mavlink.MAV_CMD_DO_SET_MODE, 1, mode)
        heard = self.hear()
        assert {m.result for m in heard if m.get_type() == "COMMAND_ACK"} == {0}
        for _ in range(round(within_s)):
            self.place.pass_time(1.0)
            heard += self.hear()
            beats = [m for m in heard if m.get_type() == "HEARTBEAT"]
            if beats and not beats[-1].base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED:
                break
        return heard


def test_a_pymavlink_client_flies_a_plane_from_take_off_to_landing() -> None:
    client = Client(Kind.PLANE)
    landing = [bare(mavlink.MAV_CMD_DO_LAND_START), item(16, 12, -400, 40), item(21, 12, 0, 0)]
    heard = client.fly([item(16), item(22, 0, 0, 50), item(16, 0, 300, 60), item(16, 300, 300, 60), *landing], 10, 300)
    reached = [m.seq for m in heard if m.get_type() == "MISSION_ITEM_REACHED"]
    assert reached[:3] == [1, 2, 3]
    beats = [m for m in heard if m.get_type() == "HEARTBEAT"]
    assert {m.type for m in beats} == {mavlink.MAV_TYPE_FIXED_WING}
    assert not beats[-1].base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED, "landed and disarmed"
    heights = [m.relative_alt / 1000 for m in heard if m.get_type() == "GLOBAL_POSITION_INT"]
    assert 55.0 < max(heights) < 66.0
    assert abs(heights[-1]) < 2.0
    assert client.place.service.truth().is_alive[0]


def test_a_pymavlink_client_drives_a_boat_along_its_mission() -> None:
    client = Client(Kind.BOAT)
    heard = client.fly([item(16), item(16, 50, 0, 0), item(16, 50, 40, 0)], 10, 90)
    assert [m.seq for m in heard if m.get_type() == "MISSION_ITEM_REACHED"] == [1, 2]
    assert {m.type for m in heard if m.get_type() == "HEARTBEAT"} == {mavlink.MAV_TYPE_SURFACE_BOAT}
    here = client.place.service.truth().position[0]
    assert abs(here[0] - 50.0) < 5.0
    assert abs(here[1] - 40.0) < 5.0, "it keeps its place at the end"
