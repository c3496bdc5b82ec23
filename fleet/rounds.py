"""Turns taken by many at the same rate, spread over the period so that nobody's burst delays a command."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from world.time import NS_PER_S, Clock, Instant

T = TypeVar("T")


class Rounds(Generic[T]):
    """`act` on every member `rate_hz` times a second, in `slots` bunches. Members may be added at any time."""

    def __init__(self, members: Sequence[T], *, rate_hz: float, slots: int, act: Callable[[T, Instant], None]) -> None:
        self._members, self._slots, self._act = members, slots, act
        self._period_ns = round(NS_PER_S / (rate_hz * slots))

    async def run(self, clock: Clock) -> None:
        """Until cancelled. A late turn is not made up for."""
        due_ns, slot = clock.now().mono_ns, 0
        while True:
            now = clock.now()
            for member in self._members[slot :: self._slots]:
                self._act(member, now)
            slot = (slot + 1) % self._slots
            due_ns = max(due_ns + self._period_ns, clock.now().mono_ns)
            await clock.sleep_until(due_ns)
