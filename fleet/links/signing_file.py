"""Times of signatures kept over restarts, so that ours never go back and what was heard before is not heard again.

Written ahead in steps: what is on disk is never behind what was signed or let in, and a killed process loses nothing.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

from fleet.wire.signing import SigningMemory, Stream

STEP: Final = 60 * 100_000
"""One minute in ticks of 10 us: as far ahead as ArduPilot starts after a boot (GCS_Signing.cpp, load_signing_key)."""
TRY_AGAIN: Final = 100_000
"""One second: how long a disk that could not be written is left alone."""


class SigningFileDamaged(ValueError):
    """The file is there and cannot be understood."""


class SigningFile:
    """One file for all links of a site. Holds no secrets."""

    def __init__(self, path: Path) -> None:
        """Raises SigningFileDamaged; a missing file is an empty one."""
        self._path = path
        self._links: dict[str, _OfLink] = {}
        self._before = _read(path)
        self.fault: str | None = None
        """Why times could not be kept the last time; everything else goes on."""

    def of(self, link: str) -> SigningMemory:
        if link not in self._links:
            self._links[link] = _OfLink(self, self._before.get(link, {}))
        return self._links[link]

    def reserve(self) -> None:
        """A step ahead for every stream of every link: one write, whoever ran out."""
        self._write(STEP)
        ahead = STEP if self.fault is None else TRY_AGAIN
        for link in self._links.values():
            link.reserved(ahead)

    def settle(self) -> None:
        """At an orderly end: exactly what was used, so that the next start finds vehicles where they are."""
        self._write(0)

    def _write(self, ahead: int) -> None:
        kept = self._before | {name: link.plain(ahead) for name, link in self._links.items()}
        part = self._path.with_name(self._path.name + ".part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                os.fchmod(file.fileno(), 0o600)
                json.dump(kept, file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            self.fault = error.strerror or str(error)
        else:
            self.fault = None


class _OfLink(SigningMemory):
    """Of one link: newest times used in this run, and how far each was reserved."""

    def __init__(self, file: SigningFile, before: dict[str, Any]) -> None:
        self._file = file
        self._ours = int(before.get("latest", 0))
        self.floor = int(before.get("floor", 0))
        self.streams = {_stream(name): int(bound) for name, bound in before.get("streams", {}).items()}
        # who follows our time is then past everything that may have been heard of it before
        self.latest = max(self._ours, self.floor, *self.streams.values())
        self._used: dict[Stream | None, int] = {}
        self._bounds: dict[Stream | None, int] = {None: self._ours}
        self._bound = self.floor

    @property
    def fault(self) -> str | None:
        return self._file.fault

    def ahead(self, stream: Stream | None, timestamp: int) -> None:
        self._used[stream] = timestamp
        bound = self._bounds.get(stream)
        if timestamp > (self._bound if bound is None else bound):
            self._file.reserve()

    def reserved(self, ahead: int) -> None:
        self._bounds |= {stream: used + ahead for stream, used in self._used.items()}
        self._bound = max(self._bound, self._newest() + ahead)

    def plain(self, ahead: int) -> dict[str, Any]:
        """As it is written; `floor` bounds every stream, listed or not, that is not listed with more."""
        heard = {stream: used + ahead for stream, used in self._used.items() if stream is not None}
        ours = self._used.get(None)
        return {
            "latest": self._ours if ours is None else ours + ahead,
            "floor": max(self.floor, self._newest() + ahead) if ahead else self.floor,
            "streams": {"/".join(map(str, stream)): bound for stream, bound in {**self.streams, **heard}.items()},
        }

    def _newest(self) -> int:
        return max((used for stream, used in self._used.items() if stream is not None), default=0)


def _stream(name: str) -> Stream:
    link_id, system, component = map(int, name.split("/"))
    return link_id, system, component


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
        for link in found.values():
            _OfLink(SigningFile.__new__(SigningFile), link)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SigningFileDamaged(f"{path} cannot be read ({error.strerror}): make it this user's own") from error
    except (ValueError, TypeError, AttributeError) as error:
        remedy = "move it away, and for a minute count with signatures of before"
        raise SigningFileDamaged(f"{path} holds no times of signatures ({error}): {remedy}") from error
    return dict(found)
