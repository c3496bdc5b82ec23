"""Real sockets and a real terminal line: bytes both ways, peers told apart, falls told and mended, no port stolen."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from command.timing.clock import LoopClock
from fleet.links.address import Address, LinkSpec
from fleet.links.ends import LinkRefused
from fleet.links.open_links import OpenLinks, open_links

WITHIN_S = 10.0


@dataclass(slots=True)
class Bench:
    """Links and what they told; `until` waits for something told."""

    links: OpenLinks
    received: list[tuple[str, bytes, str]] = field(default_factory=list)
    changes: list[tuple[str, str | None]] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not holds():
                self.told.clear()
                await self.told.wait()


@asynccontextmanager
async def links(*addresses: str) -> AsyncIterator[Bench]:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))
    specs = [LinkSpec(name=f"l{k}", address=Address.parse(address)) for k, address in enumerate(addresses)]
    bench = Bench(OpenLinks({}))

    def received(link: str, data: bytes, peer: str) -> None:
        bench.received.append((link, data, peer))
        bench.told.set()

    def changed(link: str, reason: str | None) -> None:
        bench.changes.append((link, reason))
        bench.told.set()

    bench.links = await open_links(specs, clock, received=received, changed=changed)
    task = asyncio.ensure_future(bench.links.run())
    try:
        await asyncio.sleep(0)
        yield bench
    finally:
        task.cancel()
        await asyncio.wait([task])


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await scene()

    asyncio.run(main())


def datagrams() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    opened.settimeout(WITHIN_S)
    return opened


def test_udp_peers_are_told_apart_and_answered() -> None:
    async def scene() -> None:
        with datagrams() as one, datagrams() as two:
            async with links("udpin:127.0.0.1:0") as bench:
                port = bench.links.port("l0")
                for number in range(300):
                    one.sendto(bytes([number % 250]), ("127.0.0.1", port or 0))
                two.sendto(b"two", ("127.0.0.1", port or 0))
                await bench.until(lambda: len(bench.received) == 301)
                first, second = (f"127.0.0.1:{each.getsockname()[1]}" for each in (one, two))
                assert {peer for _, _, peer in bench.received} == {first, second}
                bench.links.send("l0", second, b"answer")
                bench.links.send("l0", "10.9.8.7:1", b"to nobody")
                assert two.recv(100) == b"answer"

    run(scene)


def test_udp_out_speaks_first_and_bears_silence() -> None:
    async def scene() -> None:
        with datagrams() as vehicle:
            async with links(f"udpout:127.0.0.1:{vehicle.getsockname()[1]}") as bench:
                bench.links.send("l0", "", b"hello")
                data, station = vehicle.recvfrom(100)
                assert data == b"hello"
                vehicle.sendto(b"there", station)
                await bench.until(lambda: bench.received == [("l0", b"there", "")])
                vehicle.close()
                for _ in range(5):
                    bench.links.send("l0", "", b"nobody hears")

    run(scene)


def test_a_port_in_use_is_refused_in_a_sentence() -> None:
    async def scene() -> None:
        with datagrams() as taken:
            port = taken.getsockname()[1]
            with pytest.raises(LinkRefused, match=f"udpin:127.0.0.1:{port} cannot be opened: Address already in use"):
                async with links(f"udpin:127.0.0.1:{port}"):
                    pass

    run(scene)


def test_a_tcp_line_is_connected_again_and_every_fall_is_told() -> None:
    async def scene() -> None:
        connections: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        server = await asyncio.start_server(lambda r, w: connections.put_nowait((r, w)), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with links(f"tcpout:127.0.0.1:{port}") as bench:
            for _ in range(2):
                reader, writer = await asyncio.wait_for(connections.get(), WITHIN_S)
                bench.received.clear()
                writer.write(b"from the vehicle")
                await bench.until(lambda: bool(bench.received))
                bench.links.send("l0", "", b"to it")
                assert await asyncio.wait_for(reader.readexactly(5), WITHIN_S) == b"to it"
                writer.transport.abort()
                await bench.until(lambda: bench.changes[-1][1] is not None)
            assert [reason is None for _, reason in bench.changes] == [True, False, True, False]
            assert f"tcpout:127.0.0.1:{port}" in str(bench.changes[-1][1])
        server.close()

    run(scene)


def test_a_tcp_server_has_many_peers_and_forgets_those_that_leave() -> None:
    async def scene() -> None:
        async with links("tcpin:127.0.0.1:0") as bench:
            port = bench.links.port("l0") or 0
            lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            for number, (_, writer) in enumerate(lines):
                writer.write(bytes([number]))
            await bench.until(lambda: len(bench.received) == 3)
            peers = {data: peer for _, data, peer in bench.received}
            bench.links.send("l0", peers[b"\x01"], b"second")
            assert await asyncio.wait_for(lines[1][0].readexactly(6), WITHIN_S) == b"second"
            for _, writer in lines:
                writer.close()
                await writer.wait_closed()
            bench.links.send("l0", peers[b"\x02"], b"gone")

    run(scene)


def test_a_serial_line_is_waited_for_read_written_and_found_again() -> None:
    async def scene() -> None:
        async with links("serial:/dev/ttyNOWHERE:57600") as bench:
            await bench.until(lambda: bool(bench.changes))
            assert bench.changes[0][1] == "serial:/dev/ttyNOWHERE:57600: No such file or directory"
        master, slave = os.openpty()
        os.set_blocking(master, False)
        async with links(f"serial:{os.ttyname(slave)}:57600") as bench:
            await bench.until(lambda: ("l0", None) in bench.changes)
            os.write(master, b"\xfd from the radio")
            await bench.until(lambda: b"".join(data for _, data, _ in bench.received) == b"\xfd from the radio")
            heard = asyncio.Event()
            asyncio.get_running_loop().add_reader(master, heard.set)
            bench.links.send("l0", "", b"\xfd\x00\x11\x13 to it")
            await asyncio.wait_for(heard.wait(), WITHIN_S)
            assert os.read(master, 100) == b"\xfd\x00\x11\x13 to it", "raw: flow control would eat 0x11 and 0x13"
            asyncio.get_running_loop().remove_reader(master)
            os.close(slave)
            os.close(master)
            await bench.until(lambda: bench.changes[-1][1] is not None)

    run(scene)
