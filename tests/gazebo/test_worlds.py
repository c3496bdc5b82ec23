"""Every shipped scenario is a world that Gazebo's own check takes; what it would not take, that check names."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sim.adapters.gazebo.export import export
from sim.adapters.gazebo.house import House
from sim.adapters.gazebo.model import Flavour, Hooks
from sim.adapters.gazebo.validate import faults_of
from sim.scenario import SCENARIOS, load
from sim.worlds.build import build_world

pytestmark = pytest.mark.gazebo
TREES = 500


def checked(house: House, world: Path) -> str:
    """What `gz sdf -k` of the folder says of a world."""
    asked = subprocess.run(
        house.inside(world.parent, ("/usr/bin/gz", "sdf", "-k", f"/mnt/{world.name}")), capture_output=True, text=True,
        check=False, timeout=120,
    )
    return asked.stdout + asked.stderr


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_scenario_is_a_world_for_gazebo(house: House, tmp_path: Path, path: Path) -> None:
    scenario = load(path)
    world = build_world(replace(scenario, terrain=replace(scenario.terrain, cell_m=10.0)))
    today = export(world, tmp_path / "today", Flavour.GZ_SIM, hooks=Hooks.ARDUPILOT, most_trees=TREES)
    assert faults_of(today.world) == []
    classic = export(world, tmp_path / "classic", Flavour.CLASSIC, most_trees=TREES)
    assert faults_of(classic.world) == []
    said = checked(house, classic.world)
    assert "Check complete" in said
    assert "Error" not in said


def test_its_check_sees_what_is_wrong(house: House, tmp_path: Path) -> None:
    world = tmp_path / "wrong.sdf"
    world.write_text('<?xml version="1.0"?><sdf version="1.6"><world><model name="a"/></world></sdf>')
    assert "Error" in checked(house, world)
