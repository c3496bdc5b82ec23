"""The on-board detection model does what the pixels' detector does, on places that its calibration never saw."""

import pytest

from benchmarks.calibrate_onboard import SEEDS, crowded
from benchmarks.detect import Tally, model_boxes, wilson
from benchmarks.rendered_people import Studio, labelled_pictures
from perception.detectors.person import open_warm_person_detector
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from sim.cameras.onboard import OnboardDetector

SEED, PICTURES = 311, 110
SURE = 2.58
"""Normal quantile of 99 %: intervals of two equal shares then hardly ever stay apart."""
Share = tuple[int, int]


@pytest.fixture(scope="module")
def tallies() -> tuple[Tally, Tally]:
    """Pixels and model over the same pictures; every pose of people is in them."""
    try:
        ensure_nanodet(cache_folder())
    except WeightsUnavailable as reason:
        pytest.skip(f"no detector weights: {reason}")
    assert SEED not in SEEDS
    detector, studio = open_warm_person_detector(cache_folder()), Studio(crowded(SEED))
    model = OnboardDetector(studio.world)
    pixels, modelled = Tally(), Tally()
    for labelled in labelled_pictures(seed=SEED, count=PICTURES, studio=studio):
        pixels.add(labelled, (), detector.examine(labelled.picture))
        modelled.add(labelled, (), model_boxes(model, labelled))
    return pixels, modelled


def agree(one: Share, other: Share) -> bool:
    """Whether the Wilson intervals of two shares meet."""
    low, high = wilson(*one, z=SURE)
    other_low, other_high = wilson(*other, z=SURE)
    return low <= other_high and other_low <= high


def test_it_finds_as_many_people(tallies: tuple[Tally, Tally]) -> None:
    pixels, model = tallies
    assert pixels.visible > 40
    assert agree((pixels.found, pixels.visible), (model.found, model.visible))
    assert agree((pixels.partly_found, pixels.partly), (model.partly_found, model.partly))


def test_it_is_fooled_as_often(tallies: tuple[Tally, Tally]) -> None:
    pixels, model = tallies
    assert agree((pixels.false, pixels.pictures), (model.false, model.pictures))


def test_its_boxes_stand_as_well_on_the_feet(tallies: tuple[Tally, Tally]) -> None:
    """Means within three standard errors, deviations within a factor that as few boxes allow."""
    pixels, model = tallies
    (mean, sigma), (model_mean, model_sigma) = pixels.foot_px(), model.foot_px()
    error = (sigma**2 / pixels.found + model_sigma**2 / model.found) ** 0.5
    assert abs(mean - model_mean) < 3 * error + 0.3
    assert 0.4 < model_sigma / sigma < 2.5
