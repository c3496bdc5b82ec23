"""An expectation that could not be judged is refused with its line, before anything flies."""

from pathlib import Path

import pytest

from sim.scenario import SCENARIOS, ScenarioError, load, parse, shipped
from sim.scenarios.expect import TAKES, Check
from tests.support.broken_worlds import BREAKS, expect

BARE = shipped("quick_search").read_text(encoding="utf-8").split("[[expect]]")[0]
FILE = Path("place.toml")
MISTAKES = [
    (expect("fonud", at_least=1), "expect[0].check", "did you mean found?"),
    (expect("found"), "expect[0]", "add at_least or at_most"),
    (expect("found", at_least="two"), "expect[0].at_least", "a number"),
    (expect("found", at_least=1, always=True), "expect[0].always", "which takes at_least, at_most, by_s; remove it"),
    (expect("found", at_least=3, at_most=2), "expect[0].at_least", "swap them"),
    (expect("done", at_leats=3), "expect[0].at_leats", "did you mean at_least?"),
    (expect("near", vehicle="U01", within_m=5), "expect[0]", "near lacks at_m; add it"),
    (expect("near", vehicle="U01", within_m=5, at_m=[1]), "expect[0].at_m", "give 2"),
    (expect("armed", vehicle="U09", at_s=10), "expect[0].vehicle", "'U09' is no vehicle; use one of G01"),
    (expect("armed", vehicle="U01", at_s=10, by_s=20), "expect[0].by_s", "keep one of them"),
    (expect("armed", vehicle="U01", at_s=0), "expect[0].at_s", "between 1 and 36000"),
    (expect("done") + expect("alarm"), "expect[1]", "alarm lacks key; add it"),
]


@pytest.mark.parametrize(("text", "field", "remedy"), MISTAKES, ids=[field for _, field, _ in MISTAKES])
def test_a_mistake_names_its_line_and_the_remedy(text: str, field: str, remedy: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(BARE + text, file=FILE)
    assert caught.value.field == field
    assert remedy in caught.value.remedy
    written = field.split(".")[-1] if "." in field else "[[expect]]"
    assert written in (BARE + text).splitlines()[caught.value.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "text", "remedy"),
    [
        ("[fire]\nat_m = [-360, 340]\nradius_m = 20\n", "", expect("fire_area_m2", at_most=1), "add [fire]"),
        ("seed = 8", "seed = 8\nmission = false\nuntil_s = 60", expect("done"), "is a mission's"),
        ("seed = 8", "seed = 8\nuntil_s = 60", expect("armed", vehicle="U01", at_s=61), "at most until_s, 60"),
        ("seed = 8", "seed = 8\nmission = false", "", "add until_s"),
    ],
)
def test_what_the_rest_of_the_scenario_does_not_have(old: str, new: str, text: str, remedy: str) -> None:
    assert old in BARE
    with pytest.raises(ScenarioError, match=r"^place\.toml, line \d+, ") as caught:
        parse(BARE.replace(old, new) + text, file=FILE)
    assert remedy in caught.value.remedy


def test_a_search_without_a_mission_is_one_that_ends() -> None:
    text = BARE.replace("seed = 8", "seed = 8\nmission = false\nuntil_s = 60") + expect("lost", at_most=0)
    scenario = parse(text, file=FILE)
    assert (scenario.mission, scenario.until_s, scenario.expect[0].check) == (False, 60.0, Check.LOST)


def test_every_check_says_what_it_takes() -> None:
    assert set(TAKES) == set(Check)


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.toml")))
def test_shipped_scenarios_expect_what_can_fail(name: str) -> None:
    expected = load(shipped(name)).expect
    assert expected
    assert {one.check for one in expected} <= set(BREAKS)
    assert any(not TAKES[one.check].of_mission for one in expected), "nothing of it is physical"
