"""kill -9 of any process of an incident whose inputs are journalled: the same record comes of it, pictures included."""

import os
import random
import signal
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from command.app.children import Children
from command.app.folder import OpenFolder
from command.app.layout import FLEET, HUB, MISSIONS, PERCEPTION, SIM
from command.app.run import Incident
from command.app.watcher import Watcher
from command.report.outcome import Outcome
from command.store.record import Record
from command.timing import TICK_S
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from sim.scenario import load

TINY = Path(__file__).parent / "tiny_search.toml"
AIRBORNE_S = (30.0, 140.0)
"""Of the 168 s that the tiny search takes: pictures are taken, or the copter flies home."""


@pytest.fixture(scope="module", autouse=True)
def weights() -> None:
    try:
        ensure_nanodet(cache_folder())
    except WeightsUnavailable as reason:
        pytest.skip(f"no detector weights: {reason}")


@dataclass(slots=True)
class Killer:
    """Kills these roles, all of a group at once, at moments of simulated time that follow from the seed."""

    groups: tuple[tuple[str, ...], ...]
    seed: int = 0
    done: list[tuple[str, ...]] = field(default_factory=list)
    _at_s: list[float] = field(init=False)

    def __post_init__(self) -> None:
        moments = random.Random(self.seed)
        self._at_s = sorted(moments.uniform(*AIRBORNE_S) for _ in self.groups)

    def __call__(self, incident: Incident) -> None:
        following = len(self.done)
        if following == len(self.groups):
            return
        if incident.owner.ledger.slowest_tick() * TICK_S >= self._at_s[following]:
            for role in self.groups[following]:
                os.kill(incident.children.running[role].pid, signal.SIGKILL)
            self.done.append(self.groups[following])


def fly(out: Path, killer: Killer) -> Outcome:
    with OpenFolder(out) as folder, Children(folder.path) as children:
        incident = Incident(
            scenario=load(TINY),
            scenario_path=TINY,
            folder=folder,
            children=children,
            restarts=True,
            keeps_journals=True,
        )

        def poll(_: Watcher) -> None:
            killer(incident)

        incident.on_poll = poll
        return incident.run()


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return fly(tmp_path_factory.mktemp("calm"), Killer(()))


@pytest.mark.parametrize(
    "groups",
    [
        ((PERCEPTION,), (PERCEPTION,), (PERCEPTION,)),
        ((SIM,), (FLEET,), (HUB,), (MISSIONS,)),
        ((SIM, PERCEPTION), (SIM, FLEET, PERCEPTION, MISSIONS, HUB)),
    ],
    ids=["perception thrice", "the others, one by one", "several at once"],
)
def test_the_same_record_comes_of_it(tmp_path: Path, calm: Outcome, groups: tuple[tuple[str, ...], ...]) -> None:
    killer = Killer(groups, seed=len(groups))
    rough = fly(tmp_path, killer)
    assert killer.done == list(groups), "the search was over before everything could be killed"
    assert rough.digest == calm.digest
    record = Record(tmp_path / "events.db", read_only=True)
    assert record.verify() > 50
    record.close()
