"""Labelled aerial pictures: people of a seeded incident as a copter's twin camera sees them, coded as in its stream."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
import numpy.typing as npt

from perception.detectors.picture import Bgr, Picture
from perception.georeference import CameraPose, Lens, footprint, slant_ranges_m
from sim.cameras.model import Annotation, Shot
from sim.cameras.model import CameraPose as RenderPose
from sim.cameras.model import Lens as RenderLens
from sim.cameras.render import Renderer
from sim.scenario import load, shipped
from sim.worlds.build import build_world
from sim.worlds.model import Person, World
from world.attitude import Quaternion
from world.position import Enu

_QUALITY = 23
"""x264's constant rate factor for the coded pictures."""
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
        top_m, bottom_m = slant_ranges_m(pose, corners)
        picture = Picture(
            bgr=coded(cv2.cvtColor(pair.rgb, cv2.COLOR_RGB2BGR).astype(np.uint8)),
            thermal=coded(pair.thermal),
            gsd_top_m=top_m / lens.focal_px,
            gsd_bottom_m=bottom_m / lens.focal_px,
        )
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


def coded(picture: npt.NDArray[np.uint8]) -> Bgr:
    """(h, w, 3) BGR or (h, w) grey after H.264, as one key picture of the camera's stream."""
    name = "bgr24" if picture.ndim == 3 else "gray"
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base, encoder.thread_count = "yuv420p", Fraction(1, 10), 1
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": str(_QUALITY)}
    frame = av.VideoFrame.from_ndarray(picture, format=name).reformat(format="yuv420p")
    decoder = av.CodecContext.create("h264", "r")
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    frames = [one for packet in packets for one in decoder.decode(packet)] + list(decoder.decode(None))
    return np.ascontiguousarray(frames[0].to_ndarray(format=name))
