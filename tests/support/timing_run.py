"""Flies the small fleet: starts the processes, owns the time, kills and restarts at will, collects the digests."""

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command.timing import TimeOwner
from tests.support.timing_fleet import Options, arguments, table

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """kill -9 once this tick is done by all, so many seconds of wall time later: in the middle of whatever it does."""

    name: str
    tick: int
    delay_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Flight:
    """What came of a run."""

    digests: dict[str, str]
    killed: list[tuple[str, int]]
    busy_s: dict[str, float]
    grants: int
    rows: dict[str, list[str]] = field(default_factory=dict)


class Fleet:
    """One run. `names` join at the start, `late` may join at any time."""

    def __init__(
        self,
        folder: Path,
        *,
        end_s: float = 20.0,
        copters: int = 3,
        detector_spins: int = 0,
        kills: tuple[Kill, ...] = (),
        on_tick: Callable[["Fleet", int], None] | None = None,
        speed: float | None = None,
    ) -> None:
        self.options = Options(folder=str(folder), copters=copters, detector_spins=detector_spins)
        self.folder = folder
        self._kills, self._on_tick = list(kills), on_tick
        self._killed: list[tuple[str, int]] = []
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.owner = TimeOwner(
            folder / "time",
            table(self.options),
            quantum_ticks=self.options.quantum_ticks,
            end_tick=round(end_s * 250),
            late=["W"],
            speed=speed,
            answer_timeout_s=15,
            return_timeout_s=15,
            on_progress=self._progress,
            on_lost=self._lost,
        )

    def start(self, name: str) -> None:
        self.children[name] = subprocess.Popen(arguments(name, self.options), cwd=ROOT)

    def _progress(self, tick: int) -> None:
        due = [kill for kill in self._kills if kill.tick <= tick]
        for kill in due:
            self._kills.remove(kill)
            pid = self.children[kill.name].pid
            threading.Timer(kill.delay_s, lambda pid=pid: os.kill(pid, signal.SIGKILL)).start()
        if self._on_tick:
            self._on_tick(self, tick)

    def _lost(self, name: str) -> None:
        code = self.children[name].wait(10)
        if code != -signal.SIGKILL:
            raise ChildProcessError(f"{name} left with {code}")
        self._killed.append((name, self.owner.ledger.granted[name]))
        self.start(name)

    def fly(self) -> Flight:
        try:
            for name in "SFMD":
                self.start(name)
            self.owner.run()
            for child in self.children.values():
                child.wait(10)
        finally:
            for child in self.children.values():
                if child.poll() is None:
                    child.kill()
                    child.wait(10)
        busy_s = {name: ns / 1e9 for name, ns in self.owner.busy_ns.items()}
        reports = {name: json.loads((self.folder / f"{name}.json").read_text()) for name in self.children}
        return Flight(
            digests={name: report["digest"] for name, report in reports.items()},
            killed=self._killed,
            busy_s=busy_s,
            grants=self.owner.grants,
            rows={name: (self.folder / f"{name}.rows").read_text().splitlines() for name in self.children},
        )


def fly(**options: Any) -> Flight:
    """One run in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return Fleet(Path(folder), **options).fly()
