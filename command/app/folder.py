"""The folder of one run: where its record, terrain, pictures and logs lie, and who uses it now."""

import fcntl
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command.errors import BadInput


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
    """Context manager: creates the folder, holds its lock, and removes the sockets at the end."""

    def __init__(self, path: Path) -> None:
        self._path, self._stack = path, ExitStack()

    def __enter__(self) -> RunFolder:
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            lock = self._stack.enter_context((self._path / "run.lock").open("w"))
        except OSError as error:
            raise BadInput(f"{self._path} cannot be written ({error.strerror}): name another folder") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._stack.close()
            raise FolderInUse(f"another run writes to {self._path}: name another folder with --report") from error
        sockets = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="taihang-"))
        for name in ("events.db", "telemetry.db"):
            for suffix in ("", "-wal", "-shm"):
                (self._path / (name + suffix)).unlink(missing_ok=True)
        return RunFolder(path=self._path.resolve(), sockets=Path(sockets))

    def __exit__(self, *_: Any) -> None:
        (self._path / "run.lock").unlink(missing_ok=True)
        self._stack.close()
