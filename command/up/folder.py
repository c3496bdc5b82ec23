"""The record folder of a site, kept over restarts and held by one process at a time; and where its socket lies."""

import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command.errors import BadInput, EnvironmentLacks


class RecordInUse(BadInput):
    """Another process writes this record."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The lock is on the folder itself: it leaves no file and goes with the process that held it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise BadInput(f"{folder} cannot be used as the record ({error.strerror}): name another in [site]") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            remedy = "end it first, or name another record in [site]"
            raise RecordInUse(f"another taihang up writes to {folder}: {remedy}") from error
        yield
    finally:
        os.close(lock)


def sockets_folder() -> Path:
    """This user's own, readable by nobody else. Raises EnvironmentLacks."""
    folder = Path(tempfile.gettempdir()) / f"taihang-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise EnvironmentLacks(f"{folder} is not this user's alone: remove it, or set TMPDIR to another folder")
    return folder


def socket_of(record: Path) -> Path:
    """The same after a restart, so that tools find it again."""
    name = hashlib.sha256(os.fsencode(record.resolve())).hexdigest()[:12]
    return sockets_folder() / f"{name}.sock"


def newest_socket() -> Path | None:
    """Of this user's running sites the one that was started last."""
    found = sorted(sockets_folder().glob("*.sock"), key=lambda path: path.stat().st_mtime_ns)
    return found[-1] if found else None


def newest_demo() -> Path | None:
    """The door of this user's demo that was started last; its folder goes with it."""
    found = [
        path for path in Path(tempfile.gettempdir()).glob("taihang-*/hub")
        if path.lstat().st_uid == os.getuid() and path.is_socket()
    ]
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
