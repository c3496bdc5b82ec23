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
from sim.scenario import Scenario, load, shipped
from sim.video.encoder import H264Encoder
from sim.worlds.build import build_world
from sim.worlds.model import Person, World
from world.attitude import Quaternion
from world.ids import StreamId
from world.position import Enu

_MARGIN_PX = 15
VEHICLE = "U01"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPicture:
    """What the detector gets, the truth about it, and the camera's true pose. `number` and `utc_ns` name the shot."""

    picture: Picture
    people: tuple[Annotation, ...]
    pose: CameraPose
    lens: Lens
    world: World
    number: int
    utc_ns: int


class Studio:
    """One place and its camera."""

    def __init__(self, scenario: Scenario) -> None:
        self.world = build_world(scenario)
        self.render_lens = RenderLens.of(scenario.camera)
        of = self.render_lens
        self.lens = Lens(width_px=of.width_px, height_px=of.height_px, hfov_deg=of.hfov_deg)
        self.renderer = Renderer(self.world, of)

    def take(self, pose: CameraPose, number: int) -> LabelledPicture | None:
        """None when a corner of the picture misses the terrain."""
        corners = footprint(self.lens, pose, self.world.terrain)
        if corners is None:
            return None
        utc_ns = self.world.scenario.starts_utc_ns + number * 2_000_000_000
        taken = Shot(vehicle=VEHICLE, frame=number, utc_ns=utc_ns)
        pair = self.renderer.render_pair(render_pose(pose), taken, annotate=True)
        return LabelledPicture(
            picture=coded_picture(pair, self.lens, slant_ranges_m(pose, corners)),
            people=pair.annotations,
            pose=pose,
            lens=self.lens,
            world=self.world,
            number=number,
            utc_ns=utc_ns,
        )


def render_pose(pose: CameraPose) -> RenderPose:
    return RenderPose(position=pose.position, attitude=pose.attitude)


def labelled_pictures(*, seed: int, count: int, studio: Studio | None = None) -> Iterator[LabelledPicture]:
    """Half are aimed so that a person lies anywhere in the picture, half look anywhere into the search area."""
    studio = studio or Studio(load(shipped("mountain_search"), seed=seed))
    chance = np.random.Generator(np.random.Philox(seed))
    for number in range(count):
        taken = studio.take(_pose(studio.world, studio.lens, chance, aims_at_person=number % 2 == 0), number)
        if taken is not None:
            yield taken


def _pose(world: World, lens: Lens, chance: np.random.Generator, *, aims_at_person: bool) -> CameraPose:
    """36 to 46 m above the spot looked at, any heading, 45 degrees down, wobbling by 2 degrees."""
    attitude = wobbling(chance, yaw_rad=None)
    if aims_at_person:
        person: Person = world.people[int(chance.integers(len(world.people)))]
        spot = np.array([person.at.east_m, person.at.north_m, person.at.up_m])
    else:
        east_m, north_m = chance.uniform(-400, 400, 2)
        spot = np.array([east_m, north_m, world.terrain.height_m(east_m, north_m)])
    across = chance.uniform(_MARGIN_PX, lens.width_px - _MARGIN_PX) - lens.width_px / 2
    down = chance.uniform(_MARGIN_PX, lens.height_px - _MARGIN_PX) - lens.height_px / 2
    return aimed(lens, attitude, spot, pixel=(across, down), above_m=chance.uniform(36, 46))


def wobbling(chance: np.random.Generator, *, yaw_rad: float | None) -> Quaternion:
    """45 degrees down, by 2 degrees more or less; any heading unless told."""
    roll_rad = math.radians(chance.normal(0, 2))
    pitch_rad = math.radians(-45 + chance.normal(0, 2))
    if yaw_rad is None:
        yaw_rad = chance.uniform(0, 2 * math.pi)
    return Quaternion.from_euler(roll_rad=roll_rad, pitch_rad=pitch_rad, yaw_rad=yaw_rad)


def aimed(
    lens: Lens, attitude: Quaternion, spot: npt.NDArray[np.float64], *, pixel: tuple[float, float], above_m: float
) -> CameraPose:
    """From so high above a spot (3,) that it lies at a pixel, counted from the picture's middle."""
    north, east, below = attitude.matrix() @ np.array([lens.focal_px, *pixel])
    eye = spot - np.array([east, north, -below]) * above_m / below
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
