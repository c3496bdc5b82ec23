"""Child processes of a run: started with their role and configuration, ended within seconds, never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from command.app.signals import undisturbed

END_WITHIN_S = 1.5


@dataclass(slots=True)
class Children:
    """Processes by role. `stop` ends them all: first by request, after END_WITHIN_S by force."""

    logs: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """On top of this process's own."""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _files: list[IO[bytes]] = field(default_factory=list)

    def start(self, role: str, module: str, *arguments: str, is_heard: bool = False) -> subprocess.Popen[bytes]:
        """`is_heard`: standard output is a pipe for the caller, and kept out of the log (it may carry a secret).

        In a session of its own: a terminal's Ctrl-C reaches the parent, which ends its children in order.
        """
        log = (self.logs / f"{role}.log").open("ab" if role in self.running else "wb")
        self._files.append(log)
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        environment.update(self.environment)
        child = subprocess.Popen(
            [sys.executable, "-m", "command.app.child", str(os.getpid()), module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if is_heard else log,
            stderr=log,
            env=environment,
            start_new_session=True,
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

    def reason(self, role: str) -> str:
        """Why a role ended, in one sentence."""
        status = self.running[role].returncode
        if status is None:
            return f"{role} closed its connections but still runs"
        if status < 0:
            return f"{role} was ended by {signal.Signals(-status).name}"
        return self.last_words(role) or f"{role} ended with status {status} without a word"

    def finish(self, roles: Iterable[str], *, within_s: float) -> None:
        """Lets these close their files and end by themselves, all of them within this time."""
        by_s = time.monotonic() + within_s
        for role in roles:
            if role in self.running:
                with suppress(subprocess.TimeoutExpired):
                    self.running[role].wait(max(0.0, by_s - time.monotonic()))

    def stop(self) -> None:
        with undisturbed():
            for child in self.running.values():
                child.terminate()
            self.finish(self.running, within_s=END_WITHIN_S)
            for child in self.running.values():
                child.kill()
                child.wait()
                if child.stdout is not None:
                    child.stdout.close()
            for file in self._files:
                file.close()

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
