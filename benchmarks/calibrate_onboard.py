"""Makes sim/cameras/onboard_calibration.json: how the real detector sees, judged on labelled rendered pictures.

`python -m benchmarks.calibrate_onboard [OUT]`, about ten minutes of one core. Seeds 101..., never those of the benches.
"""

import hashlib
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.onboard_fit import Look, correlations, logistic, quantiles
from benchmarks.rendered_people import LabelledPicture, Studio, aimed, render_pose, wobbling
from perception.detectors.person import WarmPersonDetector, open_warm_person_detector
from perception.detectors.weights import cache_folder
from perception.georeference import CameraPose
from perception.model import Box
from sim.cameras.model import Annotation
from sim.cameras.onboard import (
    CALIBRATION,
    MOSTLY_VISIBLE,
    is_cut,
    person_features,
    project_rocks,
    rock_features,
    side_of,
)
from sim.scenario import load, shipped
from sim.scenarios.model import Pose, Scenario
from sim.worlds.model import Person

SEEDS = range(101, 113)
OPEN_SIDES, HIDDEN_SIDES, LOOKS = 3, 3, 3
"""Of each person: directions in which it shows, in which it is partly hidden, and looks from each."""
ANYWHERE = 70
"""Pictures of a seed that are aimed at rocks, each another one."""
JUDGED = (
    "perception/detectors/person.py", "perception/detectors/warm.py", "perception/detectors/nanodet.py",
    "perception/detectors/mosaic.py", "sim/cameras/render.py", "sim/cameras/bodies.py", "sim/cameras/crowns.py",
    "sim/cameras/figures.py", "sim/worlds/forest.py", "sim/worlds/ground.py", "sim/video/encoder.py",
)
ON_PX = 8.0
"""A detection this near to a figure's box is of that figure, as in `bench detect`."""
Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Judged:
    """What the detector did, look by look."""

    pictures: int = 0
    cut: int = 0
    cut_found: int = 0
    elsewhere: int = 0
    """False alarms on no rock."""
    people: list[Look] = field(default_factory=list)
    rocks: list[Look] = field(default_factory=list)
    fooled_again: list[Look] = field(default_factory=list)
    """Looks that were aimed at a rock because it had fooled the detector; the first of each rock is that time."""
    scores: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    """Of people, by whether they were mostly visible."""
    false_scores: list[float] = field(default_factory=list)
    edges: dict[bool, list[tuple[float, ...]]] = field(default_factory=lambda: {True: [], False: []})
    """Detected minus shown: left, top, right, bottom."""
    false_sizes_m: list[tuple[float, float]] = field(default_factory=list)
    false_offsets: list[tuple[float, float]] = field(default_factory=list)
    """Of the box's middle from the rock's, in its radii, right and down."""


class Judge:
    """One place looked at by the real detector."""

    def __init__(self, studio: Studio, detector: WarmPersonDetector, judged: Judged) -> None:
        self._studio, self._detector, self._judged = studio, detector, judged
        self._people = {person.id: person for person in studio.world.people}
        self._seed = studio.world.seed

    def look(self, taken: LabelledPicture, *, again_at: int | None = None) -> list[int]:
        """Rocks that fooled the detector. `again_at`: only this rock counts."""
        self._judged.pictures += 1
        found = list(self._detector.examine(taken.picture))
        for annotation in taken.people:
            boxes = [box for box in found if _is_on(box, annotation)]
            self._person(taken, annotation, boxes[:1])
            found = [box for box in found if box not in boxes]
        return self._rocks(taken, found, again_at)

    def _person(self, taken: LabelledPicture, annotation: Annotation, boxes: list[Box]) -> None:
        if annotation.shown_px is None:
            return
        if is_cut(annotation.shown_px, self._studio.render_lens):
            self._judged.cut += 1
            self._judged.cut_found += bool(boxes)
            return
        person = self._people[annotation.person]
        at = np.array([person.at.east_m, person.at.north_m])
        self._judged.people.append(Look(
            thing=f"{self._seed}/{person.id}", side=side_of(render_pose(taken.pose).origin(), at),
            features=person_features(annotation, person.pose), is_hit=bool(boxes),
        ))
        for box in boxes:
            is_clear = annotation.visible >= MOSTLY_VISIBLE
            self._judged.scores[is_clear].append(box.score)
            edges = (box.left_px, box.top_px, box.right_px, box.bottom_px)
            self._judged.edges[is_clear].append(tuple(np.subtract(edges, annotation.shown_px).tolist()))

    def _rocks(self, taken: LabelledPicture, false: list[Box], again_at: int | None) -> list[int]:
        world, pose = self._studio.world, render_pose(taken.pose)
        rows, places = project_rocks(world.blobs, pose, self._studio.render_lens)
        owners = [_owner(box, places) for box in false]
        self._judged.elsewhere += owners.count(None)
        for k, row in enumerate(rows):
            if again_at is not None and row != again_at:
                continue
            look = Look(
                thing=f"{self._seed}/{row}", side=side_of(pose.origin(), world.blobs.centre_m[row, :2]),
                features=rock_features(world.blobs, int(row), world.scenario.weather.air_c), is_hit=k in owners,
            )
            (self._judged.rocks if again_at is None else self._judged.fooled_again).append(look)
        for box, owner in zip(false, owners, strict=True):
            if owner is not None:
                self._false_alarm(box, places[owner])
        return [int(rows[owner]) for owner in dict.fromkeys(owners) if owner is not None]

    def _false_alarm(self, box: Box, place: Floats) -> None:
        x, y, radius_px, px_per_m = place
        self._judged.false_scores.append(box.score)
        size = ((box.right_px - box.left_px) / px_per_m, (box.bottom_px - box.top_px) / px_per_m)
        self._judged.false_sizes_m.append(size)
        middle = ((box.left_px + box.right_px) / 2 - x, (box.top_px + box.bottom_px) / 2 - y)
        self._judged.false_offsets.append((middle[0] / radius_px, middle[1] / radius_px))


def judge_place(seed: int, detector: WarmPersonDetector, judged: Judged) -> None:
    studio = Studio(crowded(seed))
    judge = Judge(studio, detector, judged)
    chance = np.random.Generator(np.random.Philox(seed))
    number = 0
    for pose in (*_at_people(studio, chance), *_at_rocks(studio, chance)):
        number += 1
        taken = studio.take(pose, number)
        if taken is None:
            continue
        for row in judge.look(taken):
            judged.fooled_again.append(replace(_last_of(judged.rocks, f"{seed}/{row}"), is_first=True))
            for again in _again(studio, row, taken.pose, chance):
                number += 1
                if (second := studio.take(again, number)) is not None:
                    judge.look(second, again_at=row)


def crowded(seed: int) -> Scenario:
    """mountain_search with a larger group, every pose in it."""
    scenario = load(shipped("mountain_search"), seed=seed)
    poses = (Pose.STANDING, Pose.WAVING, Pose.SITTING, Pose.LYING, Pose.WAVING, Pose.LYING)
    return replace(scenario, people=replace(scenario.people, poses=poses))


def _at_people(studio: Studio, chance: np.random.Generator) -> Iterator[CameraPose]:
    """Three looks at each person from each of several sides, as a strip gives them: it moves through the picture."""
    for person in studio.world.people:
        wanted = {False: OPEN_SIDES, True: HIDDEN_SIDES}
        for _ in range(60):
            yaw_rad, across, above_m = chance.uniform(0, 2 * math.pi), chance.uniform(-290, 290), chance.uniform(36, 46)
            strip = [
                aimed(
                    studio.lens, wobbling(chance, yaw_rad=yaw_rad), _spot(person),
                    pixel=(across + chance.normal(0, 10), chance.uniform(-225, -135) + 170 * k), above_m=above_m,
                )
                for k in range(LOOKS)
            ]
            is_hidden = _is_partly_hidden(studio, strip[1], person)
            if wanted[is_hidden]:
                wanted[is_hidden] -= 1
                yield from strip


def _is_partly_hidden(studio: Studio, pose: CameraPose, person: Person) -> bool:
    seen = studio.renderer.annotate(render_pose(pose), studio.world.scenario.starts_utc_ns)
    shares = [annotation.visible for annotation in seen if annotation.person == person.id]
    return bool(shares) and 0.05 < shares[0] < 0.9


def _spot(person: Person) -> Floats:
    return np.array([person.at.east_m, person.at.north_m, person.at.up_m])


def _at_rocks(studio: Studio, chance: np.random.Generator) -> Iterator[CameraPose]:
    blobs = studio.world.blobs
    rocks = np.flatnonzero((blobs.trunk_m == 0.0) & (np.abs(blobs.centre_m[:, :2]).max(axis=1) < 500.0))
    for row in chance.permutation(rocks)[:ANYWHERE]:
        pixel = (chance.uniform(-300, 300), chance.uniform(-240, 240))
        attitude = wobbling(chance, yaw_rad=None)
        yield aimed(studio.lens, attitude, blobs.centre_m[row], pixel=pixel, above_m=chance.uniform(36, 46))


def _again(studio: Studio, row: int, first: CameraPose, chance: np.random.Generator) -> Iterator[CameraPose]:
    """Three looks at a rock from the side it fooled from, and two from each of three others."""
    at = studio.world.blobs.centre_m[row]
    ahead = first.attitude.matrix()[:, 0]
    yaw_rad = math.atan2(ahead[1], ahead[0])
    for turn, looks in ((0.0, 3), (math.pi / 2, 2), (math.pi, 2), (-math.pi / 2, 2)):
        across, above_m = chance.uniform(-250, 250), chance.uniform(36, 46)
        for k in range(looks):
            pixel = (across, chance.uniform(-225, -135) + 170 * k)
            attitude = wobbling(chance, yaw_rad=yaw_rad + turn)
            yield aimed(studio.lens, attitude, at, pixel=pixel, above_m=above_m)


def _last_of(looks: list[Look], thing: str) -> Look:
    return next(look for look in reversed(looks) if look.thing == thing)


def _is_on(box: Box, person: Annotation) -> bool:
    x, y = (box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2
    return (
        person.left_px - ON_PX <= x <= person.right_px + ON_PX
        and person.top_px - ON_PX <= y <= person.bottom_px + ON_PX
    )


def _owner(box: Box, places: Floats) -> int | None:
    """The rock a false alarm lies on: its nearest in radii, a hand's breadth of pixels added."""
    if not len(places):
        return None
    x, y = (box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2
    away = np.hypot(places[:, 0] - x, places[:, 1] - y) / (places[:, 2] + 6.0)
    return int(away.argmin()) if away.min() < 1.3 else None


def sources() -> dict[str, str]:
    """SHA-256 of what was judged, by path."""
    root = Path(__file__).resolve().parent.parent
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in JUDGED}


def stale_sources() -> list[str]:
    """What has changed since the shipped calibration was made."""
    made = json.loads(CALIBRATION.read_bytes())["sha256"]
    return [name for name, digest in sources().items() if made.get(name) != digest]


def calibration(judged: Judged, seeds: list[int]) -> dict[str, Any]:
    edges, edges_hidden = np.array(judged.edges[True]), np.array(judged.edges[False])
    return {
        "what": "how perception.detectors.person sees rendered people and rocks, by benchmarks/calibrate_onboard.py",
        "seeds": seeds,
        "pictures": judged.pictures,
        "sha256": sources(),
        "cut_by_the_edge": {"looks": judged.cut, "found": judged.cut_found},
        "people": {
            "looks": len(judged.people),
            "found": sum(look.is_hit for look in judged.people),
            "foot_bias_px": round(float(edges[:, 3].mean()), 3),
            "foot_sigma_px": round(float(edges[:, 3].std()), 3),
            "edges_px": [quantiles(edges[:, k]) for k in range(4)],
            "edges_hidden_px": [quantiles(edges_hidden[:, k]) for k in range(4)],
            "scores": quantiles(judged.scores[True]),
            "scores_hidden": quantiles(judged.scores[False]),
            **_sight(judged.people, judged.people),
        },
        "rocks": {
            "looks": len(judged.rocks),
            "found": sum(look.is_hit for look in judged.rocks),
            "looks_again": len(judged.fooled_again),
            "found_again": sum(look.is_hit for look in judged.fooled_again if not look.is_first),
            "elsewhere": judged.elsewhere,
            "scores": quantiles(judged.false_scores),
            "widths_m": quantiles([size[0] for size in judged.false_sizes_m]),
            "heights_m": quantiles([size[1] for size in judged.false_sizes_m]),
            "offset_radii": [round(float(value), 3) for value in np.mean(judged.false_offsets, axis=0)],
            **_sight(judged.rocks, judged.fooled_again),
        },
    }


def _sight(looks: list[Look], repeats: list[Look]) -> dict[str, Any]:
    weights = logistic(np.array([look.features for look in looks]), np.array([look.is_hit for look in looks]))
    same_thing, same_side = correlations(repeats, weights)
    return {
        "weights": [round(float(weight), 4) for weight in weights],
        "same_thing": same_thing,
        "same_side": same_side,
    }


def main(out: Path) -> None:
    """Raises WeightsMissing."""
    detector, judged = open_warm_person_detector(cache_folder()), Judged()
    for seed in SEEDS:
        judge_place(seed, detector, judged)
        sys.stderr.write(f"seed {seed}: {judged.pictures} pictures\n")
    out.write_text(json.dumps(calibration(judged, list(SEEDS)), indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CALIBRATION)
