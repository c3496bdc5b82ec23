"""Secrets of a site lie in files that only their owner may read; they are never in the configuration itself."""

import stat
from pathlib import Path

from fleet.wire.signing_keys import KEY_LENGTH, BadKey, SigningKey

_HEX = frozenset("0123456789abcdefABCDEF")


class SecretUnreadable(ValueError):
    """A key file that is not there, that others may read, or that holds no key."""


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
