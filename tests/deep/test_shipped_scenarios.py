"""Every shipped scenario holds what it says of itself, and two processes fly it alike."""

from pathlib import Path

import pytest

from command.runs.batch import Batch, Outputs
from command.runs.verdict import Asked
from sim.scenario import SCENARIOS, load, shipped

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.toml")))
def test_it_meets_what_it_expects_twice_alike(name: str, tmp_path: Path) -> None:
    hashes = []
    for folder in ("one", "other"):
        asked = Asked(scenario=name, seed=load(shipped(name)).seed)
        with Batch([asked], Outputs(report=tmp_path / folder), jobs=1) as batch:
            (verdict,) = batch.run()
        assert verdict.is_met, [one.text for one in verdict.findings if not one.is_met]
        hashes.append((verdict.state_hash, verdict.digest))
    assert hashes[0] == hashes[1]
