"""A camera that is away is tried again with growing pauses, and comes back by itself."""

import asyncio
import contextlib
import socket

from perception.ingest.reconnect import keep_connected
from perception.ingest.source import RtspSource
from sim.video.encoder import headers_for
from sim.video.live import LoopReactor
from sim.video.server import RtspServer
from tests.perception.fixtures import NOW
from tests.support.clocks import StillClock
from world.ids import StreamId
from world.time import Instant

DEADLINE_S = 10.0


class StepClock:
    """Notes how long it was asked to sleep and lets others run instead."""

    def __init__(self) -> None:
        self.still, self.pauses = StillClock(NOW), list[float]()
        self.is_enough = asyncio.Event()
        self.enough = 0

    def now(self) -> Instant:
        return self.still.now()

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) >= self.enough:
            self.is_enough.set()
        await self.still.sleep(seconds)
        await asyncio.sleep(0)

    async def sleep_until(self, mono_ns: int) -> None:
        await self.still.sleep_until(mono_ns)


def source_of(port: int) -> RtspSource:
    reactor = LoopReactor(asyncio.get_running_loop())
    url = f"rtsp://127.0.0.1:{port}/U01/rgb"
    return RtspSource(reactor=reactor, url=url, stream=StreamId("U01/rgb"), on_unit=lambda unit: None)


async def until_pauses(clock: StepClock, source: RtspSource, count: int) -> None:
    clock.enough = count
    task = asyncio.create_task(keep_connected(source, clock))
    async with asyncio.timeout(DEADLINE_S):
        await clock.is_enough.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def test_pauses_grow_while_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    clock = StepClock()

    async def story() -> None:
        await until_pauses(clock, source_of(port), 6)

    asyncio.run(story())
    assert clock.pauses[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_a_camera_that_answers_is_kept_and_let_go_at_the_end() -> None:
    clock = StepClock()

    async def story() -> RtspSource:
        server = RtspServer(LoopReactor(asyncio.get_running_loop()), clock)
        server.mount("/U01/rgb", 10, sets=headers_for(64, 48))
        source = source_of(server.port)
        await until_pauses(clock, source, 50)
        server.close()
        return source

    source = asyncio.run(story())
    assert source.counters.connects == 1
    assert not source.is_connected
    assert set(clock.pauses) == {0.5}
