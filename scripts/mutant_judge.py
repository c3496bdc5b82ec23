"""Judges mutants in fresh imports: what stands outside functions, and functions that run there, no patch reaches."""

import ast
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType

import pytest
from mutant import Mutant, Verdict

LONGEST_S = 60
"""Of processor time, whatever else the machine does; a healthy guard's tests take ten."""
_OTHER_TIME_NS = 10_000_000_000
RECENT = 8
"""So many tests are asked before whole files of them."""
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "--assert=plain")
"""Nobody reads messages here: no test is rewritten for better ones, and each is there in bytecode."""
KILLED = {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}
"""A test failed, or the tests cannot even import what they test."""


class TestsBroken(RuntimeError):
    """The tests do not judge: they fail without a mutant, or pytest cannot run them."""


class _Witness:
    """Notes which test failed first."""

    def __init__(self, note: Path) -> None:
        self._note = note

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._look(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._look(report)

    def _look(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed and not self._note.exists():
            self._note.write_text(report.nodeid.partition("[")[0])


class Judge:
    """Runs tests in forks of this process, which has third-party packages imported already.

    Works on a copy of the repository: files there are changed and put back. Call it in a process of its own.
    """

    def __init__(self, tree: Path, tests: list[str], rooms: Iterable[str], subject: str) -> None:
        """`subject`: the package whose files change, with dots."""
        self._tree, self._tests, self._rooms = tree, tests, frozenset(rooms)
        self._witness = tree / "failed.txt"
        self._recent: dict[str, list[str]] = {}
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        for test in tests:
            import_module(test.removesuffix(".py").replace("/", "."))
        sys.dont_write_bytecode = True  # a mutant of the same size and second would be taken for the one before
        self._forget([name for name in sys.modules if name.partition(".")[0] in self._rooms], subject)
        gc.collect()
        gc.freeze()  # what is there already is not looked at again in every fork
        if self._status(tests) != pytest.ExitCode.OK:
            raise TestsBroken("the guard's tests fail on the unchanged guard")

    @staticmethod
    def _forget(names: list[str], subject: str) -> None:
        """The package and all that imports it: forks import these afresh, and share the rest."""
        imports = {name: _imports(sys.modules[name]) for name in names}
        stale = {name for name in names if name == subject or name.startswith(f"{subject}.")}
        while more := {name for name in imports if imports[name] & stale} - stale:
            stale |= more
        for name in stale:
            del sys.modules[name]
        for name in stale:
            parent, _, last = name.rpartition(".")
            if parent in sys.modules:
                vars(sys.modules[parent]).pop(last, None)

    def verdict(self, mutant: Mutant) -> Verdict:
        path = self._tree / mutant.file
        before, was = path.read_text(), path.stat()
        try:
            path.write_text(mutant.text)
            # bytecode is believed by size and second: these must not be those of the unchanged file
            os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns - _OTHER_TIME_NS))
            status = self._statuses(mutant.file)
        finally:
            path.write_text(before)
            os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))  # its bytecode is that of then
        if status == pytest.ExitCode.OK:
            return Verdict.SURVIVED
        if status == -signal.SIGPROF:
            return Verdict.TIMED_OUT
        if status not in KILLED and status >= 0:
            raise TestsBroken(f"pytest ended with {status} on {mutant.file}:{mutant.line}")
        return Verdict.KILLED

    def _statuses(self, source: str) -> int:
        """First the tests that noticed other changes of this source: most often one does again; then their files."""
        recent = self._recent.setdefault(source, [])
        own = str(Path(self._tests[0]).parent / f"test_{Path(source).name}")
        files = {test.partition("::")[0] for test in recent} | ({own} & {*self._tests})
        status = int(pytest.ExitCode.OK)
        for tests in (recent[:RECENT], sorted(files), [test for test in self._tests if test not in files]):
            status = self._status(tests) if tests else status
            if status not in {pytest.ExitCode.OK, pytest.ExitCode.USAGE_ERROR}:  # of a test that cannot be imported
                break
        if self._witness.exists():
            test = self._witness.read_text()
            recent[:] = [test, *(other for other in recent if other != test)]
        return status

    def _status(self, tests: list[str]) -> int:
        """pytest's exit code; negative when the mutant ran until its time was up or broke the interpreter."""
        self._witness.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            _exit_with(lambda: self._run(tests))
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def _run(self, tests: list[str]) -> int:
        signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
        gc.disable()
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        return int(pytest.main([*PYTEST, *tests], plugins=[_Witness(self._witness)]))


def _imports(module: ModuleType) -> set[str]:
    """Names of modules that it may import, some of which are none."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text() if module.__file__ else "")):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def _exit_with(run: Callable[[], int]) -> None:
    """Ends a fork whatever happens in it; it must never go on as a second parent."""
    status = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        status = run()
    finally:
        os._exit(status)


def judged(
    due: list[Mutant], trees: list[Path], tests: list[str], rooms: Iterable[str], subject: str
) -> Iterator[tuple[Mutant, Verdict]]:
    """One process for each of these copies of the repository; verdicts as they come."""
    spawn = get_context("fork")
    readers: list[Connection] = []
    for number, tree in enumerate(trees):
        reader, writer = spawn.Pipe(duplex=False)
        chosen = range(number * len(due) // len(trees), (number + 1) * len(due) // len(trees))  # sources stay together
        spawn.Process(target=_work, args=(tree, tests, rooms, subject, due, chosen, writer), daemon=False).start()
        writer.close()
        readers.append(reader)
    count = 0
    while readers:
        for ready in wait(readers):
            assert isinstance(ready, Connection)
            try:
                index, verdict = ready.recv()
            except EOFError:
                readers.remove(ready)
                continue
            count += 1
            yield due[index], verdict
    if count != len(due):
        raise TestsBroken(f"{count} of {len(due)} mutants were judged; see above")


def _work(
    tree: Path, tests: list[str], rooms: Iterable[str], subject: str, due: list[Mutant], chosen: range,
    writer: Connection,
) -> None:
    judge = Judge(tree, tests, rooms, subject)
    for index in chosen:
        writer.send((index, judge.verdict(due[index])))
    writer.close()
