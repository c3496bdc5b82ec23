"""Gazebo moves and senses, our autopilots command, the fleet flies them over MAVLink, perception finds people."""

import asyncio
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from fleet.commands import Route, RoutePoint, Verb
from fleet.model import ImageCaptured, VehicleState
from perception.detectors.plain import open_plain_person_detector
from perception.detectors.weights import WeightsMissing, cache_folder
from perception.model import GroundDetection, Look
from sim.adapters.gazebo.camera import Exposed
from sim.adapters.gazebo.house import House
from tests.fleet.test_flight import Field
from tests.gazebo.place import CAMERA_HZ, Seen, flying, specs, world
from tests.support.fleet_bench import run_virtual
from world.ids import VehicleId
from world.position import Enu, Geodetic

pytestmark = pytest.mark.gazebo
U01, U02, G03 = (VehicleId(name) for name in ("U01", "U02", "G03"))
LOOK_M = 14.0
"""Height of the camera's hover, and how far south of the person: it looks 45 degrees down."""


def place_of(east_m: float, north_m: float, agl_m: float) -> tuple[float, float, float]:
    return east_m, north_m, world().terrain.height_m(east_m, north_m) + agl_m


def geodetic(place: tuple[float, float, float]) -> Geodetic:
    east_m, north_m, up_m = place
    return world().scenario.frame().to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=up_m))


async def stand_up(place: Field, vehicle: VehicleId, height_m: float) -> None:
    await place.until(lambda: place.state(vehicle).is_ready, 30.0)
    await place.done(vehicle, Verb.TAKE_OFF, height_m=height_m)
    await place.until(lambda: height_of(place.state(vehicle)) > height_m - 2.0, 30.0)


def height_of(state: VehicleState) -> float:
    return state.height_above_home_m or 0.0


async def look_for_people(place: Field) -> None:
    """Take off, go to where the person fills the picture, take pictures, land there."""
    person = world().people[0].at
    await stand_up(place, U01, LOOK_M)
    there = place_of(person.east_m, person.north_m - LOOK_M, LOOK_M)
    await place.done(U01, Verb.GO_TO, position=geodetic(there), speed_m_s=5.0, heading_deg=0.0)
    await place.until(lambda: place.apart_m(U01, there) < 2.5, 30.0)
    await place.clock.sleep(3.0)
    for _ in range(4):
        await place.done(U01, Verb.CAPTURE)
        await place.clock.sleep(1.0)
    await place.done(U01, Verb.LAND)
    await place.until(lambda: place.state(U01).is_armed is False, 60.0)


async def go_and_come_back(place: Field) -> None:
    """Take off, go to a place, return to the launch site."""
    home = specs()[1].home
    await place.done(U02, Verb.SET_RETURN_HEIGHT, height_m=20.0)
    await stand_up(place, U02, 20.0)
    there = place_of(home.east_m - 10.0, home.north_m + 40.0, 22.0)
    await place.done(U02, Verb.GO_TO, position=geodetic(there), speed_m_s=8.0)
    await place.until(lambda: place.apart_m(U02, there) < 2.5, 30.0)
    await place.done(U02, Verb.RETURN)
    await place.until(lambda: place.state(U02).is_armed is False, 90.0)


async def drive(place: Field) -> None:
    """Two legs at walking speed, then hold."""
    home = specs()[2].home
    corners = [(home.east_m, home.north_m + 8.0), (home.east_m + 8.0, home.north_m + 8.0)]
    points = tuple(RoutePoint(position=geodetic(place_of(*corner, 0.0)), speed_m_s=1.5) for corner in corners)
    await place.until(lambda: place.state(G03).is_ready, 30.0)
    await place.done(G03, Verb.UPLOAD_ROUTE, route=Route(points=points))
    await place.done(G03, Verb.START_ROUTE)
    await place.until(lambda: place.apart_m(G03, place_of(*corners[1], 0.0)) < 3.0, 60.0)
    await place.done(G03, Verb.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flown:
    seen: Seen
    detections: list[GroundDetection]
    looks: list[Look]
    images: list[ImageCaptured]
    ends: dict[VehicleId, tuple[float, float, float]]
    alarms: list[object]


def fly(house: House, work: Path, *, films: bool) -> Flown:
    try:
        detector = open_plain_person_detector(cache_folder()) if films else None
    except WeightsMissing as reason:
        pytest.skip(str(reason))

    async def main() -> Flown:
        async with flying(house, work, detector=detector) as (place, seen):
            await asyncio.gather(look_for_people(place), go_and_come_back(place), drive(place))
            await place.until(lambda: place.sim.elapsed_s > 90.0, 60.0)
            truth = place.sim.truth()
            return Flown(
                seen=seen, detections=place.bus.of("perception/detection"), looks=place.bus.of("perception/look"),
                images=place.bus.of("fleet/image"),
                ends={vehicle: tuple(at) for vehicle, at in zip(truth.vehicles, truth.position.tolist(), strict=True)},
                alarms=place.bus.of("alarm"),
            )

    return run_virtual(main())


@pytest.fixture(scope="module")
def flown(house: House, tmp_path_factory: pytest.TempPathFactory) -> Flown:
    return fly(house, tmp_path_factory.mktemp("filmed"), films=True)


def test_two_copters_and_a_robot_did_what_the_fleet_asked(flown: Flown) -> None:
    person, home = world().people[0].at, specs()[1].home
    assert math.dist(flown.ends[U02], place_of(home.east_m, home.north_m, 0.0)) < 3.0, "returned to its pad"
    assert math.dist(flown.ends[U01], place_of(person.east_m, person.north_m - LOOK_M, 0.0)) < 3.0, "landed there"
    east_m, north_m, up_m = flown.ends[G03]
    assert abs(up_m - world().terrain.height_m(east_m, north_m)) < 0.1, "on its tracks"
    assert flown.alarms == []


def test_a_person_is_found_in_gazebos_pictures(flown: Flown) -> None:
    assert [look.vehicle for look in flown.looks] == [U01] * 4, "each picture was paired with its pose and examined"
    assert all(look.people >= 1 for look in flown.looks)
    person, frame = world().people[0].at, world().scenario.frame()
    for shot, image in zip(flown.seen.exposed, flown.images, strict=True):
        believed, true = frame.to_enu(image.position), shot.capture.position
        off = believed.east_m - true.east_m, believed.north_m - true.north_m
        assert math.hypot(*off) < 4.0, "GNSS as the autopilot has it"
        found = [frame.to_enu(each.position) for each in flown.detections if each.image == image.index]
        apart_m = [
            math.hypot(at.east_m - off[0] - person.east_m, at.north_m - off[1] - person.north_m) for at in found
        ]
        assert min(apart_m) < 1.0, "where the person is, seen from where the autopilot believes to be"


def test_pictures_are_of_the_moment_they_are_announced_for(flown: Flown) -> None:
    exposed: list[Exposed] = flown.seen.exposed
    assert len(exposed) == 4
    for shot in exposed:
        assert abs(shot.late_ns) <= 0.5e9 / CAMERA_HZ
        lens = shot.picture.header.position_m
        at = shot.capture.position
        assert math.dist(lens, (at.east_m, at.north_m, at.up_m)) < 0.6, "a lens 0.25 m ahead, 0.2 m lower; hovering"
    times = [picture.t_ns for picture in flown.seen.pictures]
    steps = {after - before for before, after in pairwise(times)}
    assert steps == {round(1e9 / CAMERA_HZ)}, "in lockstep no picture is left out"


def test_the_same_seed_is_the_same_flight_with_cameras_and_without(
    flown: Flown, house: House, tmp_path: Path
) -> None:
    again = fly(house, tmp_path, films=False)
    count = min(len(again.seen.hashes), len(flown.seen.hashes))
    assert count >= 90
    assert again.seen.hashes[:count] == flown.seen.hashes[:count]
