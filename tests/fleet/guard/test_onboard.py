"""Fences and rally points for the autopilot: never wider than the site's, and item by item what was checked."""

import math
from dataclasses import replace
from typing import Any

import pytest

from fleet.commands import Command, FenceArea, Verb
from fleet.guard import LIMITS, Circle, Fence, GasZone, HeatZone, Site
from fleet.guard.fences import MOST_ITEMS, fence_fault, fence_items, rally_fault
from fleet.guard.frames import frame_fault
from fleet.guard.outbound import Outbound
from fleet.model import VehicleKind, VehicleState
from fleet.wire.enums import Command as MavCommand
from fleet.wire.message import Message
from tests.fleet.guard.test_bounds import around, message
from tests.fleet.guard.test_commands import command, flying, refused_as, state, verdict
from tests.fleet.guard.test_energy import FLAT
from tests.fleet.guard.test_frames import Gate, kept, no
from tests.support.fleet_bench import COMMANDER, FRAME, at, square
from world.position import Enu, Geodetic, HeightRef

COPTER = LIMITS[VehicleKind.COPTER]
ZONE = square(50.0, (300.0, 0.0))
HOLED = Fence(inclusion=square(800.0), exclusions=(ZONE,))
INSIDE = FenceArea(is_inclusion=True, corners=square(700.0))
HOLE = FenceArea(is_inclusion=False, corners=ZONE)
RING = FenceArea(is_inclusion=True, centre=at(0, 0, 0), radius_m=500.0)


def upload(*areas: FenceArea, **rest: Any) -> Command:
    return command(Verb.UPLOAD_FENCE, fence=areas, **rest)


def rally(*points: Geodetic, **rest: Any) -> Command:
    return command(Verb.UPLOAD_RALLY, rally=points, **rest)


def many(corners: int) -> FenceArea:
    turns = (2.0 * math.pi * k / corners for k in range(corners))
    return replace(INSIDE, corners=tuple(at(700 * math.cos(turn), 700 * math.sin(turn), 0) for turn in turns))


# fences


def test_a_fence_may_be_the_sites_or_narrower() -> None:
    squares = (replace(INSIDE, corners=square(half_m)) for half_m in (800.0, 801.0))
    for area in (INSIDE, RING, replace(RING, radius_m=0.5), *squares):
        assert verdict(upload(area)) is None
        assert verdict(upload(area), flying()) is None
    refused_as("the fence is wider than the site's", upload(replace(INSIDE, corners=square(803.0))))
    refused_as("the fence is wider than the site's", upload(replace(RING, radius_m=803.0)))
    refused_as("the fence is wider than the site's", upload(INSIDE, replace(RING, radius_m=803.0)))
    refused_as("the fence has no area to stay in", upload(HOLE))


def test_what_the_site_excludes_the_fence_excludes() -> None:
    refused_as("the fence leaves the site's exclusion zone 0 open", upload(INSIDE), fence=HOLED)
    small = replace(HOLE, corners=square(40.0, (300.0, 0.0)))
    refused_as("the fence leaves the site's exclusion zone 0 open", upload(INSIDE, small), fence=HOLED)
    two = replace(HOLED, exclusions=(ZONE, Circle(centre=at(-300, 0, 0), radius_m=20.0)))
    refused_as("the fence leaves the site's exclusion zone 1 open", upload(INSIDE, HOLE), fence=two)
    wide = FenceArea(is_inclusion=False, centre=at(300, 0, 0), radius_m=75.0)
    for hole in (HOLE, wide):
        assert verdict(upload(INSIDE, hole), fence=HOLED) is None


def test_a_fence_holds_the_vehicle_and_its_home() -> None:
    aside = replace(INSIDE, corners=square(100.0, (400.0, 0.0)))
    refused_as("the vehicle would be outside of the fence", upload(aside))
    refused_as("its home would be outside of the fence", upload(aside), state(position=at(400, 0, 0)))
    refused_as("the vehicle would be outside of the fence", upload(INSIDE, aside))
    over = FenceArea(is_inclusion=False, corners=square(20.0))
    refused_as("the vehicle would be outside of the fence", upload(INSIDE, over))
    refused_as("its home would be outside of the fence", upload(INSIDE, over), state(position=at(100, 0, 0)))
    refused_as("the position of the vehicle is unknown", upload(INSIDE), state(position=None))
    assert verdict(upload(aside), state(position=at(400, 0, 0), home=None)) is None


def test_a_fence_is_taken_away_by_a_commander_only() -> None:
    refused_as("only a commander may take the fence of a vehicle away", upload())
    assert verdict(upload(by=COMMANDER), state(position=None)) is None
    refused_as("there is no fence to upload", command(Verb.UPLOAD_FENCE, by=COMMANDER))


@pytest.mark.parametrize("area", [
    FenceArea(is_inclusion=True), replace(INSIDE, corners=square(9.0)[:2]), replace(INSIDE, radius_m=5.0),
    replace(RING, radius_m=None), replace(RING, radius_m=0.0), replace(RING, radius_m=-1.0),
    replace(RING, radius_m=math.nan), replace(RING, radius_m=math.inf), replace(RING, corners=square(9.0)),
    replace(INSIDE, corners=square(9.0) * 64),
])
def test_what_is_no_area_is_refused_as(area: FenceArea) -> None:
    said = "fence area 1 is neither a polygon of 3 to 255 corners nor a circle"
    refused_as(said, upload(INSIDE, area, by=COMMANDER))


def test_places_must_be_finite_and_items_few() -> None:
    nowhere = replace(at(0, 0, 0), lat_deg=math.nan)
    said = "has a corner that is no finite position"
    refused_as(f"fence area 0 {said}", upload(replace(INSIDE, corners=(*square(9.0), nowhere))))
    refused_as(f"fence area 1 {said}", upload(INSIDE, replace(RING, centre=nowhere)))
    three = (many(200),) * 3
    exact = upload(*three, many(48), RING, RING)
    assert len(fence_items(exact.fence or ())) == MOST_ITEMS
    assert verdict(exact) is None
    refused_as("the fence has 651 items; 650 are allowed", upload(*three, many(49), RING, RING))
    assert verdict(upload(many(3))) is None
    assert verdict(upload(many(255))) is None


def test_items_of_a_fence_in_order() -> None:
    items = fence_items((INSIDE, replace(RING, is_inclusion=False), RING, HOLE))
    assert [item.command for item in items] == [5001] * 4 + [5004, 5003] + [5002] * 4
    assert [item.size for item in items] == [4.0] * 4 + [500.0, 500.0] + [4.0] * 4
    assert items[1].place == INSIDE.corners[1]
    assert items[5].place == at(0, 0, 0)
    assert fence_items((replace(INSIDE, radius_m=5.0),)) == fence_items((INSIDE,)), "a radius alone is no circle"


def test_without_a_fence_or_position_the_bare_check_says_so() -> None:
    assert fence_fault(None, state(), around(COPTER), is_commander=True) == "there is no fence to upload"


# rally points


def test_rally_points_lie_in_the_fence_and_within_reach() -> None:
    assert verdict(rally(at(0, 700, 40), at(300, 0, 40))) is None
    assert verdict(rally()) is None
    refused_as("there are no rally points to upload", command(Verb.UPLOAD_RALLY))
    refused_as("the home of the vehicle is unknown", rally(at(0, 700, 40)), state(home=None))
    first, way = "rally point 0 is refused: ", "the way there from home"
    refused_as(f"rally point 1 is refused: {way} leaves the fence", rally(at(0, 9, 40), at(0, 900, 40)))
    refused_as(f"{first}{way} enters an exclusion zone", rally(at(300, 0, 40)), fence=HOLED)
    said = "passes an exclusion zone closer than the stopping distance of 0 m"
    refused_as(f"{first}{way} {said}", rally(at(400, 0, 40)), fence=HOLED)
    refused_as(f"{first}it is no finite position", rally(replace(at(0, 9, 40), lat_deg=math.nan)))
    refused_as(f"{first}its height is home, not AMSL", rally(replace(at(0, 9, 40), height_ref=HeightRef.HOME)))
    refused_as("51 rally points; 50 are allowed", rally(*(at(0, 9, 40),) * 51))
    assert verdict(rally(*(at(0, 9, 40),) * 50)) is None


def test_rally_points_lie_at_a_height_that_may_be_flown() -> None:
    said = "rally point 0 is refused: its height is not 10 to 120 m above the known terrain"
    for up_m in (10.0, 120.0):
        assert rally_fault((at(0, 9, up_m),), around(COPTER)) is None
    for up_m in (9.9, 120.1):
        refused_as(said, rally(at(0, 9, up_m)))
    wide = Fence(inclusion=square(3000.0))
    refused_as(said, rally(at(0, 1500, 40)), fence=wide)
    assert verdict(rally(at(0, 9, 0), vehicle="G01"), state("G01")) is None
    half = replace(COPTER, max_agl_m=None)
    assert rally_fault((at(0, 9, 500),), around(half)) is None


def test_rally_points_lie_within_a_full_battery_and_in_no_hazard() -> None:
    short = replace(COPTER, endurance_s=100.0)
    near = Enu(east_m=0.0, north_m=0.0, up_m=40.0)
    assert rally_fault((at(0, 594, 40),), around(short, near)) is None
    said = "rally point 0 is refused: a full battery does not last to it from home"
    assert rally_fault((at(0, 596, 40),), around(short, near)) == said
    assert rally_fault((at(0, 9, 40),), around(COPTER, near)) is None
    gas = GasZone(outline=square(5.0, (0.0, 9.0)))
    hazardous = Site(frame=FRAME, terrain=FLAT, fence=Fence(inclusion=square(800.0)), hazards=(gas,))
    assert "enters a gas zone" in str(rally_fault((at(0, 9, 40),), around(COPTER, near, hazardous)))
    assert rally_fault((at(0, 29, 40),), around(COPTER, near, hazardous)) is None
    for ambient_c, words in ((70.0, "None"), (71.0, "enters a heat zone of 71 °C; 70 °C is the most allowed")):
        hot = HeatZone(outline=square(5.0, (0.0, 9.0)), ambient_c=ambient_c)
        burning = Site(frame=FRAME, terrain=FLAT, fence=Fence(inclusion=square(800.0)), hazards=(hot,))
        assert words in str(rally_fault((at(0, 9, 40),), around(COPTER, near, burning)))


# on the wire


def item(gate: Gate, kind: int, seq: int, number: int, place: Geodetic, **rest: Any) -> str | None:
    plain = dict.fromkeys(("param1", "param2", "param3", "param4", "z", "current"), 0.0) | {"frame": 0}
    fields = plain | {"x": round(place.lat_deg * 1e7), "y": round(place.lon_deg * 1e7), "autocontinue": 1} | rest
    fields["current"] = 0
    return gate.put("MISSION_ITEM_INT", seq=seq, command=number, mission_type=kind, **fields)


def test_a_fence_on_the_wire_is_the_one_that_was_checked() -> None:
    gate = Gate().admit(Verb.UPLOAD_FENCE, fence=(INSIDE, RING))
    assert gate.put("MISSION_COUNT", count=5, mission_type=1) is None
    for seq, corner in enumerate(INSIDE.corners):
        assert item(gate, 1, seq, MavCommand.NAV_FENCE_POLYGON_VERTEX_INCLUSION, corner, param1=4.0) is None
    centre = at(0, 0, 0)
    circle = MavCommand.NAV_FENCE_CIRCLE_INCLUSION
    for radius_m in (500.0, 500.09, 499.91):
        assert item(gate, 1, 4, circle, centre, param1=radius_m) is None
    said = "fence item 4 is not part of the fence that was checked"
    for radius_m in (500.11, 499.89, math.nan):
        kept(item(gate, 1, 4, circle, centre, param1=radius_m), said)
    no(item(gate, 1, 4, MavCommand.NAV_FENCE_CIRCLE_EXCLUSION, centre, param1=500.0), said)
    no(item(gate, 1, 4, circle, replace(centre, lat_deg=centre.lat_deg + 3e-6), param1=500.0), said)
    dot = upload(replace(RING, radius_m=0.1))
    for radius_m in (0.0, 0.19):
        plain = dict.fromkeys(("param2", "param3", "param4", "z", "current", "frame", "seq"), 0)
        place = {"x": round(centre.lat_deg * 1e7), "y": round(centre.lon_deg * 1e7), "autocontinue": 1}
        made = message("MISSION_ITEM_INT", command=circle, param1=radius_m, mission_type=1, **plain, **place)
        assert frame_fault(Outbound(message=made, permit=dot, limits=COPTER, state=state()), 1) is None
    no(item(gate, 1, 5, circle, centre, param1=500.0), "fence item 5 is not part")
    no(item(gate, 1, 3, circle, centre, param1=500.0), "fence item 3 is not part")
    for count in (4, 6, 0):
        kept(gate.put("MISSION_COUNT", count=count, mission_type=1), f"a list of {count} items was not asked for")
    no(gate.put("MISSION_COUNT", count=5, mission_type=0), "needs upload_route")
    no(gate.put("MISSION_COUNT", count=0, mission_type=2), "needs upload_rally")
    kept(gate.put("MISSION_COUNT", count=0, mission_type=255), "a list of type 255 may not be sent")
    kept(item(gate, 255, 0, 16, centre), "a list of type 255 may not be sent")
    no(item(gate, 2, 0, MavCommand.NAV_RALLY_POINT, centre), "needs upload_rally")
    no(Gate().put("MISSION_COUNT", count=0, mission_type=1), "needs upload_fence")
    no(item(Gate(), 1, 0, circle, centre), "needs upload_fence")
    no(Gate().put("MISSION_COUNT", count=0, mission_type=2), "needs upload_rally")


def test_rally_points_on_the_wire_are_those_that_were_checked() -> None:
    points = (at(0, 100, 40.4), at(50, 100, 30.0))
    gate = Gate().admit(Verb.UPLOAD_RALLY, rally=points)
    number = MavCommand.NAV_RALLY_POINT
    assert gate.put("MISSION_COUNT", count=2, mission_type=2) is None
    assert item(gate, 2, 0, number, points[0], frame=3, z=41.0) is None, "whole metres above home"
    assert item(gate, 2, 1, number, points[1], frame=0, z=780.0) is None
    said = "rally point 1 is not among those that were checked"
    kept(item(gate, 2, 1, number, points[0], frame=0, z=780.0), said)
    no(item(gate, 2, 1, number, points[1], frame=0, z=782.0), said)
    no(item(gate, 2, 1, MavCommand.NAV_WAYPOINT, points[1], frame=0, z=780.0), said)
    no(item(gate, 2, 2, number, points[1], frame=0, z=780.0), "rally point 2 is not among")
    no(gate.put("MISSION_COUNT", count=1, mission_type=2), "a list of 1 items was not asked for")
    no(item(Gate(), 2, 0, number, points[0], frame=3, z=41.0), "needs upload_rally")
    assert Gate().admit(Verb.UPLOAD_RALLY, rally=()).put("MISSION_COUNT", count=0, mission_type=2) is None


def test_a_fence_is_switched_on_with_it_and_off_only_when_it_goes() -> None:
    gate = Gate().admit(Verb.UPLOAD_FENCE, fence=(INSIDE,))
    assert gate.long(MavCommand.DO_FENCE_ENABLE, 1.0) is None
    for wrong in (0.0, 2.0, math.nan):
        kept(gate.long(MavCommand.DO_FENCE_ENABLE, wrong), "the fence was not asked to be switched so")
    no(Gate().long(MavCommand.DO_FENCE_ENABLE, 1.0), "needs upload_fence")
    no(Gate().admit(Verb.HOLD).long(MavCommand.DO_FENCE_ENABLE, 0.0), "needs upload_fence")

    def sent(name: str, **fields: float) -> tuple[Message, VehicleState]:
        return message(name, **fields), state()

    off = upload(by=COMMANDER)
    params = {f"param{k}": 0.0 for k in range(1, 8)}
    for name, fields in (
        ("COMMAND_LONG", {"command": 207, "confirmation": 0} | params),
        ("MISSION_COUNT", {"count": 0, "mission_type": 1}),
    ):
        made, seen = sent(name, **fields)
        assert frame_fault(Outbound(message=made, permit=off, limits=COPTER, state=seen), 1) is None
    on, seen = sent("COMMAND_LONG", command=207, confirmation=0, **params | {"param1": 1.0})
    assert frame_fault(Outbound(message=on, permit=off, limits=COPTER, state=seen), 1) is not None
