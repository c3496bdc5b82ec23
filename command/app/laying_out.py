"""What a run needs before its first process, and what is read from its folder after the last one."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from command.app.folder import RunFolder
from command.app.layout import RunConfig
from command.errors import EnvironmentLacks
from command.eyes import Eyes
from command.report import outcome, truth
from command.report.outcome import Outcome
from command.store.record import Record, RecordBroken, RecordUnavailable
from command.store.telemetry import Telemetry
from command.survey import Survey, save_survey
from missions.model import MissionProgress
from sim.scenario import Scenario
from sim.worlds.build import water_of
from sim.worlds.hills import survey_dem, synthesise


def lay_out(
    scenario: Scenario, path: Path, folder: RunFolder, *, approves: bool, eyes: Eyes, keeps_journals: bool = False,
    has_mission: bool = True, takes_commands: bool = False,
) -> RunConfig:
    """Draws the place, leaves its survey in the folder, and says what every role is told."""
    terrain = synthesise(scenario)
    water = water_of(scenario, terrain)
    spec = scenario.terrain
    dem = survey_dem(terrain, cell_m=spec.survey_cell_m, sigma_m=spec.survey_sigma_m, seed=scenario.seed)
    save_survey(folder.terrain, Survey(terrain=dem, frame=scenario.frame()))
    return RunConfig(
        scenario=str(path.resolve()),
        seed=scenario.seed,
        folder=str(folder.path),
        sockets=str(folder.sockets),
        water_up_m=round(water.surface_m, 2) if water else None,
        approves=approves,
        eyes=eyes,
        keeps_journals=keeps_journals,
        has_mission=has_mission,
        takes_commands=takes_commands,
    )


def read_outcome(scenario: Scenario, folder: RunFolder, eyes: Eyes, progress: MissionProgress | None) -> Outcome:
    """From record, telemetry and truth; `progress` is the last that was heard, where telemetry has none.

    Raises EnvironmentLacks when what was recorded cannot be read.
    """
    seen = _truth(folder)
    try:
        record, telemetry = Record(folder.events, read_only=True), Telemetry(folder.telemetry)
        with closing(record), closing(telemetry):
            samples = [event.value() for event in telemetry.samples() if event.topic == "mission/progress"]
            return outcome.compute(
                scenario=scenario.name,
                seed=scenario.seed,
                eyes=eyes,
                events=list(record.events()),
                progress=samples[-1] if samples else progress,
                truth=seen,
                frame=scenario.frame(),
            )
    except (RecordUnavailable, RecordBroken, sqlite3.Error) as error:
        raise EnvironmentLacks(f"the record in {folder.path} cannot be read: {error}") from error


def _truth(folder: RunFolder) -> truth.Truth:
    """As the simulator left it; kept in the report where that can be written."""
    try:
        seen = truth.read(folder.sockets)
    except OSError as error:
        raise EnvironmentLacks(f"the simulator left no {truth.FILE}: {error.strerror}") from error
    with suppress(OSError):
        truth.write(folder.path, seen)
    return seen
