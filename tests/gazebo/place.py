"""The small search area in Gazebo: a copter near the people, another and a robot on the launch site, and a fleet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field as field_of
from functools import cache
from pathlib import Path
from typing import Final

from command.app.simulation import weather
from perception.detectors.picture import Picture as DetectorPicture
from perception.detectors.plain import PlainPersonDetector
from perception.detectors.weights import cache_folder
from perception.ingest.unit import AccessUnit
from perception.model import Box
from perception.service import PerceptionService
from sim.adapters.gazebo.bridge import Picture
from sim.adapters.gazebo.camera import Exposed, GazeboCameras
from sim.adapters.gazebo.house import House
from sim.adapters.gazebo.model import Pictures
from sim.adapters.gazebo.serve import pictures_of, with_cameras
from sim.adapters.gazebo.stage import staged
from sim.scenario import load, shipped
from sim.service import SimEvent, StateHash
from sim.vehicles.spec import Kind, VehicleSpec
from sim.video.encoder import H264Encoder
from sim.worlds.build import build_world
from sim.worlds.model import World
from tests.fleet.test_flight import Field, field
from tests.sim.support import spec
from world.ids import StreamId

SOUTH_M: Final = 25.0
"""The first copter starts so far south of the first person."""
CAMERA_HZ: Final = 2.0
SEED: Final = 11


@cache
def world() -> World:
    return build_world(load(shipped("quick_search")))


def specs() -> list[VehicleSpec]:
    place = world()
    person, launch = place.people[0].at, place.scenario.launch.at_m
    homes = ((person.east_m, person.north_m - SOUTH_M), (launch[0] - 20.0, launch[1]), (launch[0] + 10.0, launch[1]))
    kinds = (Kind.COPTER, Kind.COPTER, Kind.ROVER)
    return [
        spec(kind, number, home=place.ground_at(home))
        for number, (kind, home) in enumerate(zip(kinds, homes, strict=True), 1)
    ]


class PlainEyes:
    """The detector for colour alone, as perception's pixel path asks for it."""

    def __init__(self, detector: PlainPersonDetector) -> None:
        self._detector = detector

    def examine(self, picture: DetectorPicture) -> tuple[Box, ...]:
        return self._detector.detect(picture.bgr)


@dataclass(slots=True)
class Seen:
    """What one flight left."""

    pictures: list[Picture] = field_of(default_factory=list)
    exposed: list[Exposed] = field_of(default_factory=list)
    hashes: list[str] = field_of(default_factory=list)
    perception: PerceptionService | None = None


@asynccontextmanager
async def flying(
    house: House, work: Path, *, detector: PlainPersonDetector | None = None
) -> AsyncIterator[tuple[Field, Seen]]:
    """Fleet and simulator with bytes between them, in virtual time; with a detector U01 films, and perception looks."""
    made, seen = specs(), Seen()
    wanted = [pictures_of(world(), made[0].id, rate_hz=CAMERA_HZ)]
    encoder = H264Encoder(wanted[0].width_px, wanted[0].height_px)

    def deliver(exposed: Exposed) -> None:
        seen.exposed.append(exposed)
        capture = exposed.capture
        data = encoder.encode(exposed.picture.rgb, capture.utc_ns, is_key=True).data
        unit = AccessUnit(
            stream=StreamId(f"{capture.vehicle}/rgb"), utc_ns=capture.utc_ns, data=data, is_key=True, is_damaged=False
        )
        assert seen.perception is not None
        seen.perception.on_access_unit(unit)

    cameras = GazeboCameras(wanted, on_exposed=deliver)

    def see(picture: Picture) -> None:
        seen.pictures.append(picture)
        cameras.see(picture)

    def note(event: SimEvent) -> None:
        if isinstance(event, StateHash):
            seen.hashes.append(event.digest)

    filmed: list[Pictures] = wanted if detector is not None else []
    terrain, frame = world().solid(), world().scenario.frame()
    with staged(
        house, cache_folder(), work, world(), made, seed=SEED, cameras=filmed, on_picture=see
    ) as stage:
        async with field(
            with_cameras(made, wanted), weather(world().scenario), terrain=terrain, frame=frame, half_m=440.0,
            make_engine=stage.make_engine, on_capture=cameras.capture, on_event=note,
        ) as place:
            if detector is not None:
                seen.perception = PerceptionService(
                    place.bus, place.clock, terrain=terrain, frame=frame, detector=PlainEyes(detector),
                    keep=lambda digest, jpeg: None,
                )
            yield place, seen
