"""pytest plugin: `def test_mission(incident)` flies a whole simulated incident, seeds and all. Loads little itself.

    @pytest.mark.incident("quick_search", seeds=range(1, 4))
    def test_everyone_is_found(incident):
        incident.run(until=lambda seen: seen.found == 2)
"""

import re
import shlex
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from command.runs.incident import LiveIncident

MARK = "incident"
_HELP = (
    "incident(scenario, seed=None, seeds=None, mission=True, until_s=None, speed=None): what the incident fixture "
    "flies: a shipped scenario's name or a .toml file (beside the test, or from here); seeds: a test each; "
    "mission=False: nobody asks for a search; speed: times real time instead of as fast as it goes"
)
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(slots=True)
class Wish:
    """What a test's marker asks for."""

    scenario: str
    seed: int | None = None
    seeds: tuple[int, ...] = ()
    mission: bool = True
    until_s: float | None = None
    speed: float | None = None


@dataclass(slots=True)
class Attached:
    """What is told of a failure: everything that the fixture flew."""

    flown: "list[LiveIncident]" = field(default_factory=list)


_KEY = pytest.StashKey[Attached]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("taihang", "simulated incidents")
    group.addoption("--incident-seed", type=int, default=None, help="this seed instead of those of the markers")
    group.addoption("--incident-reports", type=Path, default=None, help="folder for the records; default: temporary")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _HELP)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test a seed."""
    mark = metafunc.definition.get_closest_marker(MARK)
    if MARK not in metafunc.fixturenames or mark is None:
        return
    seeds = _wish(mark).seeds
    only = metafunc.config.getoption("--incident-seed")
    if seeds:
        chosen = seeds if only is None else (only,)
        metafunc.parametrize(MARK, chosen, ids=[f"seed-{seed}" for seed in chosen], indirect=True)


def _wish(mark: pytest.Mark) -> Wish:
    try:
        wish = Wish(*mark.args, **{**mark.kwargs, "seeds": tuple(mark.kwargs.get("seeds", ()))})
    except TypeError as error:
        raise pytest.UsageError(f"@pytest.mark.incident cannot be read ({error}): it takes {_HELP}") from error
    if wish.seeds and wish.seed is not None:
        raise pytest.UsageError("@pytest.mark.incident has both seed and seeds: keep one of them")
    return wish


@pytest.fixture
def incident(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[LiveIncident]":
    """The incident that the test's marker names, standing at its first instant."""
    from command.errors import UserError
    from command.runs.incident import LiveIncident
    from command.runs.verdict import Asked

    mark = request.node.get_closest_marker(MARK)
    if mark is None:
        raise pytest.UsageError('which incident? Mark the test with @pytest.mark.incident("quick_search")')
    wish = _wish(mark)
    seed = getattr(request, "param", None)
    seed = _seed(request.config, wish) if seed is None else seed
    scenario = _beside(request.path, wish.scenario)
    folder = _folder(request.config, request.node.nodeid, tmp_path)
    mistake = ""
    try:
        asked = Asked(
            scenario=scenario, seed=_own(scenario) if seed is None else seed, has_mission=wish.mission,
            until_s=wish.until_s,
        )
        flown = LiveIncident(asked, folder, speed=wish.speed)
    except UserError as error:
        mistake = str(error)
    if mistake:
        pytest.fail(mistake, pytrace=False)
    request.node.stash.setdefault(_KEY, Attached()).flown.append(flown)
    try:
        yield flown
    finally:
        flown.close()


def _seed(config: pytest.Config, wish: Wish) -> int | None:
    only: int | None = config.getoption("--incident-seed")
    return wish.seed if only is None else only


def _own(scenario: str) -> int:
    from command.app.naming import load_scenario

    return load_scenario(scenario, None)[0].seed


def _beside(test: Path, scenario: str) -> str:
    beside = test.parent / scenario
    return str(beside) if scenario.endswith(".toml") and beside.is_file() else scenario


def _folder(config: pytest.Config, nodeid: str, temporary: Path) -> Path:
    reports: Path | None = config.getoption("--incident-reports")
    return temporary / "incident" if reports is None else reports / _UNFIT.sub("-", nodeid).strip("-")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside a failure: how far the incident was, the line that repeats it, and where its record is."""
    report = yield
    if report.when == "call" and report.failed and _KEY in item.stash:
        for flown in item.stash[_KEY].flown:
            line = f"python -m pytest {shlex.quote(item.nodeid)} --incident-seed {flown.asked.seed}"
            said = [f"it was: {flown.seen}", f"reproduce: {line}", f"record: {flown.folder}"]
            report.sections.append((f"incident {flown.scenario.name}, seed {flown.asked.seed}", "\n".join(said)))
            item.user_properties += [("reproduce", line), ("record", str(flown.folder))]
    return report
