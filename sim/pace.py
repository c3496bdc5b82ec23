"""A clock that runs some times faster than another: live simulation at k times real time."""

from world.time import Clock, Instant


class FasterClock:
    """`factor` seconds pass for each of the inner clock's; both agree at the moment this is made."""

    def __init__(self, inner: Clock, factor: float) -> None:
        if not factor > 0:
            raise ValueError(f"a speed factor must be positive, not {factor}")
        self._inner, self._factor = inner, factor
        self._start = inner.now()

    def now(self) -> Instant:
        passed = round((self._inner.now().mono_ns - self._start.mono_ns) * self._factor)
        return Instant(mono_ns=self._start.mono_ns + passed, utc_ns=self._start.utc_ns + passed)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds / self._factor)

    async def sleep_until(self, mono_ns: int) -> None:
        inner = self._start.mono_ns + round((mono_ns - self._start.mono_ns) / self._factor)
        await self._inner.sleep_until(inner)
