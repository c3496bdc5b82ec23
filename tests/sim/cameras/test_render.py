"""The cameras show what is there: where a pinhole says, hidden by what stands before it, the same bytes every time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cameras.figures import figure
from sim.cameras.model import CameraPose, Lens, Pair, Shot, project
from sim.cameras.render import Renderer
from sim.scenarios.model import Pose
from sim.worlds.ground import counts_of
from sim.worlds.model import Person, World
from tests.sim.cameras.place import blobs_of, camera, flat_world, person, quick, ridge_world

LENS = Lens(width_px=640, height_px=512, hfov_deg=35.0)


def shoot(world: World, pose: CameraPose, *, frame: int = 0, seconds: float = 0.0) -> Pair:
    shot = Shot(vehicle="U01", frame=frame, utc_ns=world.scenario.starts_utc_ns + round(seconds * 1e9))
    return Renderer(world, LENS).render_pair(pose, shot, annotate=True)


def silhouette(someone: Person, pose: CameraPose) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Pixel box of 4,000 points on the figure's surface, projected one by one."""
    parts, axes = figure(someone, 0.0)
    chance = np.random.default_rng(1)
    away = chance.standard_normal((4000, 3))
    away /= np.linalg.norm(away, axis=1)[:, None]
    points = []
    for part in parts:
        if part[6] > 0.0:
            share = chance.uniform(0, 1, (4000, 1))
            points.append(part[:3] + share * (part[3:6] - part[:3]) + part[6] * away)
        else:
            points.append(part[:3] + part[3:6] * away)
    feet = np.array([someone.at.east_m, someone.at.north_m, someone.at.up_m])
    pixels = np.array([project(pose, LENS, feet + axes.T @ point)[:2] for point in np.concatenate(points)[::7]])
    return np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])


@pytest.mark.parametrize("pose", list(Pose))
@pytest.mark.parametrize(("yaw_deg", "roll_deg"), [(0.0, 0.0), (7.0, -6.0)])
def test_a_persons_box_is_where_the_pinhole_puts_the_figure(pose: Pose, yaw_deg: float, roll_deg: float) -> None:
    someone = person(pose=pose, east_m=3.0, north_m=-2.0)
    view = camera(yaw_deg=yaw_deg, roll_deg=roll_deg)
    (seen,) = shoot(flat_world(someone), view).annotations
    expected = silhouette(someone, view)
    box = np.array([seen.left_px, seen.top_px, seen.right_px, seen.bottom_px])
    assert np.abs(box - expected).max() < 1.0
    assert seen.visible > 0.99


def test_a_standing_person_is_the_right_height() -> None:
    """1.72 m seen at 45 degrees from 56.6 m; shoes and shoulders add a little."""
    (seen,) = shoot(flat_world(person()), camera()).annotations
    upright_px = LENS.focal_px * 1.72 * np.cos(np.radians(45)) / (40 * np.sqrt(2))
    assert seen.bottom_px - seen.top_px == pytest.approx(upright_px, abs=4.0)


def test_the_warm_blob_is_in_the_box_and_nowhere_else() -> None:
    pair = shoot(flat_world(person()), camera())
    (seen,) = pair.annotations
    rows, cols = np.nonzero(pair.thermal > counts_of(np.array(24.0)))
    assert len(rows) > 60
    assert seen.left_px - 1 <= cols.min()
    assert cols.max() <= seen.right_px + 1
    assert seen.top_px - 1 <= rows.min()
    assert rows.max() <= seen.bottom_px + 1


def test_a_ridge_hides_whoever_stands_behind_it() -> None:
    low = camera(agl_m=12.0, pitch_deg=-20.0, north_m=-40.0)
    (hidden,) = shoot(ridge_world(person()), low).annotations
    (seen,) = shoot(flat_world(person()), low).annotations
    assert hidden.visible == 0.0
    assert seen.visible > 0.99


def test_a_crown_hides_part_of_a_person_and_its_holes_show_the_rest() -> None:
    world = replace(flat_world(person()), blobs=blobs_of(quick(), 1))
    tree = world.blobs
    over = replace(tree, centre_m=np.array([[0.0, -4.0, 5.0]]), radius_m=np.array([3.0]), half_height_m=np.array([3.0]),
                   holes=np.array([0.4]), ground_m=np.array([0.0]))
    (partly,) = shoot(replace(world, blobs=over), camera()).annotations
    assert 0.1 < partly.visible < 0.8
    solid = replace(over, holes=np.array([0.0]))
    (hidden,) = shoot(replace(world, blobs=solid), camera()).annotations
    assert hidden.visible < 0.35


def test_who_is_out_of_the_frame_is_not_annotated() -> None:
    assert shoot(flat_world(person(north_m=200.0)), camera()).annotations == ()
    assert shoot(flat_world(person(north_m=-200.0)), camera()).annotations == ()


def test_who_is_half_out_of_the_frame_shows_half() -> None:
    edge_m = 320 / LENS.focal_px * 40 * np.sqrt(2)
    (seen,) = shoot(flat_world(person(east_m=edge_m)), camera()).annotations
    assert seen.right_px <= 640
    assert 0.1 < seen.visible < 0.9


def test_waving_arms_move() -> None:
    world = flat_world(person(pose=Pose.WAVING))
    first, second = (shoot(world, camera(), seconds=at).annotations[0] for at in (0.0, 0.31))
    assert (first.left_px, first.right_px) != (second.left_px, second.right_px)


def test_same_exposure_same_bytes_and_other_frame_other_noise() -> None:
    first, again, other = (shoot(quick(), camera(agl_m=45.0), frame=frame) for frame in (1, 1, 2))
    assert first.rgb.tobytes() == again.rgb.tobytes()
    assert first.thermal.tobytes() == again.thermal.tobytes()
    difference = first.rgb.astype(int) - other.rgb.astype(int)
    assert 1.0 < difference.std() < 5.0


def test_one_renderer_gives_what_a_fresh_one_gives() -> None:
    used = Renderer(quick(), LENS)
    start = quick().scenario.starts_utc_ns
    poses = [camera(agl_m=45.0, yaw_deg=yaw) for yaw in (0.0, 120.0, 240.0)]
    kept = [used.render_pair(pose, Shot(vehicle="U01", frame=5, utc_ns=start)).rgb for pose in poses]
    for pose, picture in zip(poses, kept, strict=True):
        assert np.array_equal(picture, shoot(quick(), pose, frame=5).rgb)


def test_the_fire_is_hot_and_the_sky_is_cold() -> None:
    world = quick()
    assert world.fire is not None
    east, north = world.fire.spec.at_m
    ground = world.terrain.height_m(east, north)
    view = camera(agl_m=ground + 60.0, east_m=east, north_m=north - 60.0)
    assert (shoot(world, view, seconds=30).thermal == 255).sum() > 200
    level = shoot(world, camera(agl_m=60.0, pitch_deg=10.0, north_m=0.0))
    assert level.thermal[:100].max() <= 2


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-60, 60), st.floats(-89, 20), st.floats(0, 360), st.floats(5, 150),
    st.floats(-300, 300), st.floats(-300, 300),
)
def test_any_attitude_gives_a_picture(
    roll: float, pitch: float, yaw: float, agl: float, east: float, north: float
) -> None:
    world = quick()
    up = world.terrain.height_m(east, north) + agl
    pair = shoot(world, camera(agl_m=up, pitch_deg=pitch, yaw_deg=yaw, roll_deg=roll, east_m=east, north_m=north))
    assert pair.rgb.shape == (512, 640, 3)
    assert pair.thermal.shape == (512, 640)
    for seen in pair.annotations:
        assert 0.0 <= seen.visible <= 1.0
        assert -1e-9 <= seen.left_px < seen.right_px <= 640 + 1e-9
        assert -1e-9 <= seen.top_px < seen.bottom_px <= 512 + 1e-9
