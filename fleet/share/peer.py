"""One program at a share: its bytes to frames, its rate, and what it was told lately."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from fleet.wire.frame import DatagramParser, Frame, FrameSplitter, WireCounters
from world.time import Instant

RATE_HZ: Final = 200.0
BURST: Final = 400.0
"""Frames; more are a flood, and what is beyond is dropped."""
URGENT_HZ: Final = 20.0
TELL_AGAIN_S: Final = 5.0


@dataclass(slots=True, kw_only=True)
class Bucket:
    """Lets so many through, and fills again with time."""

    rate_hz: float
    most: float
    left: float
    filled: Instant | None = None

    def takes(self, now: Instant) -> bool:
        if self.filled is not None:
            self.left = min(self.most, self.left + self.rate_hz * self.filled.age_s(now))
        self.filled = now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


@dataclass(slots=True, kw_only=True, eq=False)
class Peer:
    """`heard` None until its first checked frame."""

    link: str
    name: str
    is_stream: bool
    since: Instant
    heard: Instant | None = None
    dropped: int = 0
    counters: WireCounters = field(default_factory=WireCounters)
    common: Bucket = field(default_factory=lambda: Bucket(rate_hz=RATE_HZ, most=BURST, left=BURST))
    urgent: Bucket = field(default_factory=lambda: Bucket(rate_hz=URGENT_HZ, most=URGENT_HZ, left=URGENT_HZ))
    """Of what may end motion: a flood of anything else leaves room for it."""
    told: dict[Hashable, Instant] = field(default_factory=dict)
    splitter: FrameSplitter | None = None

    def frames(self, data: bytes) -> list[Frame]:
        if not self.is_stream:
            return DatagramParser(self.counters).parse(data)
        if self.splitter is None:
            self.splitter = FrameSplitter(self.counters)
        return self.splitter.feed(data)

    def may_tell(self, kind: Hashable, now: Instant) -> bool:
        """Once in a while for each kind of thing."""
        last = self.told.get(kind)
        if last is not None and last.age_s(now) < TELL_AGAIN_S:
            return False
        if len(self.told) > 256:
            self.told.clear()
        self.told[kind] = now
        return True
