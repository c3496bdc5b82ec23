"""Labelled aerial pictures: people of a seeded incident as a copter's twin camera sees them, coded as in its stream."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from perception.detectors.picture import Picture
from perception.georeference import CameraPose, Lens, footprint, slant_ranges_m
from perception.ingest.decoder import H264Decoder
from perception.ingest.unit import AccessUnit
from sim.cameras.model import Annotation, Pair, Shot
from sim.cameras.model import CameraPose as RenderPose
from sim.cameras.model import Lens as RenderLens
from sim.cameras.render import Renderer
from sim.scenario import load, shipped
from sim.video.encoder import H264Encoder
from sim.worlds.build import build_world
from sim.worlds.model import Person, World
from world.attitude import Quaternion
from world.ids import StreamId
from world.position import Enu

_MARGIN_PX = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPicture:
    """What the detector gets, the truth about it, and the camera's true pose."""

    picture: Picture
    people: tuple[Annotation, ...]
    pose: CameraPose
    lens: Lens
    world: World


def labelled_pictures(*, seed: int, count: int) -> Iterator[LabelledPicture]:
    """Half are aimed so that a person lies anywhere in the picture, half look anywhere into the search area."""
    scenario = load(shipped("mountain_search"), seed=seed)
    world = build_world(scenario)
    render_lens = RenderLens.of(scenario.camera)
    lens = Lens(width_px=render_lens.width_px, height_px=render_lens.height_px, hfov_deg=render_lens.hfov_deg)
    renderer = Renderer(world, render_lens)
    chance = np.random.Generator(np.random.Philox(seed))
    for number in range(count):
        pose = _pose(world, lens, chance, aims_at_person=number % 2 == 0)
        corners = footprint(lens, pose, world.terrain)
        if corners is None:
            continue
        taken = Shot(vehicle="U01", frame=number, utc_ns=scenario.starts_utc_ns + number * 2_000_000_000)
        render_pose = RenderPose(position=pose.position, attitude=pose.attitude)
        pair = renderer.render_pair(render_pose, taken, annotate=True)
        picture = coded_picture(pair, lens, slant_ranges_m(pose, corners))
        yield LabelledPicture(picture=picture, people=pair.annotations, pose=pose, lens=lens, world=world)


def _pose(world: World, lens: Lens, chance: np.random.Generator, *, aims_at_person: bool) -> CameraPose:
    """36 to 46 m above the spot looked at, any heading, 45 degrees down, wobbling by 2 degrees."""
    attitude = Quaternion.from_euler(
        roll_rad=math.radians(chance.normal(0, 2)),
        pitch_rad=math.radians(-45 + chance.normal(0, 2)),
        yaw_rad=chance.uniform(0, 2 * math.pi),
    )
    if aims_at_person:
        person: Person = world.people[int(chance.integers(len(world.people)))]
        spot = np.array([person.at.east_m, person.at.north_m, person.at.up_m])
    else:
        east_m, north_m = chance.uniform(-400, 400, 2)
        spot = np.array([east_m, north_m, world.terrain.height_m(east_m, north_m)])
    across = chance.uniform(_MARGIN_PX, lens.width_px - _MARGIN_PX) - lens.width_px / 2
    down = chance.uniform(_MARGIN_PX, lens.height_px - _MARGIN_PX) - lens.height_px / 2
    north, east, below = attitude.matrix() @ np.array([lens.focal_px, across, down])
    eye = spot - np.array([east, north, -below]) * chance.uniform(36, 46) / below
    return CameraPose(
        position=Enu(east_m=float(eye[0]), north_m=float(eye[1]), up_m=float(eye[2])), attitude=attitude
    )


def coded_picture(pair: Pair, lens: Lens, ranges_m: tuple[float, float]) -> Picture:
    """An exposure after its way through the camera's stream; distances to the upper and the lower edge."""
    return Picture(
        bgr=_coded(pair.rgb),
        thermal=_coded(pair.thermal),
        gsd_top_m=ranges_m[0] / lens.focal_px,
        gsd_bottom_m=ranges_m[1] / lens.focal_px,
    )


def _coded(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The picture after H.264, RGB becoming BGR: one key picture of the simulated camera's stream."""
    unit = H264Encoder(picture.shape[1], picture.shape[0]).encode(picture, 0, is_key=True)
    whole = AccessUnit(stream=StreamId("U01/rgb"), utc_ns=0, data=unit.data, is_key=True, is_damaged=False)
    (frame,) = H264Decoder().decode(whole)
    return frame.bgr() if picture.ndim == 3 else frame.grey()
