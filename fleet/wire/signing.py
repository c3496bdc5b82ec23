"""MAVLink 2 message signing: signs frames that go out, and judges those that come in by policy, key and time.

Source: MAVLink developer guide, "Message Signing". A signature is 13 bytes behind the checksum: link id, 48-bit
timestamp, and the first 48 bits of SHA-256 over key, frame, link id and timestamp. It proves who speaks and hides
nothing. Frames of one stream that overtake each other on the way are taken for replays, as in every implementation.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fleet.wire.crc import bit_flip
from fleet.wire.frame import CRC_LENGTH, FLAG_SIGNED, HEADER_LENGTH_V2, MAGIC_V2, SIGNATURE_LENGTH, Frame
from fleet.wire.signing_keys import TAG_LENGTH, KeyRing, SigningKey, signing_timestamp

RADIO_STATUS_ID: Final = 109
"""Made by telemetry radios, which have no key: passes unsigned under every policy."""
NEW_STREAM_MAY_LAG: Final = 6_000_000
"""One minute: how far a stream not heard before may be behind."""

_TIMESTAMP_LENGTH: Final = 6
_LAST: Final = (1 << 48) - 1
_LAST_ADOPTED: Final = _LAST - (1 << 40)
"""Room of four months, so that a peer at the end of time does not take the signer there."""
# From the flag byte on: compat, seq, system, component, id (3), payload, seed
_FLAG_FLIPS: Final = tuple(bit_flip(8 + length) for length in range(256))

Stream = tuple[int, int, int]
"""Link id, system and component: timestamps only grow within one."""


class CannotSign(ValueError):
    """Bytes that are no unsigned MAVLink 2 frame."""


class KeyMissing(ValueError):
    """A link that requires signatures has no key to check them with."""


class SigningPolicy(StrEnum):
    """What a link lets in."""

    ACCEPT = "accept"
    """Unsigned frames and good signatures; a wrong one is refused. No protection: an attacker just does not sign."""
    REQUIRE = "require"
    """Good signatures only, and RADIO_STATUS."""
    REFUSE = "refuse"
    """Unsigned frames only: for a link whose vehicles are known not to sign."""


class Refusal(StrEnum):
    """Why a frame was not let in."""

    UNSIGNED = "unsigned"
    UNEXPECTED = "unexpected"
    """Signed on a link that refuses signatures."""
    WRONG = "wrong"
    """No key in force made this signature: another key, or a changed frame."""
    REPLAYED = "replayed"
    """Not newer than what was already heard on its stream."""
    STALE = "stale"
    """Good, and first of its stream, but more than a minute old or not surely newer than before our last restart.
    Whoever sends it holds the key and follows our time as soon as it hears us."""


class SigningMemory:
    """What of one link's signatures outlasts a restart: this one remembers nothing and keeps nothing."""

    latest: int = 0
    """No signature of ours had a later time."""
    floor: int = 0
    """Nor had any frame let in, unless `streams` says so."""
    streams: Mapping[Stream, int] = {}
    """Streams that may have had later ones, and how late."""

    @property
    def fault(self) -> str | None:
        """Why it could not keep what it was told last."""
        return None

    def ahead(self, stream: Stream | None, timestamp: int) -> None:
        """Before a timestamp counts: signed with (None), or let in on a stream."""


@dataclass(slots=True)
class SigningClock:
    """The time line of one link's signatures: the host's clock, but never behind what was signed or heard signed.

    `latest` outlasts a restart (developer guide, "Timestamp Handling"): then a clock set back cannot bring old
    signatures to life. `ahead` is told of every timestamp before it is signed with.
    """

    latest: int = 0
    ahead: Callable[[int], None] = lambda timestamp: None

    def now(self, utc_ns: int) -> int:
        """The timestamp that counts as now."""
        return max(self.latest, signing_timestamp(utc_ns))

    def next(self, utc_ns: int) -> int:
        """A timestamp for one signature, larger than all before."""
        self.latest = min(_LAST, max(self.latest + 1, signing_timestamp(utc_ns)))
        self.ahead(self.latest)
        return self.latest

    def adopt(self, timestamp: int) -> None:
        """Follow a peer whose clock is ahead: it would take ours for stale."""
        if self.latest < timestamp <= _LAST_ADOPTED:
            self.latest = timestamp


class Signer:
    """Signs the frames of all our components on one link; change `keys` to rotate."""

    __slots__ = ("_clock", "_link_id", "keys")

    def __init__(self, keys: KeyRing, *, link_id: int, clock: SigningClock | None = None) -> None:
        self.keys = keys
        self._link_id = link_id.to_bytes(1, "little")
        self._clock = clock or SigningClock()

    def sign(self, raw: bytes, utc_ns: int, key: SigningKey | None = None) -> bytes:
        """The same frame signed, of any id, by default with the current key. Raises CannotSign."""
        if len(raw) < HEADER_LENGTH_V2 + CRC_LENGTH or raw[0] != MAGIC_V2:
            raise CannotSign("only a whole MAVLink 2 frame can be signed")
        if raw[2]:
            raise CannotSign("the frame is signed already" if raw[2] == FLAG_SIGNED else "the frame has unknown flags")
        if len(raw) != HEADER_LENGTH_V2 + raw[1] + CRC_LENGTH:
            raise CannotSign(f"a frame with {raw[1]} bytes of payload is not {len(raw)} bytes long")
        timestamp = self._clock.next(utc_ns).to_bytes(_TIMESTAMP_LENGTH, "little")
        signed = _with_flag(raw, FLAG_SIGNED) + self._link_id + timestamp
        return signed + (key or self.keys.current).tag(signed)


def without_signature(raw: bytes) -> bytes:
    """A signed frame as it was before: for logs, which should not collect signatures for an attacker to study."""
    if raw[0] != MAGIC_V2 or raw[2] != FLAG_SIGNED:
        return raw
    return _with_flag(raw[:-SIGNATURE_LENGTH], 0)


def _with_flag(frame: bytes, flag: int) -> bytes:
    """The frame with the other flag; the checksum is corrected, whatever its seed."""
    crc = int.from_bytes(frame[-CRC_LENGTH:], "little") ^ _FLAG_FLIPS[frame[1]]
    return frame[:2] + bytes([flag]) + frame[3:-CRC_LENGTH] + crc.to_bytes(CRC_LENGTH, "little")


@dataclass(slots=True, kw_only=True)
class SignatureCounters:
    """What was let in and what not; `unverified`: signed, let in, and no key to check it with."""

    verified: int = 0
    unsigned: int = 0
    unverified: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)


class SignatureCheck:
    """Judges the frames of one link. Change `keys` to rotate; only proven frames move the times remembered."""

    __slots__ = ("_clock", "_memory", "_streams", "bare", "counters", "keys", "policy", "proven")

    def __init__(
        self, keys: KeyRing | None, policy: SigningPolicy = SigningPolicy.ACCEPT, *, clock: SigningClock | None = None,
        streams: dict[Stream, int] | None = None, memory: SigningMemory | None = None,
    ) -> None:
        """`clock`: the one of the link's Signer. Raises KeyMissing.

        `streams`: newest timestamps. Links that share one also refuse what was recorded on another link, and the second
        copy of a frame that comes over two links at once; by itself each link counts as alive by its own copy.
        """
        if keys is None and policy is SigningPolicy.REQUIRE:
            raise KeyMissing("a link that requires signatures has no signing key: give it one")
        self.keys = keys
        self.policy = policy
        self.counters = SignatureCounters()
        self._clock = clock or SigningClock()
        self._streams = streams if streams is not None else {}
        self._memory = memory or SigningMemory()
        self.proven: dict[int, SigningKey] = {}
        """By system id, the key that it signed its newest signed frame with."""
        self.bare: set[int] = set()
        """System ids whose newest frame bore no signature and was let in."""

    def let_in(self, pairs: Iterable[tuple[Frame, bytes]], utc_ns: int) -> list[Frame]:
        """Those of the frames that pass, in order; the others are only counted."""
        return [frame for frame, raw in pairs if self.refusal(frame, raw, utc_ns) is None]

    def refusal(self, frame: Frame, raw: bytes, utc_ns: int) -> Refusal | None:
        """Why the frame is to be dropped, or None. `raw` as it came (`feed_raw`, `parse_raw`)."""
        if frame.is_signed:
            reason = self._of_signed(frame, raw, utc_ns)
        elif self.policy is SigningPolicy.REQUIRE and frame.msgid != RADIO_STATUS_ID:
            reason = Refusal.UNSIGNED
        else:
            reason = None
            self.counters.unsigned += 1
            self.bare.add(frame.sysid)
        if reason is not None:
            self.counters.refused[reason] += 1
        return reason

    def _of_signed(self, frame: Frame, raw: bytes, utc_ns: int) -> Refusal | None:
        if self.policy is SigningPolicy.REFUSE:
            return Refusal.UNEXPECTED
        if self.keys is None:
            if self.policy is SigningPolicy.REQUIRE:
                return Refusal.WRONG
            self.counters.unverified += 1
            return None
        signed, tag = raw[:-TAG_LENGTH], raw[-TAG_LENGTH:]
        fitting = (key for key in self.keys.accepted_at(utc_ns) if key.fits(signed, tag))
        key = next(fitting, None) if len(raw) == frame.wire_length else None
        if key is None:
            return Refusal.WRONG
        timestamp = int.from_bytes(signed[-_TIMESTAMP_LENGTH:], "little")
        stream = signed[-_TIMESTAMP_LENGTH - 1], frame.sysid, frame.compid
        newest = self._streams.get(stream)
        if newest is None:
            before = max(self._memory.floor, self._memory.streams.get(stream, 0))
            if timestamp <= before or timestamp + NEW_STREAM_MAY_LAG < self._clock.now(utc_ns):
                return Refusal.STALE
        elif timestamp <= newest:
            return Refusal.REPLAYED
        self._memory.ahead(stream, timestamp)
        self._streams[stream] = timestamp
        self.proven[frame.sysid] = key
        self.bare.discard(frame.sysid)
        self._clock.adopt(timestamp)
        self.counters.verified += 1
        return None
