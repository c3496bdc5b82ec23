"""Maps in: what a fence, rally points or an area are; and one sentence with file and feature for everything else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command.cli.geojson import fence_areas, fence_features, rally_features, rally_points
from command.errors import BadInput
from fleet.drivers.mavlink.areas import digest, fence_answer, fence_items, rally_answer, rally_items
from world.position import Geodetic

RING = [[112.85, 35.49], [112.86, 35.49], [112.86, 35.50], [112.85, 35.49]]


def of(tmp_path: Path, found: Any) -> Path:
    path = tmp_path / "map.geojson"
    path.write_text(found if isinstance(found, str) else json.dumps(found))
    return path


def feature(shape: str, coordinates: Any, /, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": shape, "coordinates": coordinates}, "properties": properties}


def test_polygons_holes_and_circles(tmp_path: Path) -> None:
    areas = fence_areas(of(tmp_path, {"type": "FeatureCollection", "features": [
        feature("Polygon", [RING, RING]), feature("Polygon", [RING], kind="exclusion"),
        feature("Point", [112.85, 35.49], radius_m=50),
    ]}))
    assert [area.is_inclusion for area in areas] == [True, False, False, True]
    assert [len(area.corners) for area in areas] == [3, 3, 3, 0]
    assert (areas[3].centre, areas[3].radius_m) == (Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=0.0), 50.0)


@pytest.mark.parametrize(("found", "said"), [
    ("nothing", "is no JSON"), ("[" * 100_000, "is no JSON"), ("[]", "holds no GeoJSON"), ("3", "holds no GeoJSON"),
    ({"type": "FeatureCollection"}, "holds no GeoJSON"), ({"type": "FeatureCollection", "features": []}, "no area"),
    ({"type": "Feature", "geometry": None}, "feature 1 has no geometry"),
    ({"type": "FeatureCollection", "features": [feature("Polygon", [RING]), 3]}, "feature 2 has no geometry"),
    (feature("LineString", RING), "is a LineString"), (feature("Polygon", []), "is a Polygon"),
    (feature("Polygon", [RING[:2]]), "a ring of 2 corners"), (feature("Polygon", ["x"]), "a ring of 0 corners"),
    (feature("Polygon", [[[1, 2], [3, "4"], [5, 6]]]), "for a position"),
    (feature("Polygon", [[[1, 2], [True, 4], [5, 6]]]), "for a position"),
    (feature("Polygon", [[[1, 2], [3], [5, 6]]]), "for a position"),
    (feature("Polygon", [[[1, 2], [35.0, 112.0], [5, 6]]]), "the longitude comes first"),
    ('{"type": "Polygon", "coordinates": [[[1, 2], [NaN, 4], [5, 6]]]}', "which is no place"),
    (feature("Polygon", [RING], kind="outside"), "has the kind 'outside'"),
    (feature("Polygon", [RING, RING], kind="exclusion"), "an exclusion with holes"),
    (feature("Point", [112.85, 35.49]), "with radius_m None"), (feature("Point", [1, 2], radius_m=-3), "radius_m -3"),
])
def test_what_is_no_fence_is_one_sentence(tmp_path: Path, found: Any, said: str) -> None:
    path = of(tmp_path, found)
    with pytest.raises(BadInput) as wrong:
        fence_areas(path)
    assert said in str(wrong.value)
    assert str(path) in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(("found", "said"), [
    (feature("Point", [112.85, 35.49]), "has no height"), (feature("Polygon", [RING]), "is a Polygon"),
    (feature("Point", [112.85, 35.49, 900], above_home_m="x"), "has no height"), ([], "holds no GeoJSON"),
    ({"type": "FeatureCollection", "features": []}, "holds no point"),
])
def test_what_are_no_rally_points_is_one_sentence(tmp_path: Path, found: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        rally_points(of(tmp_path, found))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        fence_areas(tmp_path / "nothing.geojson")


PLACES = st.tuples(st.floats(-179.9, 179.9), st.floats(-84.9, 84.9))


@settings(max_examples=60, deadline=None)
@given(
    rings=st.lists(st.lists(PLACES, min_size=3, max_size=12, unique=True), min_size=1, max_size=4),
    circles=st.lists(st.tuples(PLACES, st.floats(0.2, 5000.0)), max_size=3), inward=st.booleans(),
)
def test_what_a_vehicle_tells_is_what_was_drawn(
    tmp_path_factory: pytest.TempPathFactory, rings: list[Any], circles: list[Any], inward: bool
) -> None:
    """Drawn, sent, told, drawn from what was told and sent again: the same digest."""
    kind = "inclusion" if inward else "exclusion"
    features = [feature("Polygon", [[list(place) for place in (*ring, ring[0])]], kind=kind) for ring in rings]
    features += [feature("Point", list(place), radius_m=radius_m, kind=kind) for place, radius_m in circles]
    folder = tmp_path_factory.mktemp("map")
    items = fence_items(fence_areas(of(folder, {"type": "FeatureCollection", "features": features})))
    told = fence_features(fence_answer(items)["areas"])
    assert digest(fence_items(fence_areas(of(folder, told)))) == digest(items)


@settings(max_examples=40, deadline=None)
@given(points=st.lists(st.tuples(PLACES, st.integers(1, 300)), min_size=1, max_size=8))
def test_rally_points_come_back_as_they_went(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[tuple[float, float], int]]
) -> None:
    home = Geodetic(lat_deg=0.0, lon_deg=0.0, height_m=900.0)
    places = [Geodetic(lat_deg=lat, lon_deg=lon, height_m=900.0 + above) for (lon, lat), above in points]
    items = rally_items(places, home)
    told = rally_points(of(tmp_path_factory.mktemp("map"), rally_features(rally_answer(items)["points"])))
    assert [point.above_home_m for point in told] == [float(above) for _, above in points]
    back = [Geodetic(lat_deg=p.at.lat_deg, lon_deg=p.at.lon_deg, height_m=900.0 + (p.above_home_m or 0)) for p in told]
    assert digest(rally_items(back, home)) == digest(items)
