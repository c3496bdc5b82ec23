"""Channels: who sends to whom, and how much simulated time a message takes: the table that everybody shares."""

from collections.abc import Sequence
from dataclasses import dataclass

TICK_NS = 4_000_000
TICK_S = 0.004
NEVER_TICK = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One direction from one participant to another. The latency is part of the scenario, never measured."""

    id: int
    sender: str
    receiver: str
    latency_ticks: int

    def __post_init__(self) -> None:
        if self.latency_ticks < 1:
            raise ValueError(f"channel {self.id}, {self.sender} to {self.receiver}, needs a latency of a tick or more")


def by_id(channels: Sequence[Channel]) -> dict[int, Channel]:
    """The table keyed by id; raises ValueError when two channels share one."""
    table = {channel.id: channel for channel in channels}
    if len(table) != len(channels):
        raise ValueError("two channels share an id")
    return table


def names_of(channels: Sequence[Channel]) -> tuple[str, ...]:
    """Every participant the table mentions, sorted: the order in which grants are considered."""
    return tuple(sorted({c.sender for c in channels} | {c.receiver for c in channels}))
