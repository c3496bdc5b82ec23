"""Who is where: bytes of links to messages of vehicles, moved and doubled addresses noticed, strangers kept out.

Outgoing frames are made here for the path they go by, and leave through the guard only.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from fleet.drivers.mavlink.step import Outgoing
from fleet.freshness import Order
from fleet.links.address import Bearer, LinkSpec
from fleet.links.seal import reader
from fleet.links.seals import Seals, forgets
from fleet.path import Ear, Path, Paths
from fleet.quality import SILENT_S
from fleet.roster import RosterEntry
from fleet.wire.decode import Decoder
from fleet.wire.enums import Autopilot, MavType, SystemState
from fleet.wire.frame import Frame, WireCounters
from fleet.wire.message import Message
from fleet.wire.signing import SigningMemory
from fleet.wire.signing_keys import SETUP_SIGNING_ID
from world.ids import VehicleId
from world.time import NS_PER_S, Instant

MOST_PEERS = 4096
"""Of all links together; more are a flood, and nobody listens to it."""
OVERLAP_S = 1.0
"""Two senders that are both heard for longer than this are two machines, not one that moved."""
_AROUND_PAYLOAD = 12
"""Bytes of a MAVLink 2 frame beside its payload."""
HEARTBEAT = Outgoing(
    name="HEARTBEAT",
    fields={
        "type": int(MavType.GCS),
        "autopilot": int(Autopilot.INVALID),
        "base_mode": 0,
        "custom_mode": 0,
        "system_status": int(SystemState.ACTIVE),
    },
)

Transmit = Callable[[str, str, bytes], None]
"""Link, peer, bytes."""
Tap = Callable[[Frame, bytes], None]
"""A frame and its bytes, without its signature."""


class Heard(NamedTuple):
    """One message of a vehicle: which component sent it, on which path, and its number there."""

    component: int
    msgid: int
    message: Message
    path: Path
    number: int


# Heard(...) without the keyword handling of NamedTuple: it is made of every message
_new_heard: Callable[[type[Heard], tuple[int, int, Message, Path, int]], Heard] = tuple.__new__


class Listener(Protocol):
    """Whoever answers for a vehicle."""

    def alive(self, now: Instant) -> None:
        """A checked frame of the vehicle arrived, of a message that is not told."""

    def take(self, heard: Heard, now: Instant) -> None:
        """A message of the vehicle arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """An autopilot that nobody named, on a link that takes such in."""

    link: str
    peer: str
    sysid: int
    type: int
    autopilot: int


class Outward(Protocol):
    """The guard, as seen from here."""

    def transmit(self, vehicle: VehicleId, data: bytes, now: Instant) -> str | None: ...


class Switchboard:
    """All paths of all vehicles. `carry` is for the guard alone: it sends what the guard has let through."""

    def __init__(
        self, transmit: Transmit, links: Iterable[LinkSpec] = (), *,
        memory: Callable[[str], SigningMemory] = forgets,
    ) -> None:
        """`memory`: by link, what its signatures remember over restarts."""
        self._transmit = transmit
        self._links = {link.name: link for link in links}
        self.seals = Seals(self._links.values(), memory)
        self._decoder = Decoder()
        self._late: list[tuple[Ear, Frame]] = []
        self._ears: dict[tuple[str, str], Ear] = {}
        self._by_link: dict[str, list[Path]] = {}
        self._paths: dict[VehicleId, Paths] = {}
        self._listeners: dict[VehicleId, Listener] = {}
        self._taps: dict[VehicleId, list[Tap]] = {}
        self._path_numbers = 0
        self._leaving: Path | None = None
        self._leaving_utc_ns = 0
        self._bundle: list[bytes] | None = None
        self.on_stranger: Callable[[Stranger, Instant], None] = lambda stranger, now: None
        self.refused_peers = 0

    def add(self, entry: RosterEntry, listener: Listener) -> Paths:
        """A vehicle with all its ways."""
        paths = Paths([self._path(entry, number) for number in range(len(entry.ways))])
        self._paths[entry.vehicle] = paths
        self._listeners[entry.vehicle] = listener
        for path in paths:
            self._by_link.setdefault(path.spec.link, []).append(path)
            if not self._is_many_ended(path.spec.link):
                self._bind(path, self._ear(path.spec.link, ""))
        return paths

    def _path(self, entry: RosterEntry, index: int) -> Path:
        spec = entry.ways[index]
        link = self._links.get(spec.link)
        self._path_numbers += 1
        return Path(
            vehicle=entry.vehicle, sysid=entry.sysid, number=self._path_numbers, spec=spec,
            bearer=Bearer.RADIO if link is None else link.bearer,
        )

    def paths(self, vehicle: VehicleId) -> Paths:
        return self._paths[vehicle]

    def link(self, name: str) -> LinkSpec | None:
        return self._links.get(name)

    def on_link(self, name: str) -> Sequence[Path]:
        """Paths of all vehicles that are expected there."""
        return self._by_link.get(name, ())

    def receive(self, link: str, data: bytes, peer: str, now: Instant) -> None:
        """Bytes from a peer of a link; what they say is handed to the vehicles' listeners before this returns."""
        ear = self._ears.get((link, peer)) or self._ear(link, peer)
        decode, paths, listeners = self._decoder.decode, ear.paths, self._listeners
        for frame in ear.parse(data, now.utc_ns):
            path = paths.get(frame.sysid)
            if path is None:
                path = self._resolve(ear, frame, now)
                if path is None:
                    continue
            if not frame.is_known:
                continue  # no checksum to trust: no sign of life either
            path.heard = now
            quality = path.quality
            quality.frames += 1
            quality.bytes += len(frame.payload) + _AROUND_PAYLOAD
            message = decode(frame)
            if message is None:
                listeners[path.vehicle].alive(now)
                continue
            compid = frame.compid
            order = path.orders.get(compid)
            if order is None:
                order = path.orders[compid] = Order()
            number = order.number(frame.seq, now.mono_ns)
            listeners[path.vehicle].take(_new_heard(Heard, (compid, frame.msgid, message, path, number)), now)
        if self._late:
            self._note_late(now)

    def _note_late(self, now: Instant) -> None:
        """Who holds the key and lags is not believed, but hears our heartbeats, whose time it follows."""
        late, self._late = self._late, []
        for ear, frame in late:
            if self._named(ear, frame.sysid) is None and frame.is_known:
                self._tell_stranger(ear, frame, now)
            path = self._named(ear, frame.sysid)
            if path is not None:
                path.late_peer = ear.peer

    def tap(self, vehicle: VehicleId, tap: Tap) -> Callable[[], None]:
        """What comes on a vehicle's primary path is told as it came, of any component and id; returns how to end it."""
        self._taps.setdefault(vehicle, []).append(tap)
        self._tune_all(vehicle)

        def end() -> None:
            self._taps[vehicle].remove(tap)
            if not self._taps[vehicle]:
                del self._taps[vehicle]
            self._tune_all(vehicle)

        return end

    def _tune_all(self, vehicle: VehicleId) -> None:
        for path in self._paths[vehicle]:
            if path.ear is not None:
                self._tune(path.ear)

    def _tune(self, ear: Ear) -> None:
        """Raw bytes are kept only where a tapped vehicle speaks."""
        is_tapped = any(path.vehicle in self._taps for path in ear.paths.values())
        ear.parse = partial(self._overhear, ear) if is_tapped else ear.plain

    def _overhear(self, ear: Ear, data: bytes, utc_ns: int) -> list[Frame]:
        pairs = ear.raw(data, utc_ns)
        for frame, octets in pairs:
            path = ear.paths.get(frame.sysid)
            # a key is nobody's to hear; and by two paths everything would be heard twice
            if path is None or frame.msgid == SETUP_SIGNING_ID or path is not self._paths[path.vehicle].primary:
                continue
            for tap in tuple(self._taps.get(path.vehicle, ())):
                tap(frame, octets)
        return [frame for frame, _ in pairs]

    def pass_on(
        self, vehicle: VehicleId, msgid: int, payload: bytes, let: Callable[[bytes], str | None], now: Instant
    ) -> str | None:
        """A message that a guest packed, as our own station's next frame; `let`: the guard's word on it."""
        path = self._paths[vehicle].primary
        if path.peer is None:
            return f"{vehicle} has not been heard yet"
        data = path.encoder.wrap(msgid, payload)
        self._leaving, self._leaving_utc_ns = path, now.utc_ns
        return let(data)

    def send(
        self, vehicle: VehicleId, outgoing: Outgoing, guard: Outward, now: Instant, path: Path | None = None
    ) -> str | None:
        """Send one message by a path, by default the primary; or the guard's reason for holding it back."""
        path = path or self._paths[vehicle].primary
        data = path.encoder.encode(outgoing.name, **outgoing.fields)
        self._leaving, self._leaving_utc_ns = path, now.utc_ns
        return guard.transmit(vehicle, data, now)

    def send_together(
        self, vehicle: VehicleId, outgoing: Sequence[Outgoing], guard: Outward, now: Instant, path: Path
    ) -> str | None:
        """As `send`, several messages in one datagram, up to the first that is held back: one way there, one back."""
        bundle: list[bytes] = []
        self._bundle = bundle
        try:
            faults = (self.send(vehicle, each, guard, now, path) for each in outgoing)
            return next((fault for fault in faults if fault is not None), None)
        finally:
            self._bundle = None
            if bundle and path.peer is not None:
                self._transmit(path.spec.link, path.peer, b"".join(bundle))

    def carry(self, vehicle: VehicleId, data: bytes) -> None:
        """For the guard: out by the path that the frame was made for, signed where that link is."""
        path = self._leaving
        if path is None or path.vehicle != vehicle:
            path = self._paths[vehicle].primary
        peer = path.peer if path.peer is not None else path.late_peer
        if peer is None:
            return
        seal = self.seals.get(path.spec.link)
        if seal is not None:
            data = seal.sign(data, self._leaving_utc_ns, path.sysid)
        if self._bundle is not None:
            self._bundle.append(data)
        else:
            self._transmit(path.spec.link, peer, data)

    def noise(self) -> dict[str, tuple[int, int]]:
        """By link, since the start: bytes that were no messages, and frames of system ids that belong to nobody."""
        found = dict.fromkeys(self._by_link, (0, 0))
        for (link, _), ear in self._ears.items():
            garbage, strangers = found.get(link, (0, 0))
            found[link] = (garbage + ear.counters.garbage_bytes, strangers + sum(ear.strangers.values()))
        return found

    def _is_many_ended(self, link: str) -> bool:
        spec = self._links.get(link)
        return spec is not None and spec.address.is_many_ended

    def _ear(self, link: str, peer: str) -> Ear:
        spec = self._links.get(link)
        is_stream, counters = spec is not None and spec.address.is_stream, WireCounters()
        seal = self.seals.get(link)
        made = reader(counters, is_stream=is_stream) if seal is None else seal.reader(
            counters, is_stream=is_stream, peer=peer, on_late=lambda frame: self._late.append((ear, frame))
        )
        ear = Ear(link, peer, counters, made[0], *made)
        if len(self._ears) < MOST_PEERS:
            self._ears[link, peer] = ear
        else:
            self.refused_peers += 1
        return ear

    def _bind(self, path: Path, ear: Ear) -> None:
        if path.ear is not None:
            path.ear.paths.pop(path.sysid, None)
        path.peer, path.ear, path.claimed_by = ear.peer, ear, None
        path.orders.clear()
        ear.paths[path.sysid] = path
        if self._taps:
            self._tune(ear)

    def _resolve(self, ear: Ear, frame: Frame, now: Instant) -> Path | None:
        """The path of a system id that was not heard from this peer before: new, moved, doubled, or a stranger's."""
        if not frame.is_known:
            return None
        path = self._named(ear, frame.sysid)
        if path is None:
            self._tell_stranger(ear, frame, now)
            path = self._named(ear, frame.sysid)
        if path is not None:
            return self._claim(path, ear, now)
        ear.strangers[frame.sysid] = ear.strangers.get(frame.sysid, 0) + 1
        return None

    def _named(self, ear: Ear, sysid: int) -> Path | None:
        """The path that expects this system id from this peer."""
        on_link = self._by_link.get(ear.link, ())
        return next((path for path in on_link if path.sysid == sysid and path.spec.admits(ear.peer)), None)

    def _claim(self, path: Path, ear: Ear, now: Instant) -> Path | None:
        """Somebody speaks for a vehicle from a new address: it has moved if the old one is silent since."""
        silent_s = path.silent_s(now)
        if path.ear is None or silent_s is None:
            self._bind(path, ear)
            return path
        first_ns = ear.heard_ns or now.mono_ns
        ear.heard_ns = first_ns
        is_both = path.heard is not None and path.heard.mono_ns > first_ns + OVERLAP_S * NS_PER_S
        if is_both:
            path.claimed_by = ear.peer
        if path.claimed_by == ear.peer or silent_s < SILENT_S:
            ear.strangers[path.sysid] = ear.strangers.get(path.sysid, 0) + 1
            return None
        self._bind(path, ear)
        return path

    def _tell_stranger(self, ear: Ear, frame: Frame, now: Instant) -> None:
        spec = self._links.get(ear.link)
        if spec is None or not spec.adopts:
            return
        message = self._decoder.decode(frame)
        if message is None or message.SPEC.name != "HEARTBEAT" or message.autopilot == Autopilot.INVALID:
            return
        self.on_stranger(Stranger(
            link=ear.link, peer=ear.peer, sysid=frame.sysid, type=message.type, autopilot=message.autopilot
        ), now)

