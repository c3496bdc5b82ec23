"""Clocks for tests that need a time but no waiting."""

from dataclasses import dataclass

from world.time import NS_PER_S, Instant


@dataclass(slots=True)
class StillClock:
    """Stands still until it is moved."""

    at: Instant

    def now(self) -> Instant:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at = self.at.plus_s(seconds)

    async def sleep_until(self, mono_ns: int) -> None:
        self.at = self.at.plus_s(max(0, mono_ns - self.at.mono_ns) / NS_PER_S)
