"""`taihang bench detect`: people found in rendered aerial pictures, and what it costs.

Keys `model_...` are of the on-board detection model over the same pictures' truth: it should do what pixels do.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.calibrate_onboard import stale_sources
from benchmarks.rendered_people import VEHICLE, LabelledPicture, Studio, labelled_pictures, render_pose
from perception.detectors.person import open_warm_person_detector
from perception.detectors.warm import warm_blobs
from perception.detectors.weights import cache_folder
from perception.model import Box
from sim.cameras.model import Annotation
from sim.cameras.onboard import OnboardDetector
from sim.scenario import load, shipped

_LEAST_HEIGHT_PX = 12.0
_MOSTLY_VISIBLE = 0.7
_HARDLY_VISIBLE = 0.1
"""Below this a person is neither missed nor a false alarm when found."""
_REACH_PX = 8.0
_PICTURES_PER_S = 5.0


@dataclass(slots=True)
class Tally:
    """Counts over pictures. A person counts once, a box beside nobody is false."""

    pictures: int = 0
    visible: int = 0
    cued: int = 0
    found: int = 0
    partly: int = 0
    partly_found: int = 0
    false: int = 0
    candidates: int = 0
    cpu_s: float = 0.0
    foot_errors_px: list[float] = field(default_factory=list)

    def add(self, labelled: LabelledPicture, warm: Sequence[Box], found: Sequence[Box]) -> None:
        self.pictures += 1
        self.candidates += len(warm)
        self.false += sum(not any(_is_on(box, person) for person in labelled.people) for box in found)
        for person in labelled.people:
            if person.bottom_px - person.top_px < _LEAST_HEIGHT_PX or person.visible < _HARDLY_VISIBLE:
                continue
            boxes = [box for box in found if _is_on(box, person)]
            if person.visible >= _MOSTLY_VISIBLE:
                self.visible += 1
                self.cued += any(_is_on(box, person) for box in warm)
                self.found += bool(boxes)
                self.foot_errors_px += [box.bottom_px - person.bottom_px for box in boxes[:1]]
            else:
                self.partly += 1
                self.partly_found += bool(boxes)

    def precision(self) -> float:
        right = self.found + self.partly_found
        return right / max(right + self.false, 1)

    def foot_px(self) -> tuple[float, float]:
        """Mean and deviation of the lower edge's error."""
        errors = self.foot_errors_px
        mean = sum(errors) / len(errors)
        return mean, math.sqrt(sum((error - mean) ** 2 for error in errors) / len(errors))


def model_boxes(model: OnboardDetector, labelled: LabelledPicture) -> tuple[Box, ...]:
    """What the model finds where the pixels' detector gets this picture."""
    found = model.detect(VEHICLE, labelled.number, render_pose(labelled.pose), labelled.utc_ns)
    return tuple(
        Box(left_px=b.left_px, top_px=b.top_px, right_px=b.right_px, bottom_px=b.bottom_px, score=b.score)
        for b in found
    )


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    """Raises WeightsMissing."""
    detector = open_warm_person_detector(cache_folder())
    tally, modelled = Tally(), Tally()
    for offset in range(1 if quick else 4):
        studio = Studio(load(shipped("mountain_search"), seed=seed + offset))
        model = OnboardDetector(studio.world)
        for labelled in labelled_pictures(seed=seed + offset, count=60 if quick else 150, studio=studio):
            warm = warm_blobs(labelled.picture)
            before_s = time.process_time()
            found = detector.examine(labelled.picture)
            tally.cpu_s += time.process_time() - before_s
            tally.add(labelled, warm, found)
            modelled.add(labelled, (), model_boxes(model, labelled))
    return _figures(tally, seed) | _model_figures(modelled)


def _model_figures(tally: Tally) -> dict[str, Any]:
    low, high = wilson(tally.found, tally.visible)
    mean, sigma = tally.foot_px()
    return {
        "model_recall_small": tally.found / tally.visible,
        "model_recall_small_low": low,
        "model_recall_small_high": high,
        "model_recall_partly_hidden": tally.partly_found / max(tally.partly, 1),
        "model_precision_small": tally.precision(),
        "model_false_per_picture": tally.false / tally.pictures,
        "model_foot_bias_px": mean,
        "model_foot_sigma_px": sigma,
        "model_stale_sources": ", ".join(stale_sources()),
    }


def _figures(tally: Tally, seed: int) -> dict[str, Any]:
    low, high = wilson(tally.found, tally.visible)
    mean, sigma = tally.foot_px()
    return {
        "seed": seed,
        "pictures": tally.pictures,
        "people": tally.visible,
        "recall_small": tally.found / tally.visible,
        "recall_small_low": low,
        "recall_small_high": high,
        "recall_cue": tally.cued / tally.visible,
        "recall_partly_hidden": tally.partly_found / max(tally.partly, 1),
        "people_partly_hidden": tally.partly,
        "precision_small": tally.precision(),
        "false_per_picture": tally.false / tally.pictures,
        "candidates_per_picture": tally.candidates / tally.pictures,
        "foot_bias_px": mean,
        "foot_sigma_px": sigma,
        "cpu_ms_per_picture": 1000 * tally.cpu_s / tally.pictures,
        "feeds_per_core": tally.pictures / tally.cpu_s / _PICTURES_PER_S,
        "cpu_s": tally.cpu_s,
    }


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """95 % score interval of a proportion (Wilson, 1927)."""
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    return middle - half, middle + half


def _is_on(box: Box, person: Annotation) -> bool:
    x, y = (box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2
    return (
        person.left_px - _REACH_PX <= x <= person.right_px + _REACH_PX
        and person.top_px - _REACH_PX <= y <= person.bottom_px + _REACH_PX
    )
