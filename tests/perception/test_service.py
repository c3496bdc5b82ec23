"""From access units and announcements to looks, detections, contacts and missed looks on the bus."""

import numpy as np
import pytest

from fleet.model import ImageBox, ImageDetections
from perception.detectors.picture import Picture
from perception.ingest.unit import AccessUnit
from perception.model import Box, ContactState
from perception.service import PerceptionService
from sim.video.encoder import H264Encoder
from tests.perception.fixtures import FRAME, NOW, SIZE_PX, START_NS, RememberingBus, field_terrain, image, lens
from tests.support.clocks import StillClock
from world.ids import StreamId


class MiddleDetector:
    """Sees one person whose feet stand in the middle of any picture with something warm in it."""

    def examine(self, picture: Picture) -> tuple[Box, ...]:
        assert picture.thermal is not None
        if picture.thermal.max() < 200:
            return ()
        x, y = SIZE_PX[0] / 2, SIZE_PX[1] / 2
        return (Box(left_px=x - 5, top_px=y - 20, right_px=x + 5, bottom_px=y, score=0.97),)


class Stage:
    """A service with its bus, clock, kept pictures, and cameras that send real H.264."""

    def __init__(self) -> None:
        self.bus, self.clock = RememberingBus(), StillClock(NOW)
        self.kept: dict[str, bytes] = {}
        self.service = PerceptionService(
            self.bus,
            self.clock,
            terrain=field_terrain(),
            frame=FRAME,
            detector=MiddleDetector(),
            keep=self.kept.__setitem__,
        )

    def declare(self, *vehicles: str) -> None:
        for vehicle in vehicles:
            for spectrum in ("rgb", "thermal"):
                self.bus.publish("fleet/lens", lens(vehicle, spectrum))

    def send(self, vehicle: str, *, after_ms: float = 0.0, warmth: int = 250, is_damaged: bool = False) -> None:
        for spectrum, value in (("rgb", 90), ("thermal", warmth)):
            shape = (SIZE_PX[1], SIZE_PX[0], 3) if spectrum == "rgb" else (SIZE_PX[1], SIZE_PX[0])
            data = H264Encoder(*SIZE_PX).encode(np.full(shape, value, np.uint8), 0, is_key=True).data
            unit = AccessUnit(
                stream=StreamId(f"{vehicle}/{spectrum}"),
                utc_ns=START_NS + round(after_ms * 1e6),
                data=data,
                is_key=True,
                is_damaged=is_damaged,
            )
            self.service.on_access_unit(unit)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_person_in_the_middle_is_put_on_the_ground_ahead(stage: Stage) -> None:
    stage.declare("U01")
    stage.bus.publish("fleet/image", image())
    stage.send("U01")
    (look,) = stage.bus.on("perception/look")
    assert (look.vehicle, look.image, look.people) == ("U01", 0, 1)
    assert len(look.footprint) == 4
    (detection,) = stage.bus.on("perception/detection")
    at = FRAME.to_enu(detection.position)
    assert (at.east_m, at.north_m) == pytest.approx((0.0, 40.0), abs=0.1)
    (contact,) = stage.bus.on("perception/contact")
    assert contact.state is ContactState.CANDIDATE
    assert stage.kept[contact.image_digest].startswith(b"\xff\xd8")


def test_a_second_vehicle_confirms(stage: Stage) -> None:
    stage.declare("U01", "U02")
    for number, vehicle in enumerate(("U01", "U02")):
        stage.bus.publish("fleet/image", image(vehicle, number, after_ms=number * 1000))
        stage.send(vehicle, after_ms=number * 1000)
    contacts = stage.bus.on("perception/contact")
    assert [contact.id for contact in contacts] == ["C01", "C01"]
    assert contacts[-1].state is ContactState.CONFIRMED
    assert contacts[-1].seen_by == ("U01", "U02")


def test_an_empty_picture_is_a_look_too(stage: Stage) -> None:
    stage.declare("U01")
    stage.send("U01", warmth=80)
    stage.bus.publish("fleet/image", image())
    assert [look.people for look in stage.bus.on("perception/look")] == [0]
    assert stage.bus.on("perception/contact") == []


def test_pixels_that_never_come_are_a_missed_look(stage: Stage) -> None:
    stage.declare("U01")
    stage.bus.publish("fleet/image", image())
    stage.clock.at = NOW.plus_s(6.0)
    stage.service.tick()
    (missed,) = stage.bus.on("perception/missed")
    assert missed.reason == "no rgb or thermal pixels came within 5 s"
    assert stage.bus.on("perception/stats")[-1].missed_looks == 1


def test_damaged_pixels_are_a_missed_look(stage: Stage) -> None:
    stage.declare("U01")
    stage.bus.publish("fleet/image", image())
    stage.send("U01", is_damaged=True)
    (missed,) = stage.bus.on("perception/missed")
    assert missed.reason == "the rgb and thermal picture was damaged on its way"
    assert stage.service.stats().damaged_units == 2


def test_a_view_beyond_the_survey_is_a_missed_look(stage: Stage) -> None:
    stage.declare("U01")
    stage.bus.publish("fleet/image", image(north_m=270.0))
    stage.send("U01")
    (missed,) = stage.bus.on("perception/missed")
    assert missed.reason == "part of the view lies beyond the known terrain"


def test_the_same_input_gives_the_same_output() -> None:
    def story() -> list[tuple[str, object]]:
        stage = Stage()
        stage.declare("U01", "U02")
        for number in range(3):
            for vehicle in ("U01", "U02"):
                stage.bus.publish("fleet/image", image(vehicle, number, after_ms=number * 500))
                stage.send(vehicle, after_ms=number * 500)
        return stage.bus.published

    assert story() == story()


def test_boxes_found_on_board_become_contacts_as_pixels_do_but_without_a_picture(stage: Stage) -> None:
    stage.declare("U01", "U02")
    x, y = SIZE_PX[0] / 2, SIZE_PX[1] / 2
    box = ImageBox(left_px=x - 5, top_px=y - 20, right_px=x + 5, bottom_px=y, score=0.97)
    for number, vehicle in enumerate(("U01", "U02")):
        taken = image(vehicle, number, after_ms=number * 1000)
        stage.bus.publish("fleet/image", taken)
        found = ImageDetections(vehicle=taken.vehicle, index=number, utc_ns=taken.utc_ns, boxes=(box,))
        stage.bus.publish("fleet/detections", found)
    looks, detections = stage.bus.on("perception/look"), stage.bus.on("perception/detection")
    assert [(look.vehicle, look.people) for look in looks] == [("U01", 1), ("U02", 1)]
    at = FRAME.to_enu(detections[0].position)
    assert (at.east_m, at.north_m) == pytest.approx((0.0, 40.0), abs=0.1)
    contact = stage.bus.on("perception/contact")[-1]
    assert contact.state is ContactState.CONFIRMED
    assert contact.image_digest is None
    assert stage.kept == {}


def test_nobody_found_on_board_is_a_look_and_boxes_that_never_come_are_a_missed_one(stage: Stage) -> None:
    stage.declare("U01")
    first, second = image(), image(index=1, after_ms=500)
    stage.bus.publish("fleet/image", first)
    nobody = ImageDetections(vehicle=first.vehicle, index=0, utc_ns=first.utc_ns, boxes=())
    stage.bus.publish("fleet/detections", nobody)
    stage.bus.publish("fleet/image", second)
    assert [look.people for look in stage.bus.on("perception/look")] == [0]
    stage.clock.at = NOW.plus_s(6.0)
    stage.service.tick()
    (missed,) = stage.bus.on("perception/missed")
    assert (missed.image, missed.reason) == (1, "no boxes came from on board within 5 s")
