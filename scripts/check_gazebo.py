"""Flights in a real Gazebo 11, where its folder is; --make makes it first. Says in one line why not otherwise."""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "gazebo_root.sh"
MAKE_S = 900.0
"""A mirror that takes longer is not worth a run's time: make the folder once by hand."""


def why_not(*, makes: bool) -> str | None:
    """None once the folder is ready."""
    if subprocess.run([SCRIPT, "--path"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
        return None
    if not makes:
        return "no folder of Gazebo 11 here: ./check --gazebo makes it (480 MB, some minutes, no root)"
    try:
        made = subprocess.run([SCRIPT], stderr=subprocess.PIPE, text=True, timeout=MAKE_S, check=False)
    except subprocess.TimeoutExpired:
        return f"the folder of Gazebo 11 was not made within {MAKE_S:g} s: run scripts/gazebo_root.sh once"
    if made.returncode == 0:
        return None
    return made.stderr.strip().splitlines()[-1] if made.stderr.strip() else "scripts/gazebo_root.sh failed"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", action="store_true", help="make the folder where it is not there")
    reason = why_not(makes=parser.parse_args().make)
    if reason is not None:
        print(f"skipped: gazebo: {reason}")
        return 0
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "gazebo", "--durations=5", "tests/gazebo"]
    return subprocess.run(tests, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
