"""Any seed makes a place where the mission makes sense; the same seed makes the same place."""

from dataclasses import replace
from functools import cache
from itertools import combinations
from math import dist

import numpy as np
import pytest
from shapely.geometry import Point, Polygon

from sim.scenario import Scenario, load, shipped
from sim.scenarios.model import PeopleSpec, Pose
from sim.scenarios.sense import inside_reservoir
from sim.worlds.build import build_world
from sim.worlds.forest import grow
from sim.worlds.hills import survey_dem, synthesise
from sim.worlds.model import World
from sim.worlds.people import NoRoomForPeople, place
from sim.worlds.sight import AZIMUTHS, clear_azimuths


@cache
def quick(seed: int = 3) -> World:
    return build_world(load(shipped("quick_search"), seed=seed))


def mountain(seed: int) -> Scenario:
    return load(shipped("mountain_search"), seed=seed)


@pytest.mark.parametrize("seed", range(0, 51, 5))
def test_any_seed_places_the_group_where_it_can_be_found(seed: int) -> None:
    scenario = mountain(seed)
    terrain = synthesise(scenario)
    blobs = grow(scenario, terrain)
    people = place(scenario, terrain, blobs)
    assert len(people) == 5
    assert sorted(person.pose for person in people) == sorted(scenario.people.poses)
    area = Polygon(scenario.search.area_m)
    for person in people:
        at = (person.at.east_m, person.at.north_m)
        assert area.contains(Point(at))
        assert dist(at, scenario.search.last_known_point_m) <= scenario.people.within_m
        assert not inside_reservoir(scenario, at)
        assert person.at.up_m == pytest.approx(terrain.height_m(*at))
        chest = np.array([*at, person.at.up_m + 0.8])
        assert clear_azimuths(chest, blobs, terrain).sum() >= 0.3 * AZIMUTHS
    spots = [(person.at.east_m, person.at.north_m) for person in people]
    gaps = [[dist(a, b) for b in spots if a is not b] for a in spots]
    assert min(map(min, gaps)) >= 6.0
    assert max(map(min, gaps)) <= 25.0


@pytest.mark.parametrize("seed", range(0, 51, 7))
def test_quick_search_has_room_for_any_seed(seed: int) -> None:
    scenario = load(shipped("quick_search"), seed=seed)
    terrain = synthesise(scenario)
    assert len(place(scenario, terrain, grow(scenario, terrain))) == 2


def test_some_people_are_partly_under_canopy() -> None:
    hidden = 0
    for seed in range(4):
        scenario = mountain(seed)
        terrain = synthesise(scenario)
        blobs = grow(scenario, terrain)
        for person in place(scenario, terrain, blobs):
            chest = np.array([person.at.east_m, person.at.north_m, person.at.up_m + 1.0])
            hidden += not clear_azimuths(chest, blobs, terrain).all()
    assert hidden >= 4


def test_seed_changes_people_hills_and_trees_and_nothing_else_does() -> None:
    first, again, other = quick(3), build_world(load(shipped("quick_search"), seed=3)), quick(4)
    assert first.people == again.people
    assert np.array_equal(first.terrain.heights_m, again.terrain.heights_m)
    assert np.array_equal(first.ground.texture, again.ground.texture)
    assert np.array_equal(first.blobs.centre_m, again.blobs.centre_m)
    assert first.people != other.people
    assert not np.array_equal(first.terrain.heights_m, other.terrain.heights_m)
    assert len(first.blobs) != len(other.blobs)


def test_launch_site_is_flat_and_free_of_trees() -> None:
    world = quick()
    site = world.scenario.launch
    homes = np.array([vehicle.home_m for vehicle in world.scenario.vehicles if vehicle.kind == "copter"])
    heights = world.terrain.heights_at(homes[:, 0], homes[:, 1])
    assert np.ptp(heights) < 0.01
    away = np.hypot(*(world.blobs.centre_m[:, :2] - site.at_m).T)
    assert away.min() > site.radius_m


def test_robots_routes_are_free() -> None:
    world = quick()
    rover = world.scenario.vehicle(next(v.id for v in world.scenario.vehicles if v.kind == "rover"))
    route = np.array([rover.home_m, *rover.patrol_m])
    for start, end in combinations(route, 2):
        if (start == route[0]).all() or (end == route[-1]).all():
            continue
        leg = np.linspace(start, end, 40)
        gap = np.linalg.norm(world.blobs.centre_m[None, :, :2] - leg[:, None], axis=2)
        assert gap.min() > 0.0


def test_lake_is_level_and_deep_in_the_middle() -> None:
    world = quick()
    assert world.water is not None
    lake = world.water.spec
    assert world.water.depth_m(*lake.at_m) == lake.depth_m
    assert world.water.depth_m(lake.at_m[0] + lake.half_axes_m[0] + 1, lake.at_m[1]) == 0.0
    for bearing in np.linspace(0, 6.2, 12):
        east = lake.at_m[0] + 0.9 * lake.half_axes_m[0] * np.cos(bearing)
        north = lake.at_m[1] + 0.9 * lake.half_axes_m[1] * np.sin(bearing)
        assert world.terrain.height_m(east, north) == pytest.approx(world.water.surface_m, abs=1e-6)


def test_survey_differs_from_the_truth_as_much_as_it_says() -> None:
    truth = quick().terrain
    survey = survey_dem(truth, cell_m=10.0, sigma_m=0.7, seed=3)
    east, north = np.meshgrid(np.arange(-400.0, 400.0, 10.0), np.arange(-400.0, 400.0, 10.0))
    error = survey.heights_at(east, north) - truth.heights_at(east, north)
    assert 0.4 < error.std() < 1.0
    assert survey.cell_m == 10.0
    assert survey.heights_m.size * 3 < truth.heights_m.size


def test_relief_is_what_the_scenario_asks() -> None:
    scenario = mountain(7)
    heights = synthesise(scenario).heights_m
    assert 0.7 * scenario.terrain.relief_m < np.ptp(heights) <= scenario.terrain.relief_m + 1e-3
    assert heights[heights.shape[0] // 2, heights.shape[1] // 2] == 0.0


def test_a_group_too_wide_for_its_area_says_so() -> None:
    crowd = PeopleSpec(poses=(Pose.STANDING,) * 9, within_m=90.0, apart_min_m=80.0, apart_max_m=160.0, groups=1)
    scenario = replace(load(shipped("quick_search")), people=crowd)
    terrain = synthesise(scenario)
    with pytest.raises(NoRoomForPeople, match="no free spot"):
        place(scenario, terrain, grow(scenario, terrain))
