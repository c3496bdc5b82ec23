"""Depth maps agree with the terrain's own ray search, over hills and past their edges."""

import numpy as np

from sim.cameras import rays
from sim.cameras.model import CameraPose, Lens
from sim.worlds.model import World
from tests.sim.cameras.place import camera, quick

LENS = Lens(width_px=160, height_px=128, hfov_deg=50.0)
Depths = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def depths(world: World, pose: CameraPose) -> Depths:
    terrain = world.terrain
    grid = np.array([terrain.west_m, terrain.south_m, terrain.cell_m])
    lens = np.array([LENS.focal_px, LENS.width_px / 2, LENS.height_px / 2])
    place = (terrain.heights_m, grid, float(terrain.heights_m.max()), world.steepest, pose.origin(), pose.axes(), lens)
    coarse = np.zeros((LENS.height_px // rays.STEP_PX + 1, LENS.width_px // rays.STEP_PX + 1))
    depth = np.empty((LENS.height_px, LENS.width_px), np.float32)
    rays.inverse_depths(*place, coarse)
    rays.fill_depths(*place, coarse, depth)
    return depth


def test_depth_meets_the_terrain() -> None:
    world = quick()
    for pitch_deg, agl_m in ((-45.0, 45.0), (-12.0, 25.0), (-85.0, 60.0)):
        pose = camera(agl_m=agl_m + world.terrain.height_m(0.0, -60.0), pitch_deg=pitch_deg, north_m=-60.0)
        depth, axes = depths(world, pose), pose.axes()
        wrong = 0
        for py in range(3, 128, 14):
            for px in range(5, 160, 17):
                x, y = (px + 0.5 - 80) / LENS.focal_px, (py + 0.5 - 64) / LENS.focal_px
                ray = axes[0] + x * axes[1] + y * axes[2]
                hit = world.terrain.hit(pose.origin(), ray, reach_m=1500.0)
                if hit is None:
                    continue
                expected = float((hit - pose.origin()) @ axes[0])
                wrong += abs(depth[py, px] - expected) > 0.02 * expected
        assert wrong <= 2


def test_looking_up_is_sky() -> None:
    assert np.isinf(depths(quick(), camera(agl_m=80.0, pitch_deg=40.0, north_m=0.0))).all()
