"""Unplanned ways home that may cross lie at different heights; those that cannot cross may share one."""

import math
from itertools import combinations

import numpy as np
import pytest

from missions.planners.errors import ReturnsTooHigh
from missions.planners.following import ceiling_over
from missions.planners.returns import CORRIDOR_M, HIGHEST_M, LEAST_APART_M, corridor, return_heights, top_m
from missions.planners.routes import Airspace, Path, Spot
from missions.planners.timing import Pace
from tests.support.search_area import mountain
from world.ids import VehicleId
from world.position import Enu

TERRAIN = mountain(half_m=2500.0, cell_m=20.0)
SPACE = Airspace(ground=TERRAIN, ceiling=ceiling_over(TERRAIN), search_m=40.0, separation_m=10.0)
PACE = Pace(cruise_m_s=8.0, climb_m_s=2.5)


def fleet(sites: int, each: int, seed: int) -> list[Path]:
    """Copters of every site search somewhere within a kilometre of it."""
    chance = np.random.Generator(np.random.Philox(seed))
    paths: list[Path] = []
    for k in range(sites * each):
        site = 2 * math.pi * (k % sites) / sites
        home = on_ground(1200.0 * math.cos(site) - 12.0 * (k // sites), 1200.0 * math.sin(site))
        part = [on_ground(home.east_m + dx, home.north_m + dy) for dx, dy in chance.uniform(-900.0, 900.0, (3, 2))]
        name = VehicleId(f"U{k:03d}")
        spots = tuple(Spot(at=at) for at in part)
        paths.append(Path(vehicle=name, pace=PACE, home=home, rank=k, spots=spots, begins_on_pad=True))
    return paths


def on_ground(east_m: float, north_m: float) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=TERRAIN.height_m(east_m, north_m))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("sites", "each", "apart_m"), [(1, 8, 10.0), (1, 30, LEAST_APART_M), (10, 6, 10.0)])
def test_ways_home_that_may_cross_are_apart_and_over_the_ground(
    sites: int, each: int, apart_m: float, seed: int
) -> None:
    paths = fleet(sites, each, seed)
    heights = return_heights(paths, SPACE)
    ups = [path.home.up_m + height for path, height in zip(paths, heights, strict=True)]
    hulls = [corridor(path) for path in paths]
    for a, b in combinations(range(len(paths)), 2):
        if hulls[a].intersects(hulls[b]):
            assert abs(ups[a] - ups[b]) >= apart_m - 1e-9
    for up_m, hull, path in zip(ups, hulls, paths, strict=True):
        assert up_m >= top_m(hull, path, TERRAIN) + SPACE.layer_m(0) - 1e-9
    assert max(heights) <= HIGHEST_M


def test_ways_home_far_from_each_other_share_a_height() -> None:
    first, *_ = fleet(1, 1, seed=1)
    far = Enu(east_m=first.home.east_m - 2 * 1800.0 - 2 * CORRIDOR_M, north_m=0.0, up_m=first.home.up_m)
    other = Path(vehicle=VehicleId("X"), pace=PACE, home=far, rank=9, spots=(Spot(at=far),), begins_on_pad=True)
    alone = return_heights([other], SPACE)[0]
    assert return_heights([first, other], SPACE)[1] == alone


def test_more_than_the_air_has_room_for_is_said_before_anybody_flies() -> None:
    with pytest.raises(ReturnsTooHigh, match=r"launch from several sites, or fewer vehicles"):
        return_heights(fleet(1, 90, seed=3), SPACE)
