"""Wall time for the screen's own process: ages of what arrives here, never the incident's time."""

import asyncio
import time

from world.time import NS_PER_S, Instant


class WallClock:
    """`world.time.Clock` by the host's clocks."""

    def now(self) -> Instant:
        return Instant(mono_ns=time.monotonic_ns(), utc_ns=time.time_ns())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def sleep_until(self, mono_ns: int) -> None:
        await asyncio.sleep(max(0.0, (mono_ns - time.monotonic_ns()) / NS_PER_S))
