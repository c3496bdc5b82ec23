"""Changes the guard in a thousand small ways: its tests must notice each, or the survivor is explained in a table."""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from table_mutants import Judge, TableMutant, table_mutants

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("world", "fleet", "missions", "perception", "sim", "command", "tests")
SOURCES, TESTS = "fleet/guard", "tests/fleet/guard"
REPORT = ROOT / "docs" / "reports" / "guard_mutation.json"
EXPLANATIONS = ROOT / "docs" / "reports" / "guard_survivors.toml"
# `CI` has hypothesis draw the same examples every time: the same mutants survive.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"CI": "1", "COLUMNS": "120"}
SURVIVED, NOT_RUN = 0, None
PROGRESS = re.compile(r"\d+/\d+")


class MutmutFailed(RuntimeError):
    """mutmut ended without a verdict on every mutant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A change that no test noticed."""

    file: str
    line: int
    was: str
    becomes: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.file, self.was, self.becomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    made: int
    judged: int
    survivors: list[Survivor]


def files(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )
    return sorted(line for line in listed.stdout.splitlines() if (ROOT / line).is_file())


def copy_to(tree: Path) -> None:
    """Tests import far more than the guard: all rooms travel."""
    for name in ["pyproject.toml", *files(*ROOMS)]:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tree / name)


# function bodies, by mutmut


def judge_bodies(tree: Path, *, limit: int | None, seed: int, children: int) -> Verdict:
    names: list[str] = []
    if limit is not None:
        _mutmut(tree, "run", "no.such.mutant", check=False)  # makes all mutants, then complains that none is meant
        names = random.Random(seed).sample(sorted(_results(tree)), limit)
    _mutmut(tree, "run", "--max-children", str(children), *names)
    results = _results(tree)
    judged = {name: code for name, code in results.items() if code is not NOT_RUN}
    if len(judged) != (len(names) or len(results)):
        raise MutmutFailed(f"mutmut judged {len(judged)} of {len(names) or len(results)} mutants")
    survivors = [_survivor(tree, name) for name, code in judged.items() if code == SURVIVED]
    return Verdict(made=len(results), judged=len(judged), survivors=survivors)


def _mutmut(tree: Path, *arguments: str, check: bool = True) -> str:
    """mutmut draws its progress again and again over one line; some of it is passed on."""
    lines = []
    with subprocess.Popen(
        [sys.executable, "-m", "mutmut", *arguments], cwd=tree, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as child:
        for line in child.stdout or ():
            lines.append(line)
            if check and len(lines) % 100 == 0 and PROGRESS.search(line):
                print(f"bodies: {line.strip()}", flush=True)
    if check and child.returncode != 0:
        raise MutmutFailed(f"mutmut {' '.join(arguments[:1])} ended with {child.returncode}:\n{''.join(lines[-20:])}")
    return "".join(lines)


def _results(tree: Path) -> dict[str, int | None]:
    """Exit code of the tests by mutant, as mutmut keeps them."""
    found: dict[str, int | None] = {}
    for meta in sorted((tree / "mutants" / SOURCES).glob("*.py.meta")):
        found |= json.loads(meta.read_text())["exit_code_by_key"]
    return found


def _survivor(tree: Path, name: str) -> Survivor:
    diff = _mutmut(tree, "show", name).splitlines()
    file = next(line for line in diff if line.startswith("--- ")).split()[1]
    was = next(line[1:].strip() for line in diff if line.startswith("-") and not line.startswith("---"))
    becomes = next((line[1:].strip() for line in diff if line.startswith("+") and not line.startswith("+++")), "")
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0].removeprefix("x_").rpartition("ǁ")[2]
    lines = (tree / file).read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip().startswith(f"def {function}("))
    at = next((number for number in range(start, len(lines)) if lines[number].strip() == was), start)
    return Survivor(file=file, line=at + 1, was=was, becomes=becomes)


# tables


def judge_tables(tree: Path, *, limit: int | None, seed: int) -> Verdict:
    """In this process's forks: mutmut's are over by now."""
    made = [mutant for file in files(f"{SOURCES}/*.py") for mutant in table_mutants(file, (tree / file).read_text())]
    chosen = made if limit is None else random.Random(seed).sample(made, min(limit, len(made)))
    os.environ.update(ENVIRONMENT)
    judge = Judge(tree, files(f"{TESTS}/test_*.py"), ROOMS)
    survivors = []
    for number, mutant in enumerate(chosen, 1):
        if not judge.is_killed(mutant):
            survivors.append(_of_table(mutant))
        if number % 20 == 0 or number == len(chosen):
            print(f"tables: {number}/{len(chosen)} mutants, {len(survivors)} survived", flush=True)
    return Verdict(made=len(made), judged=len(chosen), survivors=survivors)


def _of_table(mutant: TableMutant) -> Survivor:
    return Survivor(file=mutant.file, line=mutant.line, was=mutant.was, becomes=mutant.becomes)


# report


def explanations() -> dict[tuple[str, str, str], str]:
    entries = tomllib.loads(EXPLANATIONS.read_text()).get("survivor", []) if EXPLANATIONS.exists() else []
    return {(e["file"], e["was"], e["becomes"]): e["because"] for e in entries}


def digests(tree: Path, *patterns: str) -> dict[str, str]:
    """Of the copies, which are what is judged: the repository may change meanwhile."""
    return {name: hashlib.sha256((tree / name).read_bytes()).hexdigest() for name in files(*patterns)}


def judged_files(tree: Path) -> dict[str, object]:
    return {
        "sources": digests(tree, f"{SOURCES}/*.py"),
        "tests": digests(tree, f"{TESTS}/*.py", "tests/support/fleet_bench.py"),
    }


def report(bodies: Verdict, tables: Verdict, *, limit: int | None, seed: int) -> dict[str, object]:
    known = explanations()
    survivors = sorted([*bodies.survivors, *tables.survivors], key=lambda s: (s.file, s.line, s.becomes))
    judged = bodies.judged + tables.judged
    return {
        "made_by": "./check --deep --only mutation",
        "mutmut": version("mutmut"),
        "is_sample": limit is not None,
        "sample": None if limit is None else {"limit": limit, "seed": seed},
        "mutants": {"in function bodies": bodies.made, "in tables": tables.made},
        "judged": {"in function bodies": bodies.judged, "in tables": tables.judged},
        "killed": judged - len(survivors),
        "survived": len(survivors),
        "survivors": [asdict(s) | {"because": known.get(s.key)} for s in survivors],
    }


def complaints(survivors: list[Survivor], *, is_sample: bool) -> Iterator[str]:
    known = explanations()
    for survivor in survivors:
        if survivor.key not in known:
            where = f"{survivor.file}:{survivor.line}"
            yield f"{where}: no test notices that\n    {survivor.was}\n  becomes\n    {survivor.becomes or '(nothing)'}"
    if not is_sample:
        for file, was, becomes in known.keys() - {survivor.key for survivor in survivors}:
            yield f"{EXPLANATIONS.name}: is killed or gone, take it out: {file}: {was!r} -> {becomes!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="judge no more than this many of each kind, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--children", type=int, default=len(os.sched_getaffinity(0)), help="processes of mutmut")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guard-mutants-") as folder:
        tree = Path(folder)
        copy_to(tree)
        judged = judged_files(tree)
        bodies = judge_bodies(tree, limit=options.limit, seed=options.seed, children=options.children)
        print(f"bodies: {bodies.judged} mutants, {len(bodies.survivors)} survived", flush=True)
        tables = judge_tables(tree, limit=options.limit, seed=options.seed)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    found = report(bodies, tables, limit=options.limit, seed=options.seed) | judged
    REPORT.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    wrong = list(complaints([*bodies.survivors, *tables.survivors], is_sample=options.limit is not None))
    print(*wrong, sep="\n")
    print(f"{found['killed']} killed, {found['survived']} survived, {len(wrong)} complaints; see {REPORT}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
