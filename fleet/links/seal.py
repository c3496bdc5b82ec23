"""MAVLink 2 signatures of one link: what leaves is signed, what comes is judged by the link's policy."""

from collections.abc import Callable
from dataclasses import dataclass

from fleet.links.address import LinkSpec
from fleet.wire.frame import DatagramParser, Frame, FrameSplitter, WireCounters
from fleet.wire.signing import (
    Refusal,
    SignatureCheck,
    SignatureCounters,
    Signer,
    SigningClock,
    SigningMemory,
    SigningPolicy,
    without_signature,
)
from fleet.wire.signing_keys import KeyRing, SigningKey

Parse = Callable[[bytes, int], list[Frame]]
"""Bytes and the UTC time in ns to the frames that may be believed."""
ParseRaw = Callable[[bytes, int], list[tuple[Frame, bytes]]]
"""As Parse, each frame with its bytes, signatures taken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What was not let in for one reason: how often since the start, and who it was last, as far as that is known."""

    count: int
    peer: str
    """Its address; "" on a line with one end."""
    sysid: int
    """As it called itself."""


class Seal:
    """Of one link; without keys nothing is signed and signatures are not looked at, unless the policy refuses them."""

    def __init__(self, spec: LinkSpec, number: int, memory: SigningMemory | None = None) -> None:
        """`number` tells links apart in signatures. Raises KeyMissing where the policy asks for keys."""
        self.memory = memory = memory or SigningMemory()
        self._last: dict[Refusal, tuple[str, int]] = {}
        self._clock = clock = SigningClock(memory.latest, ahead=lambda timestamp: memory.ahead(None, timestamp))
        self._signer: Signer | None = None
        self._check: SignatureCheck | None = None
        if spec.keys is not None or spec.policy is not SigningPolicy.ACCEPT:
            self._check = SignatureCheck(spec.keys, spec.policy, clock=clock, memory=memory)
        if spec.keys is not None and spec.policy is not SigningPolicy.REFUSE:
            self._signer = Signer(spec.keys, link_id=number & 0xFF, clock=clock)

    @property
    def is_signing(self) -> bool:
        return self._signer is not None

    @property
    def counters(self) -> SignatureCounters | None:
        """What was refused and why; None where signatures are not looked at."""
        return None if self._check is None else self._check.counters

    def refused(self) -> dict[Refusal, Refused]:
        """By reason."""
        counts = {} if self._check is None else self._check.counters.refused
        return {
            reason: Refused(count=counts[reason], peer=peer, sysid=sysid)
            for reason, (peer, sysid) in self._last.items()
        }

    @property
    def keys(self) -> KeyRing | None:
        """Those in force."""
        return None if self._signer is None else self._signer.keys

    def rekey(self, keys: KeyRing) -> None:
        """Other keys from the next frame on, for a link that had some."""
        if self._signer is not None and self._check is not None:
            self._signer.keys = self._check.keys = keys

    def key_of(self, sysid: int) -> SigningKey | None:
        """The key that a vehicle signed with last; None before, and for one that is in force no more."""
        key = None if self._check is None else self._check.proven.get(sysid)
        ring = self.keys
        is_known = ring is not None and (key == ring.current or any(key == old.key for old in ring.retired))
        return key if is_known else None

    def sign(self, data: bytes, utc_ns: int, sysid: int) -> bytes:
        """One frame as it leaves for a vehicle: with the key that this one has, while others have the next already."""
        return data if self._signer is None else self._signer.sign(data, utc_ns, self.key_of(sysid))

    def now(self, utc_ns: int) -> int:
        """What counts as now on this link, in ticks of 10 us since 2015."""
        return self._clock.now(utc_ns)

    def is_bare(self, sysid: int) -> bool:
        """Whether a vehicle's newest frame bore no signature."""
        return self._check is None or sysid in self._check.bare

    def reader(
        self, counters: WireCounters, *, is_stream: bool, peer: str = "",
        on_late: Callable[[Frame], None] = lambda frame: None,
    ) -> tuple[Parse, ParseRaw]:
        """A parser for one peer of the link, in both ways of asking it. `on_late`: of who holds the key and lags."""
        check = self._check
        if check is None:
            return reader(counters, is_stream=is_stream)
        pairs = FrameSplitter(counters).feed_raw if is_stream else DatagramParser(counters).parse_raw

        def let_in(data: bytes, utc_ns: int) -> list[tuple[Frame, bytes]]:
            passed = []
            for frame, octets in pairs(data):
                refusal = check.refusal(frame, octets, utc_ns)
                if refusal is None:
                    passed.append((frame, octets))
                    continue
                self._last[refusal] = peer, frame.sysid
                if refusal is Refusal.STALE:
                    on_late(frame)
            return passed

        return (lambda data, utc_ns: [frame for frame, _ in let_in(data, utc_ns)]), (
            lambda data, utc_ns: _bare(let_in(data, utc_ns))
        )


def reader(counters: WireCounters, *, is_stream: bool) -> tuple[Parse, ParseRaw]:
    """A parser for a peer of a link without keys: whole frames are found once, whichever way it is asked."""
    if is_stream:
        splitter = FrameSplitter(counters)
        return (lambda data, utc_ns: splitter.feed(data)), (lambda data, utc_ns: _bare(splitter.feed_raw(data)))
    parser = DatagramParser(counters)
    return (lambda data, utc_ns: parser.parse(data)), (lambda data, utc_ns: _bare(parser.parse_raw(data)))


def _bare(pairs: list[tuple[Frame, bytes]]) -> list[tuple[Frame, bytes]]:
    return [(frame, without_signature(octets)) for frame, octets in pairs]
