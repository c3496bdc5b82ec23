"""`taihang sim gazebo` and `sim export`: what cannot be is said in one sentence before anything starts."""

from pathlib import Path

import pytest

from command.cli.gazebo import fly_in_gazebo
from command.cli.sim import export_world
from command.errors import BadInput, EnvironmentLacks
from sim.adapters.gazebo.model import Flavour, Hooks
from tests.support.command_line import TINY


def test_a_camera_on_nobody_is_named_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"--camera U09: no copter of quick_search; it has U01, U02, U03"):
        fly_in_gazebo("quick_search", camera=["U09"])


def test_a_missing_folder_of_gazebo_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacks, match=r"no Gazebo 11 in .*nothing: run scripts/gazebo_root\.sh"):
        fly_in_gazebo("quick_search", root=tmp_path / "nothing")


def test_hooks_that_a_gazebo_does_not_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"px4 hooks are gz-sim plugins: export sdf1\.9, or leave them out"):
        export_world(str(TINY), tmp_path, Flavour.CLASSIC, Hooks.PX4, 0)


def test_an_export_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export_world(str(TINY), tmp_path, Flavour.GZ_SIM, Hooks.NONE, 0)
    told = capsys.readouterr().out
    assert told.startswith(f"{tmp_path / 'tiny_search.sdf'}: ")
    assert "gz-sim itself has not run it" in told
    assert (tmp_path / "tiny_search.sdf").is_file()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    with pytest.raises(BadInput, match=r"cannot be written .*: name another folder with --out"):
        export_world(str(TINY), taken, Flavour.GZ_SIM, Hooks.NONE, 0)
