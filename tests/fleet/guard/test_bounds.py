"""Where exactly the guard's bounds lie, and the whole sentence of each refusal."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fleet.authority import Authority
from fleet.commands import Command, Lease, Route, RoutePoint, Verb
from fleet.drivers.mavlink.items import Item
from fleet.guard import LIMITS, Fence, Guard, GuardedVehicle, Site, VehicleLimits
from fleet.guard.areas import is_inside
from fleet.guard.energy import Around, to_landing_s, way_s
from fleet.guard.fences import rally_fault
from fleet.guard.frames import frame_fault
from fleet.guard.lists import ITEM_RULES
from fleet.guard.outbound import Outbound
from fleet.guard.routes import Leg, energy_fault, is_under_way, leg_fault, take_off_fault
from fleet.guard.space import leg_m
from fleet.guard.watch import concerns
from fleet.model import VehicleKind, VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MavFrame
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from tests.fleet.guard.test_commands import NOW, command, flying, guard, state, verdict
from tests.fleet.guard.test_frames import U01, Gate
from tests.support.fleet_bench import FRAME, PILOT, at, flat_site, route, square
from world.ids import VehicleId
from world.position import Enu, Geodetic
from world.terrain import Floats, Terrain

COPTER = LIMITS[VehicleKind.COPTER]
BENT = ((-100.0, -100.0), (100.0, -100.0), (100.0, 100.0), (0.0, -20.0), (-100.0, 100.0))
NULL_ISLAND = Geodetic(lat_deg=0.0, lon_deg=0.0, height_m=790.0)


def enu(east_m: float, north_m: float, up_m: float = 40.0) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=up_m)


def around(limits: VehicleLimits, home: Enu | None = None, site: Site | None = None) -> Around:
    return Around(site=site or flat_site(), limits=limits, home=home or enu(0, 0, 0))


def bent_site() -> Site:
    return flat_site(Fence(inclusion=tuple(at(x, y, 0.0) for x, y in BENT)))


def message(name: str, **fields: float) -> Message:
    data = Encoder(255, 190).encode(name, target_system=1, target_component=1, **fields)
    made = Decoder().decode(parse_datagram(data)[0])
    assert made is not None
    return made


def fault(sent: Message, permit: Command | None, seen: VehicleState | None = None) -> str | None:
    return frame_fault(Outbound(message=sent, permit=permit, limits=COPTER, state=seen), 1)


def setpoint(lat_int: int = 0, lon_int: int = 0, alt: float = 790.0, frame: int = MavFrame.GLOBAL_INT) -> Message:
    zeros = dict.fromkeys(("vx", "vy", "vz", "afx", "afy", "afz", "yaw", "yaw_rate", "time_boot_ms"), 0)
    return message(
        "SET_POSITION_TARGET_GLOBAL_INT", coordinate_frame=frame, lat_int=lat_int, lon_int=lon_int, alt=alt,
        type_mask=0b110111111000, **zeros,
    )


def item(number: int, **fields: float) -> Message:
    plain = dict.fromkeys(("param1", "param2", "param3", "param4", "x", "y", "z", "current", "mission_type"), 0)
    rest = plain | {"seq": 1, "frame": 3, "autocontinue": 1} | fields
    return message("MISSION_ITEM_INT", command=number, **rest)


# sentences


@pytest.mark.parametrize(
    ("asked", "seen", "reason"),
    [
        (command(Verb.ARM), state(battery_pct=None), "the battery of the vehicle is unknown"),
        (command(Verb.ARM, plan_digest=None), state(), "its plan is not approved"),
        (command(Verb.START_ROUTE), state(), "no route of this plan is verified on board"),
        (command(Verb.TAKE_OFF), state(), "a take-off needs a height and a known position"),
        (command(Verb.TAKE_OFF, "G01", height_m=9.0), state("G01"), "this kind of vehicle does not take off"),
        (command(Verb.SET_RETURN_HEIGHT, "G01"), state("G01"), "this kind of vehicle has no return height"),
        (command(Verb.GO_TO), flying(), "a way needs a target and a known position"),
        (
            command(Verb.GO_TO, position=at(0, 90, 40)), flying(battery_pct=None),
            "the battery of the vehicle is unknown",
        ),
        (
            command(Verb.GO_TO, position=replace(at(0, 0, 40), lat_deg=float("nan"))), flying(),
            "the target is refused: it is no finite position",
        ),
        (command(Verb.UPLOAD_ROUTE), state(), "there is no route to upload"),
        (command(Verb.UPLOAD_ROUTE, route=route()), state(position=None), "the position of the vehicle is unknown"),
        (command(Verb.LOOK_AT), state(), "looking needs a heading or a position"),
    ],
)
def test_a_refusal_says_this_and_nothing_else(asked: Command, seen: VehicleState, reason: str) -> None:
    assert verdict(asked, seen) == f"{asked.verb} of {asked.vehicle} is refused: {reason}."


def test_beyond_the_terrain_the_sentence_names_the_way() -> None:
    wide = Fence(inclusion=square(3000.0))
    asked = command(Verb.GO_TO, position=at(0, 1500, 40))
    assert verdict(asked, flying(), fence=wide) == "go_to of U01 is refused: the way leaves the known terrain."


def test_a_held_back_frame_says_this_and_nothing_else() -> None:
    gate = Gate()
    kept = "A frame to U01 was held back: it is not exactly one frame of a known message."
    assert gate.guard.transmit(U01, b"", NOW) == kept
    strange = gate.guard.transmit(VehicleId("X01"), b"", NOW)
    assert strange == "A frame to X01 was held back: the vehicle is not in the guard's table."
    nowhere = fault(setpoint(), command(Verb.GO_TO))
    assert nowhere == "a setpoint needs a position to be asked for"
    away = fault(setpoint(lat_int=9000), command(Verb.GO_TO, position=NULL_ISLAND))
    assert away == "a setpoint lies elsewhere than the position asked for"


# frames


def test_what_leaves_is_the_frame_itself_to_its_vehicle() -> None:
    sent: list[tuple[VehicleId, bytes]] = []
    authority = Authority()
    authority.grant(Lease(vehicle=U01, holder=PILOT, expires=NOW.plus_s(60.0)), NOW)
    made = Guard(
        send=lambda vehicle, data: sent.append((vehicle, data)), authority=authority, site=flat_site(),
        vehicles={U01: GuardedVehicle(sysid=1, limits=COPTER)},
    )
    frame = Encoder(255, 190).encode("MISSION_REQUEST_LIST", target_system=1, target_component=1, mission_type=0)
    assert made.transmit(U01, frame, NOW) is None
    assert sent == [(U01, frame)]


@pytest.mark.parametrize("speed_m_s", [0.5, 15.0])
def test_speeds_up_to_the_limit_leave(speed_m_s: float) -> None:
    assert Gate().admit(Verb.SET_SPEED, speed_m_s=speed_m_s).long(178, 1.0, speed_m_s, -1.0) is None
    upload = Gate().admit(Verb.UPLOAD_ROUTE, route=route())
    assert upload.item(3, Item(command=178, params=(1.0, speed_m_s, -1.0, 0.0))) is None
    assert upload.item(3, Item(command=178, params=(1.0, 0.0, -1.0, 0.0))) is not None


def test_heights_agree_within_a_metre_and_a_centimetre() -> None:
    rising = Gate().admit(Verb.TAKE_OFF, height_m=30.0)
    assert rising.long(22, 0, 0, 0, 0, 0, 0, 31.0) is None
    assert rising.long(22, 0, 0, 0, 0, 0, 0, 31.1) is not None
    going_home = Gate().admit(Verb.SET_RETURN_HEIGHT, height_m=30.0)
    assert going_home.put("PARAM_SET", param_id="RTL_ALT", param_value=3001.0, param_type=6) is None
    assert going_home.put("PARAM_SET", param_id="RTL_ALT", param_value=3002.0, param_type=6) is not None
    upload = Gate().admit(Verb.UPLOAD_ROUTE, route=route())
    assert upload.item(1, Item(command=MavCommand.NAV_TAKEOFF, frame=3, z=31.0)) is None
    assert upload.item(1, Item(command=MavCommand.NAV_TAKEOFF, frame=3, z=31.1)) is not None


def test_a_setpoint_may_be_off_by_its_tolerance_and_no_more() -> None:
    asked = command(Verb.GO_TO, position=NULL_ISLAND)
    for fine in (setpoint(lat_int=20), setpoint(lon_int=-20), setpoint(alt=791.0), setpoint(alt=789.0)):
        assert fault(fine, asked) is None
    for wrong in (setpoint(lat_int=21), setpoint(lon_int=-21), setpoint(alt=791.1), setpoint(alt=788.9)):
        assert fault(wrong, asked) is not None


def test_without_a_route_or_a_state_no_item_is_part_of_anything() -> None:
    empty = command(Verb.UPLOAD_ROUTE)
    for number in (MavCommand.NAV_WAYPOINT, MavCommand.NAV_TAKEOFF, MavCommand.NAV_RETURN_TO_LAUNCH):
        assert fault(item(number), empty) == "mission item 1 is not part of the route that was checked"
    relative = setpoint(alt=40.0, frame=MavFrame.GLOBAL_RELATIVE_ALT_INT)
    assert fault(relative, command(Verb.GO_TO, position=NULL_ISLAND), None) is not None


def test_triggering_by_distance_may_be_switched_off_in_a_route_but_not_be_negative() -> None:
    upload = command(Verb.UPLOAD_ROUTE, route=route())
    assert fault(item(MavCommand.DO_SET_CAM_TRIGG_DIST, param1=0.0), upload) is None
    assert fault(item(MavCommand.DO_SET_CAM_TRIGG_DIST, param1=-0.5), upload) is not None


# commands


def test_a_verified_route_stays_startable_until_another_is_uploaded() -> None:
    made = guard()
    assert made.admit(command(Verb.UPLOAD_ROUTE, route=route()), state(), NOW) is None
    made.close(VehicleId("U01"), is_done=True)
    for verb in (Verb.START_ROUTE, Verb.ARM, Verb.START_ROUTE):
        assert made.admit(command(verb), state(), NOW) is None


def test_the_limits_themselves_are_allowed() -> None:
    for height_m in (10.0, 120.0):
        assert verdict(command(Verb.TAKE_OFF, height_m=height_m)) is None
    for height_m in (10.0, 300.0):
        assert verdict(command(Verb.SET_RETURN_HEIGHT, height_m=height_m)) is None
    for heading_deg in (0.0, 0.5, 360.0):
        assert verdict(command(Verb.LOOK_AT, heading_deg=heading_deg)) is None
    assert verdict(command(Verb.SET_SPEED, speed_m_s=0.5)) is None
    many = Route(points=(RoutePoint(position=at(0, 50, 40)),) * 650, take_off_height_m=30.0)
    assert verdict(command(Verb.UPLOAD_ROUTE, route=many)) is None


@pytest.mark.parametrize("missing", ["min_agl_m", "max_agl_m"])
def test_who_lacks_half_the_bounds_neither_takes_off_nor_has_a_return_height(missing: str) -> None:
    without: dict[str, Any] = {missing: None}
    assert take_off_fault(30.0, replace(COPTER, **without)) == "this kind of vehicle does not take off"
    without = {"max_return_height_m" if missing == "max_agl_m" else missing: None}
    half = replace(COPTER, **without)
    assert "has no return height" in str(verdict(command(Verb.SET_RETURN_HEIGHT, height_m=60.0), limits=half))


@pytest.mark.parametrize(
    ("is_armed", "is_landed", "is_flying"),
    [
        (True, False, True), (True, None, True), (True, True, False), (False, False, False), (False, None, False),
        (None, False, False), (None, None, False),
    ],
)
def test_under_way_is_armed_and_not_landed(is_armed: bool | None, is_landed: bool | None, is_flying: bool) -> None:
    assert is_under_way(state(is_armed=is_armed, is_landed=is_landed)) == is_flying


# ways


def test_legs_may_touch_their_height_limits() -> None:
    def leg(up_m: float) -> Leg:
        return Leg(name="the leg", start=enu(0, 0, up_m), end=enu(50, 0, up_m), speed_m_s=1.0, floor_m=10.0)

    for up_m in (10.0, 120.0):
        assert leg_fault(leg(up_m), around(COPTER)) is None
    for up_m in (9.9, 120.1):
        assert leg_fault(leg(up_m), around(COPTER)) is not None
    for up_m, is_fine in ((-60.0, True), (0.5, True), (-60.1, False), (0.6, False)):
        found = leg_fault(leg(up_m), around(LIMITS[VehicleKind.SUB]))
        assert (found is None) == is_fine


def test_energy_to_the_second() -> None:
    asked = command(Verb.GO_TO, position=at(0, 700, 40))
    tight = verdict(asked, flying(battery_pct=25.0))
    assert tight is not None
    assert "the way and the return take 200 s; the battery lasts 150 s above its reserve" in tight
    limits = replace(COPTER, endurance_s=100.0, reserve_pct=0.0)
    leg = Leg(name="the way", start=enu(0, 0), end=enu(70, 0), speed_m_s=7.0, floor_m=None)
    for hold_s, is_fine in ((0.0, True), (0.1, False)):
        found = energy_fault([replace(leg, hold_s=hold_s)], state(battery_pct=10.0), around(limits, enu(70, 0)))
        assert (found is None) == is_fine


# ground


def test_heights_are_above_the_terrain_whichever_way_one_goes() -> None:
    heights = np.full((41, 41), 10.0, np.float32)
    heights[20, :] = 35.0
    terrain = Terrain(west_m=-200.0, south_m=-200.0, cell_m=10.0, heights_m=heights)
    site = Site(frame=FRAME, terrain=terrain, fence=Fence(inclusion=square(200.0)))
    assert site.agl_m(enu(0, 100)) == pytest.approx(30.0)
    low, _ = site.agl_range_m(enu(0, -100), enu(0, 100)) or (np.nan, np.nan)
    assert low == pytest.approx(5.0, abs=0.01)
    assert leg_m(enu(0, 0, 2), enu(3, 4, 14)) == pytest.approx(13.0)


def test_a_border_belongs_to_one_side_only() -> None:
    unit = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
    assert is_inside((-1.0, 0.0), unit)
    assert not is_inside((1.0, 0.0), unit)


def test_three_corners_are_an_area() -> None:
    site = flat_site(Fence(inclusion=square(100.0)[:3]))
    assert site.fence_fault(enu(50, -50), enu(60, -50), 5.0) is None


def test_margins_hold_at_both_ends_and_off_every_edge() -> None:
    site = flat_site(Fence(inclusion=square(200.0)))
    assert "passes the fence closer" in str(site.fence_fault(enu(195, 0), enu(0, 0), 10.0))
    bent = bent_site()
    beside = enu(-56.9, 34.2)  # 9 m from the middle of a slanted edge
    assert "passes the fence closer" in str(bent.fence_fault(beside, beside, 10.0))
    assert bent.fence_fault(beside, beside, 8.0) is None
    assert "passes the fence closer" in str(bent.fence_fault(enu(-80, 50), enu(80, 50), 0.1)), "across the notch"
    # a step of a millimetre over the line in which an edge would go on
    assert bent.fence_fault(enu(-25.00038, -49.99968), enu(-24.99962, -50.00032), 10.0) is None


def test_a_level_with_a_corner_is_no_corner_case() -> None:
    assert is_inside((0.0, 0.0), ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)))


def test_a_margin_that_is_just_kept_is_kept() -> None:
    west = tuple(at(e, n, 0.0) for e, n in ((-50.0, -40.0), (0.0, -40.0), (0.0, 40.0), (-50.0, 40.0)))
    assert flat_site(Fence(inclusion=west)).fence_fault(enu(-10, 0), enu(-10, 0), 10.0) is None
    outside = flat_site(Fence(inclusion=square(200.0), exclusions=(west,)))
    assert outside.fence_fault(enu(10, 0), enu(10, 0), 10.0) is None
    assert outside.fence_fault(enu(9.9, 0), enu(9.9, 0), 10.0) is not None
    assert "exclusion zone closer" in str(outside.fence_fault(enu(10, 0), enu(0, 0), 1.0)), "ends on the border"
    post = flat_site(Fence(inclusion=square(200.0), exclusions=(square(0.5),)))
    assert post.fence_fault(enu(-11, 0), enu(-0.55, 0), 0.01) is None


def test_a_verified_route_is_not_started_on_an_empty_battery() -> None:
    made = guard()
    assert made.admit(command(Verb.UPLOAD_ROUTE, route=route()), state(), NOW) is None
    made.close(U01, is_done=True)
    assert "no more than its reserve" in str(made.admit(command(Verb.START_ROUTE), state(battery_pct=15.0), NOW))


# exactly at a bound


def test_a_slope_of_exactly_the_most_is_allowed() -> None:
    heights = np.tile(0.5 * np.arange(201.0), (201, 1)).astype(np.float32)
    site = Site(
        frame=FRAME, fence=Fence(inclusion=square(800.0)),
        terrain=Terrain(west_m=-1000.0, south_m=-1000.0, cell_m=10.0, heights_m=heights),
    )
    leg = Leg(name="the way", start=enu(0, 0), end=enu(40, 0), speed_m_s=1.0, floor_m=None)
    slope_deg = site.steepest_deg(leg.start, leg.end)
    assert slope_deg is not None
    rover = LIMITS[VehicleKind.ROVER]
    assert leg_fault(leg, around(replace(rover, max_slope_deg=slope_deg), site=site)) is None
    assert "slope" in str(leg_fault(leg, around(replace(rover, max_slope_deg=slope_deg - 0.01), site=site)))


@pytest.mark.parametrize("home_up_m", [-40.0, 0.0, 25.0])
def test_depths_count_from_home_wherever_it_lies(home_up_m: float) -> None:
    sub = around(LIMITS[VehicleKind.SUB], home=enu(0, 0, home_up_m))

    def ends(above_m: float) -> str | None:
        end = enu(10, 0, home_up_m + above_m)
        return leg_fault(Leg(name="the way", start=enu(0, 0), end=end, speed_m_s=0.4, floor_m=None), sub)

    assert [ends(above_m) for above_m in (-60.0, 0.0, 0.5)] == [None] * 3
    assert ends(-60.5) == "the way ends -60.5 m above the surface; -60 to 0.5 m is allowed"
    assert ends(1.0) == "the way ends 1.0 m above the surface; -60 to 0.5 m is allowed"


def test_a_rally_point_or_a_state_at_the_very_end_of_a_battery() -> None:
    place = at(300, 400, 40)
    needed_s = way_s(enu(0, 0, 0), flat_site().enu(place), COPTER.cruise_m_s, around(COPTER))
    exact = replace(COPTER, endurance_s=needed_s, reserve_pct=0.0)
    assert rally_fault((place,), around(exact)) is None
    less = replace(exact, endurance_s=needed_s * 0.999)
    assert "a full battery does not last" in str(rally_fault((place,), around(less)))
    home_s = to_landing_s(flat_site().enu(place), around(COPTER))
    seen = flying(position=place, battery_pct=100.0)
    assert concerns(seen, around(replace(exact, endurance_s=home_s)), None, NOW) == []
    assert len(concerns(seen, around(replace(exact, endurance_s=home_s * 0.999)), None, NOW)) == 1


def test_no_way_is_sampled_more_or_less_than_each_five_metres() -> None:
    asked: list[int] = []

    class Plain(Terrain):
        def heights_at(self, east_m: Floats, north_m: Floats) -> Floats:
            asked.append(len(east_m))
            return np.zeros_like(east_m)

    heights = np.zeros((3, 3), np.float32)
    plain = Plain(west_m=-1000.0, south_m=-1000.0, cell_m=1000.0, heights_m=heights)
    site = Site(frame=FRAME, terrain=plain, fence=Fence(inclusion=square(800.0)))
    for length_m in (0.0, 3.0, 5.0, 5.1, 100.0):
        site.agl_range_m(enu(0, 0), enu(length_m, 0))
    assert asked == [2, 2, 2, 3, 21]


def test_half_a_mode_is_none_of_a_plane_either() -> None:
    plane = LIMITS[VehicleKind.PLANE]
    for half in (4.5, math.nan):
        zeros = dict.fromkeys(("param4", "param5", "param6", "param7"), 0.0)
        sent = message("COMMAND_LONG", command=176, confirmation=0, param1=1.0, param2=half, param3=0.0, **zeros)
        out = Outbound(message=sent, permit=command(Verb.GO_TO), limits=plane, state=None)
        assert frame_fault(out, 1) == "mode -1 is not among those that may be ordered"


def test_without_a_permit_no_item_is_part_of_a_route() -> None:
    for number in (MavCommand.NAV_WAYPOINT, MavCommand.NAV_TAKEOFF, MavCommand.NAV_RETURN_TO_LAUNCH):
        params = dict.fromkeys(("param1", "param2", "param3", "param4", "current", "autocontinue", "mission_type"), 0)
        sent = message("MISSION_ITEM_INT", command=number, seq=1, frame=0, x=0, y=0, z=0.0, **params)
        assert ITEM_RULES[number](Outbound(message=sent, permit=None, limits=COPTER, state=None)) is False
