"""Announcements and pixels meet in either order, and whatever never meets is told with its reason."""

from perception.model import Box
from perception.pairing import Boxed, Paired, Pairing, Unpaired
from tests.perception.fixtures import NOW, START_NS, image
from world.ids import VehicleId

U01 = VehicleId("U01")


def twin_camera() -> Pairing[str]:
    pairing: Pairing[str] = Pairing()
    pairing.declare(U01, "rgb")
    pairing.declare(U01, "thermal")
    return pairing


def test_pixels_first_or_announcement_first() -> None:
    for order in ("pixels", "announcement"):
        pairing = twin_camera()
        outcomes: list[Paired[str] | Boxed | Unpaired] = []
        if order == "announcement":
            outcomes += pairing.announce(image(), NOW)
        outcomes += pairing.add(U01, "rgb", START_NS + 3_000_000, "colour")
        outcomes += pairing.add(U01, "thermal", START_NS + 3_000_000, "heat")
        if order == "pixels":
            outcomes += pairing.announce(image(), NOW)
        (outcome,) = outcomes
        assert isinstance(outcome, Paired)
        assert outcome.pixels == {"rgb": "colour", "thermal": "heat"}


def test_the_nearest_frame_in_time_is_taken_and_far_ones_never() -> None:
    pairing: Pairing[str] = Pairing()
    pairing.declare(U01, "rgb")
    for offset_ms, name in ((-90, "before"), (-15, "near"), (2, "nearest"), (110, "after")):
        assert list(pairing.add(U01, "rgb", START_NS + offset_ms * 1_000_000, name)) == []
    (outcome,) = pairing.announce(image(), NOW)
    assert isinstance(outcome, Paired)
    assert outcome.pixels == {"rgb": "nearest"}
    assert list(pairing.announce(image(index=1, after_ms=50), NOW)) == []


def test_damaged_pixels_are_told_at_once() -> None:
    pairing = twin_camera()
    assert list(pairing.announce(image(), NOW)) == []
    assert list(pairing.add(U01, "rgb", START_NS, None)) == []
    (outcome,) = pairing.add(U01, "thermal", START_NS, "heat")
    assert isinstance(outcome, Unpaired)
    assert outcome.reason == "the rgb picture was damaged on its way"


def test_late_pixels_are_given_up_with_the_reason() -> None:
    pairing = twin_camera()
    assert list(pairing.announce(image(), NOW)) == []
    assert list(pairing.add(U01, "rgb", START_NS, "colour")) == []
    assert list(pairing.expire(NOW.plus_s(4.9))) == []
    (outcome,) = pairing.expire(NOW.plus_s(5.0))
    assert outcome.reason == "no thermal pixels came within 5 s"
    assert list(pairing.expire(NOW.plus_s(60.0))) == []


def test_a_vehicle_without_a_declared_camera_is_told() -> None:
    pairing: Pairing[str] = Pairing()
    assert list(pairing.announce(image("U09"), NOW)) == []
    (outcome,) = pairing.expire(NOW.plus_s(5.0))
    assert outcome.reason == "the vehicle never declared its camera"


def test_vehicles_do_not_mix() -> None:
    pairing = twin_camera()
    pairing.declare(VehicleId("U02"), "rgb")
    assert list(pairing.announce(image("U01"), NOW)) == []
    assert list(pairing.add(VehicleId("U02"), "rgb", START_NS, "other")) == []


BOX = Box(left_px=1.0, top_px=1.0, right_px=9.0, bottom_px=20.0, score=0.9)


def test_boxes_from_on_board_need_no_pixels_in_either_order() -> None:
    pairing = twin_camera()
    assert list(pairing.announce(image(), NOW)) == []
    assert list(pairing.add_boxes(U01, 0, START_NS, (BOX,))) == [Boxed(image(), (BOX,))]
    later = image(index=1, after_ms=500)
    assert list(pairing.add_boxes(U01, 1, later.utc_ns, ())) == []
    assert list(pairing.announce(later, NOW)) == [Boxed(later, ())]
    assert list(pairing.expire(NOW.plus_s(60.0))) == []


def test_boxes_of_another_time_are_of_another_image() -> None:
    pairing = twin_camera()
    assert list(pairing.announce(image(), NOW)) == []
    assert list(pairing.add_boxes(U01, 0, START_NS + 1, (BOX,))) == [], "the camera restarted and counts from 0 again"


def test_boxes_that_never_come_are_told_with_the_reason() -> None:
    pairing = twin_camera()
    list(pairing.announce(image(), NOW))
    list(pairing.add_boxes(U01, 0, START_NS, ()))
    assert list(pairing.announce(image(index=1, after_ms=500), NOW)) == []
    (outcome,) = pairing.expire(NOW.plus_s(5.0))
    assert outcome.reason == "no boxes came from on board within 5 s"
