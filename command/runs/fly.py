"""Flies one incident headless and judges it by what was expected: in this very process, or in five for pictures."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from command.app.children import Children
from command.app.folder import OpenFolder
from command.app.run import LONGEST_S, Incident, RunFailed
from command.app.watcher import Watcher
from command.errors import EnvironmentLacks, ExitCode
from command.eyes import Eyes
from command.report.track import TrackUnreadable
from command.report.write import write_outcome
from command.runs import verdict as verdicts
from command.runs.asking import settled
from command.runs.checks import expected_of, judge, unjudged
from command.runs.evidence import Evidence
from command.runs.flight import Flight, FlightBroke
from command.runs.seen import Seen
from command.runs.verdict import Asked, Verdict
from command.store.record import RecordBroken, RecordUnavailable
from sim.scenario import Scenario

Look = Callable[[Seen], None]


def fly(asked: Asked, report: Path, *, speed: float | None = None, look: Look = lambda seen: None) -> Verdict:
    """The verdict, also in the report's folder. `look` is shown the run as it goes on; `speed` None: at full speed.

    Raises BadInput and EnvironmentLacks; a run that ended early is a verdict.
    """
    began = time.monotonic()
    line = asked.line()
    asked, scenario, path = settled(asked)
    expected = expected_of(scenario, has_mission=asked.has_mission)
    verdict = Verdict(
        scenario=scenario.name, seed=scenario.seed, eyes=asked.eyes, reproduce=line, report=str(report), findings=()
    )
    try:
        _flown(asked, scenario, path, report, speed=speed, look=look)
        evidence = Evidence.read(report, scenario, asked.eyes)
    except (RunFailed, FlightBroke) as error:
        if error.exit_code is ExitCode.ENVIRONMENT:
            raise
        verdict = replace(verdict, fault=str(error), findings=unjudged(expected, str(error)))
    except (OSError, TrackUnreadable, RecordUnavailable, RecordBroken) as error:
        raise EnvironmentLacks(f"the report in {report} is not whole ({error}): make room on its disk") from error
    else:
        verdict = replace(
            verdict, outcome=evidence.outcome, findings=judge(evidence, expected),
            state_hash=evidence.truth.state_hash, simulated_s=evidence.simulated_s,
        )
    verdict = replace(verdict, wall_s=round(time.monotonic() - began, 1))
    verdicts.write(report, verdict)
    return verdict


def _flown(
    asked: Asked, scenario: Scenario, path: Path, report: Path, *, speed: float | None, look: Look
) -> None:
    until_s = asked.until_s or scenario.until_s or LONGEST_S
    if asked.eyes is Eyes.MODEL:
        on_step = look if speed is None else Paced(speed, look)
        with Flight(
            scenario, path, report, has_mission=asked.has_mission, until_s=until_s, on_step=on_step
        ) as flight:
            flight.run()
        return
    seen = Seen()
    with OpenFolder(report) as folder, Children(folder.path) as children:
        incident = Incident(
            scenario=scenario, scenario_path=path, folder=folder, children=children, eyes=asked.eyes, speed=speed,
            has_mission=asked.has_mission, until_s=until_s, on_poll=lambda watcher: _show(watcher, seen, look),
        )
        write_outcome(folder.path, incident.run())


def _show(watcher: Watcher, seen: Seen, look: Look) -> None:
    for value in (watcher.fleet, watcher.progress):
        if value is not None:
            seen.hear(value)
            seen.t_s = max(seen.t_s, value.at.mono_ns / 1e9)
    look(seen)


class Paced:
    """Holds a run of one process back to so many times the wall clock."""

    def __init__(
        self, speed: float, look: Look, *, now_s: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._speed, self._look, self._now_s, self._wait = speed, look, now_s, wait
        self._began_s: float | None = None

    def __call__(self, seen: Seen) -> None:
        self._look(seen)
        if self._began_s is None:
            self._began_s = self._now_s() - seen.t_s / self._speed
        early_s = self._began_s + seen.t_s / self._speed - self._now_s()
        if early_s > 0:
            self._wait(early_s)
