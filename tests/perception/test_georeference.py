"""Pixels land where the ground is, and errors are as large as they say."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception.georeference import CameraPose, ErrorBudget, GroundPoint, Lens, foot_point, footprint, locate, pixel_ray
from perception.model import Box
from world.attitude import Quaternion, enu_from_ned
from world.position import Enu
from world.terrain import Terrain

LENS = Lens(width_px=640, height_px=512, hfov_deg=35.0)
EXACT = ErrorBudget()


def slope(east: float, north: float, *, size_m: float = 400.0) -> Terrain:
    """A plane that rises by these gradients; 0 at the origin."""
    nodes = np.arange(-size_m, size_m + 1, 5.0)
    heights = nodes[None, :] * east + nodes[:, None] * north
    return Terrain(west_m=-size_m, south_m=-size_m, cell_m=5.0, heights_m=heights.astype(np.float32))


def pose(*, yaw_deg: float = 0.0, pitch_deg: float = -45.0, roll_deg: float = 0.0, up_m: float = 40.0) -> CameraPose:
    attitude = Quaternion.from_euler(
        roll_rad=math.radians(roll_deg), pitch_rad=math.radians(pitch_deg), yaw_rad=math.radians(yaw_deg)
    )
    return CameraPose(position=Enu(east_m=0.0, north_m=0.0, up_m=up_m), attitude=attitude)


def project(camera: CameraPose, at: Enu) -> tuple[float, float]:
    here = camera.position
    offset = np.array([at.east_m - here.east_m, at.north_m - here.north_m, at.up_m - here.up_m])
    forward, right, down = camera.attitude.matrix().T @ enu_from_ned(offset)
    return LENS.width_px / 2 + LENS.focal_px * right / forward, LENS.height_px / 2 + LENS.focal_px * down / forward


angles = st.floats(-180, 180)
gradients = st.floats(-0.4, 0.4)


@given(angles, st.floats(-60, -40), st.floats(-8, 8), gradients, gradients, st.floats(0, 640), st.floats(0, 512))
def test_a_pixel_and_its_ground_point_are_one_line(
    yaw: float, pitch: float, roll: float, east: float, north: float, x: float, y: float
) -> None:
    camera, ground = pose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll), slope(east, north)
    point = locate(LENS, camera, ground, (x, y), EXACT)
    if point is None:
        return
    at = point.position
    assert at.up_m == pytest.approx(ground.height_m(at.east_m, at.north_m), abs=0.01)
    assert project(camera, at) == pytest.approx((x, y), abs=0.1)


def test_straight_ahead_at_45_degrees_lies_as_far_as_high() -> None:
    point = locate(LENS, pose(yaw_deg=90.0), slope(0, 0), (320, 256), EXACT)
    assert point is not None
    assert (point.position.east_m, point.position.north_m) == pytest.approx((40.0, 0.0), abs=0.01)
    assert point.range_m == pytest.approx(40 * math.sqrt(2), abs=0.01)


def test_the_sky_and_unknown_ground_give_no_point() -> None:
    assert locate(LENS, pose(pitch_deg=10.0), slope(0, 0), (320, 0), EXACT) is None
    assert locate(LENS, pose(up_m=900.0), slope(0, 0), (320, 256), EXACT) is None


def test_the_footprint_goes_round_the_middle_of_the_picture() -> None:
    corners = footprint(LENS, pose(), slope(0.1, 0.2))
    assert corners is not None
    middle = locate(LENS, pose(), slope(0.1, 0.2), (320, 256), EXACT)
    assert middle is not None
    easts, norths = [corner.east_m for corner in corners], [corner.north_m for corner in corners]
    assert min(easts) < middle.position.east_m < max(easts)
    assert min(norths) < middle.position.north_m < max(norths)


def test_a_view_past_the_survey_has_no_footprint() -> None:
    assert footprint(LENS, pose(pitch_deg=-5.0), slope(0, 0)) is None


def test_people_stand_on_the_lower_edge_of_their_box() -> None:
    assert foot_point(Box(left_px=10, top_px=20, right_px=20, bottom_px=50, score=1.0)) == (15, 50)


def erring(camera: CameraPose, budget: ErrorBudget, chance: np.random.Generator) -> CameraPose:
    """The pose as the vehicle believes it: bias and noise of position and of attitude (small rotation vector)."""
    sigma = math.radians(math.hypot(budget.attitude_bias_deg, budget.attitude_noise_deg))
    turn = chance.normal(0, sigma, 3) / 2
    q, w = camera.attitude, 1.0
    attitude = Quaternion(
        w=q.w * w - q.x * turn[0] - q.y * turn[1] - q.z * turn[2],
        x=q.w * turn[0] + q.x * w + q.y * turn[2] - q.z * turn[1],
        y=q.w * turn[1] - q.x * turn[2] + q.y * w + q.z * turn[0],
        z=q.w * turn[2] + q.x * turn[1] - q.y * turn[0] + q.z * w,
    )
    away = chance.normal(0, math.hypot(budget.position_bias_m, budget.position_noise_m), 3)
    here = camera.position
    position = Enu(
        east_m=here.east_m + away[0], north_m=here.north_m + away[1], up_m=here.up_m + away[2]
    )
    return CameraPose(position=position, attitude=attitude)


def test_the_covariance_is_as_large_as_the_errors() -> None:
    """Mean NEES over 2 lies within 0.9 to 1.1 over slopes, headings and pixels."""
    budget, chance = ErrorBudget(), np.random.Generator(np.random.Philox(5))
    scores = []
    for _ in range(600):
        east, north = chance.uniform(-0.25, 0.25, 2)
        camera = pose(yaw_deg=chance.uniform(-180, 180), up_m=chance.uniform(35, 60))
        pixel = (chance.uniform(0, 640), chance.uniform(100, 512))
        truth = locate(LENS, camera, slope(east, north), pixel, budget)
        survey = slope(east, north)
        survey = Terrain(
            west_m=survey.west_m, south_m=survey.south_m, cell_m=survey.cell_m,
            heights_m=survey.heights_m + np.float32(chance.normal(0, budget.terrain_m)),
        )
        seen = (pixel[0] + chance.normal(0, budget.pixel_px), pixel[1] + chance.normal(0, budget.pixel_px))
        found = locate(LENS, erring(camera, budget, chance), survey, seen, budget)
        if truth is not None and found is not None:
            scores.append(nees(found, truth))
    assert len(scores) > 500
    assert 0.9 < np.mean(scores) / 2 < 1.1


def nees(found: GroundPoint, truth: GroundPoint) -> float:
    error = np.array([
        found.position.east_m - truth.position.east_m, found.position.north_m - truth.position.north_m
    ])
    return float(error @ np.linalg.solve(found.noise + found.bias, error))


def test_rays_are_unit_vectors() -> None:
    assert np.linalg.norm(pixel_ray(LENS, pose(), 12.0, 400.0)) == pytest.approx(1.0)
