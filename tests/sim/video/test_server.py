"""Real clients play what is pushed; slow ones lose pictures, the detector never, and rubbish disturbs nobody."""

import asyncio
import itertools
import json
import socket
import struct
from shutil import which
from typing import TypeVar

import av
import pytest

from sim.video.rtp import timestamp_of
from sim.video.server import MountTaken, PortTaken, RtspServer
from sim.video.viewer import LosslessViewerStalled
from tests.sim.video.client import UTC_NS, Client, with_server
from tests.sim.video.pictures import units

T = TypeVar("T")
PATH = "/U01/rgb"
PICTURE_EVERY_S = 0.005


async def pushing_while(server: RtspServer, work: asyncio.Task[T], *, all_keys: bool = False) -> T:
    """Pushes a loop of pictures, one every few milliseconds, until a foreign client has what it wants."""
    made = units(30, all_keys=all_keys)
    for number in itertools.count():
        unit = made[number % 30]
        server.push(PATH, unit.data, UTC_NS + number * 100_000_000, unit.is_key)
        if (await asyncio.wait({work}, timeout=PICTURE_EVERY_S))[0]:
            break
    return work.result()


def push_many(server: RtspServer, count: int) -> None:
    for n in range(count):
        server.push(PATH, units(1)[0].data, UTC_NS + n, True)


def played(port: int, transport: str, frames: int) -> list[tuple[int, int]]:
    """Sizes of the first pictures that FFmpeg decodes."""
    options = {"rtsp_transport": transport, "analyzeduration": "0", "probesize": "32768", "fpsprobesize": "0"}
    with av.open(f"rtsp://127.0.0.1:{port}{PATH}", options=options, timeout=10) as container:
        return [(frame.width, frame.height) for frame in itertools.islice(container.decode(video=0), frames)]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_pyav_plays_it(transport: str) -> None:
    async def use(server: RtspServer) -> list[tuple[int, int]]:
        server.mount(PATH, fps=10)
        playing = asyncio.create_task(asyncio.to_thread(played, server.port, transport, 12))
        return await pushing_while(server, playing)

    assert with_server(use) == [(320, 240)] * 12


@pytest.mark.skipif(which("ffprobe") is None, reason="ffprobe is not installed: apt-get install ffmpeg")
def test_ffprobe_reads_the_stream() -> None:
    async def use(server: RtspServer) -> str:
        server.mount(PATH, fps=10)
        command = ("ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-analyzeduration", "500000", "-show_streams",
                   "-of", "json", f"rtsp://127.0.0.1:{server.port}{PATH}")
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        out, _ = await pushing_while(server, asyncio.create_task(process.communicate()), all_keys=True)
        return out.decode()

    (stream,) = json.loads(with_server(use))["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 320, 240)
    assert stream["profile"] == "Constrained Baseline"


def test_the_clock_mapping_comes_before_the_first_picture_and_every_two_seconds() -> None:
    async def use(server: RtspServer) -> tuple[bytes, list[bytes], bytes]:
        server.mount(PATH, fps=1)
        client = await Client.open(server.port, PATH)
        await client.play()
        first = await client.take_report()
        assert client.rtp == []
        unit = units(1)[0]
        for second in (10, 11, 12, 13):
            server.push(PATH, unit.data, UTC_NS + second * 10**9, True)
        status, _ = await client.ask("GET_PARAMETER")
        assert status.endswith("200 OK")
        client.close()
        return first, client.rtcp, client.rtp[0]

    first, reports, packet = with_server(use)
    seconds, _, stamp = struct.unpack("!III", first[8:20])
    assert seconds - 2_208_988_800 == UTC_NS // 10**9
    assert len(reports) == 3
    (rtp_stamp,) = struct.unpack("!I", packet[4:8])
    assert (rtp_stamp - stamp) % 2**32 == pytest.approx(10 * 90_000, abs=1)
    assert timestamp_of(UTC_NS, 0) == UTC_NS * 9 // 100_000 % 2**32


def test_many_viewers_get_the_same_bytes() -> None:
    async def use(server: RtspServer) -> list[list[bytes]]:
        server.mount(PATH, fps=1)
        clients = [await Client.open(server.port, PATH) for _ in range(5)]
        for client in clients:
            await client.play()
        for n, unit in enumerate(units(4)):
            server.push(PATH, unit.data, UTC_NS + n, unit.is_key)
        for client in clients:
            await client.ask("GET_PARAMETER")
            client.close()
        return [client.rtp for client in clients]

    streams = with_server(use)
    assert streams[0]
    assert all(stream == streams[0] for stream in streams)


def test_a_late_viewer_starts_at_a_key_frame() -> None:
    async def use(server: RtspServer) -> int:
        server.mount(PATH, fps=1)
        client = await Client.open(server.port, PATH)
        await client.play()
        for n, unit in enumerate(units(4)[1:]):
            server.push(PATH, unit.data, UTC_NS + n, unit.is_key)
        await client.ask("GET_PARAMETER")
        client.close()
        return len(client.rtp)

    assert with_server(use) == 0


def test_a_viewer_that_does_not_read_loses_pictures_and_the_others_none() -> None:
    async def use(server: RtspServer) -> tuple[int, int]:
        server.mount(PATH, fps=1)
        slow = await Client.open(server.port, PATH)
        slow.writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        good = await Client.open(server.port, PATH)
        await slow.play()
        await good.play()
        slow.stop_reading()
        unit = units(1)[0]
        marked = 0
        for n in range(1500):
            server.push(PATH, unit.data, UTC_NS + n, True)
            if n % 20 == 0:
                await good.ask("GET_PARAMETER")
        await good.ask("GET_PARAMETER")
        marked = sum(packet[1] >> 7 for packet in good.rtp)
        dropped = server.counters.dropped
        slow.writer.transport.abort()
        good.close()
        return marked, dropped

    marked, dropped = with_server(use)
    assert marked == 1500
    assert dropped > 100


def test_a_detector_that_stops_reading_is_an_error_not_a_loss() -> None:
    async def use(server: RtspServer) -> None:
        server.mount(PATH, fps=1)
        detector = await Client.open(server.port, PATH, agent="taihang-perception")
        await detector.play()
        detector.stop_reading()
        with pytest.raises(LosslessViewerStalled, match="read nothing"):
            push_many(server, 5000)
        detector.writer.transport.abort()

    with_server(use, lossless_timeout_s=0.05)


def test_garbage_is_counted_and_disturbs_nobody() -> None:
    async def use(server: RtspServer) -> tuple[int, int]:
        server.mount(PATH, fps=1)
        good = await Client.open(server.port, PATH)
        await good.play()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: me\r\n\r\n" + bytes(range(256)))
        assert await reader.read() == b""
        writer.close()
        server.push(PATH, units(1)[0].data, UTC_NS, True)
        await good.ask("GET_PARAMETER")
        good.close()
        return server.counters.garbage, len(good.rtp)

    garbage, packets = with_server(use)
    assert garbage == 1
    assert packets > 0


def test_a_viewer_that_vanishes_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use(server: RtspServer) -> bool:
        server.mount(PATH, fps=1)
        client = await Client.open(server.port, PATH)
        await client.play()
        assert server.is_watched(PATH)
        left, detach = asyncio.Event(), server._reactor.detach

        def leave(sock: socket.socket) -> None:
            detach(sock)
            left.set()

        monkeypatch.setattr(server._reactor, "detach", leave)
        client.writer.transport.abort()
        await left.wait()
        return server.is_watched(PATH)

    assert with_server(use) is False


def test_newcomers_are_told_once() -> None:
    async def use(server: RtspServer) -> list[bool]:
        server.mount(PATH, fps=1)
        before = server.take_newcomer(PATH)
        client = await Client.open(server.port, PATH)
        await client.play()
        told = [before, server.take_newcomer(PATH), server.take_newcomer(PATH)]
        client.close()
        return told

    assert with_server(use) == [False, True, False]


def test_a_taken_port_and_a_taken_mount_say_so() -> None:
    async def use(server: RtspServer) -> None:
        server.mount(PATH, fps=1)
        with pytest.raises(MountTaken, match="/U01/rgb"):
            server.mount(PATH, fps=1)
        with pytest.raises(PortTaken, match=f":{server.port} .*choose another port"):
            RtspServer(server._reactor, server._clock, port=server.port)

    with_server(use)
