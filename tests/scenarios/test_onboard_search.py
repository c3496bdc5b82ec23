"""A search whose cameras detect on board, by a model: everyone is found, twice alike, and it says what it is."""

from pathlib import Path

import pytest

from command.app.children import Children
from command.app.folder import OpenFolder
from command.app.run import Incident
from command.eyes import Eyes
from command.report.outcome import Outcome
from command.store.record import Record
from sim.scenario import load, shipped

TINY = Path(__file__).parent / "tiny_search.toml"


def fly(path: Path, out: Path) -> Outcome:
    with OpenFolder(out) as folder, Children(folder.path) as children:
        incident = Incident(scenario=load(path), scenario_path=path, folder=folder, children=children, eyes=Eyes.MODEL)
        return incident.run()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    out = tmp_path_factory.mktemp("first")
    return fly(shipped("quick_search"), out), out


def test_everyone_is_found_and_nothing_is_missed(first: tuple[Outcome, Path]) -> None:
    outcome, _ = first
    assert (outcome.found, outcome.subjects, outcome.missed_looks) == (2, 2, 0)
    assert outcome.phase == "done"
    assert outcome.cells_done >= 0.95 * outcome.cells


def test_it_is_labelled_and_keeps_no_pictures(first: tuple[Outcome, Path]) -> None:
    outcome, out = first
    assert outcome.eyes is Eyes.MODEL
    record = Record(out / "events.db", read_only=True)
    assert record.meta()["eyes"] == "model"
    contacts = [event.value() for event in record.events() if event.topic == "perception/contact"]
    record.close()
    assert contacts
    assert all(contact.image_digest is None for contact in contacts)
    assert list((out / "contacts").iterdir()) == []


def test_the_same_seed_gives_the_same_record(tmp_path: Path) -> None:
    assert fly(TINY, tmp_path / "one").digest == fly(TINY, tmp_path / "other").digest
