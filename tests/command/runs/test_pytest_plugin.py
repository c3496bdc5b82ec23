"""The pytest plugin in an outsider's folder: incidents fly on a test's word, and a failure says how to repeat it."""

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from command.runs import verdict
from tests.command.runs.conftest import Flown
from tests.support.command_line import TINY

pytest_plugins = ["pytester"]
BY_HAND = f"""
import pytest

@pytest.mark.incident({str(TINY)!r}, mission=False, until_s=60)
def test_by_hand(incident):
    incident.run(until=lambda seen: seen.ready == 1)
    assert incident.command("U01", "arm").result == "refused_by_guard"  # its failsafes are not known yet
    incident.run(until=12.0)
    assert incident.command("U01", "arm").result == "accepted"
    assert incident.command("U01", "take_off", height_m=12.0).result == "accepted"
    incident.run(until=35.0)
    true = incident.truth.vehicles["U01"]
    assert incident.truth.t_s == 35.0
    assert 10.0 < true.height_m < 14.0
    assert incident.fleet["U01"].height_above_home_m == pytest.approx(true.height_m, abs=2.0)
    assert incident.truth.place["fire_area_m2"] > 0
    refused = incident.command("U01", "go_to", position=incident.at(5000.0, 0.0, 30.0))
    assert refused.result == "refused_by_guard"
"""
FAILING = f"""
import pytest

@pytest.mark.incident({str(TINY)!r}, seeds=(4, 5), mission=False, until_s=3)
def test_expects(incident):
    if incident.asked.seed == 5:
        incident.run(until=2.0)
        assert incident.truth.vehicles["U01"].is_armed
    incident.expect()

def test_nothing_is_named(incident):
    pass

@pytest.mark.incident("nowhere")
def test_nowhere(incident):
    pass
"""


@pytest.fixture(autouse=True)
def everything_is_loaded(fallen: Flown) -> None:
    """Nested runs forget the modules that they loaded: what flies must be there before, once."""


def run(pytester: pytest.Pytester, text: str, *options: str) -> pytest.RunResult:
    """With the plugin as its entry point loads it, or by its name where the package is not installed."""
    pytester.makepyfile(text)
    is_installed = any(one.name == "taihang" for one in entry_points(group="pytest11"))
    plugin = [] if is_installed else ["-p", "command.runs.pytest_plugin"]
    others = ("no:cacheprovider", "no:hypothesispytest", "no:anyio")  # the second loads for seconds
    return pytester.runpytest_inprocess(*plugin, *(word for name in others for word in ("-p", name)), *options)


def test_a_vehicle_is_flown_by_hand(pytester: pytest.Pytester) -> None:
    run(pytester, BY_HAND, "-W", "error").assert_outcomes(passed=1)


def test_a_failure_is_told_with_the_line_that_repeats_it(pytester: pytest.Pytester) -> None:
    result = run(pytester, FAILING, "--incident-reports", "kept", "--junitxml", "tests.xml")
    result.assert_outcomes(passed=1, failed=1, errors=2)
    result.stdout.fnmatch_lines([
        "*incident tiny_search, seed 5*",
        "it was: t = 2.0 s, empty*",
        "reproduce: python -m pytest '*test_expects[[]seed-5]' --incident-seed 5",
    ])
    result.stdout.fnmatch_lines(['*Mark the test with @pytest.mark.incident("quick_search")*'])
    result.stdout.fnmatch_lines(["*there is no scenario nowhere: name one of *quick_search*"])
    record = re.search(r"record: (.*)", result.stdout.str())
    assert record is not None
    assert (pytester.path / record[1] / "events.db").is_file()
    passed = verdict.read(_kept(pytester.path, "seed-4"))
    assert (passed.seed, passed.is_met) == (4, True)
    assert 'name="reproduce"' in (pytester.path / "tests.xml").read_text()


def _kept(folder: Path, seed: str) -> Path:
    return next(path for path in (folder / "kept").iterdir() if seed in path.name)


def test_another_seed_from_the_command_line(pytester: pytest.Pytester) -> None:
    result = run(pytester, FAILING, "--incident-seed", "5", "-k", "test_expects", "--collect-only")
    result.stdout.fnmatch_lines(["*<Function test_expects[[]seed-5]>"])
    result.stdout.no_fnmatch_line("*seed-4*")


def test_the_entry_point_names_the_plugin() -> None:
    text = (Path(__file__).resolve().parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points.pytest11]\ntaihang = "command.runs.pytest_plugin"' in text
