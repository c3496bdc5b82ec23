"""The stages of ./check: each is a command with a name, run in order, timed, and summed up at the end."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PACKAGES = ("world", "fleet", "missions", "perception", "sim", "command")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One check. `is_deep`: only with --deep."""

    name: str
    command: tuple[str, ...]
    is_deep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    stage: str
    is_passed: bool
    wall_s: float
    skips: tuple[str, ...]
    counts: str


PYTEST = (str(BIN / "python"), "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
"""Two at a time: a whole incident keeps two cores busy by itself. In the order of tests/conftest.py: longest first."""
STAGES = (
    Stage(name="lint", command=(str(BIN / "ruff"), "check", ".")),
    Stage(name="types", command=(str(BIN / "mypy"),)),
    Stage(name="imports", command=(str(BIN / "lint-imports"),)),
    Stage(name="weights", command=(str(BIN / "python"), "-m", "command.cli", "perception", "weights")),
    Stage(name="ui", command=(str(BIN / "python"), "scripts/check_ui.py")),
    Stage(name="guard", command=(str(BIN / "python"), "scripts/check_guard.py")),
    Stage(name="fuzz", command=(str(BIN / "python"), "scripts/fuzz_wire.py", "--seconds", "60")),
    Stage(name="tests", command=(*PYTEST, "-m", "not deep and not gazebo", "--durations=10")),
    Stage(name="gazebo", command=(str(BIN / "python"), "scripts/check_gazebo.py")),
    Stage(name="campaigns", command=(*PYTEST, "-m", "deep"), is_deep=True),
    Stage(name="mutation", command=(str(BIN / "python"), "scripts/check_mutation.py"), is_deep=True),
)


def run(stage: Stage) -> Outcome:
    print(f"== {stage.name}: {' '.join(stage.command)}", flush=True)
    started = time.monotonic()
    lines: list[str] = []
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        stage.command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        for line in child.stdout or ():
            lines.append(line.rstrip())
            print(line, end="", flush=True)
    return Outcome(
        stage=stage.name,
        is_passed=child.returncode == 0,
        wall_s=time.monotonic() - started,
        skips=tuple(skips(lines)),
        counts=next((found[0] for line in reversed(lines) if (found := re.search(r"\d+ passed.*", line))), ""),
    )


def skips(lines: list[str]) -> Iterator[str]:
    """Everything that was left out, with its reason."""
    for line in lines:
        if line.startswith(("SKIPPED", "skipped:")):
            yield line


def summary(outcomes: list[Outcome]) -> bool:
    print("\n== summary")
    for outcome in outcomes:
        word = "passed" if outcome.is_passed else "FAILED"
        print(f"{outcome.stage:10} {word:7} {outcome.wall_s:7.1f} s  {outcome.counts}")
        for skip in outcome.skips:
            print(f"           {skip}")
    failed = sum(not outcome.is_passed for outcome in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return failed == 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./check", description=__doc__, epilog="exit code: 0 all passed, 1 something failed"
    )
    parser.add_argument("--deep", action="store_true", help="also run mutation tests and long campaigns")
    parser.add_argument(
        "--gazebo", action="store_true", help="make the folder of Gazebo 11 first, where it is not there"
    )
    parser.add_argument(
        "--only", metavar="STAGE", action="append", help="run these stages only: " + ", ".join(s.name for s in STAGES)
    )
    options = parser.parse_args()
    chosen = [s for s in STAGES if (s.name in options.only if options.only else options.deep or not s.is_deep)]
    if options.gazebo:
        chosen = [replace(s, command=(*s.command, "--make")) if s.name == "gazebo" else s for s in chosen]
    if shutil.disk_usage(ROOT).free < 1 << 30:
        print("Less than 1 GiB of disk is free: make room, the tests write recordings.", file=sys.stderr)
    return 0 if summary([run(stage) for stage in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
