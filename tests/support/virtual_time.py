"""An asyncio loop whose time jumps to the next timer, and a clock that follows it: hours pass in seconds, always
alike."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

from world.time import NS_PER_S, Instant

EPOCH_NS = 1_700_000_000 * NS_PER_S


class _Jumping(selectors.SelectSelector):
    """Instead of waiting, moves the loop's time on."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nothing will ever happen: every task waits for something that has no time")
        if not ready and timeout is not None and timeout > 0:
            self.now_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


class VirtualClock:
    """The Clock of a VirtualLoop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> Instant:
        mono_ns = round(self._loop.time() * NS_PER_S)
        return Instant(mono_ns=mono_ns, utc_ns=EPOCH_NS + mono_ns)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def sleep_until(self, mono_ns: int) -> None:
        await asyncio.sleep(max(0.0, mono_ns / NS_PER_S - self._loop.time()))


def run_virtually(loop: VirtualLoop, main: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end and close the loop, whatever happens."""
    try:
        return loop.run_until_complete(main)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
