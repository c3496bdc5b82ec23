"""The hub: logged topics reach the record first, then everyone who asked; orders to stop go first, then the log."""

from collections.abc import Callable

from command.bus.codec import (
    SUBSCRIBE,
    BadFrame,
    Subscription,
    decode_frame,
    decode_subscription,
    decode_value,
    encode_frame,
)
from command.store.record import Record, RecordUnavailable
from command.store.telemetry import Telemetry
from command.topics import TOPICS
from fleet.commands import ALWAYS_THROUGH, Command
from missions.model import Order, OrderVerb
from world.time import Clock

URGENT_ORDERS = frozenset({OrderVerb.STOP, OrderVerb.HOLD, OrderVerb.RETURN})


class Hub:
    """Routes frames between named ports. `later` runs a callable when every frame of this moment has been taken in."""

    def __init__(
        self, record: Record, telemetry: Telemetry, clock: Clock, *, later: Callable[[Callable[[], None]], object]
    ) -> None:
        self._record = record
        self._telemetry = telemetry
        self._clock = clock
        self._later = later
        self._ports: dict[str, Callable[[bytes], object]] = {}
        self._wanted: dict[str, list[str]] = {name: [] for name in TOPICS}
        self._pending: list[tuple[str, str, bytes]] = []
        self.bad_frames: dict[str, int] = {}
        self.unlogged = 0
        """Events that were sent although the record could not be written; it is caught up when it can."""

    def connect(self, port: str, send: Callable[[bytes], object]) -> None:
        self._ports[port] = send

    def disconnect(self, port: str) -> None:
        self._ports.pop(port, None)
        for ports in self._wanted.values():
            if port in ports:
                ports.remove(port)

    def receive(self, port: str, frame: bytes) -> None:
        """One frame from a port; bad ones are counted and dropped."""
        try:
            topic, payload = decode_frame(frame)
            if topic == SUBSCRIBE:
                self._subscribe(port, decode_subscription(payload))
                return
            value = decode_value(topic, payload)
        except BadFrame:
            self.bad_frames[port] = self.bad_frames.get(port, 0) + 1
            return
        if not TOPICS[topic].is_logged:
            self._telemetry.sample(topic, payload, self._clock.now())
            self._fan_out(port, topic, frame)
        elif _is_urgent(value):
            self._fan_out(port, topic, frame)
            self._log([(topic, payload)])
        else:
            if not self._pending:
                self._later(self._flush)
            self._pending.append((port, topic, frame))

    def _subscribe(self, port: str, wanted: Subscription) -> None:
        for event in self._record.events(after=wanted.after):
            if event.topic in wanted.topics and port in self._ports:
                self._ports[port](encode_frame(event.topic, event.payload))
        for topic in wanted.topics:
            ports = self._wanted.setdefault(topic, [])
            if port not in ports:
                ports.append(port)

    def _flush(self) -> None:
        """One transaction for all events of this moment, then fan-out."""
        pending, self._pending = self._pending, []
        self._log([(topic, decode_frame(frame)[1]) for _, topic, frame in pending])
        for port, topic, frame in pending:
            self._fan_out(port, topic, frame)

    def _log(self, events: list[tuple[str, bytes]]) -> None:
        try:
            self._record.append(events, self._clock.now())
        except RecordUnavailable:
            self.unlogged += len(events)

    def _fan_out(self, source: str, topic: str, frame: bytes) -> None:
        for port in self._wanted[topic]:
            if port != source and port in self._ports:
                self._ports[port](frame)


def _is_urgent(value: object) -> bool:
    if isinstance(value, Order):
        return value.verb in URGENT_ORDERS
    return isinstance(value, Command) and value.verb in ALWAYS_THROUGH
