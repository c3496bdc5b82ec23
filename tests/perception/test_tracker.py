"""One person is one contact, two people stay two, and nobody is believed on one vehicle's word."""

import numpy as np

from perception.model import ContactState
from perception.track import Area, Sighting
from perception.tracker import Tracker
from world.ids import VehicleId
from world.time import Instant

FIELD = np.array([(-60.0, -60.0), (60.0, -60.0), (60.0, 60.0), (-60.0, 60.0)])
NOISE, BIAS = np.eye(2) * 0.4, np.eye(2) * 1.5


def area(vehicle: str, image: int) -> Area:
    at = Instant(mono_ns=image * 1_000_000_000, utc_ns=image * 1_000_000_000)
    return Area(vehicle=VehicleId(vehicle), image=image, at=at, corners=FIELD)


def seen(*points: tuple[float, float], score: float = 0.95) -> tuple[Sighting, ...]:
    return tuple(Sighting(point=np.array(point), noise=NOISE, bias=BIAS, score=score) for point in points)


def test_looks_at_one_person_make_one_contact_and_a_second_vehicle_confirms_it() -> None:
    tracker = Tracker()
    for image in range(5):
        tracker.look(area("U01", image), seen((image * 0.2, 0.0)))
    assert [track.state for track in tracker.tracks] == [ContactState.CANDIDATE]
    tracker.look(area("U02", 9), seen((0.5, 0.3)))
    assert [track.state for track in tracker.tracks] == [ContactState.CONFIRMED]
    assert tracker.tracks[0].seen_by == ("U01", "U02")


def test_one_vehicle_never_gets_below_its_own_bias() -> None:
    tracker = Tracker()
    for image in range(50):
        tracker.look(area("U01", image), seen((0.0, 0.0)))
    spread = tracker.tracks[0].covariance
    assert spread.ee_m2 >= 1.5
    tracker.look(area("U02", 50), seen((0.0, 0.0)))
    assert tracker.tracks[0].covariance.ee_m2 < 1.0


def test_two_people_6_m_apart_stay_two() -> None:
    """Over seeds, four images by each of two vehicles with their own biases, sometimes seeing only one of the two."""
    people = np.array([(0.0, 0.0), (6.0, 0.0)])
    right = 0
    for seed in range(40):
        chance = np.random.Generator(np.random.Philox(seed))
        tracker = Tracker()
        for vehicle in ("U01", "U02"):
            bias = chance.normal(0, np.sqrt(1.5), 2)
            for image in range(4):
                shown = [person for person in people if chance.uniform() < 0.8]
                points = [tuple(person + bias + chance.normal(0, np.sqrt(0.4), 2)) for person in shown]
                tracker.look(area(vehicle, image), seen(*points))
        confirmed = [track for track in tracker.tracks if track.state is ContactState.CONFIRMED]
        near = [min((np.linalg.norm(one.point - person) for one in confirmed), default=9.0) for person in people]
        right += int(len(confirmed) == 2 and max(near) < 3.0)
    assert right >= 36


def test_a_false_blob_is_rejected_when_others_see_nothing_there() -> None:
    tracker = Tracker()
    tracker.look(area("U01", 0), seen((10.0, 10.0), score=0.7))
    for image in range(6):
        tracker.look(area("U02", image), ())
    assert tracker.tracks[0].state is ContactState.REJECTED


def test_two_doubtful_sightings_do_not_confirm() -> None:
    tracker = Tracker()
    tracker.look(area("U01", 0), seen((0.0, 0.0), score=0.75))
    tracker.look(area("U02", 0), seen((0.0, 0.0), score=0.75))
    assert tracker.tracks[0].state is ContactState.CANDIDATE


def test_images_elsewhere_say_nothing() -> None:
    tracker = Tracker()
    tracker.look(area("U01", 0), seen((10.0, 10.0)))
    before = tracker.tracks[0].probability
    far = Area(vehicle=VehicleId("U02"), image=1, at=area("U02", 1).at, corners=FIELD + 500.0)
    assert tracker.look(far, ()).changed == ()
    assert tracker.tracks[0].probability == before


def test_tracks_that_grow_together_become_one_and_keep_the_older_name() -> None:
    tracker = Tracker()
    tracker.look(area("U01", 0), seen((0.0, 0.0)))
    blurred = Sighting(point=np.array([10.7, 0.0]), noise=NOISE * 22, bias=BIAS, score=0.9)
    tracker.look(area("U02", 0), (blurred,))
    assert len(tracker.tracks) == 2
    nearer = (5.0, 3.5, 3.0, *[2.5] * 8)
    merged = [pair for k, x in enumerate(nearer) for pair in tracker.look(area("U02", k + 1), seen((x, 0.0))).merged]
    assert [(gone.id, kept.id) for gone, kept in merged] == [("C02", "C01")]
    assert tracker.tracks[0].seen_by == ("U01", "U02")


def test_two_people_in_one_image_are_never_one() -> None:
    tracker = Tracker()
    tracker.look(area("U01", 0), seen((0.0, 0.0), (1.0, 0.0)))
    assert len(tracker.tracks) == 2


def test_a_confirmed_person_stays_confirmed_when_leaves_hide_them() -> None:
    tracker = Tracker()
    tracker.look(area("U01", 0), seen((0.0, 0.0)))
    tracker.look(area("U02", 0), seen((0.0, 0.0)))
    for image in range(1, 12):
        tracker.look(area("U01", image), ())
    assert tracker.tracks[0].state is ContactState.CONFIRMED


def test_a_doubtful_blob_is_announced_at_its_second_sighting_only() -> None:
    tracker = Tracker()
    tracker.look(area("U01", 0), seen((0.0, 0.0), score=0.7))
    announced = [tracker.tracks[0].is_announced]
    tracker.look(area("U02", 1), seen((0.0, 0.0), score=0.7))
    assert [*announced, tracker.tracks[0].is_announced] == [False, True]


def test_a_vehicle_that_sees_somebody_after_all_takes_its_doubts_back() -> None:
    tracker, undoubted = Tracker(), Tracker()
    for one in (tracker, undoubted):
        one.look(area("U01", 0), seen((0.0, 0.0)))
    tracker.look(area("U02", 1), ())
    for one in (tracker, undoubted):
        one.look(area("U02", 2), seen((0.0, 0.0)))
    assert tracker.tracks[0].probability == undoubted.tracks[0].probability
