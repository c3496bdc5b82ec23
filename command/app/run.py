"""One whole incident on one machine: starts every process, owns the time, ends everything, judges what came out."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeGuard

from command.app.children import Children
from command.app.folder import RunFolder
from command.app.laying_out import lay_out, read_outcome
from command.app.layout import HUB, QUANTUM_TICKS, ROLES, RTSP, SIM, channels, write_config
from command.app.signals import undisturbed
from command.app.watcher import Watcher
from command.app.weights import have_weights
from command.bus.hub import RECORD_ALARM
from command.errors import BadInput, ExitCode, UserError
from command.eyes import Eyes
from command.report.outcome import Outcome
from command.timing import TICK_S, TimeOwner, WhenLost
from command.timing.errors import ParticipantLost, TimingError
from fleet.model import Alarm
from missions.planning import NO_PLAN, UNDECLARED
from sim.scenario import Scenario

LONGEST_S = 3600.0
MOST_STARTS = 4
"""Of one role: a service that dies again and again is not worth another try."""
_HOPELESS = frozenset({NO_PLAN, UNDECLARED})
FINISH_WITHIN_S = 20.0
UNWIND_WITHIN_S = 0.7
"""Given to processes that were told to stop, before they are made to."""


def is_hopeless(value: object) -> TypeGuard[Alarm]:
    """The mission service says that what was asked for is not planned: waiting would not help."""
    return isinstance(value, Alarm) and value.is_active and value.key.partition("/")[0] in _HOPELESS


class RunFailed(UserError):
    """A process of the run ended too early; says which and why."""

    def __init__(self, reason: str, folder: Path, *, exit_code: ExitCode) -> None:
        super().__init__(f"the run ended early: {reason} (logs: {folder}/*.log)")
        self.exit_code = exit_code


@dataclass(slots=True, kw_only=True)
class Incident:
    """One run in its folder. `speed` None: as fast as it goes."""

    scenario: Scenario
    scenario_path: Path
    folder: RunFolder
    children: Children
    approves: bool = True
    eyes: Eyes = Eyes.PIXELS
    speed: float | None = None
    has_mission: bool = True
    """Without one nobody asks for a search: the machines stand by for whoever commands them."""
    until_s: float = LONGEST_S
    """Simulated seconds after which the run ends whatever the mission says."""
    keeps_journals: bool = False
    restarts: bool = False
    """Restart a killed process: with journals it lives its inputs again, without it rejoins from the record."""
    on_poll: Callable[[Watcher], None] = lambda watcher: None
    on_started: Callable[[int], None] | None = None
    """Told the cameras' RTSP port once every process is there."""
    say: Callable[[str], None] = lambda sentence: None
    """Told what people at the terminal must know."""
    _failure: list[Exception] = field(default_factory=list)
    _left: list[str] = field(default_factory=list)
    """Roles whose connection to the time owner closed, the first first."""
    _starts: Counter[str] = field(default_factory=Counter)
    _has_started: threading.Event = field(default_factory=threading.Event)
    owner: TimeOwner = field(init=False)

    def run(self) -> Outcome:
        """Raises RunFailed, BadInput when there is no plan, EnvironmentLacks when what was recorded cannot be read."""
        started = time.monotonic()
        if self.eyes is Eyes.PIXELS:
            have_weights(self.say)
        self._prepare()
        watcher = Watcher(self.folder.hub_socket, started, on_value=self._hear)
        timekeeper = threading.Thread(target=self._keep_time, name="time owner", daemon=True)
        timekeeper.start()
        try:
            for role in ROLES:
                self._start(role)
            while timekeeper.is_alive():
                watcher.poll(0.2)
                self.on_poll(watcher)
                self._mind_children()
                self._tell_started()
            if self._failure:
                raise self._failed(str(self._failure[0]))
        except BaseException:
            self._abandon(timekeeper)
            raise
        finally:
            watcher.close()
        self.children.finish(ROLES, within_s=FINISH_WITHIN_S)
        self._tell_endings()
        return self._judge(watcher, time.monotonic() - started)

    def _abandon(self, timekeeper: threading.Thread) -> None:
        """Has everybody unwind; who does not is ended by Children."""
        with undisturbed():
            self.owner.stop()
            timekeeper.join(UNWIND_WITHIN_S)
            self.children.finish(ROLES, within_s=UNWIND_WITHIN_S)

    def _prepare(self) -> None:
        config = lay_out(
            self.scenario, self.scenario_path, self.folder, approves=self.approves, eyes=self.eyes,
            keeps_journals=self.keeps_journals, has_mission=self.has_mission,
        )
        write_config(self.folder.sockets / "config.json", config)
        self.owner = TimeOwner(
            self.folder.owner_socket,
            channels(self.scenario, self.eyes),
            quantum_ticks=QUANTUM_TICKS,
            end_tick=round(self.until_s / TICK_S),
            speed=self.speed,
            when_lost=WhenLost.PAUSE if self.keeps_journals or not self.restarts else WhenLost.SKIP,
            on_lost=self._lost,
            on_started=self._has_started.set,
        )

    def _hear(self, topic: str, value: object) -> None:
        if isinstance(value, Alarm) and value.key == RECORD_ALARM:
            self.say(f"{value.text} ({self.folder.path})")
        elif is_hopeless(value):
            raise BadInput(f"{self.scenario_path}: {value.text}")

    def _tell_started(self) -> None:
        if self._has_started.is_set():
            self._has_started.clear()
            if self.on_started is not None:
                self.on_started(self.owner.port(SIM, RTSP))

    def _start(self, role: str) -> None:
        self._starts[role] += 1
        config = self.folder.sockets / "config.json"
        self.children.start(role, "command.app.role", role, str(config), str(self.folder.owner_socket))

    def _lost(self, role: str) -> None:
        """In the time owner's thread; the main one restarts: children live as long as the thread they are from."""
        self._left.append(role)
        if not self.restarts:
            raise ParticipantLost(f"{role} left")

    def _keep_time(self) -> None:
        try:
            self.owner.run()
        except (TimingError, OSError) as error:
            self._failure.append(error)

    def _mind_children(self) -> None:
        """Those that died are started again, or the run is over: some die before time's owner knows them."""
        for role, status in self.children.dead().items():
            if role not in ROLES or status == 0:
                continue
            if not self.restarts or self._starts[role] >= MOST_STARTS:
                raise self._failed(self.children.reason(role))
            self._start(role)

    def _failed(self, reason: str) -> RunFailed:
        """Names the role that left first: others may have stumbled over its absence."""
        code = ExitCode.GOAL_MISSED
        dead = [role for role, status in self.children.dead().items() if role in ROLES and status != 0]
        suspects = dead if self.restarts else self._left or dead
        for role in suspects[:1]:
            self.children.finish([role], within_s=UNWIND_WITHIN_S)
            reason = self.children.reason(role)
            if self.children.running[role].returncode == ExitCode.ENVIRONMENT:
                code = ExitCode.ENVIRONMENT
        return RunFailed(reason, self.folder.path, exit_code=code)

    def _tell_endings(self) -> None:
        """What went wrong after the mission's end: the record's last events above all."""
        for role in ROLES:
            status = self.children.running[role].returncode
            if role == HUB and status == ExitCode.ENVIRONMENT:  # on a full disk its own words are lost, too
                self.say(f"the record in {self.folder.path} lacks the last events: make room on its disk")
            elif status != 0:
                self.say(f"the report may have a gap: {self.children.reason(role)}")
        if self.owner.refused:
            self.say(f"{self.owner.refused} strangers spoke to the time owner and were sent away")

    def _judge(self, watcher: Watcher, wall_s: float) -> Outcome:
        result = read_outcome(self.scenario, self.folder, self.eyes, watcher.progress)
        walls = watcher.walls
        airborne_s = None if walls.airborne_s is None else round(walls.airborne_s, 2)
        return replace(result, wall_s=round(wall_s, 1), ready_s=round(walls.ready_s or 0.0, 2), airborne_s=airborne_s)
