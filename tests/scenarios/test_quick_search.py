"""A whole incident over bytes and pixels: everyone is found although the mission service dies in mid-search."""

import os
import signal
from pathlib import Path

import pytest

from command.app.children import Children
from command.app.folder import OpenFolder
from command.app.layout import MISSIONS
from command.app.run import Incident
from command.app.watcher import Watcher
from command.report.goals import judge
from command.report.outcome import Outcome
from command.store.record import Record
from missions.model import Phase
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from sim.scenario import load, shipped

SCENARIO = shipped("quick_search")


@pytest.fixture(scope="module", autouse=True)
def weights() -> None:
    try:
        ensure_nanodet(cache_folder())
    except WeightsUnavailable as reason:
        pytest.skip(f"no detector weights: {reason}")


AT_CELLS = 40


class KillMissions:
    """Kills the mission service once, in the middle of the search."""

    def __init__(self, children: Children) -> None:
        self._children = children
        self.killed_at_s: float | None = None

    def __call__(self, watcher: Watcher) -> None:
        progress = watcher.progress
        if self.killed_at_s is not None or progress is None or progress.phase is not Phase.SEARCHING:
            return
        if progress.cells_done >= AT_CELLS:
            self.killed_at_s = progress.at.mono_ns / 1e9
            os.kill(self._children.running[MISSIONS].pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    out = tmp_path_factory.mktemp("flown")
    with OpenFolder(out) as folder, Children(folder.path) as children:
        killer = KillMissions(children)
        incident = Incident(
            scenario=load(SCENARIO),
            scenario_path=SCENARIO,
            folder=folder,
            children=children,
            restarts=True,
            on_poll=killer,
        )
        outcome = incident.run()
    assert killer.killed_at_s is not None, "the search was over before anything could be killed"
    return outcome, out


def test_everyone_is_found_and_every_goal_met(flown: tuple[Outcome, Path]) -> None:
    assert [goal for goal in judge(flown[0]) if not goal.is_met] == []
    assert flown[0].lost == ("U03",)
    assert flown[0].replans >= 1


def test_the_record_of_it_holds(flown: tuple[Outcome, Path]) -> None:
    record = Record(flown[1] / "events.db", read_only=True)
    assert record.verify() > 500
    record.close()
