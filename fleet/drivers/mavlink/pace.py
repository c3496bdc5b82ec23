"""When to say a thing again: the one way steps repeat themselves."""

from world.time import Instant


class Pace:
    """Due at once and then every `every_s`, at most `times` times."""

    def __init__(self, *, every_s: float, times: int | None = None) -> None:
        self._every_s = every_s
        self._left = times
        self._last: Instant | None = None
        self.count = 0

    def is_due(self, now: Instant) -> bool:
        """True when it is time; counts it as done then."""
        if not self.would_be_due(now):
            return False
        self._last = now
        self.count += 1
        return True

    def would_be_due(self, now: Instant) -> bool:
        """Whether it is time, without counting it as done."""
        is_early = self._last is not None and self._last.age_s(now) < self._every_s
        return not is_early and (self._left is None or self.count < self._left)

    def is_spent(self, now: Instant) -> bool:
        """All repeats done and the last one given its time."""
        is_last = self._left is not None and self.count >= self._left
        return is_last and self._last is not None and self._last.age_s(now) >= self._every_s

    def put_off(self, now: Instant) -> None:
        """Something was heard: start the interval anew, with all repeats before it."""
        self._last = now
        self.count = 1
