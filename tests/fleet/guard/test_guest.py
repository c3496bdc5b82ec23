"""What a guest with a foreign program may do to the vehicle whose lease he holds, frame by frame."""

import math
from struct import pack, unpack
from typing import Any

import pytest

from fleet.authority import Authority
from fleet.commands import Lease, Verb
from fleet.guard import LIMITS, PX4_LIMITS, Guard, GuardedVehicle
from fleet.guard.guest_frames import Guest
from fleet.guard.guest_lists import MOST_ITEMS
from fleet.model import VehicleKind, VehicleState
from fleet.wire.encode import Encoder, encode_payload
from tests.fleet.guard.test_commands import NOW, command, flying, state
from tests.support.fleet_bench import APPROVED, COMMANDER, PILOT, STRANGER, at, flat_site, route
from world.ids import OperatorId, VehicleId
from world.position import Geodetic

TO: dict[str, Any] = {"target_system": 1, "target_component": 1}
ANNA = Guest(name=PILOT, allows_arming=True)
KINDS = {"U01": VehicleKind.COPTER, "P01": VehicleKind.PLANE, "G01": VehicleKind.ROVER}


class Door:
    """A guard whose frames are kept."""

    def __init__(self, *, is_px4: bool = False) -> None:
        self.sent: list[bytes] = []
        self.authority = Authority(commanders=[COMMANDER])
        for name in KINDS:
            lease = Lease(vehicle=VehicleId(name), holder=PILOT, expires=NOW.plus_s(60.0))
            self.authority.grant(lease, NOW)
        limits = PX4_LIMITS if is_px4 else LIMITS
        self.guard = Guard(
            send=lambda vehicle, data: self.sent.append(data), authority=self.authority, site=flat_site(),
            vehicles={VehicleId(name): GuardedVehicle(sysid=1, limits=limits[kind]) for name, kind in KINDS.items()},
        )

    def says(
        self, name: str, where: VehicleState | None = None, guest: Guest = ANNA, late_s: float = 0.0, **fields: Any
    ) -> str | None:
        """The guard's word; what passes leaves once, what does not leaves never."""
        before, data = len(self.sent), Encoder(255, 190).encode(name, **fields)
        word = self.guard.guests.transmit(guest, data, where or state(), NOW.plus_s(late_s))
        assert self.sent[before:] == ([data] if word is None else [])
        return word

    def orders(self, number: int, *params: float, where: VehicleState | None = None, **rest: Any) -> str | None:
        return self.says("COMMAND_LONG", where, **rest, **long(number, *params))

    def upload(self, items: list[dict[str, Any]], where: VehicleState | None = None, guest: Guest = ANNA) -> str | None:
        payloads = [encode_payload("MISSION_ITEM_INT", item) for item in items]
        return self.guard.guests.admit_list(guest, payloads, where or state(), NOW)


def long(number: int, *params: float) -> dict[str, Any]:
    given = [*params, *[0.0] * (7 - len(params))]
    return TO | {"command": number, "confirmation": 0} | {f"param{k}": value for k, value in enumerate(given, 1)}


def placed(number: int, place: Geodetic, frame: int = 0, **params: float) -> dict[str, Any]:
    return TO | {
        "frame": frame, "command": number, "current": 0, "autocontinue": 0, "param1": 0.0, "param2": 0.0,
        "param3": 0.0, "param4": 0.0, "x": round(place.lat_deg * 1e7), "y": round(place.lon_deg * 1e7),
        "z": place.height_m,
    } | params


def item(seq: int, number: int, place: Geodetic | None = None, frame: int = 0, **rest: Any) -> dict[str, Any]:
    where = Geodetic(lat_deg=0.0, lon_deg=0.0, height_m=0.0) if place is None else place
    return placed(number, where, frame) | {"seq": seq, "mission_type": 0} | rest


def mission(*middle: dict[str, Any]) -> list[dict[str, Any]]:
    """Home, take-off to 30 m, and what is given."""
    items = [item(0, 16, at(0, 0, 0)), item(1, 22, at(0, 0, 30), frame=3, z=30.0), *middle]
    return [entry | {"seq": seq} for seq, entry in enumerate(items)]


GOOD = mission(item(2, 16, at(100, 0, 40)), item(3, 20))


def target(name: str, mask: int, **fields: Any) -> dict[str, Any]:
    where = {"lat_int": 0, "lon_int": 0, "alt": 0.0} if "GLOBAL" in name else {"x": 0.0, "y": 0.0, "z": 0.0}
    speeds = dict.fromkeys(("vx", "vy", "vz", "afx", "afy", "afz", "yaw", "yaw_rate"), 0.0)
    return TO | where | speeds | {"time_boot_ms": 0, "coordinate_frame": 1, "type_mask": mask} | fields


def passes(word: str | None) -> None:
    assert word is None


def refused(word: str | None, *words: str) -> None:
    assert word is not None
    assert all(said in word for said in words), word


def test_only_the_holder_of_the_lease_is_heard_and_only_while_it_lasts() -> None:
    door = Door()
    passes(door.says("PARAM_REQUEST_LIST", **TO))
    refused(door.says("PARAM_REQUEST_LIST", guest=Guest(name=STRANGER), **TO), "stranger does not hold", "pilot does")
    refused(door.says("PARAM_REQUEST_LIST", guest=Guest(name=COMMANDER), **TO), "commander does not hold")
    refused(door.orders(20, late_s=61.0), "nobody does")
    refused(door.upload(GOOD, guest=Guest(name=STRANGER)), "pilot does")
    taken = Lease(vehicle=VehicleId("U01"), holder=COMMANDER, expires=NOW.plus_s(60.0))
    door.authority.grant(taken, NOW)
    refused(door.orders(20), "pilot does not hold the lease of U01; commander does")


def test_a_vehicle_that_the_guard_does_not_know_is_nobodys() -> None:
    door, unknown = Door(), VehicleId("U99")
    door.authority.grant(Lease(vehicle=unknown, holder=PILOT, expires=NOW.plus_s(60.0)), NOW)
    refused(door.says("PARAM_REQUEST_LIST", state("U99"), **TO), "not in the guard's table")
    refused(door.upload(GOOD, state("U99")), "not in the guard's table")


def test_bytes_that_are_no_single_frame_are_refused() -> None:
    door = Door()
    frame = Encoder(255, 190).encode("PARAM_REQUEST_LIST", **TO)
    for data in (b"", b"\xfd" * 30, frame * 2):
        refused(door.guard.guests.transmit(ANNA, data, state(), NOW), "not exactly one frame")


def test_questions_are_free() -> None:
    door = Door()
    passes(door.says("TIMESYNC", tc1=0, ts1=1))
    passes(door.says("PING", time_usec=0, seq=0, target_system=0, target_component=0))
    passes(door.orders(512, 148))
    passes(door.orders(511, 33, 200000))
    read = bytes([0, 0, 0, 4]) + bytes(247)
    passes(door.says("FILE_TRANSFER_PROTOCOL", target_network=0, payload=read, **TO))
    write = bytes([0, 0, 0, 7]) + bytes(247)
    refused(door.says("FILE_TRANSFER_PROTOCOL", target_network=0, payload=write, **TO), "only read")


def test_what_nobody_may_send_is_refused_in_words() -> None:
    door = Door()
    refused(door.says("HEARTBEAT", type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4), "one ground")
    sticks: dict[str, Any] = {f"chan{k}_raw": 1500 for k in range(1, 9)}
    refused(door.says("RC_CHANNELS_OVERRIDE", **TO, **sticks), "safety pilot's radio")
    refused(door.says("LOG_ERASE", **TO), "LOG_ERASE is not among")
    refused(door.orders(246, 1), "command 246")
    refused(door.says("PARAM_REQUEST_LIST", target_system=2, target_component=1), "addressed to system 2, not to 1")


def test_motors_start_only_through_a_share_that_allows_it() -> None:
    door = Door()
    passes(door.orders(400, 1))
    refused(door.orders(400, 1, guest=Guest(name=PILOT)), "does not allow arming")
    refused(door.orders(400, 1, where=state(battery_pct=10.0)), "reserve")
    refused(door.orders(400, 1, 21196), "not forced")
    refused(door.orders(400, 0, 21196, where=flying()), "not forced")
    refused(door.orders(400, 2), "neither on nor off")
    passes(door.orders(400, 0, where=flying()))


def test_arming_in_a_mode_that_sets_out_needs_a_checked_mission() -> None:
    door = Door()
    refused(door.orders(400, 1, where=state(raw_mode=3)), "upload one first")
    passes(door.upload(GOOD))
    door.guard.guests.close_list(VehicleId("U01"), is_done=True)
    passes(door.orders(400, 1, where=state(raw_mode=3)))


def test_what_ends_motion_passes_whatever_the_state() -> None:
    door, blind = Door(), flying(battery_pct=None, has_safety_pilot=True)
    door.guard.latch(None, COMMANDER, NOW)
    for number in (20, 21, 17):
        passes(door.orders(number, where=blind))
    for mode in (6, 9, 17):
        passes(door.orders(176, 1, mode, where=blind))
        passes(door.says("SET_MODE", blind, target_system=1, base_mode=1, custom_mode=mode))
    passes(door.orders(193, 0, where=blind))


def test_a_stop_of_the_fleet_and_a_safety_pilot_hold_guests_too() -> None:
    door = Door()
    refused(door.orders(178, 1, 5, where=flying(has_safety_pilot=True)), "safety pilot")
    door.guard.latch(None, COMMANDER, NOW)
    refused(door.orders(400, 1), "stopped the fleet")


def test_modes() -> None:
    door = Door()
    for mode in (4, 5, 16, 2):
        passes(door.orders(176, 1, mode))
        passes(door.orders(176, 1, mode, where=flying()))
    passes(door.orders(176, 1, 0))
    refused(door.orders(176, 1, 0, where=flying()), "mode 0")
    refused(door.orders(176, 1, 1), "mode 1")
    refused(door.orders(176, 0, 4), "own numbers")
    refused(door.orders(176, math.nan, 4), "own numbers")
    refused(door.orders(176, 1, 4.5), "own numbers")
    refused(door.says("SET_MODE", target_system=1, base_mode=4, custom_mode=4), "own numbers")
    refused(door.orders(176, 1, 3), "upload one first")
    refused(door.orders(176, 1, 4, where=flying(position=at(900, 0, 40))), "fence")
    refused(door.orders(176, 1, 13, where=state("P01", kind=VehicleKind.PLANE)), "mode 13")


def test_modes_of_px4() -> None:
    door = Door(is_px4=True)
    passes(door.orders(176, 1, 4, 5, where=flying(battery_pct=None)))
    passes(door.orders(176, 1, 3))
    passes(door.orders(176, 1, 6, -1))
    refused(door.orders(176, 1, 5), "among those")
    refused(door.orders(176, 1, 4, 4), "upload one first")


def test_take_offs() -> None:
    door, px4 = Door(), Door(is_px4=True)
    passes(door.orders(22, 0, 0, 0, 0, 0, 0, 20))
    refused(door.orders(22, 0, 0, 0, 0, 0, 0, 200), "take-off to 200 m")
    refused(door.orders(22, 0, 0, 0, 0, 0, 0, math.nan), "take-off to nan m")
    passes(door.says("COMMAND_INT", **placed(22, at(0, 0, 0), frame=3, z=20.0)))
    refused(door.says("COMMAND_INT", **placed(22, at(0, 0, 0), frame=0, z=920.0)), "above home")
    passes(px4.orders(22, 0, 0, 0, 0, 0, 0, at(0, 0, 20).height_m))
    refused(px4.orders(22, 0, 0, 0, 0, 0, 0, 20), "take-off to")
    refused(px4.orders(22, 0, 0, 0, 0, 0, 0, 20, where=state(home=None, position=None)), "home")


def test_repositions_are_ways_within_the_fence() -> None:
    door = Door()
    passes(door.says("COMMAND_INT", flying(), **placed(192, at(100, 0, 40))))
    passes(door.says("COMMAND_INT", flying(), **placed(192, at(100, 0, 40), frame=6, z=40.0, param1=5.0)))
    refused(door.says("COMMAND_INT", flying(), **placed(192, at(780, 0, 40))), "stopping distance of 45 m")
    passes(door.says("COMMAND_INT", flying(), **placed(192, at(780, 0, 40), param1=5.0)))
    refused(door.says("COMMAND_INT", flying(), **placed(192, at(100, 0, 300))), "above the terrain")
    refused(door.says("COMMAND_INT", flying(), **placed(192, at(100, 0, 40), param1=99.0)), "speed 99")
    refused(door.says("COMMAND_INT", flying(), **placed(192, at(100, 0, 40), param2=4.0)), "flags 4")
    refused(door.says("COMMAND_INT", flying(), **placed(192, at(100, 0, 40), frame=11)), "frame 11")
    refused(door.orders(192, where=flying()), "send COMMAND_INT")
    homeless = flying(home=None, position=None)
    refused(door.says("COMMAND_INT", homeless, **placed(192, at(100, 0, 40), frame=6, z=40.0)), "home")


def test_guided_items_are_ways_too() -> None:
    door = Door()
    near, far = item(0, 16, at(100, 0, 40), current=2), item(0, 16, at(900, 0, 40), current=2)
    passes(door.says("MISSION_ITEM_INT", flying(), **near))
    refused(door.says("MISSION_ITEM_INT", flying(), **far), "fence")
    passes(door.says("MISSION_ITEM", flying(), **near | {"x": near["x"] / 1e7, "y": near["y"] / 1e7}))
    refused(door.says("MISSION_ITEM", flying(), **near | {"current": 0}), "one by one")
    refused(door.says("MISSION_ITEM_INT", flying(), **near | {"frame": 10}), "frame 10")


def test_position_targets() -> None:
    door, name = Door(), "SET_POSITION_TARGET_GLOBAL_INT"
    near, far = placed(0, at(100, 0, 40)), placed(0, at(790, 0, 40))

    def goes(place: dict[str, Any], mask: int = 0xDF8, where: VehicleState | None = None, **rest: Any) -> str | None:
        at_ = {"lat_int": place["x"], "lon_int": place["y"], "alt": place["z"], "coordinate_frame": 5}
        return door.says(name, where or flying(), **target(name, mask, **at_ | rest))

    passes(goes(near))
    refused(goes(far), "stopping distance")
    refused(goes(near, coordinate_frame=11), "frame 11")
    refused(goes(near, 0xDF9), "all three axes")
    refused(goes(near, 0xC38), "accelerations")
    refused(goes(near, 0xFF8), "forces")
    refused(goes(near, where=flying(position=None)), "position")
    passes(goes(near, 0xFFF & ~0x200))
    passes(goes(near, 0xDC0, vx=3.0))
    refused(goes(near, 0xDC0, vx=30.0), "speed 30")
    refused(goes(near, 0xDC0, vx=math.nan), "numbers that are none")


def test_velocities_must_end_within_the_fence() -> None:
    door, name, only_velocity = Door(), "SET_POSITION_TARGET_LOCAL_NED", 0xDC7
    east = flying(heading_deg=90.0)

    def flies(where: VehicleState, mask: int = only_velocity, **rest: Any) -> str | None:
        return door.says(name, where, **target(name, mask, **rest))

    near_border = flying(position=at(740, 0, 40), heading_deg=90.0)
    passes(flies(east, vx=5.0))
    passes(flies(east))
    refused(flies(near_border, vy=10.0), "fence")
    passes(flies(near_border, vy=-10.0))
    refused(flies(near_border, vx=10.0, coordinate_frame=8), "fence")
    passes(flies(near_border, vx=-10.0, coordinate_frame=8))
    refused(flies(flying(), vx=1.0, coordinate_frame=8), "heading")
    refused(flies(east, vx=1.0, coordinate_frame=20), "frame 20")
    refused(flies(east, vz=8.0), "above the terrain")
    passes(flies(east, 0xDF8, x=50.0, coordinate_frame=9))
    refused(flies(near_border, 0xDF8, x=50.0, coordinate_frame=9), "fence")
    refused(flies(flying(), 0xDF8, x=50.0, coordinate_frame=9), "heading")
    refused(flies(east, 0xDF8, x=50.0), "origin of local targets")


def test_speeds_headings_and_parameters() -> None:
    door, px4 = Door(), Door(is_px4=True)
    passes(door.orders(178, 1, 5, where=flying()))
    refused(door.orders(178, 1, 50, where=flying()), "at most 15")
    passes(door.orders(115, 90, where=flying()))
    refused(door.orders(115, math.nan, where=flying()), "heading")
    passes(door.says("PARAM_SET", param_id="WPNAV_SPEED", param_value=500.0, param_type=9, **TO))
    refused(door.says("PARAM_SET", param_id="FS_GCS_ENABLE", param_value=0.0, param_type=9, **TO), "commander")
    (carried,) = unpack("<f", pack("<i", 3))
    passes(px4.says("PARAM_SET", param_id="NAV_DLL_ACT", param_value=carried, param_type=6, **TO))
    (carried,) = unpack("<f", pack("<i", 0))
    refused(px4.says("PARAM_SET", param_id="NAV_DLL_ACT", param_value=carried, param_type=6, **TO), "commander")


def test_a_mission_leaves_only_as_it_was_checked_and_starts_only_whole() -> None:
    door = Door()
    count = TO | {"count": len(GOOD), "mission_type": 0}
    refused(door.says("MISSION_COUNT", **count), "no mission of yours")
    passes(door.upload(GOOD))
    passes(door.says("MISSION_COUNT", **count))
    refused(door.says("MISSION_COUNT", **count | {"count": 2}), "not part")
    refused(door.says("MISSION_COUNT", **count | {"mission_type": 1}), "not part")
    refused(door.says("MISSION_COUNT", **count | {"target_system": 2}), "not part")
    for entry in GOOD:
        passes(door.says("MISSION_ITEM_INT", **entry))
    refused(door.says("MISSION_ITEM_INT", **GOOD[2] | {"z": 2000.0}), "not part")
    refused(door.says("MISSION_ITEM_INT", **GOOD[2] | {"seq": 9}), "not part")
    refused(door.orders(300), "upload one first")
    door.guard.guests.close_list(VehicleId("U01"), is_done=True)
    passes(door.orders(300))
    passes(door.orders(176, 1, 3))
    passes(door.orders(193, 1, where=flying()))
    refused(door.orders(300, 2), "first and last item at 0")
    refused(door.orders(300, where=state(battery_pct=16.0)), "battery")
    refused(door.orders(300, where=flying(position=at(900, 0, 40))), "fence")


def test_somebody_else_s_mission_is_not_the_guest_s() -> None:
    door, unit = Door(), VehicleId("U01")
    passes(door.upload(GOOD))
    other = OperatorId("other")
    door.authority.grant(Lease(vehicle=unit, holder=PILOT, expires=NOW), NOW)
    door.authority.grant(Lease(vehicle=unit, holder=other, expires=NOW.plus_s(60.0)), NOW)
    refused(door.says("MISSION_ITEM_INT", guest=Guest(name=other), **GOOD[0]), "no mission of yours")
    door.guard.guests.close_list(unit, is_done=True)
    refused(door.orders(300, guest=Guest(name=other, allows_arming=True)), "upload one first")


@pytest.mark.parametrize("ends", ["fleet uploads", "cleared", "failed", "new upload"])
def test_what_is_on_board_is_forgotten_when_it_changes(ends: str) -> None:
    door, unit = Door(), VehicleId("U01")
    door.guard.approve(APPROVED)
    passes(door.upload(GOOD))
    door.guard.guests.close_list(unit, is_done=ends != "failed")
    if ends == "fleet uploads":
        assert door.guard.admit(command(Verb.UPLOAD_ROUTE, route=route()), state(), NOW) is None
    elif ends == "cleared":
        passes(door.says("MISSION_CLEAR_ALL", mission_type=0, **TO))
    elif ends == "new upload":
        passes(door.upload(GOOD))
    refused(door.orders(300), "upload one first")
    door.guard.guests.close_list(unit, is_done=ends == "new upload")
    assert (door.orders(300) is None) is (ends == "new upload")


@pytest.mark.parametrize("changes", ["cleared", "uploaded"])
def test_the_fleets_own_route_is_not_started_once_a_guest_changed_it(changes: str) -> None:
    door, other = Door(), VehicleId("P01")
    door.guard.approve(APPROVED)
    for unit, kind in ((VehicleId("U01"), VehicleKind.COPTER), (other, VehicleKind.PLANE)):
        upload = command(Verb.UPLOAD_ROUTE, unit, route=route())
        assert door.guard.admit(upload, state(unit, kind=kind), NOW) is None
        door.guard.close(unit, is_done=True)
    assert door.guard.admit(command(Verb.START_ROUTE), state(), NOW) is None
    if changes == "cleared":
        passes(door.says("MISSION_CLEAR_ALL", mission_type=0, **TO))
    else:
        passes(door.upload(GOOD))
    refused(door.guard.admit(command(Verb.START_ROUTE), state(), NOW), "no route of this plan is verified on board")
    start = command(Verb.START_ROUTE, other)
    assert door.guard.admit(start, state(other, kind=VehicleKind.PLANE), NOW) is None, "the other's is still there"


def test_missions_are_not_changed_under_way_nor_fences_at_all() -> None:
    door = Door()
    refused(door.upload(GOOD, flying(raw_mode=3)), "hold first")
    refused(door.says("MISSION_CLEAR_ALL", flying(raw_mode=3), mission_type=0, **TO), "hold first")
    refused(door.says("MISSION_CLEAR_ALL", mission_type=1, **TO), "fleet's")
    refused(door.upload([entry | {"target_system": 2} for entry in GOOD]), "not addressed")


@pytest.mark.parametrize(("items", "words"), [
    ([], "0 items"),
    ([item(0, 16, at(0, 0, 0))] * (MOST_ITEMS + 1), "items; 1 to"),
    (mission(item(2, 20)), "leads nowhere"),
    (mission(item(2, 16, at(900, 0, 40))), "fence"),
    (mission(item(2, 16, at(100, 0, 500))), "above the terrain"),
    (mission(item(2, 16, at(100, 0, 40), frame=10)), "item 2: heights in frame 10"),
    (mission(item(2, 177, at(100, 0, 40))), "item 2: command 177"),
    (mission(item(2, 178, param2=99.0)), "item 2: a speed of 99"),
    (mission(item(2, 16, at(100, 0, 40)), item(3, 20), item(4, 16, at(0, 0, 40))), "nothing may follow"),
    (mission(item(2, 22, frame=3, z=30.0)), "first and once"),
    (mission(item(2, 21, at(50, 0, 0))), "a point before it"),
    (mission(item(2, 16, at(100, 0, 40)), item(3, 21, at(900, 0, 0))), "fence"),
    ([item(0, 16, at(0, 0, 0)), item(1, 22, frame=10, z=30.0)], "above home"),
    ([item(0, 16, at(0, 0, 0)), item(2, 16, at(50, 0, 40))], "item 1 is not the next"),
    ([item(0, 16, at(0, 0, 0), current=2)], "item 0 is not the next"),
    ([item(0, 16, at(0, 0, 0), mission_type=1)], "item 0 is not the next"),
])
def test_missions_that_are_refused(items: list[dict[str, Any]], words: str) -> None:
    if not items:
        assert isinstance(Door().guard.guests.admit_list(ANNA, [], state(), NOW), str)
        return
    refused(Door().upload(items), words)


def test_missions_that_pass() -> None:
    landing = mission(
        item(2, 178, param2=5.0), item(3, 203), item(4, 19, at(100, 0, 40), param1=3.0), item(5, 21, at(60, 0, 0))
    )
    passes(Door().upload(landing))
    passes(Door().upload(mission(item(2, 16, at(100, 0, 40)), item(3, 21))))
    absolute = [item(0, 16, at(0, 0, 0)), item(1, 22, at(0, 0, 30)), item(2, 16, at(100, 0, 40))]
    passes(Door().upload(absolute))
    refused(Door().upload(absolute, state(home=None)), "above home")
    passes(Door(is_px4=True).upload([item(0, 16, at(100, 0, 40))], flying()))
