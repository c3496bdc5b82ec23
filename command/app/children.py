"""Child processes of a run: started with their role and configuration, ended within seconds, never left behind."""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

END_WITHIN_S = 2.0
FINISH_WITHIN_S = 20.0
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies, however that happens (Linux prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Children:
    """Processes by role. `stop` ends them all: first by request, after END_WITHIN_S by force."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _files: list[IO[bytes]] = field(default_factory=list)

    def start(self, role: str, module: str, *arguments: str, is_heard: bool = False) -> subprocess.Popen[bytes]:
        """`is_heard`: standard output is a pipe for the caller, and kept out of the log (it may carry a secret)."""
        log = (self.logs / f"{role}.log").open("ab")
        self._files.append(log)
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if is_heard else log,
            stderr=log,
            env=environment,
        )
        self.running[role] = child
        return child

    def dead(self) -> dict[str, int]:
        """Roles that have ended, with their exit status."""
        return {role: child.returncode for role, child in self.running.items() if child.poll() is not None}

    def last_words(self, role: str) -> str:
        """The last line a child logged: usually its one-sentence error."""
        with suppress(OSError):
            lines = (self.logs / f"{role}.log").read_text(errors="replace").strip().splitlines()
            return lines[-1] if lines else ""
        return ""

    def finish(self) -> None:
        """Let everybody close its files; those who do not end by themselves are stopped."""
        for child in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(FINISH_WITHIN_S)

    def stop(self) -> None:
        for child in self.running.values():
            if child.poll() is None:
                child.terminate()
        for child in self.running.values():
            try:
                child.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for file in self._files:
            file.close()

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
