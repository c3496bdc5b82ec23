"""How fast simulated time may go: as it can, or at most so many times the wall clock; and pausing it."""

import selectors
import time
from collections.abc import Sequence
from typing import Any, Protocol

from command.timing.channel import NEVER_TICK, TICK_NS

_BURST_NS = 200_000_000
"""A run that fell behind the wall does not race to catch up further than this."""


class Wall(Protocol):
    """The wall clock and the wait that follows it: what a test replaces to need no waiting."""

    def now_ns(self) -> int: ...

    def wait(
        self, selector: selectors.BaseSelector, timeout_s: float
    ) -> Sequence[tuple[selectors.SelectorKey, int]]: ...


class RealWall:
    """The host's monotonic clock."""

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def wait(self, selector: selectors.BaseSelector, timeout_s: float) -> list[tuple[selectors.SelectorKey, Any]]:
        return selector.select(timeout_s)


class Pacer:
    """The tick that wall time allows. `speed=None` is no limit but a pause."""

    def __init__(self, speed: float | None, now_ns: int) -> None:
        self._speed = speed
        self._is_paused = False
        self._anchor_tick, self._anchor_ns = 0, now_ns

    @property
    def is_paused(self) -> bool:
        return self._is_paused

    @property
    def follows_the_wall(self) -> bool:
        """Whether waiting alone lets time go on."""
        return self._speed is not None and not self._is_paused

    def limit(self, now_ns: int, reached_tick: int) -> int:
        """No grant may go past this tick now."""
        if self._is_paused:
            return self._anchor_tick
        if self._speed is None:
            return NEVER_TICK
        burst_ticks = int(_BURST_NS * self._speed / TICK_NS) + 1
        allowed = self._anchor_tick + int((now_ns - self._anchor_ns) * self._speed / TICK_NS)
        if allowed > reached_tick + burst_ticks:
            allowed = reached_tick + burst_ticks
            self._anchor_tick, self._anchor_ns = allowed, now_ns
        return allowed

    def wait_ns(self, now_ns: int, tick: int) -> int | None:
        """Wall time until the limit reaches `tick`; None when only a resume can help."""
        if self._speed is None or not self.follows_the_wall:
            return None
        due_ns = self._anchor_ns + int((tick - self._anchor_tick) * TICK_NS / self._speed) + 1
        return max(0, due_ns - now_ns)

    def pause(self, now_ns: int, reached_tick: int) -> None:
        limit = self.limit(now_ns, reached_tick)
        self._anchor_tick, self._anchor_ns = min(limit, reached_tick), now_ns
        self._is_paused = True

    def resume(self, now_ns: int) -> None:
        if self._is_paused:
            self._anchor_ns, self._is_paused = now_ns, False

    def set_speed(self, speed: float | None, now_ns: int, reached_tick: int) -> None:
        if speed is not None and speed <= 0:
            raise ValueError("speed must be above zero; to stop time, pause it")
        self._anchor_tick, self._anchor_ns = min(self.limit(now_ns, reached_tick), reached_tick), now_ns
        self._speed = speed
