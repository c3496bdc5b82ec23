"""One path to a vehicle: a link, who speaks there for it, and what was measured; and all paths of a vehicle."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fleet.freshness import Order
from fleet.link_class import LinkClass
from fleet.links.address import Bearer
from fleet.links.seal import Parse, ParseRaw
from fleet.links.seals import Signing
from fleet.model import LinkState, PathReport
from fleet.quality import MUCH_BETTER_S, SILENT_S, Quality
from fleet.roster import GROUND_STATION, PathSpec
from fleet.wire.encode import Encoder
from fleet.wire.enums import Component
from fleet.wire.frame import WireCounters
from world.ids import VehicleId
from world.time import Instant


@dataclass(slots=True, eq=False)
class Ear:
    """What comes from one peer of one link: its bytes to frames, and which path each system id there belongs to."""

    link: str
    peer: str
    counters: WireCounters
    parse: Parse
    plain: Parse
    raw: ParseRaw
    """`parse` is `plain` until somebody taps one of its vehicles."""
    heard_ns: int = 0
    paths: dict[int, "Path"] = field(default_factory=dict)
    strangers: dict[int, int] = field(default_factory=dict)
    """Frames of system ids that belong to nobody here, thrown away."""


@dataclass(slots=True, kw_only=True, eq=False)
class Path:
    """One way to one vehicle. `peer` None until somebody spoke there for the vehicle."""

    vehicle: VehicleId
    sysid: int
    number: int
    spec: PathSpec
    bearer: Bearer
    peer: str | None = None
    ear: Ear | None = None
    late_peer: str | None = None
    """Address of one who holds the key and whose time lags: until it follows, it gets our heartbeats and no more."""
    heard: Instant | None = None
    claimed_by: str | None = None
    """Another address from which somebody speaks with this vehicle's system id at the same time."""
    encoder: Encoder = field(default_factory=lambda: Encoder(GROUND_STATION, Component.GROUND_STATION))
    quality: Quality = field(default_factory=Quality)
    orders: dict[int, Order] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.spec.link if not self.peer else f"{self.spec.link} {self.peer}"

    def silent_s(self, now: Instant) -> float | None:
        """None before it was ever heard."""
        return None if self.heard is None else self.heard.age_s(now)

    def is_silent(self, now: Instant) -> bool:
        return self.heard is None or self.heard.age_s(now) > SILENT_S

    def report(self, link_class: LinkClass, now: Instant, *, is_primary: bool, signing: Signing) -> PathReport:
        """How it does, for people."""
        quality = self.quality
        return PathReport(
            name=self.name,
            bearer=self.bearer,
            state=LinkState.LOST if self.heard is None else link_class.state(self.heard.age_s(now)),
            is_primary=is_primary,
            loss_pct=None if quality.loss is None else 100.0 * quality.loss,
            rtt_ms=None if quality.round_trip_s is None else 1000.0 * quality.round_trip_s,
            received_bytes_s=quality.bytes_s,
            received_messages_s=quality.frames_s,
            is_signed=signing.is_signed,
            link_key=signing.link_key,
            vehicle_key=signing.vehicle_key,
            signatures_refused=signing.refused,
        )

    def look(self, now: Instant) -> None:
        """Once a second: rates, and what is missing by the sequence numbers of the vehicle's components."""
        if self.ear is not None:
            gaps = self.ear.counters.gaps
            self.quality.missing = sum([lost for (sysid, _), lost in gaps.items() if sysid == self.sysid])
        self.quality.look(now)


class Paths:
    """All ways to one vehicle. One is primary: commands go by it, and states without a time of their own come by it."""

    def __init__(self, paths: list[Path]) -> None:
        self.all = paths
        self.primary = paths[0]

    def __iter__(self) -> Iterator[Path]:
        return iter(self.all)

    def choose(self, now: Instant) -> bool:
        """Look for the healthiest; True when it is another now. A working one is kept until another is much better."""
        if len(self.all) == 1:
            return False
        best = min(self.all, key=lambda path: (path.peer is None, path.is_silent(now), path.quality.cost_s()))
        current = self.primary
        if best is current or best.is_silent(now):
            return False
        if not current.is_silent(now) and best.quality.cost_s() + MUCH_BETTER_S > current.quality.cost_s() / 2:
            return False
        self.primary = best
        return True

    def silent(self, now: Instant) -> tuple[str, ...]:
        """Links that worked once and are silent now, while another carries on."""
        silent = tuple(path.spec.link for path in self.all if path.heard is not None and path.is_silent(now))
        return silent if len(silent) < len(self.all) else ()

    def may_speak(self, path: Path, now: Instant) -> bool:
        """Whether states that carry no time are believed from this path."""
        return path is self.primary or self.primary.is_silent(now)
