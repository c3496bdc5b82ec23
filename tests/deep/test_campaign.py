"""Whole searches with other seeds than the shipped one: nobody comes to harm in any; what was found is reported.

TAIHANG_CAMPAIGN_SEEDS lists the seeds (default "1 2 3"). Writes docs/reports/campaign.json.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from command.app.children import Children
from command.app.folder import OpenFolder
from command.app.run import Incident
from command.report.goals import LEAST_SEPARATION_M, judge
from command.report.outcome import Outcome
from missions.model import Phase
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from sim.scenario import load, shipped

ROOT = Path(__file__).resolve().parent.parent.parent
REPORT = ROOT / "docs" / "reports" / "campaign.json"
SCENARIO = shipped("quick_search")
SEEDS = [int(word) for word in os.environ.get("TAIHANG_CAMPAIGN_SEEDS", "1 2 3").split()]
FIGURES = ("subjects", "found", "false_finds", "position_error_max_m", "makespan_s", "min_separation_m", "digest")

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module", autouse=True)
def weights() -> None:
    try:
        ensure_nanodet(cache_folder())
    except WeightsUnavailable as reason:
        pytest.skip(f"no detector weights: {reason}")


@pytest.fixture(scope="module")
def flown() -> Iterator[list[Outcome]]:
    """Every outcome so far; the report is written whatever they are."""
    outcomes: list[Outcome] = []
    yield outcomes
    if outcomes:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(json.dumps(report(outcomes), indent=2) + "\n")


def report(outcomes: list[Outcome]) -> dict[str, Any]:
    return {
        "made_by": "./check --deep --only campaigns",
        "scenario": SCENARIO.stem,
        "scenario_sha256": hashlib.sha256(SCENARIO.read_bytes()).hexdigest(),
        "python_sources_sha256": sources_sha256(),
        "subjects": sum(outcome.subjects for outcome in outcomes),
        "found": sum(outcome.found for outcome in outcomes),
        "seeds": [of_seed(outcome) for outcome in outcomes],
    }


def of_seed(outcome: Outcome) -> dict[str, Any]:
    figures = asdict(outcome)
    return {
        "seed": outcome.seed,
        **{name: figures[name] for name in FIGURES},
        "goals": [asdict(goal) for goal in judge(outcome)],
    }


def sources_sha256() -> str:
    """Over names and contents of all Python files under version control, by name."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    digest = hashlib.sha256()
    for name in sorted(listed.stdout.splitlines()):
        if (ROOT / name).is_file():
            digest.update(name.encode() + b"\0" + hashlib.sha256((ROOT / name).read_bytes()).digest())
    return digest.hexdigest()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_search_harms_nobody_and_ends(seed: int, tmp_path: Path, flown: list[Outcome]) -> None:
    with OpenFolder(tmp_path) as folder, Children(folder.path) as children:
        outcome = Incident(
            scenario=load(SCENARIO, seed=seed), scenario_path=SCENARIO, folder=folder, children=children
        ).run()
    flown.append(outcome)
    assert outcome.orphans == 0
    assert outcome.phase == Phase.DONE
    assert outcome.min_separation_m is None or outcome.min_separation_m >= LEAST_SEPARATION_M
