"""The folder of one run: where its record, terrain, pictures and logs lie, and who uses it now."""

import fcntl
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command.app.signals import undisturbed
from command.errors import BadInput, EnvironmentLacks

OF_THE_LAST_RUN = (
    *(name + suffix for name in ("events.db", "telemetry.db") for suffix in ("", "-wal", "-shm")),
    *("truth.db", "truth.db-journal", "truth.json", "terrain.npz"),
    *("outcome.json", "verdict.json", "index.html", "map.png", "timeline.png"),
)
"""Removed first: figures of one run beside the record of another would mislead."""
LONGEST_SOCKETS_PATH = 90
"""Bytes, of the 107 that a Unix socket's address holds; the rest is for names in it."""


class FolderInUse(BadInput):
    """Another run writes here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """Paths of one run. `sockets` is a short temporary path: Unix socket names hold 107 bytes."""

    path: Path
    sockets: Path

    @property
    def events(self) -> Path:
        return self.path / "events.db"

    @property
    def telemetry(self) -> Path:
        return self.path / "telemetry.db"

    @property
    def terrain(self) -> Path:
        return self.path / "terrain.npz"

    @property
    def owner_socket(self) -> Path:
        return self.sockets / "time"

    @property
    def hub_socket(self) -> Path:
        return self.sockets / "hub"

    def log(self, role: str) -> Path:
        return self.path / f"{role}.log"


class OpenFolder:
    """Context manager: creates the folder, holds its lock, and removes the sockets at the end.

    The lock is on the folder itself, so it leaves no file and goes with the process that held it.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._stack = path, ExitStack()

    def __enter__(self) -> RunFolder:
        try:
            return self._open()
        except OSError as error:
            self._stack.close()
            raise BadInput(f"{self._path} cannot be written ({error.strerror}): name another folder") from error
        except BaseException:
            self._stack.close()
            raise

    def _open(self) -> RunFolder:
        self._path.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        self._stack.callback(os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUse(f"another run writes to {self._path}: name another folder with --report") from error
        tempfile.TemporaryFile(dir=self._path).close()
        for name in OF_THE_LAST_RUN:
            (self._path / name).unlink(missing_ok=True)
        return RunFolder(path=self._path.resolve(), sockets=self._sockets())

    def _sockets(self) -> Path:
        path = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="taihang-")))
        if len(os.fsencode(path)) > LONGEST_SOCKETS_PATH:
            raise EnvironmentLacks(f"{path} is too long for sockets: set TMPDIR to a shorter folder, such as /tmp")
        return path

    def __exit__(self, *_: Any) -> None:
        with undisturbed():
            self._stack.close()
