"""Two tiny flights of one seed: as it should be, and with a motor that fails on the way."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from command.eyes import Eyes
from command.runs.evidence import Evidence
from command.runs.fly import fly
from command.runs.verdict import Asked, Verdict
from sim.scenario import load
from tests.support.broken_worlds import MOTOR, expect, scenario_with

EXPECTED = (
    expect("searched_share", at_least=0.95),
    expect("alive", vehicle="U01", always=True),
    expect("near", vehicle="U01", at_m=[35, 15], within_m=12),
    expect("battery_pct", vehicle="U01", at_least=90, always=True),
    expect("found", at_least=1, by_s=140),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flown:
    asked: Asked
    folder: Path
    verdict: Verdict
    evidence: Evidence


def _flown(folder: Path, *texts: str, until_s: float | None) -> Flown:
    path = scenario_with(folder, *texts)
    asked = Asked(scenario=str(path), seed=3, until_s=until_s)
    verdict = fly(asked, folder / "report")
    evidence = Evidence.read(folder / "report", load(path, seed=3), Eyes.MODEL)
    return Flown(asked=asked, folder=folder / "report", verdict=verdict, evidence=evidence)


@pytest.fixture(scope="package")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Flown:
    return _flown(tmp_path_factory.mktemp("sound"), *EXPECTED, until_s=None)


@pytest.fixture(scope="package")
def fallen(tmp_path_factory: pytest.TempPathFactory) -> Flown:
    return _flown(tmp_path_factory.mktemp("fallen"), MOTOR, *EXPECTED, until_s=60.0)
