"""A small place for camera tests: flat or with one ridge, one person, no trees unless asked for."""

from dataclasses import replace
from functools import cache
from math import radians, tan

import numpy as np

from sim.cameras.model import CameraPose
from sim.scenario import load, shipped
from sim.scenarios.model import Pose
from sim.worlds.build import build_world
from sim.worlds.model import Blobs, Person, World
from world.attitude import Quaternion
from world.position import Enu
from world.terrain import Terrain


@cache
def quick() -> World:
    return build_world(load(shipped("quick_search")))


def blobs_of(world: World, keep: int) -> Blobs:
    return Blobs(**{name: getattr(world.blobs, name)[:keep] for name in Blobs.__dataclass_fields__})


def flat_world(*people: Person) -> World:
    """Level ground without trees or fire."""
    world = quick()
    heights = np.zeros_like(world.terrain.heights_m)
    return replace(world, terrain=replace_heights(world.terrain, heights), steepest=0.0, blobs=blobs_of(world, 0),
                   people=people, fire=None)


def ridge_world(*people: Person) -> World:
    """As `flat_world`, with a wall 8 m high and 10 m thick along north = -15."""
    world = flat_world(*people)
    heights = world.terrain.heights_m.copy()
    row = round((-15.0 - world.terrain.south_m) / world.terrain.cell_m)
    heights[row] = 8.0
    return replace(world, terrain=replace_heights(world.terrain, heights), steepest=8.0 / world.terrain.cell_m)


def replace_heights(terrain: Terrain, heights: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Terrain:
    return replace(terrain, heights_m=heights)


def person(*, pose: Pose = Pose.STANDING, east_m: float = 0.0, north_m: float = 0.0) -> Person:
    return Person(id="P1", at=Enu(east_m=east_m, north_m=north_m, up_m=0.0), heading_deg=30.0, pose=pose,
                  height_m=1.72, slope=(0.0, 0.0), look=0)


def camera(*, agl_m: float = 40.0, pitch_deg: float = -45.0, yaw_deg: float = 0.0, roll_deg: float = 0.0,
           east_m: float = 0.0, north_m: float | None = None) -> CameraPose:
    """By default south of the origin, so that the optical axis meets it."""
    back = -agl_m / tan(radians(-pitch_deg)) if north_m is None else north_m
    attitude = Quaternion.from_euler(roll_rad=radians(roll_deg), pitch_rad=radians(pitch_deg), yaw_rad=radians(yaw_deg))
    return CameraPose(position=Enu(east_m=east_m, north_m=back, up_m=agl_m), attitude=attitude)
