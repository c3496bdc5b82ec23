"""Polygons and discs: inside, clearance, one within another."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, Polygon
from shapely import Point as ShapelyPoint

from fleet.guard import Circle, Fence
from fleet.guard.areas import LEAST_M, Disc, Point, clearance_m, covers, is_within, touches
from tests.support.fleet_bench import at, flat_site, square
from world.position import Enu

BENT = ((-100.0, -100.0), (100.0, -100.0), (100.0, 100.0), (0.0, -20.0), (-100.0, 100.0))
BOX = ((-50.0, -50.0), (50.0, -50.0), (50.0, 50.0), (-50.0, 50.0))
DISC = Disc(centre=(10.0, 0.0), radius_m=50.0)
coordinates = st.floats(-150.0, 150.0).map(lambda value: round(value, 2))
points = st.tuples(coordinates, coordinates)


def moved(east_m: float, north_m: float, half_m: float) -> tuple[Point, ...]:
    return tuple((east_m + x * half_m / 50.0, north_m + y * half_m / 50.0) for x, y in BOX)


@given(points, points)
def test_discs_are_what_shapely_says(a: Point, b: Point) -> None:
    assume(a != b)
    leg, centre = LineString([a, b]), ShapelyPoint(DISC.centre)
    near, far = centre.distance(leg), max(math.dist(a, DISC.centre), math.dist(b, DISC.centre))
    expected = 0.0 if near <= 50.0 <= far else min(abs(near - 50.0), abs(far - 50.0))
    assert clearance_m(a, b, DISC) == pytest.approx(expected, abs=1e-6)
    assert is_within(a, DISC) == (math.dist(a, DISC.centre) < 50.0)
    if abs(near - 50.0) > 0.02:
        assert touches(a, b, DISC) == (near < 50.0)


@given(points, points)
def test_a_leg_touches_what_it_crosses_or_ends_in(a: Point, b: Point) -> None:
    polygon, leg = Polygon(BENT), LineString([a, b])
    assume(polygon.exterior.distance(leg) > 0.02 or polygon.exterior.intersects(leg))
    assert touches(a, b, BENT) == polygon.intersects(leg)


@given(st.lists(points, min_size=3, max_size=3), st.sampled_from([0.01, 2.0]))
def test_what_is_covered_is_what_shapely_contains(corners: list[Point], tolerance_m: float) -> None:
    inner, outer = Polygon(corners), Polygon(BENT)
    assume(inner.is_valid and inner.area > 1.0)
    beyond = inner.difference(outer)
    if outer.contains(inner):
        assert covers(BENT, tuple(corners), tolerance_m)
    elif beyond.geom_type == "Polygon" and not beyond.is_empty:
        sticks_out_m = max(outer.distance(ShapelyPoint(xy)) for xy in beyond.exterior.coords)
        if sticks_out_m > 2.0 * tolerance_m + 0.01:
            assert not covers(BENT, tuple(corners), tolerance_m)


@given(points, st.floats(1.0, 80.0), st.floats(0.0, 3.0))
def test_a_disc_in_a_polygon_keeps_off_its_border(centre: Point, radius_m: float, tolerance_m: float) -> None:
    polygon = Polygon(BENT)
    border_m = polygon.exterior.distance(ShapelyPoint(centre))
    assume(abs(border_m - (radius_m - tolerance_m)) > 1e-6 and border_m > 1e-6)
    fits = polygon.contains(ShapelyPoint(centre)) and border_m >= radius_m - tolerance_m
    assert covers(BENT, Disc(centre=centre, radius_m=radius_m), tolerance_m) == fits


def test_an_equal_area_is_no_wider() -> None:
    rounded = tuple((round(x * 1.001, 1), round(y * 1.001, 1)) for x, y in BENT)
    for area in (BENT, BOX):
        assert covers(area, area, 0.5)
    assert covers(BENT, rounded, 0.5)
    assert not covers(BENT, tuple((x * 1.05, y * 1.05) for x, y in BENT), 0.5)
    assert covers(DISC, DISC, 0.1)


def test_discs_in_discs_and_polygons_in_discs() -> None:
    assert covers(DISC, Disc(centre=(20.0, 0.0), radius_m=40.0), 0.0)
    assert not covers(DISC, Disc(centre=(20.0, 0.0), radius_m=40.1), 0.0)
    assert covers(DISC, Disc(centre=(20.0, 0.0), radius_m=40.1), 0.2)
    assert covers(DISC, ((40.0, 40.0), (10.0, 0.0), (-40.0, 0.0)), 0.0)
    assert not covers(DISC, ((40.0, 40.1), (10.0, 0.0), (-40.0, 0.0)), 0.0)
    assert covers(DISC, ((40.0, 40.1), (10.0, 0.0), (-40.0, 0.0)), 0.1)


def test_a_notch_that_both_ends_bridge_is_seen() -> None:
    assert not covers(BENT, ((100.3, 100.3), (-100.3, 100.3), (0.0, -60.0)), 0.5)
    assert not covers(BENT, ((-100.3, 100.3), (100.3, 100.3), (0.0, -60.0)), 0.5)
    across = ((-90.0, 60.0), (90.0, 60.0), (90.0, -90.0), (-90.0, -90.0))
    assert not covers(BENT, across, 2.0)
    assert covers(moved(0, 0, 100.0), across, 0.0)
    assert not covers(moved(0, 0, 80.0), across, 9.9)
    assert covers(moved(0, 0, 80.0), across, 10.0 * math.sqrt(2.0) + 0.1)


def test_borders_belong_to_neither_side() -> None:
    assert not is_within((60.0, 0.0), DISC)
    assert is_within((59.99, 0.0), DISC)
    box = ((0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0))
    assert not touches((2.0, -LEAST_M), (6.0, -LEAST_M), box)
    assert touches((2.0, -LEAST_M * 0.99), (6.0, -LEAST_M * 0.99), box)
    assert covers(BOX, Disc(centre=(40.0, 0.0), radius_m=10.0), 0.0)
    assert not covers(BOX, Disc(centre=(40.0, 0.0), radius_m=10.01), 0.0)
    for beyond_m, is_covered in ((2.0, True), (2.01, False)):
        assert covers(BOX, ((0.0, 0.0), (50.0 + beyond_m, 0.0), (0.0, 20.0)), 2.0) == is_covered


@pytest.mark.parametrize(("begin", "end"), [(30.0, 45.0), (55.0, 70.0), (45.0, 55.0), (2.0, 4.0), (96.0, 98.0)])
def test_a_notch_anywhere_along_an_edge_is_seen(begin: float, end: float) -> None:
    outside = ((0.0, 0.0), (100.0, 0.0), (100.0, 60.0))
    notched = (*outside, (end, 60.0), (end, 20.0), (begin, 20.0), (begin, 60.0), (0.0, 60.0))
    for corners in (((0.0, 1.0), (100.0, 1.0), (100.0, 40.0), (0.0, 40.0)), ((0.0, 40.0), (100.0, 40.0), (50.0, 1.0))):
        for turned in (corners, corners[::-1]):
            assert not covers(notched, turned, 0.5)
            assert covers(notched, tuple((x, min(y, 19.0)) for x, y in turned), 0.5)


def test_fences_may_be_circles() -> None:
    def enu(east_m: float, north_m: float) -> Enu:
        return Enu(east_m=east_m, north_m=north_m, up_m=40.0)

    round_site = flat_site(Fence(
        inclusion=Circle(centre=at(0, 0, 0), radius_m=200.0),
        exclusions=(Circle(centre=at(100, 0, 0), radius_m=20.0), square(10.0, (-100.0, 0.0))),
    ))
    assert round_site.fence_fault(enu(0, 0), enu(0, 180), 15.0) is None
    assert round_site.fence_fault(enu(0, 0), enu(0, 201), 0.0) == "leaves the fence"
    assert round_site.fence_fault(enu(0, 0), enu(0, 190), 15.0) == (
        "passes the fence closer than the stopping distance of 15 m"
    )
    assert round_site.fence_fault(enu(0, 0), enu(95, 0), 0.0) == "enters an exclusion zone"
    assert "an exclusion zone closer" in str(round_site.fence_fault(enu(70, -50), enu(70, 50), 15.0))
    assert "an exclusion zone closer" in str(round_site.fence_fault(enu(50, -50), enu(150, 50), 1.0)), "straight across"
    assert round_site.fence_fault(enu(70, -50), enu(70, 50), 9.9) is None


def test_a_post_is_a_zone() -> None:
    post = flat_site(Fence(inclusion=square(200.0), exclusions=(Circle(centre=at(0, 0, 0), radius_m=0.5),)))
    east, west = (Enu(east_m=x, north_m=0.0, up_m=40.0) for x in (-50.0, 50.0))
    assert "an exclusion zone closer" in str(post.fence_fault(east, west, 1.0))


@pytest.mark.parametrize("radius_m", [0.0, -1.0, math.nan, math.inf])
def test_a_circle_must_be_an_area(radius_m: float) -> None:
    with pytest.raises(ValueError, match="needs a radius above 0"):
        flat_site(Fence(inclusion=Circle(centre=at(0, 0, 0), radius_m=radius_m)))
