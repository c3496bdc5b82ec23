"""The command line as people run it: a real process, what it said, and whoever it left behind."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

from command.app.watcher import Watcher

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests/scenarios/tiny_search.toml"
MARK = "TAIHANG_TEST_RUN"
COMES_WITHIN_S = 90.0


@dataclass(slots=True)
class Run:
    """One `taihang ...` in a session of its own, with a temporary folder of its own for its sockets."""

    process: subprocess.Popen[str]
    mark: str
    temporary: Path
    out: str = ""
    err: str = ""
    ended_in_s: float = field(default=0.0)

    def end(self, *, within_s: float) -> int:
        """Its exit status; fails when it takes longer."""
        began = time.monotonic()
        self.out, self.err = self.process.communicate(timeout=within_s)
        self.ended_in_s = time.monotonic() - began
        return self.process.returncode

    def while_running(self, act: Callable[[], None], *, within_s: float) -> int:
        """Acts ten times a second until it ends; its exit status."""
        by_s, handle = time.monotonic() + within_s, os.pidfd_open(self.process.pid)
        while not select.select([handle], [], [], 0.1)[0]:
            assert time.monotonic() < by_s, "it did not end"
            act()
        os.close(handle)
        return self.end(within_s=1.0)

    def screen(self, *, within_s: float) -> str:
        """The address of the screen, as the command prints it first."""
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], within_s)[0], "it said nothing"
        self.out = self.process.stdout.readline()
        assert self.out.startswith("screen: http://"), self.out
        return self.out.split()[1]

    def ask(self, number: signal.Signals, *, whole_group: bool = False) -> None:
        if whole_group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def sockets(self) -> Path | None:
        return next(self.temporary.glob("taihang-*"), None)

    def left_behind(self) -> list[int]:
        """Processes that carry this run's mark, whoever their parent is now; the command itself excepted."""
        return [pid for pid in marked(self.mark) if pid != self.process.pid]

    def all_gone(self, *, within_s: float) -> bool:
        """Waits for the end of everybody left behind."""
        by_s = time.monotonic() + within_s
        for pid in self.left_behind():
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            is_gone = select.select([handle], [], [], max(0.0, by_s - time.monotonic()))[0]
            os.close(handle)
            if not is_gone:
                return False
        return not self.left_behind()

    def until(
        self,
        holds: Callable[[Watcher], bool],
        *,
        within_s: float = COMES_WITHIN_S,
        on_value: Callable[[str, Any], None] = lambda topic, value: None,
    ) -> None:
        """Watches the hub until this is so."""
        by_s = time.monotonic() + within_s
        watcher = Watcher(Path("not there yet"), time.monotonic(), on_value=on_value)
        while not holds(watcher):
            assert self.process.poll() is None, f"ended early: {self.process.communicate()}"
            assert time.monotonic() < by_s, "it did not come to that"
            folder = self.sockets()
            watcher.path = folder / "hub" if folder else watcher.path
            watcher.poll(0.1)
        watcher.close()


def marked(mark: str) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if f"{MARK}={mark}".encode() in environment:
                found.append(int(folder.name))
    return found


@contextmanager
def taihang(*arguments: str, **environment: str) -> Iterator[Run]:
    """Starts the command; whatever happens, nothing of it runs on."""
    mark = uuid4().hex
    temporary = Path(mkdtemp(prefix="th-"))  # pytest's own are too long for sockets
    process = subprocess.Popen(
        [sys.executable, "-m", "command.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary), "COLUMNS": "200", **environment, MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    run = Run(process, mark, temporary)
    try:
        yield run
    finally:
        for pid in marked(mark):
            os.kill(pid, signal.SIGKILL)
        process.wait()
        rmtree(temporary)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def tiny(report: Path, *more: str) -> tuple[str, ...]:
    """Arguments of the smallest run."""
    return ("demo", "--scenario", str(TINY), "--report", str(report), *(more or ("--headless",)))
