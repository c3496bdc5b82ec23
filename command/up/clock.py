"""The clock of a site: monotonic while it runs, and never behind what an earlier run recorded."""

import asyncio

from world.time import NS_PER_S, Instant


class SiteClock:
    """mono starts at UTC, so that instants in a record keep their ages over restarts of process and machine."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, utc_ns: int, not_before_ns: int = 0) -> None:
        self._loop, self._started = loop, loop.time()
        self._utc_ns = utc_ns
        self._mono_ns = max(utc_ns, not_before_ns)

    def now(self) -> Instant:
        passed_ns = round((self._loop.time() - self._started) * NS_PER_S)
        return Instant(mono_ns=self._mono_ns + passed_ns, utc_ns=self._utc_ns + passed_ns)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def sleep_until(self, mono_ns: int) -> None:
        await asyncio.sleep(max(0.0, (mono_ns - self.now().mono_ns) / NS_PER_S))
