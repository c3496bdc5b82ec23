"""No frame leaves the guard but what the admitted command is about."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.authority import Authority
from fleet.commands import FenceArea, Lease, PayloadOrder, Verb
from fleet.drivers.mavlink.items import Item, mission_of
from fleet.guard import LIMITS, PX4_LIMITS, Guard, GuardedVehicle, VehicleLimits
from fleet.guard.frames import COMMAND_RULES, frame_fault
from fleet.guard.outbound import Outbound
from fleet.model import VehicleKind
from fleet.wire.decode import Decoder
from fleet.wire.dialect import ardupilotmega
from fleet.wire.encode import Encoder
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MavFrame
from fleet.wire.frame import parse_datagram
from tests.fleet.guard.test_commands import NOW, command, flying, state
from tests.support.fleet_bench import APPROVED, PILOT, at, flat_site, route, square
from world.ids import VehicleId

U01 = VehicleId("U01")


class Gate:
    """A guard with one copter, and what it let out."""

    def __init__(self, limits: VehicleLimits = LIMITS[VehicleKind.COPTER]) -> None:
        self.sent: list[bytes] = []
        authority = Authority()
        authority.grant(Lease(vehicle=U01, holder=PILOT, expires=NOW.plus_s(600.0)), NOW)
        self.guard = Guard(
            send=lambda vehicle, data: self.sent.append(data), authority=authority, site=flat_site(),
            vehicles={U01: GuardedVehicle(sysid=1, limits=limits)},
        )
        self.guard.approve(APPROVED)
        self._encoder = Encoder(255, 190)

    def admit(self, verb: Verb, **rest: Any) -> "Gate":
        is_upload = verb is Verb.UPLOAD_ROUTE
        if verb is Verb.START_ROUTE:
            self.admit(Verb.UPLOAD_ROUTE, route=route())
            self.guard.close(U01, is_done=True)
        assert self.guard.admit(command(verb, **rest), state() if is_upload else flying(), NOW) is None
        return self

    def put(self, name: str, **fields: Any) -> str | None:
        target = {} if name == "HEARTBEAT" else {"target_system": 1, "target_component": 1}
        return self.guard.transmit(U01, self._encoder.encode(name, **target | fields), NOW)

    def long(self, number: int, *params: float, **rest: Any) -> str | None:
        values = {f"param{k}": v for k, v in enumerate((*params, *(0.0,) * (7 - len(params))), 1)}
        return self.put("COMMAND_LONG", command=number, confirmation=0, **values | rest)

    def item(self, seq: int, item: Item) -> str | None:
        params = {f"param{k}": v for k, v in enumerate(item.params, 1)}
        return self.put(
            "MISSION_ITEM_INT", seq=seq, frame=item.frame, command=item.command, current=0, autocontinue=1,
            mission_type=0, x=item.x, y=item.y, z=item.z, **params,
        )


def no(sentence: str | None, words: str) -> None:
    assert sentence is not None
    assert words in sentence
    assert sentence.startswith("A frame to U01 was held back: ")


def kept(sentence: str | None, reason: str) -> None:
    """Held back for this reason and nothing else."""
    assert sentence == f"A frame to U01 was held back: {reason}."


def test_what_moves_nothing_passes_without_a_command() -> None:
    gate = Gate()
    fine = {"type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4}
    assert gate.put("HEARTBEAT", **fine) is None
    assert gate.put("MISSION_REQUEST_LIST", mission_type=0) is None
    assert gate.put("MISSION_REQUEST_INT", seq=1, mission_type=0) is None
    assert gate.put("MISSION_ACK", type=0, mission_type=0) is None
    assert gate.long(MavCommand.SET_MESSAGE_INTERVAL, 33.0, 200000.0) is None
    assert gate.long(MavCommand.REQUEST_MESSAGE, 242.0) is None
    assert gate.long(MavCommand.REQUEST_AUTOPILOT_CAPABILITIES, 1.0) is None
    assert len(gate.sent) == 7
    assert gate.guard.refused_frames == 0


def test_unknown_foreign_and_broken_frames_never_leave() -> None:
    gate = Gate().admit(Verb.STOP)
    no(gate.put("MISSION_CLEAR_ALL", mission_type=0), "MISSION_CLEAR_ALL is not among the messages")
    no(gate.long(MavCommand.PREFLIGHT_REBOOT_SHUTDOWN, 1.0), "command 246 is not among those")
    no(gate.long(MavCommand.DO_SET_MODE, 1.0, 17.0, target_system=0), "addressed to system 0, not to 1")
    no(gate.long(MavCommand.DO_SET_MODE, 1.0, 17.0, target_system=2), "addressed to system 2, not to 1")
    frame = Encoder(255, 190).encode("MISSION_REQUEST_LIST", target_system=1, target_component=1, mission_type=0)
    for wrong in (b"", b"hello", frame + frame, frame[:-1]):
        no(gate.guard.transmit(U01, wrong, NOW), "not exactly one frame")
    assert "not in the guard's table" in str(gate.guard.transmit(VehicleId("X01"), frame, NOW))
    assert gate.sent == []
    assert gate.guard.refused_frames == 9


def test_modes() -> None:
    for verb in (Verb.STOP, Verb.HOLD, Verb.RETURN, Verb.LAND, Verb.ARM):
        for mode in (4.0, 6.0, 9.0, 17.0):
            assert Gate().admit(verb).long(MavCommand.DO_SET_MODE, 1.0, mode) is None
        no(Gate().admit(verb).long(MavCommand.DO_SET_MODE, 1.0, 3.0), "needs start_route or upload_route")
        no(Gate().admit(verb).long(MavCommand.DO_SET_MODE, 1.0, 0.0), "mode 0 is not among those")
    assert Gate().admit(Verb.START_ROUTE).long(MavCommand.DO_SET_MODE, 1.0, 3.0) is None
    no(Gate().long(MavCommand.DO_SET_MODE, 1.0, 17.0), "needs a command to be under way")


def test_a_permit_ends_with_its_command_and_with_its_deadline() -> None:
    gate = Gate().admit(Verb.HOLD)
    gate.guard.close(U01, is_done=False)
    no(gate.long(MavCommand.DO_SET_MODE, 1.0, 17.0), "needs a command to be under way")
    late = Gate().admit(Verb.HOLD)
    frame = Encoder(255, 190).encode(
        "COMMAND_LONG", target_system=1, target_component=1, command=176, confirmation=0,
        param1=1, param2=17, param3=0, param4=0, param5=0, param6=0, param7=0,
    )
    assert late.guard.transmit(U01, frame, NOW.plus_s(60.0)) is None
    no(late.guard.transmit(U01, frame, NOW.plus_s(60.1)), "needs a command to be under way")


def test_arming_disarming_killing() -> None:
    for verb in (Verb.ARM, Verb.TAKE_OFF, Verb.START_ROUTE):
        assert Gate().admit(verb, height_m=30.0).long(400, 1.0) is None
    no(Gate().admit(Verb.STOP).long(400, 1.0), "needs arm or take_off or start_route")
    assert Gate().admit(Verb.DISARM).long(400, 0.0) is None
    no(Gate().admit(Verb.STOP).long(400, 0.0), "needs disarm")
    assert Gate().admit(Verb.KILL, held_s=3.0).long(400, 0.0, 21196.0) is None
    for verb in (Verb.DISARM, Verb.STOP, Verb.LAND):
        no(Gate().admit(verb).long(400, 0.0, 21196.0), "needs kill")
    no(Gate().admit(Verb.KILL, held_s=3.0).long(400, 0.0, 21196.0, target_system=0), "addressed to system 0")


def test_numbers_must_be_those_of_the_command() -> None:
    gate = Gate().admit(Verb.TAKE_OFF, height_m=30.0)
    assert gate.long(22, 0, 0, 0, 0, 0, 0, 30.0) is None
    no(gate.long(22, 0, 0, 0, 0, 0, 0, 60.0), "a take-off to 60 m was not asked for")
    no(Gate().long(22, 0, 0, 0, 0, 0, 0, 30.0), "was not asked for")
    no(Gate().admit(Verb.SET_RETURN_HEIGHT, height_m=30.0).long(22, 0, 0, 0, 0, 0, 0, 30.0), "needs take_off")
    speed = Gate().admit(Verb.SET_SPEED, speed_m_s=5.0)
    assert speed.long(178, 1.0, 5.0, -1.0) is None
    for wrong in (0.0, -1.0, 16.0, math.nan):
        no(speed.long(178, 1.0, wrong, -1.0), "outside the limits")
    no(Gate().admit(Verb.HOLD).long(178, 1.0, 5.0, -1.0), "needs set_speed or go_to")


def test_one_parameter_one_value() -> None:
    def put(gate: Gate, name: str, value: float) -> str | None:
        return gate.put("PARAM_SET", param_id=name, param_value=value, param_type=6)

    gate = Gate().admit(Verb.SET_RETURN_HEIGHT, height_m=30.0)
    assert put(gate, "RTL_ALT", 3000.0) is None
    no(put(gate, "RTL_ALT", 9000.0), "was not asked for")
    no(put(gate, "FENCE_ENABLE", 0.0), "parameter FENCE_ENABLE may not be set")
    no(put(Gate(), "RTL_ALT", 3000.0), "may not be set")
    no(put(Gate().admit(Verb.TAKE_OFF, height_m=30.0), "RTL_ALT", 3000.0), "needs set_return_height")


def test_verbs_of_single_commands() -> None:
    assert Gate().admit(Verb.LOOK_AT, heading_deg=9.0).long(115, 9.0) is None
    assert Gate().admit(Verb.CAPTURE).long(2000, 0, 0, 1) is None
    assert Gate().admit(Verb.START_ROUTE).long(300) is None
    no(Gate().admit(Verb.HOLD).long(115, 9.0), "needs look_at")
    turned = Gate().admit(Verb.LOOK_AT, heading_deg=9.0)
    for heading_deg in (8.0, 10.0):
        assert turned.long(115, heading_deg) is None
    for heading_deg in (7.9, 10.1):
        kept(turned.long(115, heading_deg), f"a turn to {heading_deg:g} deg was not asked for")
    kept(turned.long(115, 9.0, 0.0, 0.0, 1.0), "a turn to 9 deg is no heading")
    anywhere = Gate().admit(Verb.LOOK_AT, position=at(50, 0, 0))
    for heading_deg in (0.0, 360.0):
        assert anywhere.long(115, heading_deg) is None
    for heading_deg in (-0.1, 360.1):
        kept(anywhere.long(115, heading_deg), f"a turn to {heading_deg:g} deg is no heading")
    no(Gate().long(115, 9.0), "needs look_at")
    no(Gate().admit(Verb.HOLD).long(2000, 0, 0, 1), "needs capture")
    no(Gate().admit(Verb.HOLD).long(300), "needs start_route or upload_route")


POSITION_ONLY = 0b110111111000


def setpoint(
    gate: Gate, east_m: float, up_m: float, frame: MavFrame = MavFrame.GLOBAL_INT, mask: int = POSITION_ONLY
) -> str | None:
    place = at(east_m, 100.0, up_m)
    zeros = dict.fromkeys(("vx", "vy", "vz", "afx", "afy", "afz", "yaw", "yaw_rate"), 0.0)
    return gate.put(
        "SET_POSITION_TARGET_GLOBAL_INT", time_boot_ms=0, coordinate_frame=frame, type_mask=mask,
        lat_int=round(place.lat_deg * 1e7), lon_int=round(place.lon_deg * 1e7), alt=place.height_m, **zeros,
    )


def test_setpoints_lie_where_asked() -> None:
    gate = Gate().admit(Verb.GO_TO, position=at(50.0, 100.0, 40.0))
    assert setpoint(gate, 50.0, 40.0) is None
    no(setpoint(gate, 60.0, 40.0), "lies elsewhere")
    no(setpoint(gate, 50.0, 45.0), "lies elsewhere")
    no(setpoint(gate, 50.0, 40.0, MavFrame.GLOBAL_TERRAIN_ALT_INT), "lies elsewhere")
    assert setpoint(gate, 50.0, 40.0 - 750.0, MavFrame.GLOBAL_RELATIVE_ALT_INT) is None
    no(setpoint(Gate(), 50.0, 40.0), "needs go_to")
    for yaw_bit in (1 << 10, 1 << 11):
        assert setpoint(gate, 50.0, 40.0, mask=POSITION_ONLY ^ yaw_bit) is None
    for bit in range(10):
        kept(setpoint(gate, 50.0, 40.0, mask=POSITION_ONLY ^ (1 << bit)), "a setpoint orders more than a position")
    no(setpoint(Gate().admit(Verb.LOOK_AT, position=at(50, 100, 40)), 50.0, 40.0), "needs go_to")


def test_a_mission_is_the_route_that_was_checked() -> None:
    asked = replace(route(), points=tuple(replace(p, trigger_distance_m=8.0) for p in route(3).points))
    gate = Gate().admit(Verb.UPLOAD_ROUTE, route=asked)
    for frame in (MavFrame.GLOBAL, MavFrame.GLOBAL_RELATIVE_ALT):
        mission = mission_of(asked, at(0, 0, 0), frame=frame, with_take_off=True)
        assert gate.put("MISSION_COUNT", count=len(mission.items), mission_type=0) is None
        for seq, item in enumerate(mission.items):
            assert gate.item(seq, item) is None
    assert gate.put("MISSION_SET_CURRENT", seq=1) is None


def test_anything_else_in_a_mission_is_held_back() -> None:
    asked = route(3, returns_at_end=False)
    gate = Gate().admit(Verb.UPLOAD_ROUTE, route=asked)
    good = mission_of(asked, at(0, 0, 0), frame=MavFrame.GLOBAL, with_take_off=True).items[3]
    wrong: tuple[Item, ...] = (
        replace(good, x=good.x + 100), replace(good, y=good.y - 100), replace(good, z=good.z + 2.0),
        replace(good, frame=MavFrame.GLOBAL_TERRAIN_ALT), Item(command=22, frame=3, z=80.0), Item(command=20),
        Item(command=178, params=(1.0, 20.0, -1.0, 0.0)), Item(command=206, params=(math.nan, 0.0, 0.0, 0.0)),
    )
    for item in wrong:
        no(gate.item(3, item), "not part of the route that was checked")
    no(gate.item(3, Item(command=MavCommand.DO_JUMP)), "mission item 177 is not among those")
    no(Gate().item(0, good), "needs upload_route")
    no(Gate().put("MISSION_COUNT", count=3, mission_type=0), "needs upload_route")
    no(Gate().put("MISSION_SET_CURRENT", seq=1), "needs upload_route")
    ground = Gate().admit(Verb.UPLOAD_ROUTE, route=route(3, take_off_height_m=None))
    no(ground.item(1, Item(command=22, frame=3, z=30.0)), "not part of the route")


def test_heights_above_an_unknown_home_are_not_known() -> None:
    gate = Gate()
    asked = command(Verb.UPLOAD_ROUTE, route=route(3))
    assert gate.guard.admit(asked, state(home=None), NOW) is None
    mission = mission_of(route(3), at(0, 0, 0), frame=MavFrame.GLOBAL_RELATIVE_ALT, with_take_off=True)
    assert gate.item(3, mission.items[3]) is None, "where it stands is its home"
    fields = dict.fromkeys(("param1", "param2", "param3", "param4", "x", "y", "z", "current", "mission_type"), 0)
    data = Encoder(255, 190).encode(
        "MISSION_ITEM_INT", target_system=1, target_component=1, seq=3, frame=3, command=16, autocontinue=1, **fields
    )
    message = Decoder().decode(parse_datagram(data)[0])
    assert message is not None
    nowhere = Outbound(
        message=message,
        permit=asked,
        limits=LIMITS[VehicleKind.COPTER],
        state=state(home=None, position=None),
    )
    assert frame_fault(nowhere, 1) == "mission item 3 is not part of the route that was checked"


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in (Verb.KILL, Verb.SET_SIGNING_KEY)])
def test_no_command_but_kill_stops_motors_in_the_air(verb: Verb) -> None:
    rest: dict[str, Any] = {
        "height_m": 30.0, "speed_m_s": 5.0, "heading_deg": 9.0, "position": at(0, 50, 40), "route": route(),
        "parameters": {"WPNAV_SPEED": 500.0}, "rally": (), "order": PayloadOrder(payload="gripper", action="grab"),
        "fence": (FenceArea(is_inclusion=True, corners=square(700.0)),),
    }
    no(Gate().admit(verb, **rest).long(400, 0.0, 21196.0), "needs kill")  # keys are not set in the air at all


def test_questions_leave_without_a_command() -> None:
    gate = Gate()
    assert gate.put("PARAM_REQUEST_READ", param_id="RTL_ALT", param_index=-1) is None
    assert gate.put("PARAM_REQUEST_LIST") is None
    assert gate.put("LOG_REQUEST_LIST", start=0, end=65535) is None
    assert gate.put("LOG_REQUEST_DATA", id=1, ofs=0, count=90) is None
    assert gate.put("LOG_REQUEST_END") is None
    assert gate.put("MISSION_REQUEST", seq=0, mission_type=1) is None
    assert gate.put("MISSION_REQUEST_PARTIAL_LIST", start_index=0, end_index=3, mission_type=2) is None
    no(gate.put("LOG_ERASE"), "LOG_ERASE is not among the messages")
    no(gate.put("MISSION_CLEAR_ALL", mission_type=1), "MISSION_CLEAR_ALL is not among the messages")
    no(gate.put("PARAM_REQUEST_LIST", target_system=0), "addressed to system 0")


def test_clocks_have_no_address_and_pings_may_go_to_all() -> None:
    gate = Gate()
    encoder = Encoder(255, 190)
    for name, fields in (
        ("TIMESYNC", {"tc1": 0, "ts1": 1}), ("SYSTEM_TIME", {"time_unix_usec": 1, "time_boot_ms": 1})
    ):
        assert gate.guard.transmit(U01, encoder.encode(name, **fields), NOW) is None
    for target in (0, 1):
        assert gate.put("PING", time_usec=1, seq=1, target_system=target) is None
    no(gate.put("PING", time_usec=1, seq=1, target_system=2), "PING is addressed to system 2, not to 1")


@pytest.mark.parametrize("opcode", range(256))
def test_files_are_only_read(opcode: int) -> None:
    payload = bytes([7, 0, 0, opcode]) + bytes(247)
    sentence = Gate().put("FILE_TRANSFER_PROTOCOL", target_network=0, payload=payload)
    if opcode in (0, 1, 2, 3, 4, 5, 14, 15):
        assert sentence is None
    else:
        kept(sentence, f"file operation {opcode} is not among those that only read")


def test_an_empty_file_message_asks_for_nothing() -> None:
    assert Gate().put("FILE_TRANSFER_PROTOCOL", target_network=0, payload=b"") is None


def reposition(
    gate: Gate, east_m: float, up_m: float, *, flags: float = 1.0, frame: int = 0, **rest: Any
) -> str | None:
    place = at(east_m, 100.0, up_m)
    fields = {"command": int(MavCommand.DO_REPOSITION), "param1": -1.0, "param2": flags, "param3": 0.0, "param4": 0.0}
    where = {"x": round(place.lat_deg * 1e7), "y": round(place.lon_deg * 1e7), "z": place.height_m, "frame": frame}
    return gate.put("COMMAND_INT", current=0, autocontinue=0, **fields | where | rest)


@pytest.mark.parametrize("limits", [LIMITS[VehicleKind.PLANE], PX4_LIMITS[VehicleKind.COPTER]])
def test_a_reposition_leads_where_asked_and_nowhere_else(limits: VehicleLimits) -> None:
    gate = Gate(limits).admit(Verb.GO_TO, position=at(50.0, 100.0, 40.0))
    assert reposition(gate, 50.0, 40.0) is None
    assert reposition(gate, 50.0, 40.0 - 750.0, frame=MavFrame.GLOBAL_RELATIVE_ALT_INT) is None
    no(reposition(gate, 60.0, 40.0), "lies elsewhere")
    no(reposition(gate, 50.0, 45.0), "lies elsewhere")
    no(reposition(gate, 50.0, math.nan), "lies elsewhere")
    for flags in (0.0, 2.0, 3.0, math.nan):
        no(reposition(gate, 50.0, 40.0, flags=flags), "a reposition with flags")
    no(reposition(gate, 50.0, 40.0, command=int(MavCommand.DO_SET_HOME)), "command 179 is not among those")
    no(gate.long(MavCommand.DO_REPOSITION, -1.0, 1.0), "command 192 is not among those")
    no(reposition(Gate(limits).admit(Verb.HOLD), 50.0, 40.0), "needs go_to")


def test_px4_modes_are_main_and_sub() -> None:
    gate = Gate(PX4_LIMITS[VehicleKind.COPTER]).admit(Verb.HOLD)
    for sub in (3.0, 5.0, 6.0):
        assert gate.long(176, 1.0, 4.0, sub) is None
    no(gate.long(176, 1.0, 4.0, 4.0), "needs start_route or upload_route")
    for main, sub in ((6.0, 0.0), (4.0, 2.0), (4.0, 0.0), (3.0, 0.0), (math.nan, 3.0), (4.0, math.nan), (17.0, 0.0)):
        no(gate.long(176, 1.0, main, sub), "is not among those that may be ordered")
    assert Gate(PX4_LIMITS[VehicleKind.COPTER]).admit(Verb.START_ROUTE).long(176, 1.0, 4.0, 4.0) is None
    no(Gate().admit(Verb.HOLD).long(176, 1.0, 17.0, 1.0), "is not among those that may be ordered")


def test_px4_counts_take_offs_from_the_sea() -> None:
    gate = Gate(PX4_LIMITS[VehicleKind.COPTER]).admit(Verb.TAKE_OFF, height_m=30.0)
    here = (-1.0, 0.0, 0.0, math.nan, math.nan, math.nan)
    assert gate.long(22, *here, 750.0 + 30.0) is None
    for wrong in (30.0, 750.0 + 32.0, math.nan):
        no(gate.long(22, *here, wrong), "was not asked for")
    no(Gate().admit(Verb.TAKE_OFF, height_m=30.0).long(22, *here, 780.0), "was not asked for")
    fields = {f"param{k}": 0.0 for k in range(1, 7)} | {"param7": 780.0}
    data = Encoder(255, 190).encode(
        "COMMAND_LONG", target_system=1, target_component=1, command=22, confirmation=0, **fields
    )
    message = Decoder().decode(parse_datagram(data)[0])
    assert message is not None
    asked = command(Verb.TAKE_OFF, height_m=30.0)
    lost = Outbound(
        message=message, permit=asked, limits=PX4_LIMITS[VehicleKind.COPTER], state=state(home=None, position=None)
    )
    assert frame_fault(lost, 1) == "a take-off to 780 m was not asked for"


def test_the_first_item_of_a_px4_mission_counts() -> None:
    asked = route(3)
    gate = Gate(PX4_LIMITS[VehicleKind.COPTER]).admit(Verb.UPLOAD_ROUTE, route=asked)
    mission = mission_of(asked, at(0, 0, 0), frame=MavFrame.GLOBAL, with_take_off=True, has_home_item=False)
    assert mission.items[0].command == MavCommand.NAV_TAKEOFF
    for seq, item in enumerate(mission.items):
        assert gate.item(seq, item) is None
    no(gate.item(0, replace(mission.items[2], x=mission.items[2].x + 100)), "not part of the route")


def test_heights_of_planes_and_px4_are_metres() -> None:
    def put(gate: Gate, name: str, value: float) -> str | None:
        return gate.put("PARAM_SET", param_id=name, param_value=value, param_type=9)

    gate = Gate(LIMITS[VehicleKind.PLANE]).admit(Verb.SET_RETURN_HEIGHT, height_m=60.0)
    for name in ("RTL_ALTITUDE", "Q_RTL_ALT", "RTL_RETURN_ALT"):
        assert put(gate, name, 60.0) is None
        no(put(gate, name, 6000.0), "was not asked for")
        no(put(gate, name, math.nan), "was not asked for")
    no(put(gate, "TKOFF_ALT", 60.0), "needs take_off")
    assert put(Gate(LIMITS[VehicleKind.PLANE]).admit(Verb.TAKE_OFF, height_m=50.0), "TKOFF_ALT", 50.0) is None


def test_a_landing_by_the_mission_needs_land() -> None:
    assert Gate(LIMITS[VehicleKind.PLANE]).admit(Verb.LAND).long(189) is None
    no(Gate(LIMITS[VehicleKind.PLANE]).admit(Verb.HOLD).long(189), "needs land")


FREE = {
    "HEARTBEAT", "SYSTEM_TIME", "TIMESYNC", "PING", "PARAM_REQUEST_READ", "PARAM_REQUEST_LIST", "MISSION_REQUEST_LIST",
    "MISSION_REQUEST_PARTIAL_LIST", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK", "LOG_REQUEST_LIST",
    "LOG_REQUEST_DATA", "LOG_REQUEST_END", "FILE_TRANSFER_PROTOCOL",
}


def test_of_all_messages_there_are_only_questions_leave_without_a_command() -> None:
    gate, encoder = Gate(), Encoder(255, 190)
    left = set()
    for spec in ardupilotmega().by_id.values():
        zeros: dict[str, Any] = {
            field.name: b"" if field.is_text or field.is_octets else (0,) * field.array_length or 0
            for field in spec.fields
        }
        to = {"target_system": 1} if "target_system" in zeros else {}
        if gate.guard.transmit(U01, encoder.encode(spec.name, **zeros | to), NOW) is None:
            left.add(spec.name)
    assert left == FREE


@given(st.binary(max_size=300))
def test_nonsense_never_leaves_and_breaks_nothing(data: bytes) -> None:
    gate = Gate()
    no(gate.guard.transmit(U01, data, NOW), "it is not exactly one frame of a known message")
    assert gate.sent == []


ASKING = (
    MavCommand.SET_MESSAGE_INTERVAL, MavCommand.REQUEST_MESSAGE, MavCommand.REQUEST_AUTOPILOT_CAPABILITIES,
)


@pytest.mark.parametrize("number", sorted(COMMAND_RULES))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_no_number_that_is_none_moves_anything(number: int, bad: float) -> None:
    rest: dict[str, Any] = {"height_m": 30.0, "speed_m_s": 5.0, "heading_deg": 9.0, "held_s": 3.0, "route": route()}
    for verb in (Verb.HOLD, Verb.TAKE_OFF, Verb.SET_SPEED, Verb.KILL):
        sentence = Gate().admit(verb, **rest).long(number, *[bad] * 7)
        if number not in ASKING:
            assert sentence is not None


def test_half_a_mode_is_no_mode() -> None:
    no(Gate().admit(Verb.HOLD).long(MavCommand.DO_SET_MODE, 1.0, 4.5), "is not among those")


@given(
    st.sampled_from(Verb), st.one_of(st.sampled_from([int(n) for n in COMMAND_RULES]), st.integers(0, 65535)),
    st.lists(st.floats(width=32), min_size=7, max_size=7),
    st.integers(0, 255),
)
def test_commands_of_any_number_and_content_break_nothing(
    verb: Verb, number: int, params: list[float], target: int
) -> None:
    gate = Gate()
    gate.guard.admit(command(verb, height_m=30.0, speed_m_s=5.0, heading_deg=9.0, held_s=3.0), flying(), NOW)
    sentence = gate.long(number, *params, target_system=target)
    if target != 1 or number not in COMMAND_RULES:
        assert sentence is not None
