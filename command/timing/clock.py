"""The Clock of a service: its event loop's time, which is simulated time in lockstep and the host's otherwise."""

import asyncio

from world.time import NS_PER_S, Instant


class LoopClock:
    """mono is loop time; utc is `epoch_utc_ns` plus mono."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, epoch_utc_ns: int) -> None:
        self._loop, self._epoch_utc_ns = loop, epoch_utc_ns

    def now(self) -> Instant:
        mono_ns = round(self._loop.time() * NS_PER_S)
        return Instant(mono_ns=mono_ns, utc_ns=self._epoch_utc_ns + mono_ns)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def sleep_until(self, mono_ns: int) -> None:
        await asyncio.sleep(max(0.0, mono_ns / NS_PER_S - self._loop.time()))
