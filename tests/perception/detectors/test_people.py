"""People in pictures with truth: rendered ones from above, as coded by the simulated cameras."""

from pathlib import Path

import pytest

from benchmarks.detect import _is_on
from benchmarks.rendered_people import LabelledPicture, labelled_pictures
from perception.detectors.person import open_warm_person_detector
from perception.model import Box

Looked = tuple[LabelledPicture, tuple[Box, ...]]


@pytest.fixture(scope="module")
def looked(weights_cache: Path) -> list[Looked]:
    detector = open_warm_person_detector(weights_cache)
    return [(labelled, detector.examine(labelled.picture)) for labelled in labelled_pictures(seed=21, count=60)]


def test_visible_people_are_found(looked: list[Looked]) -> None:
    people = [
        any(_is_on(box, person) for box in boxes)
        for labelled, boxes in looked
        for person in labelled.people
        if person.visible > 0.7 and person.bottom_px - person.top_px >= 12
    ]
    assert len(people) > 30
    assert sum(people) / len(people) >= 0.9


def test_what_is_found_is_people(looked: list[Looked]) -> None:
    right = [
        any(_is_on(box, person) for person in labelled.people) for labelled, boxes in looked for box in boxes
    ]
    assert sum(right) / len(right) >= 0.9


def test_the_same_picture_gives_the_same_boxes(looked: list[Looked], weights_cache: Path) -> None:
    again = open_warm_person_detector(weights_cache)
    for labelled, boxes in looked[:8]:
        assert again.examine(labelled.picture) == boxes
