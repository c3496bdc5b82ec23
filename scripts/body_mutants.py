"""Mutants of the guard's function bodies: mutmut makes them, and judges them by the tests that call their function."""

import ast
import difflib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mutant import Mutant, Verdict

# `CI` has hypothesis draw the same examples every time: the same mutants survive. Plugins of pytest, of which these
# tests need none, take longer to load, again for every mutant, than most of the tests.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {
    "CI": "1", "COLUMNS": "120", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
PROGRESS = re.compile(r"\d+/\d+")
EVERY = 20
"""Verdicts are passed on after so many lines of progress: five seconds of work at most are lost with a run."""
VERDICTS: Mapping[int, Verdict] = {
    0: Verdict.SURVIVED, 33: Verdict.SURVIVED, 1: Verdict.KILLED, 3: Verdict.KILLED,
    36: Verdict.TIMED_OUT, 24: Verdict.TIMED_OUT, 152: Verdict.TIMED_OUT, -24: Verdict.TIMED_OUT, -9: Verdict.TIMED_OUT,
}
"""By the exit codes that mutmut keeps; 33: no test calls the function."""
SKIP = 34
"""Says to mutmut that a mutant is judged already."""
Note = Callable[[Mapping[str, Verdict]], None]


class MutmutFailed(RuntimeError):
    """mutmut ended without a verdict on every mutant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyMutant:
    """`name`: mutmut's. `function`: bare name of the function at module level or the method."""

    name: str
    function: str
    mutant: Mutant


def make(tree: Path, sources: str) -> list[BodyMutant]:
    """All of them; mutmut keeps them in `tree`/mutants."""
    _mutmut(tree, "run", "no.such.mutant", is_whole=False)  # makes all mutants, then complains that none is meant
    return made(tree, sources)


def made(tree: Path, sources: str) -> list[BodyMutant]:
    """Those that mutmut has made there."""
    found: list[BodyMutant] = []
    for meta in sorted((tree / "mutants" / sources).glob("*.py.meta")):
        file = f"{sources}/{meta.name.removesuffix('.meta')}"
        names = json.loads(meta.read_text())["exit_code_by_key"]
        found += of_file(file, (tree / file).read_text(), (tree / "mutants" / file).read_text(), names)
    if not found:
        raise MutmutFailed("mutmut made no mutants")
    return found


def of_file(file: str, text: str, mutated: str, names: Iterable[str]) -> Iterator[BodyMutant]:
    """mutmut writes the changed functions side by side; here each is put where the first one stood."""
    lines, plain, changed = text.splitlines(keepends=True), _functions(text), _functions(mutated)
    for name in names:
        mangled = name.rpartition(".")[2]
        owner, function = _plain_name(mangled)
        first, last, _ = plain[owner, function]
        body = changed[owner, mangled][2].replace(f"def {mangled}(", f"def {function}(", 1).splitlines(keepends=True)
        line, was, becomes = _difference(lines[first:last], body)
        yield BodyMutant(name=name, function=function, mutant=Mutant(
            file=file, line=first + line, was=was, becomes=becomes,
            text="".join([*lines[:first], *body, *lines[last:]]), part=f"{owner}.{''.join(body)}",
        ))


def _plain_name(mangled: str) -> tuple[str, str]:
    """Class, empty at module level, and function: of x_f__mutmut_1 and xǁClassǁf__mutmut_1."""
    stem = mangled.rpartition("__mutmut_")[0]
    if stem.startswith("xǁ"):
        owner, _, function = stem.removeprefix("xǁ").partition("ǁ")
        return owner, function
    return "", stem.removeprefix("x_")


def _functions(text: str) -> dict[tuple[str, str], tuple[int, int, str]]:
    """By class and name: lines from and to, decorators left out, and what stands there."""
    lines, found = text.splitlines(keepends=True), {}
    tree = ast.parse(text)
    owners = [("", tree.body), *((node.name, node.body) for node in tree.body if isinstance(node, ast.ClassDef))]
    for owner, body in owners:
        for node in body:
            if isinstance(node, ast.FunctionDef):
                first, last = node.lineno - 1, node.end_lineno or node.lineno
                found[owner, node.name] = first, last, "".join(lines[first:last])
    return found


def _difference(before: list[str], after: list[str]) -> tuple[int, str, str]:
    """The first line that differs, counted from 1, with what it was and becomes."""
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            return i1 + 1, before[i1].strip() if i1 < i2 else "", after[j1].strip() if j1 < j2 else ""
    return 1, before[0].strip(), before[0].strip()


def judge(tree: Path, sources: str, due: list[BodyMutant], *, children: int, note: Note) -> None:
    """Has mutmut judge these alone; `note` is told verdicts by name as they come, some more than once."""
    names = {body.name for body in due}
    for meta in (tree / "mutants" / sources).glob("*.py.meta"):
        said = json.loads(meta.read_text())
        said["exit_code_by_key"] = {name: None if name in names else SKIP for name in said["exit_code_by_key"]}
        meta.write_text(json.dumps(said))
    if names:
        _mutmut(tree, "run", "--max-children", str(children), progress=lambda: note(_verdicts(tree, sources, names)))
    verdicts = _verdicts(tree, sources, names)
    note(verdicts)
    if verdicts.keys() != names:
        raise MutmutFailed(f"mutmut judged {len(verdicts)} of {len(names)} mutants")


def _verdicts(tree: Path, sources: str, names: set[str]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for meta in (tree / "mutants" / sources).glob("*.py.meta"):
        try:
            codes = json.loads(meta.read_text())["exit_code_by_key"]
        except ValueError:
            continue  # it is just being written
        found |= {name: _verdict(code) for name, code in codes.items() if name in names and code is not None}
    return found


def _verdict(code: int) -> Verdict:
    if code not in VERDICTS:
        raise MutmutFailed(f"mutmut's tests ended with {code}")
    return VERDICTS[code]


def _mutmut(
    tree: Path, *arguments: str, is_whole: bool = True, progress: Callable[[], None] = lambda: None
) -> None:
    """mutmut draws its progress again and again over one line; some of it is passed on."""
    lines = []
    with subprocess.Popen(
        [sys.executable, "-m", "mutmut", *arguments], cwd=tree, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as child:
        for line in child.stdout or ():
            lines.append(line)
            if is_whole and len(lines) % EVERY == 0 and PROGRESS.search(line):
                progress()
            if is_whole and len(lines) % (5 * EVERY) == 0 and PROGRESS.search(line):
                print(f"bodies: {line.strip()}", flush=True)
    if is_whole and child.returncode != 0:
        raise MutmutFailed(f"mutmut {' '.join(arguments[:1])} ended with {child.returncode}:\n{''.join(lines[-20:])}")
