"""Streams keep the rate asked for, in integer ticks, without drift."""

import pytest

from sim.speak.streams import Streams


@pytest.mark.parametrize(("rate_hz", "expected"), [(1, 60), (4, 240), (10, 600), (50, 3000), (1000, 3000)])
def test_a_minute_of_a_stream(rate_hz: float, expected: int) -> None:
    streams = Streams()
    streams.ask("ATTITUDE", 1e6 / rate_hz, 0)
    sent = sum(len(streams.due(tick)) for tick in range(5, 15_005, 5))
    assert abs(sent - expected) <= expected * 0.05 + 1


def test_a_stream_can_be_stopped() -> None:
    streams = Streams()
    streams.ask("ATTITUDE", 1e5, 0)
    streams.ask("ATTITUDE", -1, 10)
    assert [streams.due(tick) for tick in range(15, 500, 5)] == [[]] * 97
    assert streams.interval_us("ATTITUDE") == 0
