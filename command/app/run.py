"""One whole incident on one machine: starts every process, owns the time, ends everything, judges what came out."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from command.app.children import Children
from command.app.folder import RunFolder
from command.app.layout import QUANTUM_TICKS, ROLES, RTSP, SIM, RunConfig, channels, write_config
from command.app.watcher import Watcher
from command.errors import EnvironmentLacks, UserError
from command.report import outcome, truth
from command.report.outcome import Outcome
from command.store.record import Record
from command.store.telemetry import Telemetry
from command.survey import Survey, save_survey
from command.timing import TICK_S, TimeOwner, WhenLost
from command.timing.errors import TimingError
from missions.model import MissionProgress
from sim.scenario import Scenario
from sim.worlds.build import build_world
from sim.worlds.hills import survey_dem

LONGEST_S = 3600.0
"""Simulated seconds after which a run ends whatever the mission says."""


class RunFailed(UserError):
    """A process of the run ended with an error; its own sentence follows."""


@dataclass(slots=True, kw_only=True)
class Incident:
    """One run in its folder. `speed` None: as fast as it goes."""

    scenario: Scenario
    scenario_path: Path
    folder: RunFolder
    children: Children
    approves: bool = True
    speed: float | None = None
    keeps_journals: bool = False
    restarts: bool = False
    """Restart a killed process: with journals it lives its inputs again, without it rejoins from the record."""
    on_poll: Callable[[Watcher], None] = lambda watcher: None
    on_started: Callable[[int], None] | None = None
    """Told the cameras' RTSP port once every process is there."""
    _failure: list[BaseException] = field(default_factory=list)
    _has_started: threading.Event = field(default_factory=threading.Event)
    owner: TimeOwner = field(init=False)

    def run(self) -> Outcome:
        started = time.monotonic()
        self._prepare()
        for role in ROLES:
            self._start(role)
        watcher = Watcher(self.folder.hub_socket, started)
        timekeeper = threading.Thread(target=self._keep_time, name="time owner", daemon=True)
        timekeeper.start()
        try:
            while timekeeper.is_alive():
                watcher.poll(0.2)
                self.on_poll(watcher)
                if self._has_started.is_set():
                    self._has_started.clear()
                    self._tell_started()
        finally:
            self.owner.stop()
            timekeeper.join(5.0)
            watcher.close()
        if self._failure:
            raise RunFailed(self._explain(self._failure[0]))
        self.children.finish()
        return self._judge(watcher, time.monotonic() - started)

    def _prepare(self) -> None:
        world = build_world(self.scenario)
        spec = self.scenario.terrain
        dem = survey_dem(world.terrain, cell_m=spec.survey_cell_m, sigma_m=spec.survey_sigma_m, seed=self.scenario.seed)
        save_survey(self.folder.terrain, Survey(terrain=dem, frame=self.scenario.frame()))
        config = RunConfig(
            scenario=str(self.scenario_path.resolve()),
            seed=self.scenario.seed,
            folder=str(self.folder.path),
            sockets=str(self.folder.sockets),
            approves=self.approves,
            keeps_journals=self.keeps_journals,
        )
        write_config(self.folder.sockets / "config.json", config)
        self.owner = TimeOwner(
            self.folder.owner_socket,
            channels(self.scenario),
            quantum_ticks=QUANTUM_TICKS,
            end_tick=round(LONGEST_S / TICK_S),
            speed=self.speed,
            when_lost=WhenLost.PAUSE if self.keeps_journals or not self.restarts else WhenLost.SKIP,
            on_lost=self._lost if self.restarts else None,
            on_started=self._has_started.set,
        )

    def _tell_started(self) -> None:
        if self.on_started is not None:
            self.on_started(self.owner.port(SIM, RTSP))

    def _start(self, role: str) -> None:
        config = self.folder.sockets / "config.json"
        self.children.start(role, "command.app.role", role, str(config), str(self.folder.owner_socket))

    def _lost(self, role: str) -> None:
        self._start(role)

    def _keep_time(self) -> None:
        try:
            self.owner.run()
        except TimingError as error:
            self._failure.append(error)

    def _explain(self, error: BaseException) -> str:
        dead = [role for role, status in self.children.dead().items() if status != 0]
        words = "; ".join(self.children.last_words(role) for role in dead)
        return f"the run ended early: {words or error} (logs: {self.folder.path}/*.log)"

    def _judge(self, watcher: Watcher, wall_s: float) -> Outcome:
        try:
            seen = truth.read(self.folder.path)
        except OSError as error:
            raise EnvironmentLacks(f"the simulator left no {truth.FILE} in {self.folder.path}: {error}") from error
        record, telemetry = Record(self.folder.events, read_only=True), Telemetry(self.folder.telemetry)
        samples = [event.value() for event in telemetry.samples() if event.topic == "mission/progress"]
        progress: MissionProgress | None = samples[-1] if samples else watcher.progress
        result = outcome.compute(
            scenario=self.scenario.name,
            seed=self.scenario.seed,
            events=list(record.events()),
            progress=progress,
            truth=seen,
            frame=self.scenario.frame(),
        )
        record.close()
        telemetry.close()
        walls = watcher.walls
        airborne_s = None if walls.airborne_s is None else round(walls.airborne_s, 2)
        return replace(result, wall_s=round(wall_s, 1), ready_s=round(walls.ready_s or 0.0, 2), airborne_s=airborne_s)
