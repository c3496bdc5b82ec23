"""Whole incidents over bytes and pixels: everyone is found, also through the death of a service."""

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


class KillOne:
    """Kills one service once, in the middle of the search."""

    def __init__(self, children: Children, *, at_cells: int, role: str = MISSIONS) -> None:
        self._children, self._at_cells, self._role = children, at_cells, role
        self.killed_at_s: float | None = None

    def __call__(self, watcher: Watcher) -> None:
        progress = watcher.progress
        if self.killed_at_s is not None or progress is None or progress.phase is not Phase.SEARCHING:
            return
        if progress.cells_done >= self._at_cells:
            self.killed_at_s = progress.at.mono_ns / 1e9
            os.kill(self._children.running[self._role].pid, signal.SIGKILL)


def fly(out: Path, *, kills: str | None = None, at_cells: int = 40) -> tuple[Outcome, KillOne]:
    with OpenFolder(out) as folder, Children(folder.path) as children:
        killer = KillOne(children, at_cells=at_cells, role=kills or MISSIONS)
        incident = Incident(
            scenario=load(SCENARIO),
            scenario_path=SCENARIO,
            folder=folder,
            children=children,
            restarts=kills is not None,
        )
        if kills:
            incident.on_poll = killer
        return incident.run(), killer


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    out = tmp_path_factory.mktemp("first")
    return fly(out)[0], out


def test_everyone_is_found_and_every_goal_met(first: tuple[Outcome, Path]) -> None:
    assert [goal for goal in judge(first[0]) if not goal.is_met] == []
    assert first[0].lost == ("U03",)
    assert first[0].replans >= 1


def test_the_record_of_it_holds(first: tuple[Outcome, Path]) -> None:
    record = Record(first[1] / "events.db", read_only=True)
    assert record.verify() > 500
    record.close()


def test_the_mission_goes_on_after_its_service_is_killed(tmp_path: Path) -> None:
    outcome, killer = fly(tmp_path, kills=MISSIONS)
    assert killer.killed_at_s is not None, "the search was over before anything could be killed"
    assert [goal for goal in judge(outcome) if not goal.is_met] == []
