"""Runs the guard's own tests under coverage: every line and every branch of fleet/guard must be executed."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        data = f"--data-file={folder}/coverage"
        coverage = [sys.executable, "-m", "coverage"]
        include = "--include=fleet/guard*,fleet/guard/*"
        tests = [*coverage, "run", data, "--branch", include, "-m", "pytest", "-q", "tests/fleet/guard"]
        if subprocess.run(tests, cwd=ROOT, check=False).returncode != 0:
            return 1
        return subprocess.run([*coverage, "report", data, "-m", "--fail-under=100"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
