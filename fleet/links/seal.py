"""MAVLink 2 signatures of one link: what leaves is signed, what comes is judged by the link's policy."""

from collections.abc import Callable

from fleet.links.address import LinkSpec
from fleet.wire.frame import DatagramParser, Frame, FrameSplitter, WireCounters
from fleet.wire.signing import SignatureCheck, SignatureCounters, Signer, SigningClock, SigningPolicy

Parse = Callable[[bytes, int], list[Frame]]
"""Bytes and the UTC time in ns to the frames that may be believed."""


class Seal:
    """Of one link; without keys nothing is signed and signatures are not looked at, unless the policy refuses them."""

    def __init__(self, spec: LinkSpec, number: int) -> None:
        """`number` tells links apart in signatures. Raises KeyMissing where the policy asks for keys."""
        clock = SigningClock()
        self._signer: Signer | None = None
        self._check: SignatureCheck | None = None
        if spec.keys is not None or spec.policy is not SigningPolicy.ACCEPT:
            self._check = SignatureCheck(spec.keys, spec.policy, clock=clock)
        if spec.keys is not None and spec.policy is not SigningPolicy.REFUSE:
            self._signer = Signer(spec.keys, link_id=number & 0xFF, clock=clock)

    @property
    def is_signing(self) -> bool:
        return self._signer is not None

    @property
    def counters(self) -> SignatureCounters | None:
        """What was refused and why; None where signatures are not looked at."""
        return None if self._check is None else self._check.counters

    def sign(self, data: bytes, utc_ns: int) -> bytes:
        """One frame as it leaves."""
        return data if self._signer is None else self._signer.sign(data, utc_ns)

    def reader(self, counters: WireCounters, *, is_stream: bool) -> Parse:
        """A parser for one peer of the link."""
        check = self._check
        if check is None:
            return reader(counters, is_stream=is_stream)
        raw = FrameSplitter(counters).feed_raw if is_stream else DatagramParser(counters).parse_raw
        return lambda data, utc_ns: check.let_in(raw(data), utc_ns)


def reader(counters: WireCounters, *, is_stream: bool) -> Parse:
    """A parser for a peer of a link without signatures."""
    parse = FrameSplitter(counters).feed if is_stream else DatagramParser(counters).parse
    return lambda data, utc_ns: parse(data)
