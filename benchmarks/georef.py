"""`taihang bench georef`: where contacts lie against where people are, over seeded flights with biased vehicles."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.rendered_people import coded_picture
from perception.detectors.person import open_warm_person_detector
from perception.detectors.picture import PictureDetector
from perception.detectors.weights import cache_folder
from perception.georeference import CameraPose, ErrorBudget, Lens, foot_point, footprint, locate, slant_ranges_m
from perception.model import ContactState
from perception.track import Area, Sighting
from perception.tracker import Tracker
from sim.cameras.model import CameraPose as RenderPose
from sim.cameras.model import Lens as RenderLens
from sim.cameras.model import Shot
from sim.cameras.render import Renderer
from sim.scenario import load, shipped
from sim.worlds.build import build_world
from sim.worlds.hills import survey_dem
from sim.worlds.model import World
from world.attitude import Quaternion
from world.ids import VehicleId
from world.position import Enu
from world.terrain import Terrain
from world.time import NS_PER_S, Instant

_HEIGHT_M = 40.0
_STRIP_M = 22.0
_STEP_M = 9.0
_MARGIN_M = 60.0
_TILT_SIGMA_DEG, _PLACE_SIGMA_M, _HEIGHT_SIGMA_M = 0.6, 1.0, 0.7
_CORRELATION_STEPS = 40.0
_CONTACT_REACH_M = 6.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    world: World
    survey: Terrain
    lens: Lens
    renderer: Renderer
    detector: PictureDetector


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    people: int
    found: int
    false: int
    errors_m: list[float]
    nees: list[float]


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    """Raises WeightsMissing."""
    before_s = time.process_time()
    outcomes = [_search(seed + offset) for offset in range(1 if quick else 4)]
    errors = sorted(error for outcome in outcomes for error in outcome.errors_m)
    nees = [score for outcome in outcomes for score in outcome.nees]
    return {
        "seed": seed,
        "people": sum(outcome.people for outcome in outcomes),
        "found": sum(outcome.found for outcome in outcomes),
        "false_confirmed": sum(outcome.false for outcome in outcomes),
        "contact_error_m": float(np.mean(errors)) if errors else math.nan,
        "contact_error_p95_m": float(np.percentile(errors, 95)) if errors else math.nan,
        "nees_ratio": float(np.mean(nees)) / 2 if nees else math.nan,
        "cpu_s": time.process_time() - before_s,
    }


def _search(seed: int) -> _Outcome:
    """Two vehicles fly crossing strips over the people; contacts that both saw are compared with the truth."""
    scenario = load(shipped("mountain_search"), seed=seed)
    world = build_world(scenario)
    render_lens = RenderLens.of(scenario.camera)
    site = _Site(
        world=world,
        survey=survey_dem(
            world.terrain, cell_m=scenario.terrain.survey_cell_m, sigma_m=scenario.terrain.survey_sigma_m, seed=seed
        ),
        lens=Lens(width_px=render_lens.width_px, height_px=render_lens.height_px, hfov_deg=render_lens.hfov_deg),
        renderer=Renderer(world, render_lens),
        detector=open_warm_person_detector(cache_folder()),
    )
    tracker = Tracker()
    for number in range(2):
        chance = np.random.Generator(np.random.Philox(key=[seed, number]))
        for image, (true, believed) in enumerate(_flight(site, chance, crosses=number == 1)):
            _look(site, tracker, f"U{number + 1:02d}", image, true, believed)
    return _judge(world, tracker)


def _flight(site: _Site, chance: np.random.Generator, *, crosses: bool) -> Iterator[tuple[CameraPose, CameraPose]]:
    """True and believed pose of every image, strips to and fro over the people's surroundings."""
    people = np.array([(person.at.east_m, person.at.north_m) for person in site.world.people])
    low, high = people.min(axis=0) - _MARGIN_M, people.max(axis=0) + _MARGIN_M
    along, over = (1, 0) if crosses else (0, 1)
    keep = math.exp(-1 / _CORRELATION_STEPS)
    sigma = np.array([_PLACE_SIGMA_M, _PLACE_SIGMA_M, _HEIGHT_SIGMA_M, *[math.radians(_TILT_SIGMA_DEG)] * 3])
    error = sigma * chance.standard_normal(6)
    for strip, across in enumerate(np.arange(low[over], high[over], _STRIP_M)):
        track = np.arange(low[along], high[along], _STEP_M)
        heading = (0.0 if crosses else math.pi / 2) + (math.pi if strip % 2 else 0.0)
        for place in track[::-1] if strip % 2 else track:
            spot = np.zeros(2)
            spot[along], spot[over] = place, across
            error = keep * error + math.sqrt(1 - keep**2) * sigma * chance.standard_normal(6)
            yield _poses(site, spot, heading, error)


def _poses(site: _Site, spot: Floats, heading: float, error: Floats) -> tuple[CameraPose, CameraPose]:
    up_m = site.survey.height_m(float(spot[0]), float(spot[1])) + _HEIGHT_M
    true = np.array([spot[0], spot[1], up_m])
    return _pose(true, heading, np.zeros(3)), _pose(true + error[:3], heading, error[3:])


def _pose(at: Floats, heading: float, tilt: Floats) -> CameraPose:
    attitude = Quaternion.from_euler(
        roll_rad=float(tilt[0]), pitch_rad=-math.pi / 4 + float(tilt[1]), yaw_rad=heading + float(tilt[2])
    )
    return CameraPose(position=Enu(east_m=float(at[0]), north_m=float(at[1]), up_m=float(at[2])), attitude=attitude)


def _look(site: _Site, tracker: Tracker, vehicle: str, image: int, true: CameraPose, believed: CameraPose) -> None:
    corners = footprint(site.lens, believed, site.survey)
    if corners is None:
        return
    utc_ns = site.world.scenario.starts_utc_ns + image * 2 * NS_PER_S
    shot = Shot(vehicle=vehicle, frame=image, utc_ns=utc_ns)
    pair = site.renderer.render_pair(RenderPose(position=true.position, attitude=true.attitude), shot)
    picture = coded_picture(pair, site.lens, slant_ranges_m(believed, corners))
    sightings = []
    for box in site.detector.examine(picture):
        point = locate(site.lens, believed, site.survey, foot_point(box), ErrorBudget())
        if point is not None:
            at = np.array([point.position.east_m, point.position.north_m])
            sightings.append(Sighting(point=at, noise=point.noise, bias=point.bias, score=box.score))
    area = Area(
        vehicle=VehicleId(vehicle),
        image=image,
        at=Instant(mono_ns=image * 2 * NS_PER_S, utc_ns=utc_ns),
        corners=np.array([(corner.east_m, corner.north_m) for corner in corners]),
    )
    tracker.look(area, tuple(sightings))


def _judge(world: World, tracker: Tracker) -> _Outcome:
    people = {person.id: np.array([person.at.east_m, person.at.north_m]) for person in world.people}
    confirmed = [track for track in tracker.tracks if track.state is ContactState.CONFIRMED]
    errors: list[float] = []
    nees: list[float] = []
    found: dict[str, int] = {}
    for track in confirmed:
        person, at = min(people.items(), key=lambda item: float(np.linalg.norm(item[1] - track.point)))
        error = track.point - at
        if np.linalg.norm(error) <= _CONTACT_REACH_M:
            found[person] = found.get(person, 0) + 1
            errors.append(float(np.linalg.norm(error)))
            nees.append(float(error @ np.linalg.solve(track.spread, error)))
    return _Outcome(
        people=len(people), found=len(found), false=len(confirmed) - len(found), errors_m=errors, nees=nees
    )
