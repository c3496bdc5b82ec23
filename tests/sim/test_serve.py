"""Serving over real sockets on loopback: UDP out as SITL does, a TCP server each, clean ends."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from command.timing.clock import LoopClock
from fleet.wire.frame import Frame, FrameSplitter
from sim.serve import PortTaken, ServeOptions, Serving, serve
from sim.vehicles.spec import Kind

DEADLINE_S = 20.0


class Ground(asyncio.DatagramProtocol):
    """A station that waits to be called."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard.put_nowait(data)


def clock() -> LoopClock:
    loop = asyncio.get_running_loop()
    return LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))


async def while_serving(options: ServeOptions, use: Callable[[Serving], object]) -> None:
    ready: asyncio.Future[Serving] = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(serve(options, clock(), on_ready=ready.set_result))
    try:
        async with asyncio.timeout(DEADLINE_S):
            done = use(await ready)
            if asyncio.iscoroutine(done):
                await done
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(("kind", "name"), [(Kind.ROVER, "G01"), (Kind.PLANE, "P01"), (Kind.BOAT, "B01")])
def test_each_vehicle_calls_its_own_udp_port(kind: Kind, name: str) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        transport, ground = await loop.create_datagram_endpoint(Ground, local_addr=("127.0.0.1", 0))
        options = ServeOptions(
            vehicles=1, kind=kind, udp_port=transport.get_extra_info("sockname")[1], tcp_port=None, speed=20.0,
        )

        async def listen(serving: Serving) -> None:
            frames = FrameSplitter().feed(await ground.heard.get())
            assert {frame.sysid for frame in frames} == {1}
            assert serving.vehicles == (name,)

        await while_serving(options, lambda serving: listen(serving))
        transport.close()

    asyncio.run(main())


def test_a_tcp_client_sees_boot_text_and_then_mavlink() -> None:
    async def main() -> None:
        options = ServeOptions(vehicles=2, kind=Kind.SUB, udp_port=None, tcp_port=0, speed=20.0)

        async def listen(serving: Serving) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", serving.tcp_ports[1])
            splitter, seen = FrameSplitter(), b""
            frames: list[Frame] = []
            while not frames:
                data = await reader.read(4096)
                seen += data
                frames = splitter.feed(data)
            assert b"Init ArduSub" in seen
            assert frames[0].sysid == 2
            writer.close()
            await writer.wait_closed()

        await while_serving(options, lambda serving: listen(serving))

    asyncio.run(main())


def test_a_used_port_is_one_sentence() -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PortTaken, match=f"TCP port {port} on 127.0.0.1 cannot be used"):
            await serve(ServeOptions(udp_port=None, tcp_port=port), clock())
        server.close()
        await server.wait_closed()

    asyncio.run(main())
