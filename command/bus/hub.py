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
    encode_value,
)
from command.store.record import Record, RecordUnavailable
from command.store.telemetry import Telemetry
from command.topics import TOPICS
from fleet.commands import ALWAYS_THROUGH, Command
from fleet.group import GroupOrder, GroupVerb
from fleet.model import Alarm, Severity
from missions.model import Order, OrderVerb
from world.time import Clock

URGENT_ORDERS = frozenset({OrderVerb.STOP, OrderVerb.HOLD, OrderVerb.RETURN})
URGENT_GROUP_ORDERS = frozenset({GroupVerb.STOP, GroupVerb.HOLD, GroupVerb.RETURN, GroupVerb.LAND})
RECORD_ALARM = "record"
"""Key of the alarm that says whether the record can be written."""
_NOBODY = ""
"""Port of what the hub itself says: everyone who asked hears it."""


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
        self._is_record_away = False

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
            self._take(port, topic, frame)

    def _take(self, port: str, topic: str, frame: bytes) -> None:
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
            self._tell_record(is_away=True)
        else:
            self._tell_record(is_away=False)

    def _tell_record(self, *, is_away: bool) -> None:
        """An alarm to everybody when the record goes away and when it is back; recorded as soon as that can be."""
        if is_away is self._is_record_away:
            return
        self._is_record_away = is_away
        alarm = Alarm(
            key=RECORD_ALARM,
            severity=Severity.WARNING,
            vehicle=None,
            text="Record cannot be written, events wait in memory" if is_away else "Record is written again, complete",
            text_zh="记录无法写入，事件暂存于内存" if is_away else "记录已恢复写入，内容完整",
            at=self._clock.now(),
            is_active=is_away,
        )
        self._take(_NOBODY, "alarm", encode_frame("alarm", encode_value("alarm", alarm)))

    def settle(self) -> bool:
        """At the end: a last attempt to write what waits; False when the record stays without it."""
        waiting = [(topic, decode_frame(frame)[1]) for _, topic, frame in self._pending]
        try:
            self._record.append(waiting, self._clock.now())
        except RecordUnavailable:
            return False
        return True

    def _fan_out(self, source: str, topic: str, frame: bytes) -> None:
        for port in self._wanted[topic]:
            if port != source and port in self._ports:
                self._ports[port](frame)


def _is_urgent(value: object) -> bool:
    if isinstance(value, Order):
        return value.verb in URGENT_ORDERS
    if isinstance(value, GroupOrder):
        return value.verb in URGENT_GROUP_ORDERS
    return isinstance(value, Command) and value.verb in ALWAYS_THROUGH
