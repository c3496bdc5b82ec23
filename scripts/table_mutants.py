"""Mutants of what stands outside functions, the guard's tables and bounds: mutmut changes function bodies only."""

import ast
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

ALLOW = ("lambda *_: None", "lambda *_: True")
"""In place of a rule: one of the two lets everything through, whatever that rule answers with."""
LONGEST_S = 120
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore:Module already:pytest.PytestAssertRewriteWarning")
"""What a fork finds imported is not rewritten for better messages, which nobody reads here."""
KILLED = {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}
"""A test failed, or the tests cannot even import what they test."""


class TestsBroken(RuntimeError):
    """The tests do not judge: they fail without a mutant, or pytest cannot run them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMutant:
    """One change of one place in a file; `becomes` is empty when it is taken out."""

    file: str
    line: int
    was: str
    becomes: str
    text: str
    """The whole file with the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """From the start of `first` to the end of `last`."""

    first: ast.expr
    last: ast.expr
    becomes: str


def table_mutants(file: str, text: str) -> list[TableMutant]:
    """All mutants of a file's module and class level, in order of place."""
    data, starts = text.encode(), [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    made = []
    for change in _changes(ast.parse(text)):
        begin = starts[change.first.lineno - 1] + change.first.col_offset
        end = starts[(change.last.end_lineno or 1) - 1] + (change.last.end_col_offset or 0)
        follows = data[end:]
        if not change.becomes and follows.startswith(b","):
            follows = follows[1:]
        changed = data[:begin] + change.becomes.encode() + follows
        was = data[begin:end].decode()
        made.append(
            TableMutant(file=file, line=change.first.lineno, was=was, becomes=change.becomes, text=changed.decode())
        )
    return sorted(made, key=lambda mutant: mutant.line)


def _changes(tree: ast.Module) -> Iterator[_Change]:
    for node in _outside_functions(tree.body):
        match node:
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    yield _Change(first=key or value, last=value, becomes="")
                    if isinstance(value, ast.Name | ast.Lambda) or _is_call_of(value, "_for"):
                        yield from (_Change(first=value, last=value, becomes=rule) for rule in ALLOW)
            case ast.Set():
                yield from (_Change(first=element, last=element, becomes="") for element in node.elts)
            case ast.Call() if _is_call_of(node, "_for"):
                yield from (_Change(first=verb, last=verb, becomes="") for verb in node.args)
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                yield from (_Change(first=node, last=node, becomes=other) for other in _others(number))
            case _:
                pass


def _is_call_of(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _others(number: float) -> tuple[str, ...]:
    """A little more, a little less, and no bound at all."""
    if number == 0:
        return "1.0", "-1.0"
    if isinstance(number, int):
        return str(number + 1), str(number - 1)
    return f"{number * 1.1:.6g}", f"{number * 0.9:.6g}", "None"


def _outside_functions(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """What runs at import, and bodies of lambdas; types of names say nothing at run time."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom):
            continue
        yield node
        if isinstance(node, ast.AnnAssign):
            yield from _outside_functions([node.value] if node.value is not None else [])
        elif isinstance(node, ast.ClassDef):
            yield from _outside_functions(node.body)
        else:
            yield from _outside_functions(ast.iter_child_nodes(node))


class Judge:
    """Runs tests in forks of this process, which has third-party packages imported already.

    Works on a copy of the repository: files there are changed and put back. Call it in a process of its own.
    """

    def __init__(self, tree: Path, tests: list[str], rooms: Iterable[str]) -> None:
        self._tree, self._tests, self._rooms = tree, tests, frozenset(rooms)
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        sys.dont_write_bytecode = True  # a mutant of the same size and second would be taken for the one before
        for test in tests:
            import_module(test.removesuffix(".py").replace("/", "."))
        for name in [name for name in sys.modules if name.partition(".")[0] in self._rooms]:
            del sys.modules[name]
        if self._status() != pytest.ExitCode.OK:
            raise TestsBroken("the guard's tests fail on the unchanged guard")

    def is_killed(self, mutant: TableMutant) -> bool:
        path = self._tree / mutant.file
        before = path.read_text()
        try:
            path.write_text(mutant.text)
            status = self._status()
        finally:
            path.write_text(before)
        if status != pytest.ExitCode.OK and status not in KILLED and status >= 0:
            raise TestsBroken(f"pytest ended with {status} on {mutant.file}:{mutant.line}")
        return status != pytest.ExitCode.OK

    def _status(self) -> int:
        """pytest's exit code; negative when the mutant ran until its alarm or broke the interpreter."""
        child = os.fork()
        if child == 0:
            _exit_with(self._run)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def _run(self) -> int:
        signal.alarm(LONGEST_S)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        return int(pytest.main([*PYTEST, *self._tests]))


def _exit_with(run: Callable[[], int]) -> None:
    """Ends a fork whatever happens in it; it must never go on as a second parent."""
    status = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        status = run()
    finally:
        os._exit(status)
