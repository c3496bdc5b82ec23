"""A capture reaches its viewers as two dated key frames; live views cost nothing while nobody watches."""

import asyncio
import struct

import av
import numpy as np
from av.packet import Packet

from sim.cameras.model import Shot
from sim.cameras.render import render_pair
from sim.cameras.service import CameraService
from sim.video.live import LoopReactor
from sim.video.rtp import Packetiser, timestamp_of
from sim.video.server import RtspServer
from tests.sim.cameras.place import camera, quick
from tests.sim.video.client import UTC_NS, Client, with_server
from tests.sim.video.test_rtp import joined
from tests.support.clocks import StillClock
from world.ids import VehicleId
from world.time import Instant

U01 = VehicleId("U01")
POSE = camera(agl_m=50.0)


class PoliteClock(StillClock):
    """Lets others run while it pretends to wait."""

    async def sleep_until(self, mono_ns: int) -> None:
        await super().sleep_until(mono_ns)
        await asyncio.sleep(0)


def service_on(server: RtspServer) -> CameraService:
    clock = PoliteClock(at=Instant(mono_ns=0, utc_ns=UTC_NS))
    return CameraService(quick(), server, clock, [U01])


def test_a_capture_arrives_as_the_picture_with_its_time() -> None:
    async def use(server: RtspServer) -> tuple[list[bytes], np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
        cameras = service_on(server)
        client = await Client.open(server.port, "/U01/thermal", agent="taihang-perception")
        await client.play()
        cameras.capture(U01, POSE, image=3, utc_ns=UTC_NS + 1_234_000_000)
        task = asyncio.create_task(cameras.develop())
        await client.take(1)
        await client.ask("GET_PARAMETER")
        task.cancel()
        client.close()
        shot = Shot(vehicle=U01, frame=3, utc_ns=UTC_NS + 1_234_000_000)
        return client.rtp, render_pair(quick(), POSE, cameras.lens, shot).thermal

    packets, thermal = with_server(use)
    (stamp,) = struct.unpack("!I", packets[0][4:8])
    assert stamp == timestamp_of(UTC_NS + 1_234_000_000, Packetiser("/U01/thermal").offset)
    context = av.CodecContext.create("h264", "r")
    unit = b"".join(b"\0\0\0\1" + nal for nal in joined(packets))
    (frame, *_) = [*context.decode(Packet(unit)), *context.decode(None)]
    error = frame.to_ndarray(format="gray").astype(float) - thermal
    assert np.abs(error).mean() < 2.0


def test_pictures_that_nobody_watches_are_not_made() -> None:
    async def use(server: RtspServer) -> int:
        cameras = service_on(server)
        cameras.capture(U01, POSE, image=0, utc_ns=UTC_NS)
        task = asyncio.create_task(cameras.develop())
        for _ in range(10):
            await asyncio.sleep(0)
        task.cancel()
        return server.counters.pushed

    assert with_server(use) == 0


def test_mounts_can_be_opened_before_the_first_picture() -> None:
    async def use(server: RtspServer) -> str:
        service_on(server)
        client = await Client.open(server.port, "/U01/rgb")
        _, text = await client.ask("DESCRIBE")
        client.close()
        return text

    assert "sprop-parameter-sets" in with_server(use)


def test_a_live_view_starts_with_a_key_frame_when_somebody_comes() -> None:
    async def use(server: RtspServer) -> tuple[int, int]:
        cameras = service_on(server)
        task = asyncio.create_task(cameras.live({U01: lambda: POSE}, 10))
        await asyncio.sleep(0)
        idle = server.counters.pushed
        client = await Client.open(server.port, "/U01/live")
        await client.play()
        await client.take(1)
        task.cancel()
        client.close()
        return idle, client.rtp[0][12] & 0x1F

    idle, first_nal = with_server(use)
    assert idle == 0
    assert first_nal in (6, 7)


def test_reactor_lets_go_of_what_it_watched() -> None:
    async def use(server: RtspServer) -> None:
        other = RtspServer(LoopReactor(asyncio.get_running_loop()), StillClock(at=Instant(mono_ns=0, utc_ns=0)))
        port = other.port
        other.close()
        try:
            await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return
        raise AssertionError("a closed server still listens")

    with_server(use)
