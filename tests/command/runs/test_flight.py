"""A flight in one process: scripts hold it, and whatever breaks in a role is told as that role's."""

import threading
from pathlib import Path
from typing import Any

import pytest

from command.app import fleet_role
from command.errors import BadInput, EnvironmentLacks
from command.runs.flight import Flight, FlightBroke, NeverHeld
from command.runs.fly import fly
from command.runs.verdict import Asked
from sim.scenario import load
from sim.service import SimService
from tests.support.broken_worlds import scenario_with
from tests.support.command_line import TINY


def standing(folder: Path, *, until_s: float = 5.0, path: Path = TINY) -> Flight:
    return Flight(load(path), path, folder, has_mission=False, until_s=until_s)


def roles_running() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("role")]


def test_a_script_waits_for_what_comes_and_not_for_what_does_not(tmp_path: Path) -> None:
    with standing(tmp_path) as flight:
        assert flight.until(lambda seen: seen.ready == 1).t_s < 5.0
        with pytest.raises(NeverHeld, match=r"within 1 simulated seconds: t = .* s, empty"):
            flight.until(lambda seen: seen.found == 1, within_s=1.0)
        with pytest.raises(NeverHeld):
            flight.until(lambda seen: seen.found == 1)
        assert flight.is_over
    assert roles_running() == []


def test_the_same_folder_cannot_be_flown_in_twice(tmp_path: Path) -> None:
    with standing(tmp_path), pytest.raises(BadInput, match="another run writes to"):
        standing(tmp_path)


def test_a_role_that_cannot_start_says_why_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: Any) -> None:
        raise EnvironmentLacks("there is no room: make some")

    monkeypatch.setattr(fleet_role, "run", lacking)
    with pytest.raises(EnvironmentLacks, match="make some"):
        standing(tmp_path)
    assert roles_running() == []


def test_a_place_without_room_for_people_is_the_scenarios_mistake(tmp_path: Path) -> None:
    path = scenario_with(tmp_path)
    text = path.read_text().replace('poses = ["standing"]', 'poses = ["standing", "standing", "standing", "standing"]')
    path.write_text(text.replace("apart_min_m = 6\napart_max_m = 25", "apart_min_m = 90\napart_max_m = 190"))
    with pytest.raises(BadInput, match="no free spot near search"):
        standing(tmp_path / "out", path=path)


def test_a_role_that_breaks_in_flight_ends_it_with_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = SimService.step

    def breaks(self: SimService) -> None:
        if self.elapsed_s >= 2.0:
            raise ZeroDivisionError("a wheel came off")
        step(self)

    monkeypatch.setattr(SimService, "step", breaks)
    with standing(tmp_path / "a") as flight, pytest.raises(FlightBroke, match=r"sim: .*a wheel came off"):
        flight.run()
    verdict = fly(Asked(scenario=str(TINY), seed=3, has_mission=False, until_s=5.0), tmp_path / "b")
    assert "a wheel came off" in (verdict.fault or "")
    assert {one.is_met for one in verdict.findings} == {None}
    assert verdict.exit_code == 1
    assert roles_running() == []
