"""A vehicle's signing key: signs all its ports, judges what comes by them, takes another key from whom it may.

Rules: MAVLink developer guide, "Message Signing"; where that leaves a choice as ArduPilot's GCS_Signing.cpp (no key
while armed, unsigned frames let in on the cable), and as PX4's message_signing.md where it is the stricter one (a
change of the key must be signed with the present one, or come by the cable).
"""

from dataclasses import dataclass
from typing import Final

from fleet.wire.frame import Frame
from fleet.wire.message import Message, octets
from fleet.wire.signing import SignatureCheck, Signer, SigningClock, SigningPolicy, Stream
from fleet.wire.signing_keys import KEY_LENGTH, KeyRing, SigningKey

BOOTS_AHEAD: Final = 60 * 100_000
"""One minute in ticks of 10 us: what was signed since the time was kept last (GCS_Signing.cpp, load_signing_key)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a vehicle keeps over being switched off. `timestamp` in ticks of 10 us since 2015."""

    key: SigningKey | None = None
    timestamp: int = 0
    policy: SigningPolicy = SigningPolicy.REQUIRE
    """Of all links but the cable, once there is a key."""
    has_cable: bool = False
    """Its first link is one that nobody else can reach: USB."""


NO_KEY: Final = Kept()


class Keyholder:
    """Of one vehicle; its ports share key, clock and the times heard."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._ring = None if kept.key is None else KeyRing(current=kept.key)
        self._clock = SigningClock(0 if kept.key is None else kept.timestamp + BOOTS_AHEAD)
        self._streams: dict[Stream, int] = {}
        self._seals: list[PortSeal] = []
        self._count = 0

    @property
    def kept(self) -> Kept:
        """To be switched on with again."""
        return Kept(
            key=None if self._ring is None else self._ring.current, timestamp=self._clock.latest,
            policy=self._kept.policy, has_cable=self._kept.has_cable,
        )

    def seal(self, *, is_trusted: bool | None = None) -> "PortSeal":
        """For one more port; by default the first is the cable where the vehicle has one."""
        is_cable = self._kept.has_cable and not self._count if is_trusted is None else is_trusted
        seal = PortSeal(self._count, is_cable, self._kept.policy, self._clock, self._streams)
        seal.rekey(self._ring)
        self._seals.append(seal)
        self._count += 1
        return seal

    def drop(self, seal: "PortSeal") -> None:
        """Its port has gone."""
        self._seals.remove(seal)

    def set_up(self, message: Message, *, is_secure: bool, is_armed: bool) -> str | None:
        """Takes SETUP_SIGNING, or says why not. `is_secure`: by the cable, or signed with the present key."""
        if is_armed:
            return "ERROR: Won't setup signing when armed"
        if not is_secure:
            return "ERROR: Signing key refused, link is not trusted"
        secret = octets(message, "secret_key").ljust(KEY_LENGTH, b"\0")
        if any(secret):
            self._ring = KeyRing(current=SigningKey(secret))
        elif message.initial_timestamp == 0:
            self._ring = None
        else:
            return "ERROR: Signing key is empty"
        self._clock.adopt(message.initial_timestamp)
        for seal in self._seals:
            seal.rekey(self._ring)
        return None


class PortSeal:
    """Of one port; off while the vehicle has no key."""

    def __init__(
        self, number: int, is_trusted: bool, policy: SigningPolicy, clock: SigningClock, streams: dict[Stream, int]
    ) -> None:
        self._number, self.is_trusted, self._clock, self._streams = number, is_trusted, clock, streams
        self._policy = SigningPolicy.ACCEPT if is_trusted else policy
        self.is_on = False
        self._signer: Signer | None = None
        self._check: SignatureCheck | None = None

    @property
    def refused(self) -> int:
        """Frames that were not let in since the key was set."""
        return 0 if self._check is None else self._check.counters.refused.total()

    def rekey(self, ring: KeyRing | None) -> None:
        """With these keys from now on, without any for None."""
        self.is_on = ring is not None
        if ring is None:
            self._signer = self._check = None
            return
        self._signer = Signer(ring, link_id=self._number & 0xFF, clock=self._clock)
        self._check = SignatureCheck(ring, self._policy, clock=self._clock, streams=self._streams)

    def let_in(self, pairs: list[tuple[Frame, bytes]], utc_ns: int) -> list[tuple[Frame, bool]]:
        """Those that pass, and whether their signature was good."""
        check = self._check
        if check is None:
            return [(frame, False) for frame, _ in pairs]
        return [(frame, frame.is_signed) for frame, raw in pairs if check.refusal(frame, raw, utc_ns) is None]

    def sign(self, frame: bytes, utc_ns: int) -> bytes:
        return frame if self._signer is None else self._signer.sign(frame, utc_ns)
