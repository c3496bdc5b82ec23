"""A search whose cameras detect on board, by a model: everyone is found, twice alike, and it says what it is."""

from pathlib import Path

import pytest

from command.app.children import Children
from command.app.folder import OpenFolder
from command.app.run import Incident
from command.eyes import Eyes
from command.report.outcome import Outcome
from command.runs.checks import judge, name_of
from command.runs.diff import compare
from command.runs.evidence import Evidence
from command.runs.flight import Flight
from command.store.record import Record
from sim.scenario import load, shipped
from sim.scenarios.expect import ExpectSpec
from tests.support.broken_worlds import BREAKS

QUICK = load(shipped("quick_search"))
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


@pytest.fixture(scope="module")
def evidence(first: tuple[Outcome, Path]) -> Evidence:
    return Evidence.read(first[1], QUICK, Eyes.MODEL)


@pytest.mark.parametrize("expected", QUICK.expect, ids=name_of)
def test_what_the_scenario_expects_holds_and_does_not_in_a_broken_world(
    evidence: Evidence, expected: ExpectSpec
) -> None:
    assert judge(evidence, (expected,))[0].is_met, judge(evidence, (expected,))[0].text
    broken = judge(BREAKS[expected.check](evidence), (expected,))[0]
    assert broken.is_met is False, broken.text


def test_five_processes_and_one_give_the_same_record_and_the_same_truth(tmp_path: Path) -> None:
    five = fly(TINY, tmp_path / "five")
    with Flight(load(TINY), TINY, tmp_path / "one") as flight:
        assert flight.run().digest == five.digest
    assert compare(tmp_path / "five", tmp_path / "one").is_equal
