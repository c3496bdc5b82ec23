"""Where on its route a vehicle is: by its place, and by what it says where the place alone leaves doubt."""

import pytest

from missions.track import Tracker
from world.position import Enu

OUT = [Enu(east_m=0.0, north_m=n, up_m=10.0) for n in (20.0, 60.0, 100.0)]
THERE_AND_BACK = [*OUT, *OUT[-2::-1]]


def at(north_m: float, east_m: float = 0.0) -> Enu:
    return Enu(east_m=east_m, north_m=north_m, up_m=10.0)


@pytest.mark.parametrize("flying_to", [1, 2, 3, 4])
def test_ways_out_and_home_that_are_the_same_are_told_apart(flying_to: int) -> None:
    tracker = Tracker(THERE_AND_BACK)
    between = (THERE_AND_BACK[flying_to - 1].north_m + THERE_AND_BACK[flying_to].north_m) / 2
    tracker.join(at(between), flying_to)
    assert tracker.next == flying_to


def test_what_a_vehicle_says_far_from_there_is_not_believed() -> None:
    tracker = Tracker(THERE_AND_BACK)
    tracker.join(at(40.0), 2)
    assert tracker.next == 1
    tracker.update(at(40.0), 3)
    assert tracker.next == 1


def test_a_vehicle_over_its_pad_is_at_the_beginning_if_it_says_so() -> None:
    points = [at(60.0), at(100.0, 40.0), at(0.0)]
    tracker = Tracker(points)
    tracker.join(at(0.0), 0)
    assert tracker.next == 0


def test_a_route_followed_by_its_place_alone_ends_once() -> None:
    tracker = Tracker(THERE_AND_BACK)
    for north_m in (0.0, 19.0, 40.0, 60.0, 80.0, 100.0, 80.0, 60.0, 40.0, 21.0):
        assert not tracker.is_over
        tracker.update(at(north_m))
    assert tracker.is_over


def test_a_tracker_left_behind_catches_up() -> None:
    tracker = Tracker(THERE_AND_BACK, start=1)
    tracker.update(at(40.0), 4)
    assert tracker.next == 4
