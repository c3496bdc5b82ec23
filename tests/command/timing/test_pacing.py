"""Pacing: never faster than asked, never a race to catch up, and pauses that hold."""

import pytest

from command.timing.channel import NEVER_TICK
from command.timing.pacing import Pacer

SECOND_NS = 1_000_000_000


def test_without_a_speed_there_is_no_limit() -> None:
    assert Pacer(None, 0).limit(0, 0) == NEVER_TICK


def test_twice_real_time_is_five_hundred_ticks_a_second() -> None:
    pacer = Pacer(2.0, 0)
    assert [pacer.limit(n * SECOND_NS // 10, n * 50) for n in range(11)] == [n * 50 for n in range(11)]


def test_a_run_that_fell_behind_does_not_race() -> None:
    pacer = Pacer(1.0, 0)
    assert pacer.limit(100 * SECOND_NS, 10) == 61
    assert pacer.limit(101 * SECOND_NS, 311) <= 362


def test_wall_time_spent_paused_is_not_made_up() -> None:
    pacer = Pacer(1.0, 0)
    pacer.pause(SECOND_NS // 10, 25)
    assert pacer.limit(50 * SECOND_NS, 25) == 25
    pacer.resume(50 * SECOND_NS)
    assert pacer.limit(50 * SECOND_NS, 25) == 25
    assert pacer.limit(50 * SECOND_NS + SECOND_NS // 10, 40) == 50


def test_it_says_how_long_to_wait() -> None:
    pacer = Pacer(1.0, 0)
    wait_ns = pacer.wait_ns(0, 25)
    assert wait_ns is not None
    assert pacer.limit(wait_ns, 0) == 25
    assert pacer.limit(wait_ns - 2, 0) == 24


def test_pausing_works_without_a_speed() -> None:
    pacer = Pacer(None, 0)
    pacer.pause(0, 25)
    assert pacer.limit(SECOND_NS, 25) == 25
    pacer.resume(SECOND_NS)
    assert pacer.limit(SECOND_NS, 25) == NEVER_TICK


def test_a_speed_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="pause it"):
        Pacer(1.0, 0).set_speed(0.0, 0, 0)
