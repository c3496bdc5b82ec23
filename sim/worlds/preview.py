"""A map of a built place as a picture: ground, contours, area, people, vehicles and their routes. North is up."""

from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from sim.scenarios.model import Point, VehicleKind
from sim.worlds.model import World
from world.position import Enu

Bytes = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

SIZE_PX: Final = 1200
_CONTOUR_M: Final = 10.0
_AREA: Final[Colour] = (255, 255, 255)
_PERSON: Final[Colour] = (60, 60, 255)
_FLAME: Final[Colour] = (0, 90, 255)
_GALLERY: Final[Colour] = (40, 40, 40)
_RIVER: Final[Colour] = (200, 140, 60)
_LAST_KNOWN: Final[Colour] = (0, 220, 255)
_VEHICLES: Final[dict[VehicleKind, Colour]] = {
    VehicleKind.COPTER: (255, 200, 60),
    VehicleKind.ROVER: (60, 160, 255),
    VehicleKind.SUB: (255, 120, 200),
    VehicleKind.PLANE: (200, 255, 60),
    VehicleKind.BOAT: (120, 120, 255),
}


class NoPreview(OSError):
    """The picture could not be written: the folder is absent or read-only, or the name is no picture's."""


def preview(world: World, path: Path) -> None:
    """Writes a square BGR picture of 1200 px. Raises NoPreview."""
    written, encoded = cv2.imencode(".png", draw(world))
    try:
        path.write_bytes(encoded.tobytes())
    except OSError as reason:
        raise NoPreview(f"{path} cannot be written ({reason.strerror}); choose another folder") from reason
    assert written, "OpenCV encodes any 8-bit picture as PNG"


def draw(world: World) -> Bytes:
    """The map as (1200, 1200, 3) BGR."""
    rgb = world.ground.texture[::-1, :, :3]
    image: Bytes = np.ascontiguousarray(
        cv2.resize(rgb, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)[:, :, ::-1], np.uint8
    )
    _contours(world, image)
    scenario = world.scenario
    _line(world, image, (*scenario.search.area_m, scenario.search.area_m[0]), _AREA)
    for vehicle in scenario.vehicles:
        colour = _VEHICLES[vehicle.kind]
        if vehicle.patrol_m:
            _line(world, image, (vehicle.home_m, *vehicle.patrol_m, vehicle.home_m), colour)
        cv2.circle(image, _pixel(world, vehicle.home_m), 5, colour, -1, cv2.LINE_AA)
    if scenario.fire:
        radius_px = round(scenario.fire.radius_m * SIZE_PX / scenario.terrain.size_m)
        cv2.circle(image, _pixel(world, scenario.fire.at_m), radius_px, (0, 90, 255), 2, cv2.LINE_AA)
    _hazards(world, image)
    last_known = _pixel(world, scenario.search.last_known_point_m)
    cv2.drawMarker(image, last_known, _LAST_KNOWN, cv2.MARKER_TILTED_CROSS, 16, 2)
    for person in world.people:
        cv2.circle(image, _pixel(world, _flat(person.at)), 5, _PERSON, 2, cv2.LINE_AA)
    return image


def _hazards(world: World, image: Bytes) -> None:
    """Ignitions, galleries, rooms, rubble, cloud, river and the people of [hazard.*]."""
    spec = world.scenario.hazard
    for at in spec.wildfire.ignitions_m if spec.wildfire else ():
        cv2.circle(image, _pixel(world, at), 6, _FLAME, -1, cv2.LINE_AA)
    nodes = {node.id: node.at_m for node in spec.gallery.nodes} if spec.gallery else {}
    for road in spec.gallery.roads if spec.gallery else ():
        _line(world, image, tuple(nodes[end] for end in road.between), _GALLERY)
    for room in spec.building.rooms if spec.building else ():
        _box(world, image, room.at_m, (room.at_m[0] + room.size_m[0], room.at_m[1] + room.size_m[1]))
    if pile := spec.rubble:
        half = pile.size_m[0] / 2, pile.size_m[1] / 2
        low, high = (tuple(pile.at_m[k] + sign * half[k] for k in (0, 1)) for sign in (-1, 1))
        _box(world, image, (low[0], low[1]), (high[0], high[1]))
    if spec.plume:
        cv2.drawMarker(image, _pixel(world, spec.plume.at_m), _FLAME, cv2.MARKER_STAR, 18, 2)
    if spec.waters and spec.waters.river:
        _line(world, image, spec.waters.river.line_m, _RIVER)
    for person in spec.people:
        place = person.at_m or nodes.get(person.inside)
        if place:
            cv2.circle(image, _pixel(world, place), 5, _PERSON, 2, cv2.LINE_AA)


def _box(world: World, image: Bytes, low: Point, high: Point) -> None:
    cv2.rectangle(image, _pixel(world, low), _pixel(world, high), _AREA, 2)


def _contours(world: World, image: Bytes) -> None:
    heights = cv2.resize(world.terrain.heights_m[::-1], (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_LINEAR)
    level = np.floor(heights / _CONTOUR_M)
    edge = np.zeros(level.shape, bool)
    edge[:, 1:] |= level[:, 1:] != level[:, :-1]
    edge[1:] |= level[1:] != level[:-1]
    image[edge] = image[edge] // 2 + 20


def _line(world: World, image: Bytes, points: tuple[Point, ...], colour: Colour) -> None:
    pixels = np.array([_pixel(world, point) for point in points], np.int32)
    cv2.polylines(image, [pixels], False, colour, 2, cv2.LINE_AA)


def _flat(at: Enu) -> Point:
    return at.east_m, at.north_m


def _pixel(world: World, at: Point) -> tuple[int, int]:
    scale = SIZE_PX / world.scenario.terrain.size_m
    return round((at[0] - world.terrain.west_m) * scale), round((world.terrain.north_m - at[1]) * scale)
