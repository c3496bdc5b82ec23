"""What a run came to, for machines: what was expected, what held, and the line that flies it again."""

import shlex
from dataclasses import dataclass
from pathlib import Path

import msgspec

from command.errors import ExitCode
from command.eyes import Eyes
from command.report.outcome import Outcome
from command.runs.checks import Finding

FILE = "verdict.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One run as it was asked for; what is not here does not change its record."""

    scenario: str
    """As on the command line: a shipped one's name, or a file."""
    seed: int
    eyes: Eyes = Eyes.MODEL
    has_mission: bool = True
    until_s: float | None = None
    """None: the scenario's own, or the mission's end."""

    def line(self) -> str:
        """The command that flies exactly this again."""
        words = ["taihang", "sim", "run", self.scenario, "--seed", str(self.seed)]
        words += [] if self.eyes is Eyes.MODEL else ["--eyes", self.eyes]
        words += [] if self.has_mission else ["--without-mission"]
        words += [] if self.until_s is None else ["--until-s", f"{self.until_s:g}"]
        return shlex.join(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One run judged. `fault`: it ended early, and why; then there is no outcome."""

    scenario: str
    seed: int
    eyes: Eyes
    reproduce: str
    findings: tuple[Finding, ...]
    fault: str | None = None
    report: str = ""
    """The folder with its record, empty where it was not kept."""
    outcome: Outcome | None = None
    state_hash: str | None = None
    """Of the simulator's whole history: equal for equal seeds."""
    simulated_s: float = 0.0
    wall_s: float = 0.0

    @property
    def is_met(self) -> bool:
        return self.fault is None and all(one.is_met for one in self.findings)

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.OK if self.is_met else ExitCode.GOAL_MISSED

    @property
    def digest(self) -> str:
        """Of the record; nothing where there is none."""
        return self.outcome.digest if self.outcome else ""


def write(folder: Path, verdict: Verdict) -> None:
    """Whole or not at all."""
    temporary = folder / (FILE + ".new")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(verdict)) + b"\n")
    temporary.replace(folder / FILE)


def read(folder: Path) -> Verdict:
    """Raises OSError or msgspec.ValidationError."""
    return msgspec.json.decode((folder / FILE).read_bytes(), type=Verdict)
