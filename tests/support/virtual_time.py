"""asyncio in virtual time for tests of one process: waiting costs nothing, and a wait for nothing is an error."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from world.time import NS_PER_S, Instant

T = TypeVar("T")
EPOCH_NS = 1_800_000_000 * NS_PER_S


class NothingToWaitFor(AssertionError):
    """All tasks wait and no timer is set: in real time this would hang."""


class _Jump(selectors.SelectSelector):
    """Instead of waiting, moves time on."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise NothingToWaitFor
        if not ready and timeout is not None and timeout > 0:
            self.now_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is the sum of its waits."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now_s


class LoopClock:
    """The clock of the running loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> Instant:
        mono_ns = round(self._loop.time() * NS_PER_S)
        return Instant(mono_ns=mono_ns, utc_ns=EPOCH_NS + mono_ns)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def sleep_until(self, mono_ns: int) -> None:
        await asyncio.sleep(max(0.0, mono_ns / NS_PER_S - self._loop.time()))


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time; every leftover task is cancelled."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
