"""Signing keys as programmes see them: by fingerprint, and secrets that cannot be printed by accident."""

from typing import Final, Protocol

from fleet.wire.signing_keys import SigningKey

NOTHING: Final = ""
"""In place of a fingerprint: signing is off."""


class Secret(bytes):
    """Bytes that do not show themselves."""

    def __repr__(self) -> str:
        return "hidden"

    __str__ = __repr__


class Keys(Protocol):
    """What is asked of one vehicle's links; see `fleet.vehicle_keys`."""

    def shown(self) -> str | None:
        """Fingerprint of the key that its newest frame was signed with; NOTHING for none, None before it was heard."""

    def now(self, utc_ns: int) -> int:
        """What counts as now where it will sign, in ticks of 10 us since 2015."""

    def fault(self, fingerprint: str) -> str | None:
        """Why this key (NOTHING takes it away) cannot be handed over now, or None."""

    def take_up(self, fingerprint: str) -> SigningKey | None:
        """The secret, in force on all links of the vehicle from now on; None where none of them knows it."""
