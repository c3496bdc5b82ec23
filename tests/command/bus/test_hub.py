"""The hub records before it fans out, lets orders to stop through first, and survives garbage and a full disk."""

from collections.abc import Callable
from pathlib import Path

import pytest

from command.bus.codec import BadFrame, decode_frame, decode_value, encode_frame, encode_subscription, encode_value
from command.bus.hub import Hub
from command.bus.stream_bus import StreamBus
from command.store.record import Record, RecordUnavailable
from command.store.telemetry import Telemetry
from fleet.model import Alarm
from missions.model import Order, OrderVerb
from tests.support.clocks import StillClock
from world.ids import OperatorId, VehicleId
from world.time import Instant

AT = Instant(mono_ns=5, utc_ns=7)


def order(verb: OrderVerb) -> Order:
    return Order(id="o1", verb=verb, by=OperatorId("ann"), at=AT, vehicles=(VehicleId("U01"),))


class Wired:
    """A hub with two buses, everything delivered at once; `later` is called by hand."""

    def __init__(self, folder: Path) -> None:
        self.record = Record(folder / "events.db")
        self.waiting: list[Callable[[], None]] = []
        clock = StillClock(AT)
        self.hub = Hub(self.record, Telemetry(folder / "telemetry.db"), clock, later=self.waiting.append)
        self.a, self.b = StreamBus(self.to_hub("a")), StreamBus(self.to_hub("b"))
        self.hub.connect("a", self.a.receive)
        self.hub.connect("b", self.b.receive)
        self.seen: list[Order] = []
        self.b.subscribe("mission/order", self.seen.append)
        self.b.announce()

    def to_hub(self, port: str) -> Callable[[bytes], None]:
        return lambda frame: self.hub.receive(port, frame)

    def settle(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


def test_event_is_durable_before_anyone_sees_it(tmp_path: Path) -> None:
    wired = Wired(tmp_path)
    rows_when_seen: list[int] = []
    wired.b.subscribe("mission/order", lambda _: rows_when_seen.append(len(list(wired.record.events()))))
    wired.a.publish("mission/order", order(OrderVerb.LAUNCH))
    assert wired.seen == []
    wired.settle()
    assert rows_when_seen == [1]
    assert wired.seen == [order(OrderVerb.LAUNCH)]


def test_stop_passes_before_the_log_and_is_logged_after(tmp_path: Path) -> None:
    wired = Wired(tmp_path)
    rows_when_seen: list[int] = []
    wired.b.subscribe("mission/order", lambda _: rows_when_seen.append(len(list(wired.record.events()))))
    wired.a.publish("mission/order", order(OrderVerb.STOP))
    assert rows_when_seen == [0]
    assert [event.topic for event in wired.record.events()] == ["mission/order"]


def test_stop_passes_when_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wired = Wired(tmp_path)

    def refuse(*_: object) -> int:
        raise RecordUnavailable("disk full")

    monkeypatch.setattr(wired.record, "append", refuse)
    wired.a.publish("mission/order", order(OrderVerb.STOP))
    assert wired.seen == [order(OrderVerb.STOP)]
    assert wired.hub.unlogged == 1


def test_people_are_told_when_the_record_goes_and_when_it_is_back(tmp_path: Path) -> None:
    wired = Wired(tmp_path)
    heard: list[Alarm] = []
    wired.b.subscribe("alarm", heard.append)
    wired.b.announce()
    pages = wired.record._db.execute("PRAGMA page_count").fetchone()[0]
    wired.record._db.execute(f"PRAGMA max_page_count={pages}")
    for _ in range(60):
        wired.a.publish("mission/order", order(OrderVerb.LAUNCH))
        wired.settle()
    assert [alarm.is_active for alarm in heard] == [True]
    assert len(wired.seen) == 60
    assert not wired.hub.settle()
    wired.record._db.execute("PRAGMA max_page_count=1000000")
    wired.a.publish("mission/order", order(OrderVerb.HOLD))
    wired.settle()
    assert [alarm.is_active for alarm in heard] == [True, False]
    assert wired.hub.settle()
    assert wired.record.verify() == 60 + 1 + 2


NOT_UTF8 = b"\x92\xa2\xff\xfe\xc4\x01a"
GARBAGE = [
    b"",
    b"\xff" * 40,
    NOT_UTF8,
    encode_frame("bus/subscribe", b"\x92\x91\xa2\xff\xfe\x00"),
    encode_frame("mission/order", b"\x01"),
    encode_frame("no/topic", b""),
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_counted_and_disturbs_nobody(tmp_path: Path, garbage: bytes) -> None:
    wired = Wired(tmp_path)
    wired.hub.receive("a", garbage)
    wired.b.receive(garbage)
    assert wired.hub.bad_frames == {"a": 1}
    assert wired.b.bad_frames == 1
    wired.a.publish("mission/order", order(OrderVerb.HOLD))
    assert len(wired.seen) == 1


def test_a_late_subscriber_hears_the_past_once_and_in_order(tmp_path: Path) -> None:
    wired = Wired(tmp_path)
    for verb in (OrderVerb.LAUNCH, OrderVerb.HOLD, OrderVerb.RESUME):
        wired.a.publish("mission/order", order(verb))
        wired.settle()
    frames: list[bytes] = []
    wired.hub.connect("late", frames.append)
    wired.hub.receive("late", encode_subscription(["mission/order", "alarm"], after=1))
    wired.a.publish("mission/order", order(OrderVerb.STOP))
    verbs = [decode_value(*decode_frame(frame)).verb for frame in frames]
    assert verbs == [OrderVerb.HOLD, OrderVerb.RESUME, OrderVerb.STOP]


def test_wrong_type_is_refused_at_the_publisher() -> None:
    with pytest.raises(BadFrame, match="carries Order, not str"):
        encode_value("mission/order", "stop")
    with pytest.raises(BadFrame, match="no topic is called"):
        encode_value("mission/odrer", "stop")


def test_subscription_frames_round_trip() -> None:
    topic, _ = decode_frame(encode_subscription(["alarm"], after=0))
    assert topic == "bus/subscribe"
