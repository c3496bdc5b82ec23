"""Children end when told to, when they will not, and when their parent is killed; folders have one writer."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from command.app.children import Children
from command.app.folder import FolderInUse, OpenFolder
from command.errors import BadInput
from command.survey import Survey, SurveyUnreadable, load_survey, save_survey
from world.position import Geodetic, LocalFrame
from world.terrain import Terrain

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", '''
import os, signal
from command.app.child import die_with_parent
die_with_parent(os.getppid())
print("ready", flush=True)
signal.pause()
'''], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


def test_stubborn_child_is_ended_by_force(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        child = children.start("deaf", "http.server", "0", "--bind", "127.0.0.1")
        os.kill(child.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, child.pid, os.WSTOPPED)
    assert child.returncode == -signal.SIGKILL


def test_children_die_with_a_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    orphan = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert select.select([orphan], [], [], 10.0)[0], "the child outlived its parent"
    os.close(orphan)


def test_a_child_whose_parent_is_gone_already_does_nothing() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "command.app.child", "1", "http.server", "0"], capture_output=True, text=True, timeout=30
    )
    assert told.returncode == 1
    assert told.stderr == "the process 1 that started this one is gone\n"


def test_what_ended_a_child_is_told(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        children.start("typo", "command.app.nothing").wait(30)
        assert children.reason("typo").endswith("No module named command.app.nothing")
        children.start("server", "http.server", "0", "--bind", "127.0.0.1").kill()
        children.finish(["server"], within_s=30)
        assert children.reason("server") == "server was ended by SIGKILL"
        assert children.dead() == {"typo": 1, "server": -9}


def test_a_log_begins_anew_with_each_run_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    (tmp_path / "typo.log").write_text("of the last run\n")
    with Children(tmp_path) as children:
        for _ in range(2):
            children.start("typo", "command.app.nothing").wait(30)
    assert (tmp_path / "typo.log").read_text().count("No module named") == 2
    assert "last run" not in (tmp_path / "typo.log").read_text()


def test_nothing_of_an_earlier_run_stays_beside_the_new_record(tmp_path: Path) -> None:
    for name in ("events.db", "outcome.json", "map.png", "notes.txt"):
        (tmp_path / name).write_text("old")
    with OpenFolder(tmp_path) as folder:
        assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert not folder.sockets.exists()


def test_a_folder_has_one_writer(tmp_path: Path) -> None:
    with (
        OpenFolder(tmp_path / "out"),
        pytest.raises(FolderInUse, match="another run writes to"),
        OpenFolder(tmp_path / "out"),
    ):
        pass
    with OpenFolder(tmp_path / "out"):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="name another folder"), OpenFolder(tmp_path / "file" / "out"):
        pass


def test_terrain_survives_its_file(tmp_path: Path) -> None:
    terrain = Terrain(west_m=-5, south_m=3, cell_m=2, heights_m=np.arange(12, dtype=np.float32).reshape(3, 4))
    frame = LocalFrame(Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=750))
    save_survey(tmp_path / "terrain.npz", Survey(terrain=terrain, frame=frame))
    again = load_survey(tmp_path / "terrain.npz")
    assert again.frame.origin == frame.origin
    assert again.terrain.height_m(-2.5, 4.5) == terrain.height_m(-2.5, 4.5)
    (tmp_path / "terrain.npz").write_bytes(b"nothing")
    with pytest.raises(SurveyUnreadable, match="not a terrain survey"):
        load_survey(tmp_path / "terrain.npz")
