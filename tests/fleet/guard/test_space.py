"""The guard's geometry: inside, clearance, heights along legs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from fleet.guard import Fence, Site
from fleet.guard.areas import is_inside
from fleet.guard.space import leg_m
from tests.support.fleet_bench import FRAME, at, flat_site, square
from world.position import Enu
from world.terrain import Terrain

coordinates = st.floats(-150.0, 150.0).map(lambda value: round(value, 2))
BENT = ((-100.0, -100.0), (100.0, -100.0), (100.0, 100.0), (0.0, -20.0), (-100.0, 100.0))


def enu(east_m: float, north_m: float, up_m: float = 40.0) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=up_m)


@given(coordinates, coordinates)
def test_inside_agrees_with_shapely(x: float, y: float) -> None:
    polygon = Polygon(BENT)
    if polygon.exterior.distance(Point(x, y)) > 1e-9:
        assert is_inside((x, y), BENT) == polygon.contains(Point(x, y))


@given(coordinates, coordinates, coordinates, coordinates)
def test_a_leg_passes_only_if_it_keeps_its_margin(x1: float, y1: float, x2: float, y2: float) -> None:
    corners = tuple(at(x, y, 0.0) for x, y in BENT)
    site = flat_site(Fence(inclusion=corners))
    fault = site.fence_fault(enu(x1, y1), enu(x2, y2), 10.0)
    leg, polygon = LineString([(x1, y1), (x2, y2)]), Polygon(BENT)
    keeps = polygon.contains(leg) and polygon.exterior.distance(leg) >= 10.0
    if abs(polygon.exterior.distance(leg) - 10.0) > 1e-3:
        assert (fault is None) == keeps


def test_the_fence_says_what_is_wrong() -> None:
    site = flat_site(Fence(inclusion=square(200.0), exclusions=(square(20.0, (100.0, 0.0)),)))
    assert site.fence_fault(enu(0, -150), enu(0, 150), 10.0) is None
    assert site.fence_fault(enu(0, 0), enu(0, 300), 10.0) == "leaves the fence"
    assert site.fence_fault(enu(0, 0), enu(0, 195), 10.0) == (
        "passes the fence closer than the stopping distance of 10 m"
    )
    assert site.fence_fault(enu(0, 0), enu(100, 0), 10.0) == "enters an exclusion zone"
    assert "exclusion zone closer than" in str(site.fence_fault(enu(0, 0), enu(180, 0), 10.0))
    assert "exclusion zone closer than" in str(site.fence_fault(enu(75, -50), enu(75, 50), 10.0))
    assert site.fence_fault(enu(60, -50), enu(60, 50), 10.0) is None
    assert site.fence_fault(enu(60, 5), enu(60, 5), 10.0) is None, "standing is a leg too"


def test_a_fence_must_be_an_area() -> None:
    with pytest.raises(ValueError, match="3 corners"):
        flat_site(Fence(inclusion=square(10.0)[:2]))


def test_a_ridge_between_two_points_is_seen() -> None:
    heights = np.zeros((41, 41), np.float32)
    heights[:, 20] = 35.0
    terrain = Terrain(west_m=-200.0, south_m=-200.0, cell_m=10.0, heights_m=heights)
    site = Site(frame=FRAME, terrain=terrain, fence=Fence(inclusion=square(200.0)))
    low, high = site.agl_range_m(enu(-100, 0), enu(100, 0)) or (math.nan, math.nan)
    assert low == pytest.approx(5.0, abs=0.01)
    assert high == pytest.approx(40.0)
    assert site.agl_range_m(enu(0, 0), enu(250, 0)) is None
    assert site.agl_range_m(enu(50, 0), enu(50, 0)) == (40.0, 40.0)
    assert leg_m(enu(0, 0, 0), enu(3, 4, 12)) == pytest.approx(13.0)
