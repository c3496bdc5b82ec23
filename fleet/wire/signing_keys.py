"""Secret keys of MAVLink 2 signing: made from a passphrase or hex digits, several valid at once, never printed."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from fleet.wire.encode import Encoder

KEY_LENGTH: Final = 32
TAG_LENGTH: Final = 6
"""Bytes of the hash that stand in a frame."""
SETUP_SIGNING_ID: Final = 256
"""Carries a key in clear: never forward, log or broadcast a frame with this number."""

_EPOCH_UTC_NS: Final = 1_420_070_400 * 1_000_000_000  # 2015-01-01
_TICK_NS: Final = 10_000


class BadKey(ValueError):
    """What was given as a key of MAVLink signing is none."""


def signing_timestamp(utc_ns: int) -> int:
    """Time as signatures count it: 10 us since 2015-01-01, and 0 before."""
    return max(0, (utc_ns - _EPOCH_UTC_NS) // _TICK_NS)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """32 secret bytes shared by both ends of a link. Does not show them, not in errors either."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_LENGTH:
            raise BadKey(f"a signing key has {KEY_LENGTH} bytes, not {len(self.secret)}")
        if not any(self.secret):
            raise BadKey("a signing key of zeros turns signing off on the vehicle: choose another")

    @classmethod
    def from_passphrase(cls, passphrase: str) -> "SigningKey":
        """SHA-256 of the passphrase's UTF-8 bytes, as MAVProxy, QGroundControl and Mission Planner make it."""
        if not passphrase:
            raise BadKey("the passphrase of a signing key is empty")
        return cls(hashlib.sha256(passphrase.encode()).digest())

    @classmethod
    def from_hex(cls, digits: str) -> "SigningKey":
        """64 hexadecimal digits; white space around them is ignored."""
        digits = digits.strip()
        if len(digits) != 2 * KEY_LENGTH or any(digit not in _HEX for digit in digits):
            raise BadKey(f"a signing key is {2 * KEY_LENGTH} hexadecimal digits (0-9, a-f)")
        return cls(bytes.fromhex(digits))

    @property
    def fingerprint(self) -> str:
        """By which people and logs know it: first 64 bits of a hash that no frame is signed with, as 16 digits."""
        return hashlib.sha256(b"taihang signing key " + self.secret).hexdigest()[:16]

    def tag(self, signed: bytes) -> bytes:
        """First 48 bits of SHA-256 over the key and the frame up to its timestamp."""
        return hashlib.sha256(self.secret + signed).digest()[:TAG_LENGTH]

    def fits(self, signed: bytes, tag: bytes) -> bool:
        """Whether the tag was made with this key; takes the same time for any wrong one."""
        return hmac.compare_digest(self.tag(signed), tag)


_HEX: Final = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredKey:
    """A key that signs no more and is accepted until a given time, None for ever."""

    key: SigningKey
    until_utc_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """Keys of one link: `current` signs, retired ones are still accepted while vehicles are being moved over."""

    current: SigningKey
    retired: tuple[RetiredKey, ...] = ()

    def rotated(self, key: SigningKey, *, old_until_utc_ns: int | None) -> "KeyRing":
        """The ring with a new key that signs from now on; the one before is accepted until the given time."""
        before = RetiredKey(key=self.current, until_utc_ns=old_until_utc_ns)
        kept = tuple(old for old in (before, *self.retired) if old.key != key)
        return replace(self, current=key, retired=kept)

    def accepted_at(self, utc_ns: int) -> Iterator[SigningKey]:
        """Keys whose signatures count at this time, the current one first."""
        yield self.current
        for old in self.retired:
            if old.until_utc_ns is None or utc_ns < old.until_utc_ns:
                yield old.key


def setup_signing(
    encoder: Encoder, key: SigningKey, *, target_system: int, target_component: int, utc_ns: int
) -> bytes:
    """The SETUP_SIGNING frame that hands the key to one vehicle. ONLY FOR A WIRED LINK (USB, serial cable, Ethernet).

    The key travels in clear: whoever hears the frame can command the vehicle. Nothing acknowledges it, and ArduPilot
    does not take it while armed: the first frame that comes back signed with the key is the proof.
    """
    if not target_system or not target_component:
        raise BadKey("SETUP_SIGNING goes to one component of one vehicle, never to all: give both ids")
    return _setup(encoder, target_system, target_component, key.secret, signing_timestamp(utc_ns))


def setup_no_signing(encoder: Encoder, *, target_system: int, target_component: int) -> bytes:
    """The SETUP_SIGNING frame of zeros that turns signing off on one vehicle; for a wired link, too."""
    return _setup(encoder, target_system, target_component, bytes(KEY_LENGTH), 0)


def _setup(encoder: Encoder, target_system: int, target_component: int, secret: bytes, timestamp: int) -> bytes:
    fields: dict[str, Any] = {
        "target_system": target_system, "target_component": target_component, "initial_timestamp": timestamp,
    }
    return encoder.encode("SETUP_SIGNING", **fields, secret_key=secret)
