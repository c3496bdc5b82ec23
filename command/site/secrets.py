"""Secrets of a site lie in files that only their owner may read; they are never in the configuration itself."""

import os
import secrets
import stat
from pathlib import Path

from fleet.wire.signing_keys import KEY_LENGTH, BadKey, KeyRing, SigningKey

_HEX = frozenset("0123456789abcdefABCDEF")


class SecretUnreadable(ValueError):
    """A key file that is not there, that others may read, or that holds no key."""


class SecretNotWritten(ValueError):
    """A key file that cannot be made, or that is there already."""


def next_of(path: Path) -> Path:
    """Where the key lies that shall take the place of this one, until all vehicles have it."""
    return path.with_name(path.name + ".next")


def read_ring(path: Path) -> KeyRing:
    """The key of a link; while it is being changed the next one, and this one is accepted. Raises SecretUnreadable."""
    ring = KeyRing(current=read_key(path))
    if not next_of(path).exists():
        return ring
    return ring.rotated(read_key(next_of(path)), old_until_utc_ns=None)


def create_key(path: Path) -> SigningKey:
    """A new random key in a new file of mode 0600, whatever the umask. Raises SecretNotWritten."""
    key = SigningKey(secrets.token_bytes(KEY_LENGTH))
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(key.secret.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise SecretNotWritten(f"{path} is there already: name another file, or move that one away") from error
    except OSError as error:
        raise SecretNotWritten(f"{path} cannot be written ({error.strerror}): name another file") from error
    return key


def promote(path: Path) -> None:
    """The next key takes the place of the one before, which is gone then. Raises OSError."""
    next_of(path).replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_key(path: Path) -> SigningKey:
    """64 hexadecimal digits are the key itself, any other text is a passphrase. Raises SecretUnreadable."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SecretUnreadable(f"the key file {path} cannot be read ({reason}); write one") from error
    if stat.S_IMODE(mode) & 0o077:
        raise SecretUnreadable(f"the key file {path} can be read by others; run chmod 600 {path}")
    try:
        if len(text) == 2 * KEY_LENGTH and all(digit in _HEX for digit in text):
            return SigningKey.from_hex(text)
        return SigningKey.from_passphrase(text)
    except BadKey as error:
        raise SecretUnreadable(f"the key file {path}: {error}") from error
