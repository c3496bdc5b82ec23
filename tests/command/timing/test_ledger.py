"""Grants: nobody runs past what may still come, and somebody can always run."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.timing.channel import NEVER_TICK, Channel
from command.timing.errors import JournalMismatch
from command.timing.ledger import Ledger


def channel(id: int, sender: str, receiver: str, latency_ticks: int) -> Channel:
    return Channel(id=id, sender=sender, receiver=receiver, latency_ticks=latency_ticks)


def ring(*latencies: int) -> list[Channel]:
    names = "ABCDEFGH"[: len(latencies)]
    return [channel(i, names[i], names[(i + 1) % len(names)], latency) for i, latency in enumerate(latencies)]


def until(ledger: Ledger, name: str) -> int | None:
    grant = ledger.grant(name, NEVER_TICK, NEVER_TICK)
    return grant.until if grant else None


def test_a_grant_goes_as_far_as_the_latency_allows() -> None:
    ledger = Ledger(ring(5, 100), quantum_ticks=5, window_ticks=1000)
    assert until(ledger, "A") == 100
    assert until(ledger, "B") == 5


def test_a_grant_shorter_than_the_quantum_waits() -> None:
    ledger = Ledger(ring(5, 5), quantum_ticks=5, window_ticks=100)
    assert ledger.grant("A", 4, NEVER_TICK) is None
    assert ledger.grant("A", 7, NEVER_TICK) == ledger.last_grant["A"]


def test_the_last_grant_may_be_shorter_than_the_quantum() -> None:
    ledger = Ledger(ring(5, 5), quantum_ticks=5, window_ticks=100)
    grant = ledger.grant("A", NEVER_TICK, 3)
    assert grant is not None
    assert grant.until == 3


def test_a_sender_does_not_leave_its_receiver_behind() -> None:
    ledger = Ledger([channel(1, "A", "B", 5)], quantum_ticks=5, window_ticks=20)
    assert until(ledger, "A") == 20
    ledger.answered("A", 20, [])
    assert until(ledger, "A") is None


def test_what_a_receiver_lived_through_may_be_forgotten_by_its_sender() -> None:
    ledger = Ledger(ring(5, 5), quantum_ticks=5, window_ticks=100)
    until(ledger, "A"), until(ledger, "B")
    ledger.answered("A", 5, [(0, 3, 2)])
    ledger.answered("B", 5, [])
    grant = ledger.grant("B", NEVER_TICK, NEVER_TICK)
    assert grant is not None
    assert grant.sent == [(0, 3, 2)]
    ledger.answered("B", 10, [])
    grant = ledger.grant("A", NEVER_TICK, NEVER_TICK)
    assert grant is not None
    assert grant.taken == {0: 2}


def test_a_latency_below_the_quantum_is_refused() -> None:
    with pytest.raises(ValueError, match="less than a quantum"):
        Ledger(ring(5, 4), quantum_ticks=5, window_ticks=100)


def test_two_channels_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="share an id"):
        Ledger([*ring(5, 5), channel(1, "A", "B", 5)], quantum_ticks=5, window_ticks=100)


def test_a_restart_without_its_journal_is_refused() -> None:
    ledger = Ledger(ring(5, 5), quantum_ticks=5, window_ticks=100)
    until(ledger, "A")
    ledger.answered("A", 5, [])
    with pytest.raises(JournalMismatch, match="A came back at tick 0"):
        ledger.check_return("A", 0)


@given(st.lists(st.integers(3, 40), min_size=2, max_size=6), st.integers(3, 60), st.randoms(use_true_random=False))
def test_somebody_can_always_run_and_nothing_comes_late(latencies: list[int], window: int, random: Random) -> None:
    ledger = Ledger(ring(*latencies), quantum_ticks=3, window_ticks=window)
    for _ in range(60):
        moved = [name for name in ledger.names if ledger.is_idle(name) and until(ledger, name)]
        executing = [name for name in ledger.names if not ledger.is_idle(name)]
        assert moved or executing
        for channel in ledger.channels.values():
            earliest_due = ledger.done[channel.sender] + 1 + channel.latency_ticks
            assert ledger.granted[channel.receiver] < earliest_due
        name = random.choice(executing)
        ledger.answered(name, ledger.granted[name], [])
