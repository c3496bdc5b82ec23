"""Capture times follow the sender report to the microsecond, across the wrap of the media clock."""

from hypothesis import given
from hypothesis import strategies as st

from perception.ingest.rtp import MediaClock, parse_rtp, parse_sender_report
from tests.perception.ingest.packets import sender_report

START_NS = 1_790_000_000_000_000_000


@given(st.integers(0, 2**32 - 1), st.integers(-90_000 * 60, 90_000 * 60))
def test_media_time_maps_to_utc_across_the_wrap(base: int, ticks: int) -> None:
    report = parse_sender_report(sender_report(START_NS, base))
    assert report is not None
    clock = MediaClock(90_000)
    assert clock.utc_ns(base) is None
    clock.update(report)
    utc_ns = clock.utc_ns((base + ticks) & 0xFFFFFFFF)
    assert utc_ns is not None
    assert abs(utc_ns - (START_NS + ticks * 1e9 / 90_000)) < 1000


@given(st.binary(max_size=64))
def test_no_bytes_raise(data: bytes) -> None:
    parse_rtp(data)
    parse_sender_report(data)
