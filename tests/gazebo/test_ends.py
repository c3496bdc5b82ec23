"""Whoever of the two ends, the other says so or ends too."""

import os
import signal
from pathlib import Path

import pytest

from perception.detectors.weights import cache_folder
from sim.adapters.gazebo.house import GazeboEnded, House
from sim.adapters.gazebo.stage import staged
from tests.gazebo.place import specs, world
from tests.sim.support import Place

pytestmark = pytest.mark.gazebo
TREES = 20


def test_a_gazebo_that_dies_in_flight_is_named_with_its_last_words(house: House, tmp_path: Path) -> None:
    made = specs()
    with staged(house, cache_folder(), tmp_path, world(), made, seed=1, most_trees=TREES) as stage:
        place = Place(made, terrain=world().solid(), make_engine=stage.make_engine)
        place.pass_time(0.2)
        os.kill(stage.server.pid, signal.SIGKILL)
        with pytest.raises(GazeboEnded, match=r"gzserver ended with -9: "):
            place.pass_time(10.0)


def test_gazebo_ends_when_nobody_answers(house: House, tmp_path: Path) -> None:
    made = specs()
    with staged(house, cache_folder(), tmp_path, world(), made, seed=1, most_trees=TREES, timeout_s=20.0) as stage:
        Place(made, terrain=world().solid(), make_engine=stage.make_engine)
        stage.server.wait(90.0)
    assert "no answer at step" in (tmp_path / "gzserver.log").read_text(errors="replace")


def test_a_gazebo_that_never_began_is_not_waited_for(house: House, tmp_path: Path) -> None:
    made = specs()
    with staged(house, cache_folder(), tmp_path, world(), made, seed=1, most_trees=TREES) as stage:
        os.kill(stage.server.pid, signal.SIGKILL)
        with pytest.raises(GazeboEnded):
            Place(made, terrain=world().solid(), make_engine=stage.make_engine)
