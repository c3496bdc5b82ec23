"""The signing keys of a running site: found in their files, changed vehicle by vehicle, ended by the last of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from command.site.secrets import SecretUnreadable, next_of, promote, read_key
from fleet.switchboard import Switchboard
from fleet.wire.signing_keys import KeyRing, SigningKey


class KeyFiles:
    """One key may serve several links, when they name the same file. Secrets leave by `find` only."""

    def __init__(self, files: Mapping[str, Path], board: Switchboard, say: Callable[[str], None]) -> None:
        """`files`: by link."""
        self._files, self._board, self._say = files, board, say
        self._fault: str | None = None

    def find(self, link: str, fingerprint: str) -> SigningKey | None:
        ring = self._board.seals.keys(link)
        if ring is None:
            return None
        for key in (ring.current, *(old.key for old in ring.retired)):
            if key.fingerprint == fingerprint:
                return key
        try:
            coming = read_key(next_of(self._files[link]))
        except SecretUnreadable:
            return None
        return coming if coming.fingerprint == fingerprint else None

    def take_up(self, link: str, key: SigningKey) -> None:
        for other in self._sharing(self._files[link]):
            ring = self._board.seals.keys(other)
            if ring is not None and key != ring.current and all(key != old.key for old in ring.retired):
                self._board.seals.rekey(other, ring.rotated(key, old_until_utc_ns=None))

    def look(self) -> None:
        """Once a second: where every vehicle signs with the new key the old one ends, on disk first."""
        for path in sorted(set(self._files.values())):
            links = self._sharing(path)
            ring = self._board.seals.keys(links[0])
            if ring is None or not ring.retired or not all(map(self._is_done, links)):
                continue
            try:
                promote(path)
            except OSError as error:
                self._complain(f"the new key cannot be moved to {path} ({error.strerror}); the old one counts on")
                continue
            for link in links:
                self._board.seals.rekey(link, KeyRing(current=ring.current))
            self._say(f"signing key of {', '.join(links)}: {ring.current.fingerprint}, the one before has ended")

    def _complain(self, fault: str) -> None:
        if fault != self._fault:
            self._fault = fault
            self._say(fault)

    def _is_done(self, link: str) -> bool:
        paths = self._board.on_link(link)
        return bool(paths) and all(self._board.seals.is_proven(link, path.sysid) for path in paths)

    def _sharing(self, path: Path) -> list[str]:
        return sorted(link for link, file in self._files.items() if file == path)
