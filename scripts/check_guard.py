"""Runs the guard's own tests under coverage: every line and branch of fleet/guard and of authority must be executed."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("fleet/guard*", "fleet/guard/*", "fleet/authority.py", "fleet/leases.py", "fleet/safety_pilot.py")
TESTS = ("tests/fleet/guard", "tests/fleet/test_authority.py", "tests/fleet/test_safety_pilot.py")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        data = f"--data-file={folder}/coverage"
        coverage = [sys.executable, "-m", "coverage"]
        include = f"--include={','.join(SOURCES)}"
        tests = [*coverage, "run", data, "--branch", include, "-m", "pytest", "-q", *TESTS]
        if subprocess.run(tests, cwd=ROOT, check=False).returncode != 0:
            return 1
        return subprocess.run([*coverage, "report", data, "-m", "--fail-under=100"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
