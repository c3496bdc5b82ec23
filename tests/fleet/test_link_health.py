"""Alarms of links begin once, say which link, and end."""

from fleet.link_health import LinkHealth
from world.time import Instant

NOW = Instant(mono_ns=0, utc_ns=0)
QUIET = {"radio": (0, 0)}


def test_garbage_and_strangers_begin_once_and_end_ten_seconds_after() -> None:
    watch = LinkHealth(NOW)
    assert watch.look(QUIET, NOW.plus_s(1.0)) == []
    begun = watch.look({"radio": (600, 1)}, NOW.plus_s(2.0))
    assert [(alarm.key, alarm.is_active) for alarm in begun] == [
        ("radio/garbage", True), ("radio/foreign_sender", True)
    ]
    assert watch.look({"radio": (1300, 2)}, NOW.plus_s(3.0)) == []
    assert watch.look({"radio": (1301, 2)}, NOW.plus_s(12.0)) == []
    ended = watch.look({"radio": (1301, 2)}, NOW.plus_s(13.0))
    assert [alarm.is_active for alarm in ended] == [False, False]


def test_a_link_that_is_down_is_told_with_its_reason_and_again_when_it_works() -> None:
    watch = LinkHealth(NOW)
    watch.changed("sat", "tcpout:10.0.0.7:5760: Connection refused")
    (down,) = watch.look(QUIET, NOW.plus_s(1.0))
    assert down.text == "Link sat is down: tcpout:10.0.0.7:5760: Connection refused"
    assert down.vehicle is None
    watch.changed("sat", None)
    (up,) = watch.look(QUIET, NOW.plus_s(2.0))
    assert (up.key, up.is_active) == ("sat/link_down", False)
