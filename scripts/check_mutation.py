"""Changes the guard in a thousand small ways: its tests must notice each, or the survivor is explained in a table."""

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import body_mutants
from mutant import Mutant, Verdict
from mutant_journal import Journal
from mutant_judge import judged
from table_mutants import called_outside_functions, table_mutants

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("world", "fleet", "missions", "perception", "sim", "command", "tests")
SOURCES, TESTS = "fleet/guard", "tests/fleet/guard"
REPORT = ROOT / "docs" / "reports" / "guard_mutation.json"
EXPLANATIONS = ROOT / "docs" / "reports" / "guard_survivors.toml"
JOURNAL = ROOT / ".cache" / "guard_mutants.jsonl"
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """All mutants. `patched`: those of `bodies` that mutmut can judge, as it changes functions after import."""

    bodies: list[Mutant]
    tables: list[Mutant]
    patched: dict[str, body_mutants.BodyMutant]
    """By `Mutant.key`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of one kind of mutants. `earlier`: taken over from earlier tests, or from beside earlier sources."""

    made: int
    verdicts: list[tuple[Mutant, Verdict]]
    earlier: int

    @property
    def survivors(self) -> list[Mutant]:
        return [mutant for mutant, verdict in self.verdicts if verdict is Verdict.SURVIVED]


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


def listed(tree: Path, *patterns: str) -> list[str]:
    """Of the copies, which are what is judged: the repository may change meanwhile."""
    return sorted(str(path.relative_to(tree)) for pattern in patterns for path in tree.glob(pattern))


# judging


def make(tree: Path) -> Made:
    sources = listed(tree, f"{SOURCES}/*.py")
    at_import = called_outside_functions((tree / file).read_text() for file in sources)
    bodies = body_mutants.make(tree, SOURCES)
    return Made(
        bodies=[body.mutant for body in bodies],
        tables=[mutant for file in sources for mutant in table_mutants(file, (tree / file).read_text())],
        patched={body.mutant.key: body for body in bodies if body.function not in at_import},
    )


def drawn(made: list[Mutant], limit: int | None, seed: int) -> list[Mutant]:
    return made if limit is None else random.Random(seed).sample(made, min(limit, len(made)))


def judge(tree: Path, made: Made, chosen: list[Mutant], journal: Journal, children: int) -> None:
    """Whatever the journal cannot answer for; each verdict goes there as it comes."""
    due = {mutant.key: mutant for mutant in chosen if journal.verdict(mutant) is None}
    print(f"{len(chosen)} mutants, {len(due)} of them to be judged", flush=True)
    judge_afresh(tree, [mutant for key, mutant in due.items() if key not in made.patched], journal, children)
    judge_bodies(tree, [made.patched[key] for key in due if key in made.patched], journal, children)
    judge_afresh(tree, [mutant for mutant in due.values() if journal.verdict(mutant) is None], journal, children)


def judge_bodies(tree: Path, due: list[body_mutants.BodyMutant], journal: Journal, children: int) -> None:
    names = {body.name: body.mutant for body in due}
    noted: set[str] = set()

    def note(verdicts: Mapping[str, Verdict]) -> None:
        """On a busy machine mutmut gives up on tests that would have passed: whatever timed out is judged afresh."""
        told = {name: verdict for name, verdict in verdicts.items() if verdict is not Verdict.TIMED_OUT}
        journal.note((names[name], verdict) for name, verdict in told.items() if name not in noted)
        noted.update(told)

    body_mutants.judge(tree, SOURCES, due, children=children, note=note)


def judge_afresh(tree: Path, due: list[Mutant], journal: Journal, children: int) -> None:
    if not due:
        return
    os.environ.update(body_mutants.ENVIRONMENT)
    with ExitStack() as stack:
        trees = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guard-mutants-"))) for _ in range(children)
        ]
        for copy in trees:
            shutil.copytree(tree, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("mutants", ".hypothesis"))
        tests = listed(tree, f"{TESTS}/test_*.py")
        for number, verdict in enumerate(judged(due, trees, tests, ROOMS, SOURCES.replace("/", ".")), 1):
            journal.note([verdict])
            if number % 50 == 0 or number == len(due):
                print(f"tables and what runs at import: {number}/{len(due)}", flush=True)


def found(made: list[Mutant], chosen: list[Mutant], journal: Journal) -> Found:
    verdicts = [(mutant, verdict) for mutant in chosen if (verdict := journal.verdict(mutant)) is not None]
    return Found(made=len(made), verdicts=verdicts, earlier=sum(journal.is_earlier(mutant) for mutant, _ in verdicts))


# report


def explanations() -> dict[Key, str]:
    entries = tomllib.loads(EXPLANATIONS.read_text()).get("survivor", []) if EXPLANATIONS.exists() else []
    return {(e["file"], e["was"], e["becomes"]): e["because"] for e in entries}


def key(mutant: Mutant) -> Key:
    return mutant.file, mutant.was, mutant.becomes


def digests(tree: Path, *patterns: str) -> dict[str, str]:
    return {name: hashlib.sha256((tree / name).read_bytes()).hexdigest() for name in listed(tree, *patterns)}


def judged_files(tree: Path) -> dict[str, object]:
    return {
        "sources": digests(tree, f"{SOURCES}/*.py"),
        "tests": digests(tree, f"{TESTS}/*.py", "tests/support/fleet_bench.py"),
    }


def digest(tree: Path) -> str:
    return hashlib.sha256(json.dumps(judged_files(tree), sort_keys=True).encode()).hexdigest()[:24]


def report(kinds: Mapping[str, Found], *, limit: int | None, seed: int) -> dict[str, object]:
    verdicts = [verdict for kind in kinds.values() for _, verdict in kind.verdicts]
    earlier = sum(kind.earlier for kind in kinds.values())
    return {
        "made_by": "./check --deep --only mutation",
        "mutmut": version("mutmut"),
        "is_sample": limit is not None,
        "sample": None if limit is None else {"limit": limit, "seed": seed},
        "mutants": {name: kind.made for name, kind in kinds.items()},
        "judged": {name: len(kind.verdicts) for name, kind in kinds.items()},
        "not_judged": sum(kind.made - len(kind.verdicts) for kind in kinds.values()),
        "judged_by": {"these sources and tests": len(verdicts) - earlier, "earlier ones": earlier},
        "killed": verdicts.count(Verdict.KILLED),
        "timed_out": verdicts.count(Verdict.TIMED_OUT),
        "survived": verdicts.count(Verdict.SURVIVED),
        "survivors": list(told(mutant for kind in kinds.values() for mutant in kind.survivors)),
    }


def told(survivors: Iterable[Mutant]) -> Iterator[dict[str, object]]:
    known = explanations()
    for mutant in sorted(survivors, key=lambda s: (s.file, s.line, s.becomes)):
        yield {
            "file": mutant.file, "line": mutant.line, "was": mutant.was, "becomes": mutant.becomes,
            "because": known.get(key(mutant)),
        }


def complaints(kinds: Mapping[str, Found], *, is_sample: bool) -> Iterator[str]:
    known = explanations()
    survivors = [mutant for kind in kinds.values() for mutant in kind.survivors]
    for mutant in survivors:
        if key(mutant) not in known:
            where = f"{mutant.file}:{mutant.line}"
            yield f"{where}: no test notices that\n    {mutant.was}\n  becomes\n    {mutant.becomes or '(nothing)'}"
    unjudged = sum(kind.made - len(kind.verdicts) for kind in kinds.values())
    if is_sample:
        return
    if unjudged:
        yield f"{unjudged} mutants are not judged yet: run it again"
        return
    for file, was, becomes in known.keys() - {key(survivor) for survivor in survivors}:
        yield f"{EXPLANATIONS.name}: is killed or gone, take it out: {file}: {was!r} -> {becomes!r}"


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="judge no more than this many of each kind, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--children", type=int, default=len(os.sched_getaffinity(0)), help="processes that judge")
    parser.add_argument(
        "--whole", action="store_true", help="take no kill over from earlier tests or from beside earlier sources"
    )
    parser.add_argument("--journal", type=Path, default=JOURNAL, help="verdicts so far, added to as they come")
    return parser.parse_args()


def told_all(kinds: Mapping[str, Found], tree: Path, *, limit: int | None, seed: int) -> list[str]:
    """Writes the report, prints and returns what is wrong."""
    says = report(kinds, limit=limit, seed=seed) | judged_files(tree)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(says, indent=2, ensure_ascii=False) + "\n")
    wrong = list(complaints(kinds, is_sample=limit is not None))
    print(*wrong, sep="\n")
    print(f"{says['killed']} killed, {says['survived']} survived, {len(wrong)} complaints; see {REPORT}")
    return wrong


def main() -> int:
    options = parsed()
    with tempfile.TemporaryDirectory(prefix="guard-mutants-") as folder:
        tree = Path(folder)
        copy_to(tree)
        journal = Journal(path=options.journal, by=digest(tree), is_strict=options.whole)
        made = make(tree)
        bodies = drawn(made.bodies, options.limit, options.seed)
        tables = drawn(made.tables, options.limit, options.seed)
        judge(tree, made, [*bodies, *tables], journal, options.children)
        kinds = {
            "in function bodies": found(made.bodies, bodies, journal),
            "in tables": found(made.tables, tables, journal),
        }
        wrong = told_all(kinds, tree, limit=options.limit, seed=options.seed)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
