"""Rebuilds the web UI from source and compares it with the committed assets, byte by byte."""

import filecmp
import shutil
import subprocess
import sys
import tempfile
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


def main() -> int:
    npm = shutil.which("npm")
    if npm is None:
        print(
            "skipped: the UI was not rebuilt, npm is missing (apt-get install npm); the committed assets are served"
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "ui"
        shutil.copytree(ROOT / "ui", source, ignore=shutil.ignore_patterns("node_modules"))
        built = Path(folder) / "static"
        install = subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--silent"], cwd=source, check=False)
        if install.returncode != 0:
            print("skipped: the UI was not rebuilt, npm ci failed (is the package registry reachable?)")
            return 0
        subprocess.run(
            [npm, "run", "--silent", "build", "--", "--outDir", str(built), "--emptyOutDir"], cwd=source, check=True
        )
        changed = differences(built, STATIC)
    if changed:
        print("The committed UI differs from a fresh build: run 'npm run build' in ui/ and commit. Differs:", *changed)
        return 1
    print("the committed UI equals a fresh build")
    return 0


if __name__ == "__main__":
    sys.exit(main())
