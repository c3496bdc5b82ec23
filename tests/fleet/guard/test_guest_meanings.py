"""What each message of a guest is read as: exactly these commands, or exactly this sentence."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.authority import Authority
from fleet.commands import Command, Lease, Route, RoutePoint, Verb
from fleet.guard import LIMITS, PX4_LIMITS, VehicleLimits
from fleet.guard.guest import meaning_of
from fleet.guard.guest_frames import Guest, GuestFrame, Meaning
from fleet.guard.guest_gate import GuestGate
from fleet.guard.guest_lists import MOST_ITEMS, route_of
from fleet.model import VehicleKind, VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder, encode_payload
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from tests.fleet.guard.test_commands import NOW, flying, state
from tests.fleet.guard.test_guest import ANNA, GOOD, TO, Door, item, long, placed, target
from tests.support.fleet_bench import PILOT, at, route
from world.ids import CommandId, VehicleId
from world.position import Geodetic
from world.time import Instant

U01 = VehicleId("U01")
COPTER = LIMITS[VehicleKind.COPTER]
HOME_M = at(0, 0, 0).height_m
THERE: dict[str, Any] = {"x": 355000000, "y": 1125000000}
GLOBAL, LOCAL = "SET_POSITION_TARGET_GLOBAL_INT", "SET_POSITION_TARGET_LOCAL_NED"
ROUTE = route(3, returns_at_end=True)


def message(name: str, fields: dict[str, Any]) -> Message:
    made = Decoder().decode(parse_datagram(Encoder(255, 190).encode(name, **fields))[0])
    assert made is not None
    return made


def read(
    name: str, fields: dict[str, Any], where: VehicleState | None = None, *, is_px4: bool = False,
    guest: Guest = ANNA, on_board: Route | None = None,
) -> Meaning:
    seen = where or flying()
    limits = (PX4_LIMITS if is_px4 else LIMITS)[seen.kind]
    sent = message(name, fields)
    return meaning_of(GuestFrame(message=sent, guest=guest, state=seen, limits=limits, now=NOW, route=on_board), 1)


def order(verb: Verb, **rest: Any) -> Command:
    return Command(id=CommandId("guest"), vehicle=U01, verb=verb, issued_by=PILOT, deadline=NOW, **rest)


def to(lat_deg: float, lon_deg: float, height_m: float, speed_m_s: float = COPTER.max_speed_m_s) -> Meaning:
    place = Geodetic(lat_deg=lat_deg, lon_deg=lon_deg, height_m=height_m)
    return (order(Verb.GO_TO, position=place, speed_m_s=speed_m_s),)


OWN_NUMBERS = "modes are ordered by the autopilot's own numbers"
FORCED = "motors are not forced on or off for guests; a commander's KILL does that"
HOMELESS = "the home of the vehicle is unknown"
ABOVE_HOME = "give the height of a take-off above home"
UNCLEAR = "what heights in a long DO_REPOSITION count from is unclear; send COMMAND_INT"
WHOLE_MISSION = "missions of guests start where the vehicle stands in them; leave first and last item at 0"
NO_MISSION = "no mission of yours has passed the checks and is on board; upload one first"
ONE_BY_ONE = "items of a mission are asked for one by one after its count"
NOT_YOURS = "fences and rally points of a shared vehicle are its fleet's; guests may read them"
NO_STICKS = "sticks are the safety pilot's radio alone; guests fly by modes, targets and missions"
NO_KEYS = "signing keys of a vehicle are not changed through a share"
NOT_CLEARED = "a mission that is being flown is not cleared; hold first"
NO_FORCES = "accelerations and forces are not flown for guests; give positions or velocities"
THREE_AXES = "a target is given in all three axes or in none"
NO_ORIGIN = "where the origin of local targets lies is unknown; send SET_POSITION_TARGET_GLOBAL_INT"
STARTED = (order(Verb.START_ROUTE), order(Verb.UPLOAD_ROUTE, route=ROUTE))
RESUMED = (
    *STARTED,
    *(order(Verb.UPLOAD_ROUTE, route=Route(points=(point,), returns_at_end=False)) for point in ROUTE.points),
)


@pytest.mark.parametrize(("name", "fields", "meant"), [
    ("PARAM_REQUEST_LIST", TO | {"target_system": 0}, "PARAM_REQUEST_LIST is addressed to system 0, not to 1"),
    ("COMMAND_LONG", long(20) | {"target_system": 0}, "COMMAND_LONG is addressed to system 0, not to 1"),
    ("PING", TO | {"time_usec": 0, "seq": 0, "target_system": 2}, "PING is addressed to system 2, not to 1"),
    ("PING", TO | {"time_usec": 0, "seq": 0, "target_system": 0}, ()),
    ("SET_MODE", {"target_system": 1, "base_mode": 4, "custom_mode": 4}, OWN_NUMBERS),
    ("COMMAND_LONG", long(176, 0, 4), OWN_NUMBERS),
    ("COMMAND_LONG", long(176, math.nan, 4), OWN_NUMBERS),
    ("COMMAND_LONG", long(176, 1, math.nan), OWN_NUMBERS),
    ("COMMAND_LONG", long(176, 1, 4), to(at(0, 0, 40).lat_deg, at(0, 0, 40).lon_deg, at(0, 0, 40).height_m, 0.1)),
    ("COMMAND_LONG", long(400, 1, 21196), FORCED),
    ("COMMAND_LONG", long(400, 1), (order(Verb.ARM),)),
    ("COMMAND_INT", placed(22, at(0, 0, 0), z=920.0), ABOVE_HOME),
    ("COMMAND_INT", placed(22, at(0, 0, 0), frame=3, z=20.0), (order(Verb.TAKE_OFF, height_m=20.0),)),
    ("COMMAND_LONG", long(192), UNCLEAR),
    ("COMMAND_INT", placed(192, at(0, 0, 0), param1=0.5, z=820.0, **THERE), to(35.5, 112.5, 820.0, 0.5)),
    ("COMMAND_INT", placed(192, at(0, 0, 0), frame=6, z=40.0, **THERE), to(35.5, 112.5, HOME_M + 40.0)),
    ("COMMAND_LONG", long(300, 1), WHOLE_MISSION),
    ("COMMAND_LONG", long(300, 0, 1), WHOLE_MISSION),
    ("COMMAND_LONG", long(300), NO_MISSION),
    ("COMMAND_LONG", long(193, 1), NO_MISSION),
    ("COMMAND_LONG", long(193, 0), (order(Verb.HOLD),)),
    ("PARAM_SET", TO | {"param_id": "RATE", "param_value": 3.0, "param_type": 6}, (
        order(Verb.SET_PARAMETERS, parameters={"RATE": 3.0}),
    )),
    ("MISSION_ITEM", item(0, 16), ONE_BY_ONE),
    ("MISSION_ITEM", item(0, 16, frame=3, current=2, z=40.0, x=35.5, y=112.5), to(35.5, 112.5, HOME_M + 40.0)),
    ("MISSION_ITEM_INT", item(0, 16, frame=6, current=2, z=40.0, **THERE), to(35.5, 112.5, HOME_M + 40.0)),
    ("MISSION_ITEM_INT", item(0, 17, current=2), ONE_BY_ONE),
    ("MANUAL_CONTROL", {"target": 1, "x": 0, "y": 0, "z": 500, "r": 0, "buttons": 0}, NO_STICKS),
    ("SETUP_SIGNING", TO | {"secret_key": bytes(32), "initial_timestamp": 0}, NO_KEYS),
    ("MISSION_CLEAR_ALL", TO | {"mission_type": 1}, NOT_YOURS),
    ("MISSION_CLEAR_ALL", TO | {"mission_type": 0}, ()),
    (GLOBAL, target(GLOBAL, 0xC38), NO_FORCES),
    (GLOBAL, target(GLOBAL, 0xDF9), THREE_AXES),
    (GLOBAL, target(GLOBAL, 0xDD0), THREE_AXES),
    (GLOBAL, target(GLOBAL, 0xDF8, coordinate_frame=6, lat_int=355000000, lon_int=1125000000, alt=40.0),
     to(35.5, 112.5, HOME_M + 40.0)),
    (LOCAL, target(LOCAL, 0xDF8, x=50.0), NO_ORIGIN),
    (LOCAL, target(LOCAL, 0xDC7, vx=math.nan), "a target has numbers that are none"),
    (LOCAL, target(LOCAL, 0xDC7, vx=1.0, coordinate_frame=8), "the heading of the vehicle is unknown"),
])
def test_each_message_has_one_meaning(name: str, fields: dict[str, Any], meant: Meaning) -> None:
    assert read(name, fields) == meant


@pytest.mark.parametrize(("name", "fields", "where", "meant"), [
    ("COMMAND_LONG", long(300), state(), STARTED),
    ("COMMAND_LONG", long(300), flying(), RESUMED),
    ("COMMAND_LONG", long(193, 1), flying(), RESUMED),
    ("COMMAND_LONG", long(176, 1, 3), flying(), RESUMED),
    ("COMMAND_LONG", long(400, 1), state(raw_mode=3), (order(Verb.ARM), *STARTED)),
    ("COMMAND_LONG", long(400, 1), state(raw_mode=4), (order(Verb.ARM),)),
    ("MISSION_CLEAR_ALL", TO | {"mission_type": 0}, flying(raw_mode=3), NOT_CLEARED),
    ("MISSION_CLEAR_ALL", TO | {"mission_type": 0}, flying(raw_mode=3, is_armed=None), NOT_CLEARED),
    ("MISSION_CLEAR_ALL", TO | {"mission_type": 0}, flying(raw_mode=4), ()),
    ("MISSION_CLEAR_ALL", TO | {"mission_type": 0}, state(raw_mode=3), ()),
    (GLOBAL, target(GLOBAL, 0xDF8), flying(position=None), "the position of the vehicle is unknown"),
    ("COMMAND_INT", placed(192, at(0, 0, 0), frame=6), flying(home=None, position=None), HOMELESS),
])
def test_what_is_on_board_and_how_it_flies_decide(
    name: str, fields: dict[str, Any], where: VehicleState, meant: Meaning
) -> None:
    assert read(name, fields, where, on_board=ROUTE) == meant


def test_motors_and_heights_of_px4() -> None:
    off = long(22, 0, 0, 0, 0, 0, 0, HOME_M + 20.0)
    assert read("COMMAND_LONG", off, is_px4=True) == (order(Verb.TAKE_OFF, height_m=20.0),)
    assert read("COMMAND_LONG", off, flying(home=None, position=None), is_px4=True) == HOMELESS
    unarmed = "this share does not allow arming; open it again with the right to arm"
    assert read("COMMAND_LONG", long(400, 1), guest=Guest(name=PILOT)) == unarmed


headings = st.floats(0.0, 360.0)
steps = st.floats(-30.0, 30.0, width=32)


def leads(fields: dict[str, Any], seen: VehicleState, moved_m: tuple[float, float, float], speed_m_s: float) -> None:
    """One way, so far north, east and down of (70, 30, 40)."""
    meant = read(GLOBAL if "lat_int" in fields else LOCAL, fields, seen)
    assert not isinstance(meant, str)
    (found,) = meant
    expected = at(70 + moved_m[1], 30 + moved_m[0], 40 - moved_m[2])
    assert found.position is not None
    assert found.position.lat_deg == pytest.approx(expected.lat_deg, abs=1e-5)
    assert found.position.lon_deg == pytest.approx(expected.lon_deg, abs=1.2e-5)
    assert found.position.height_m == pytest.approx(expected.height_m, abs=1e-4)
    assert found.speed_m_s == pytest.approx(speed_m_s)


@given(headings, steps, steps, steps)
def test_offsets_and_velocities_turn_with_the_nose(heading: float, forward: float, right: float, down: float) -> None:
    nose = math.radians(heading)
    north = forward * math.cos(nose) - right * math.sin(nose)
    east = forward * math.sin(nose) + right * math.cos(nose)
    seen = flying(position=at(70, 30, 40), heading_deg=heading)
    speed_m_s = max(0.1, math.hypot(forward, right, down))
    for frame in (9, 12):
        offset = target(LOCAL, 0xDF8, x=forward, y=right, z=down, coordinate_frame=frame)
        leads(offset, seen, (north, east, down), 15.0)
    for frame in (8, 9, 12):
        velocity = target(LOCAL, 0xDC7, vx=forward, vy=right, vz=down, coordinate_frame=frame)
        leads(velocity, seen, (5.0 * north, 5.0 * east, 5.0 * down), speed_m_s)


@pytest.mark.parametrize("heading", [None, 90.0])
def test_offsets_and_velocities_to_the_north_leave_the_nose_alone(heading: float | None) -> None:
    seen = flying(position=at(70, 30, 40), heading_deg=heading)
    leads(target(LOCAL, 0xDF8, x=6.0, y=-3.0, z=2.0, coordinate_frame=7), seen, (6.0, -3.0, 2.0), 15.0)
    for name, frames in ((LOCAL, (1, 7)), (GLOBAL, (0, 3, 5, 6))):
        for frame in frames:
            velocity = target(name, 0xDC7, vx=6.0, vy=-3.0, vz=2.0, coordinate_frame=frame)
            leads(velocity, seen, (30.0, -15.0, 10.0), 7.0)


# missions as routes


def items(*given: dict[str, Any]) -> list[Message]:
    return [message("MISSION_ITEM_INT", fields | {"seq": seq}) for seq, fields in enumerate(given)]


def flown(*given: dict[str, Any], where: VehicleState | None = None, limits: VehicleLimits = COPTER) -> Route | str:
    return route_of(items(item(0, 16), *given), where or state(), limits)


def point(lat_deg: float, lon_deg: float, height_m: float, speed_m_s: float = 15.0, hold_s: float = 0.0) -> RoutePoint:
    return RoutePoint(
        position=Geodetic(lat_deg=lat_deg, lon_deg=lon_deg, height_m=height_m), speed_m_s=speed_m_s, hold_s=hold_s
    )


def test_a_mission_is_read_point_by_point() -> None:
    found = flown(
        item(1, 22, z=HOME_M + 30.0), item(2, 178, param2=5.0), item(3, 19, frame=3, z=40.0, param1=3.0, **THERE),
        item(4, 178, param2=15.0), item(5, 21, x=355000001, y=1125000001),
    )
    assert found == Route(
        points=(point(35.5, 112.5, HOME_M + 40.0, 5.0, 3.0), point(35.5000001, 112.5000001, HOME_M + 40.0, 15.0)),
        take_off_height_m=30.0, returns_at_end=False,
    )


def test_what_is_not_said_is_counted_as_the_fastest_and_without_a_return() -> None:
    there = item(1, 16, z=HOME_M + 40.0, **THERE)
    plain = Route(points=(point(35.5, 112.5, HOME_M + 40.0),), take_off_height_m=None, returns_at_end=False)
    assert flown(there) == plain
    assert flown(there, item(2, 20)) == replace(plain, returns_at_end=True)
    assert flown(there, item(2, 21)) == plain, "lands where it is"
    for x, y, place in ((0, 1125000000, (0.0, 112.5)), (355000000, 0, (35.5, 0.0))):
        assert flown(there, item(2, 21, x=x, y=y)) == replace(
            plain, points=(*plain.points, point(*place, HOME_M + 40.0))
        )
    low = item(1, 22, frame=3, z=30.0)
    assert flown(low, there) == replace(plain, take_off_height_m=30.0)


@pytest.mark.parametrize(("given", "words"), [
    ([item(1, 16, **THERE), item(2, 22, frame=3, z=30.0)], "item 2: a take-off comes first and once"),
    ([item(1, 22, frame=3, z=30.0)] * 2, "item 2: a take-off comes first and once"),
    ([item(1, 22, frame=10, z=30.0)], f"item 1: {ABOVE_HOME}"),
    ([item(1, 21, **THERE)], "item 1: a landing elsewhere needs a point before it, whose height it is flown at"),
    ([item(1, 20)], "the mission leads nowhere"),
    ([item(1, 16, **THERE), item(2, 20), item(3, 16, **THERE)], "item 3: nothing may follow command 20"),
    ([item(1, 16, **THERE), item(2, 21), item(3, 16, **THERE)], "item 3: nothing may follow command 21"),
    ([item(1, 16, **THERE), item(2, 21, **THERE), item(3, 178, param2=5.0)], "item 3: nothing may follow command 21"),
    ([item(1, 178, param2=0.0)], "item 1: a speed of 0 m/s; more than 0 and at most 15 is allowed"),
    ([item(1, 178, param2=15.1)], "item 1: a speed of 15.1 m/s; more than 0 and at most 15 is allowed"),
])
def test_the_whole_sentence_of_each_refused_mission(given: list[dict[str, Any]], words: str) -> None:
    assert flown(*given) == words


def test_the_ends_of_what_a_mission_may_say() -> None:
    there = item(1, 16, z=HOME_M + 40.0, **THERE)
    for speed_m_s in (0.5, 15.0):
        found = flown(item(1, 178, param2=speed_m_s), there)
        assert isinstance(found, Route)
        assert found.points[0].speed_m_s == speed_m_s
    full = flown(*[there] * (MOST_ITEMS - 1))
    assert isinstance(full, Route)
    assert len(full.points) == MOST_ITEMS - 1
    assert isinstance(flown(*[there] * MOST_ITEMS), str)


# on their way


def test_items_leave_octet_by_octet_or_not_at_all() -> None:
    door, count = Door(), TO | {"count": len(GOOD), "mission_type": 0}
    assert door.says("MISSION_COUNT", **count) == "no mission of yours has passed the checks"
    odd = [entry | {"autocontinue": 88} for entry in GOOD]  # its octet is the last that travels
    assert door.upload(odd) is None
    for entry in odd:
        assert door.says("MISSION_ITEM_INT", **entry) is None
    beyond = "it is not part of the mission that was checked"
    assert door.says("MISSION_ITEM_INT", **odd[0] | {"seq": len(odd)}) == beyond
    assert door.says("MISSION_ITEM_INT", **odd[1] | {"z": 31.0}) == beyond
    door.guard.guests.forget(U01)
    assert door.says("MISSION_ITEM_INT", **odd[0]) == "no mission of yours has passed the checks"
    assert door.upload(GOOD, flying(raw_mode=3)) == "a mission that is being flown is not changed; hold first"
    garbage = "it is not exactly one frame of a known message"
    assert door.guard.guests.transmit(ANNA, b"", state(), NOW) == garbage


class Judged:
    """A door of guests whose judge, sender and fleet are kept lists."""

    def __init__(self, word: str | None = None) -> None:
        self.asked: list[tuple[Command, VehicleState, Instant]] = []
        self.sent: list[tuple[VehicleId, bytes]] = []
        self.forgotten: list[VehicleId] = []
        authority = Authority()
        authority.grant(Lease(vehicle=U01, holder=PILOT, expires=NOW.plus_s(60.0)), NOW)

        def judge(command: Command, seen: VehicleState, now: Instant) -> str | None:
            self.asked.append((command, seen, now))
            return word

        self.gate = GuestGate(
            send=lambda vehicle, data: self.sent.append((vehicle, data)), authority=authority,
            bounds=lambda vehicle: (1, COPTER), judge=judge, forget=self.forgotten.append,
        )


def test_a_mission_is_judged_as_the_route_it_is_and_takes_the_fleets_place() -> None:
    payloads = [encode_payload("MISSION_ITEM_INT", entry) for entry in GOOD]
    planned = route_of(items(*GOOD), state(), COPTER)
    for word in (None, "no."):
        judged = Judged(word)
        assert judged.gate.admit_list(ANNA, payloads, state(), NOW) == word
        assert judged.asked == [(order(Verb.UPLOAD_ROUTE, route=planned), state(), NOW)]
        assert judged.forgotten == ([U01] if word is None else [])


def test_frames_go_to_the_vehicle_of_the_state_with_orders_of_this_moment() -> None:
    judged, clear = Judged(), Encoder(255, 190).encode("MISSION_CLEAR_ALL", mission_type=0, **TO)
    assert judged.gate.transmit(ANNA, clear, state(), NOW) is None
    assert (judged.forgotten, judged.sent, judged.asked) == ([U01], [(U01, clear)], [])
    hold = Encoder(255, 190).encode("COMMAND_LONG", **long(20))
    assert judged.gate.transmit(ANNA, hold, state(), NOW) is None
    assert (judged.sent[1:], judged.asked) == ([(U01, hold)], [(order(Verb.HOLD), state(), NOW)])
