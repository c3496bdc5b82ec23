"""A scenario becomes a world in which our grammar and libsdformat find nothing, with everybody in it."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sim.adapters.gazebo.export import export
from sim.adapters.gazebo.model import Exported, Flavour, Hooks, Link, NotExported, Pictures
from sim.adapters.gazebo.validate import check_obj, faults_of
from sim.scenario import load, shipped
from sim.worlds.build import build_world
from sim.worlds.model import World

KINDS = [(Flavour.CLASSIC, Hooks.NONE), *((Flavour.GZ_SIM, hooks) for hooks in Hooks)]
TREES = 40


@cache
def world() -> World:
    """On a coarse grid: what is written, not how much of it."""
    scenario = load(shipped("quick_search"))
    return build_world(replace(scenario, terrain=replace(scenario.terrain, cell_m=10.0)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Not to be changed."""
    return made(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def beside(whole: Exported) -> Iterator[Path]:
    """Another world file among the meshes of the whole one."""
    path = whole.world.with_name("broken.sdf")
    yield path
    path.unlink(missing_ok=True)


def made(folder: Path, flavour: Flavour = Flavour.CLASSIC, hooks: Hooks = Hooks.NONE) -> Exported:
    return export(world(), folder, flavour, hooks=hooks, most_trees=TREES)


@pytest.mark.parametrize(("flavour", "hooks"), KINDS)
def test_our_grammar_and_libsdformat_find_nothing(tmp_path: Path, flavour: Flavour, hooks: Hooks) -> None:
    exported = made(tmp_path, flavour, hooks)
    assert faults_of(exported.world) == []
    if shutil.which("ign") is None:
        pytest.skip("libsdformat's own check is not here (ignition-tools, libsdformat-dev): only our grammar was asked")
    asked = subprocess.run(["ign", "sdf", "-k", str(exported.world)], capture_output=True, text=True, check=False)
    assert "Error" not in asked.stdout + asked.stderr
    assert asked.stdout.startswith("Valid")


def test_everybody_of_the_scenario_is_there(whole: Exported) -> None:
    root = ElementTree.parse(whole.world).getroot()
    names = {model.get("name") for model in root.iter("model")}
    scenario = world().scenario
    assert {vehicle.id for vehicle in scenario.vehicles} <= names
    assert {f"person_{person.id}" for person in world().people} <= names
    assert {"ground", "forest", "water", "smoke"} <= names
    assert whole.trees == TREES
    assert whole.trees_left_out == int((world().blobs.trunk_m > 0).sum()) - TREES


def test_the_same_scenario_is_the_same_bytes(whole: Exported, tmp_path: Path) -> None:
    again = made(tmp_path)
    assert [path.read_bytes() for path in again.files] == [path.read_bytes() for path in whole.files]


def test_the_lockstep_plugin_names_its_vehicles_in_order(tmp_path: Path) -> None:
    camera = Pictures(vehicle="U02", width_px=64, height_px=48, hfov_deg=35, pitch_deg=-45, rate_hz=5)
    link = Link(vehicles=("U02", "U01"), port=4242, image_port=4243, cameras=(camera,))
    exported = export(world(), tmp_path, Flavour.CLASSIC, link=link, most_trees=TREES)
    assert faults_of(exported.world) == []
    plugin = ElementTree.parse(exported.world).getroot().find("world/plugin")
    assert plugin is not None
    assert [vehicle.text for vehicle in plugin.findall("vehicle")] == ["U02", "U01"]
    assert (plugin.findtext("port"), plugin.findtext("image_port")) == ("4242", "4243")
    assert plugin.findtext("camera/model") == "U02_camera"


@pytest.mark.parametrize(("flavour", "hooks", "link", "words"), [
    (Flavour.CLASSIC, Hooks.PX4, None, "px4 hooks are gz-sim plugins"),
    (Flavour.GZ_SIM, Hooks.NONE, Link(vehicles=("U01",), port=1), "the lockstep plugin is for Gazebo 11"),
])
def test_what_a_gazebo_cannot_hold_is_refused(
    tmp_path: Path, flavour: Flavour, hooks: Hooks, link: Link | None, words: str
) -> None:
    with pytest.raises(NotExported, match=words):
        export(world(), tmp_path, flavour, hooks=hooks, link=link)


@pytest.mark.parametrize(("was", "becomes", "says"), [
    ("<mass>3.6</mass>", "<mass>0</mass>", "a mass must be positive"),
    ("<mass>3.6</mass>", "", "mass is missing"),
    ("<static>true</static>", "<static>yes</static>", "neither true nor false"),
    ("<radius>0.03</radius>", "<radius>nan</radius>", "not 1 finite numbers"),
    ("<gravity>0 0 -9.80665</gravity>", "<gravity>0 0</gravity>", "not 3 finite numbers"),
    ('<model name="U02">', '<model name="U01">', "two things are called 'U01'"),
    ('<model name="U02">', "<model>", "has no name"),
    ("<uri>quick_search_meshes/ground.obj</uri>", "<uri>elsewhere.obj</uri>", "is not there"),
    ('version="1.6"', 'version="2.0"', "is no SDF 1.6 or 1.9 document"),
    ("</sdf>", "", "is no XML"),
    ("<shadows>false</shadows>", "<shadows>false</shadows><fog/>", "fog does not belong here"),
])
def test_a_broken_world_is_named_by_place_and_fault(
    whole: Exported, beside: Path, was: str, becomes: str, says: str
) -> None:
    text = whole.world.read_text()
    assert was in text
    beside.write_text(text.replace(was, becomes, 1))
    faults = [str(fault) for fault in faults_of(beside)]
    assert any(says in fault for fault in faults), faults


def test_a_mesh_that_points_at_nothing_is_named(whole: Exported, tmp_path: Path) -> None:
    ours = next(path for path in whole.files if path.name.startswith("person") and path.suffix == ".obj")
    mesh = tmp_path / ours.name
    shutil.copy(ours.with_suffix(".mtl"), tmp_path)
    mesh.write_text(ours.read_text() + "f 1//1 2//2 999999//1\n")
    assert [fault.what for fault in check_obj(mesh)] == ["face '1//1 2//2 999999//1' points at nothing"]


def test_another_seed_is_another_place(whole: Exported, tmp_path: Path) -> None:
    other = replace(world().scenario, seed=99)
    moved = export(build_world(other), tmp_path, Flavour.CLASSIC, most_trees=TREES)
    assert moved.world.read_bytes() != whole.world.read_bytes()
