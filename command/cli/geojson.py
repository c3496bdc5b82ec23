"""GeoJSON (RFC 7946) as maps draw it, to fences, rally points and search areas, and back.

Positions are [longitude, latitude] or [longitude, latitude, height]; heights count from sea level, as everywhere here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command.errors import BadInput
from fleet.commands import FenceArea
from world.position import Geodetic

MOST_BYTES = 4 << 20
INCLUSION, EXCLUSION = "inclusion", "exclusion"
_HEIGHT_IF_NONE_M = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One shape with its properties; `where` says which for people."""

    where: str
    kind: str
    coordinates: Any
    properties: Mapping[str, Any]

    def wrong(self, what: str) -> BadInput:
        return BadInput(f"{self.where} {what}")


def read_features(path: Path) -> list[Feature]:
    """Of a FeatureCollection, a Feature or a bare geometry. Raises BadInput."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"{path} is larger than {MOST_BYTES >> 20} MiB: draw less in it")
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}): name a GeoJSON file") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no JSON ({error}): save the map as GeoJSON") from error
    return list(_features(path, found))


def _features(path: Path, found: Any) -> Iterator[Feature]:
    kind = found.get("type") if isinstance(found, dict) else None
    members = found.get("features") if kind == "FeatureCollection" else [found]
    if kind is None or not isinstance(members, list):
        raise BadInput(f"{path} holds no GeoJSON: it needs a FeatureCollection, a Feature or a geometry")
    for number, member in enumerate(members, 1):
        where = f"{path}, feature {number}"
        is_feature = isinstance(member, dict) and member.get("type") == "Feature"
        shape = member.get("geometry") if is_feature else member
        if not isinstance(shape, dict) or not isinstance(shape.get("type"), str):
            raise BadInput(f"{where} has no geometry: draw it again, or take it out")
        properties = member.get("properties") if is_feature else None
        yield Feature(
            where=where, kind=shape["type"], coordinates=shape.get("coordinates"),
            properties=properties if isinstance(properties, dict) else {},
        )


def place_of(feature: Feature, position: Any) -> Geodetic:
    """Raises BadInput."""
    numbers = position if isinstance(position, list) and len(position) >= 2 else None
    if numbers is None or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise feature.wrong(f"has {position!r} for a position: write [longitude, latitude] or with a height")
    lon_deg, lat_deg, height_m = *map(float, numbers[:2]), float(numbers[2]) if len(numbers) > 2 else _HEIGHT_IF_NONE_M
    if not (abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0 and abs(height_m) < 1e5):
        raise feature.wrong(f"has {position!r}, which is no place: the longitude comes first")
    return Geodetic(lat_deg=lat_deg, lon_deg=lon_deg, height_m=height_m)


def ring_of(feature: Feature, ring: Any) -> tuple[Geodetic, ...]:
    """Corners in order, not closed: GeoJSON repeats the first one at the end. Raises BadInput."""
    corners = [place_of(feature, position) for position in ring] if isinstance(ring, list) else []
    if corners and corners[0] == corners[-1]:
        corners.pop()
    if len(corners) < 3:
        raise feature.wrong(f"has a ring of {len(corners)} corners: it needs 3 or more")
    return tuple(corners)


def fence_areas(path: Path) -> tuple[FenceArea, ...]:
    """Polygons, their holes exclusions; points with `radius_m` are circles; `kind` says which way. Raises BadInput."""
    areas = tuple(area for feature in read_features(path) for area in _areas(feature))
    if not areas:
        raise BadInput(f"{path} holds no area: draw a polygon, or take a fence away with fence clear")
    return areas


def _areas(feature: Feature) -> Iterator[FenceArea]:
    kind = feature.properties.get("kind", INCLUSION)
    if kind not in (INCLUSION, EXCLUSION):
        raise feature.wrong(f'has the kind {kind!r}: write "{INCLUSION}" or "{EXCLUSION}"')
    is_inclusion = kind == INCLUSION
    if feature.kind == "Point":
        yield FenceArea(
            is_inclusion=is_inclusion, centre=place_of(feature, feature.coordinates), radius_m=_radius_m(feature)
        )
        return
    if feature.kind != "Polygon" or not isinstance(feature.coordinates, list) or not feature.coordinates:
        raise feature.wrong(f"is a {feature.kind}: a fence is made of polygons, and points with radius_m")
    outer, *holes = feature.coordinates
    if holes and not is_inclusion:
        raise feature.wrong("is an exclusion with holes: draw what is left open as areas of their own")
    yield FenceArea(is_inclusion=is_inclusion, corners=ring_of(feature, outer))
    for hole in holes:
        yield FenceArea(is_inclusion=False, corners=ring_of(feature, hole))


def _radius_m(feature: Feature) -> float:
    radius_m = feature.properties.get("radius_m")
    if isinstance(radius_m, bool) or not isinstance(radius_m, int | float) or not 0.0 < radius_m < 1e6:
        raise feature.wrong(f'is a point with radius_m {radius_m!r}: write "radius_m": 50 for a circle')
    return float(radius_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class RallyPoint:
    """One point; `above_home_m` counts where it is given, otherwise the height of the place."""

    at: Geodetic
    above_home_m: float | None


def rally_points(path: Path) -> tuple[RallyPoint, ...]:
    """Points with a height above sea level, or `above_home_m`. Raises BadInput."""
    points = tuple(_rally(feature) for feature in read_features(path))
    if not points:
        raise BadInput(f"{path} holds no point: draw one, or take them away with rally clear")
    return points


def _rally(feature: Feature) -> RallyPoint:
    if feature.kind != "Point":
        raise feature.wrong(f"is a {feature.kind}: rally points are points")
    above_m = feature.properties.get("above_home_m")
    has_height = isinstance(feature.coordinates, list) and len(feature.coordinates) > 2
    if isinstance(above_m, bool) or not (isinstance(above_m, int | float) or (above_m is None and has_height)):
        raise feature.wrong('has no height: write "above_home_m": 30, or a third coordinate above sea level')
    return RallyPoint(
        at=place_of(feature, feature.coordinates), above_home_m=None if above_m is None else float(above_m)
    )


def fence_features(areas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A fence as a vehicle told it."""
    return _collection([_fence_feature(area) for area in areas])


def _fence_feature(area: Mapping[str, Any]) -> dict[str, Any]:
    if "command" in area:
        lat_deg, lon_deg = area["place"]
        return _feature("Point", [lon_deg, lat_deg], {"mavlink_command": area["command"]})
    kind = {"kind": INCLUSION if area["is_inclusion"] else EXCLUSION}
    if "corners" in area:
        ring = [[lon_deg, lat_deg] for lat_deg, lon_deg in area["corners"]]
        return _feature("Polygon", [[*ring, ring[0]]], kind)
    lat_deg, lon_deg = area["centre"]
    return _feature("Point", [lon_deg, lat_deg], kind | {"radius_m": area["radius_m"]})


def rally_features(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rally points as a vehicle told them."""
    features = []
    for point in points:
        place, height_m = [point["lon_deg"], point["lat_deg"]], point["height_m"]
        if point["is_above_home"]:
            features.append(_feature("Point", place, {"above_home_m": height_m}))
        else:
            features.append(_feature("Point", [*place, height_m], {}))
    return _collection(features)


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}
