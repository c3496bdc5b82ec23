"""A plain RTSP client over TCP for tests: speaks, collects RTP and RTCP packets, and does nothing clever."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sim.video.courier import Courier
from sim.video.live import LoopReactor
from sim.video.server import RtspServer
from tests.support.clocks import StillClock
from world.time import Instant

T = TypeVar("T")
UTC_NS = 1_789_194_600_000_000_000


def with_server(
    use: Callable[[RtspServer], Awaitable[T]],
    *,
    courier: Courier | None = None,
    lossless_timeout_s: float = 20.0,
) -> T:
    """Runs `use` beside a server on a free port, and closes everything."""

    async def main() -> T:
        clock = StillClock(at=Instant(mono_ns=0, utc_ns=UTC_NS))
        reactor = LoopReactor(asyncio.get_running_loop())
        server = RtspServer(reactor, clock, courier=courier, lossless_timeout_s=lossless_timeout_s)
        try:
            return await asyncio.wait_for(use(server), 30)
        finally:
            server.close()

    return asyncio.run(main())


@dataclass(slots=True)
class Client:
    """One connection; `rtp` and `rtcp` hold what came interleaved."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    url: str
    agent: str = "test"
    rtp: list[bytes] = field(default_factory=list)
    rtcp: list[bytes] = field(default_factory=list)
    _sequence: int = 0

    @staticmethod
    async def open(port: int, path: str, *, agent: str = "test") -> "Client":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return Client(reader=reader, writer=writer, url=f"rtsp://127.0.0.1:{port}{path}", agent=agent)

    async def ask(self, method: str, **headers: str) -> tuple[str, str]:
        """Status line and all that follows of the answer."""
        self._sequence += 1
        lines = [f"{method} {self.url} RTSP/1.0", f"CSeq: {self._sequence}", f"User-Agent: {self.agent}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        while True:
            first = await self.reader.readexactly(1)
            if first == b"$":
                await self._take()
                continue
            head = (first + await self.reader.readuntil(b"\r\n\r\n")).decode()
            length = next((int(x.split(":")[1]) for x in head.split("\r\n") if x.startswith("Content-Length")), 0)
            body = (await self.reader.readexactly(length)).decode()
            return head.split("\r\n")[0], head + body

    async def play(self) -> None:
        for method, headers in (("SETUP", {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"}), ("PLAY", {})):
            status, _ = await self.ask(method, **headers)
            assert status.endswith("200 OK")

    async def take(self, packets: int) -> None:
        """Waits until that many RTP packets have come in all."""
        while len(self.rtp) < packets:
            assert await self.reader.readexactly(1) == b"$"
            await self._take()

    async def take_report(self) -> bytes:
        while not self.rtcp:
            assert await self.reader.readexactly(1) == b"$"
            await self._take()
        return self.rtcp[-1]

    def close(self) -> None:
        self.writer.close()

    def stop_reading(self) -> None:
        """Leaves what comes in the kernel's buffers."""
        transport = self.writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()

    async def _take(self) -> None:
        channel, high, low = await self.reader.readexactly(3)
        packet = await self.reader.readexactly(high * 256 + low)
        (self.rtcp if channel % 2 else self.rtp).append(packet)
