"""Cameras to browsers without re-encoding: one RTSP connection per watched camera, the newest pictures per viewer."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable

from perception.ingest.dialogue import RtspRefused
from perception.ingest.sdp import NoVideoTrack
from perception.ingest.source import CameraUnreachable, RtspSource
from perception.ingest.unit import AccessUnit
from world.ids import StreamId, VehicleId
from world.time import Clock

_HEADER = struct.Struct("<BBHIdd")
"""Version, flags (1 = key picture), 0, number, capture UTC in ms, arrival UTC in ms. Annex B follows."""
_VERSION = 1
_MOST_PENDING = 120
_RETRY_S = 1.0
_KEEP_ALIVE_S = 20.0
_HANDSHAKE_S = 2.0
WATCHED_FPS = 10.0
LIVELIEST = {"rgb": ("live", "rgb")}
"""Streams to try for people's eyes: a camera that takes single images for detection may offer a smooth view beside."""
USER_AGENT = "taihang-web"
"""Not the agent of perception: a camera may drop pictures for a screen, never wait for it."""


class LoopReactor:
    """`world.reactor.Reactor` on the running asyncio loop."""

    def attach(self, sock: socket.socket, on_readable: Callable[[], None]) -> None:
        asyncio.get_running_loop().add_reader(sock, on_readable)

    def detach(self, sock: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(sock)


class NoCamera(LookupError):
    """The vehicle answers, and serves no such stream."""


class Viewer:
    """What one browser has not taken yet. A key picture overtakes everything older; a late browser skips to it."""

    def __init__(self) -> None:
        self._pending: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._waits_for_key = True
        self._is_over = False
        self.skipped = 0

    def end(self) -> None:
        """There is no such camera: `take` says so."""
        self._is_over = True
        self._arrived.set()

    def put(self, message: bytes, *, is_key: bool) -> None:
        if is_key or len(self._pending) >= _MOST_PENDING:
            self.skipped += len(self._pending)
            self._pending.clear()
            self._waits_for_key = not is_key
        if self._waits_for_key:
            return
        self._pending.append(message)
        self._arrived.set()

    async def take(self) -> bytes:
        while not self._pending:
            if self._is_over:
                raise NoCamera
            self._arrived.clear()
            await self._arrived.wait()
        return self._pending.popleft()


class Camera:
    """One stream and those who watch it. Holds what came since the last key picture: a new viewer sees at once."""

    def __init__(self, *, urls: tuple[str, ...], stream: StreamId, clock: Clock) -> None:
        """`urls`: the first that the camera does not refuse is played."""
        self._clock = clock
        self._viewers: list[Viewer] = []
        self._since_key: list[bytes] = []
        self._number = 0
        self._is_broken = False
        self._lost = asyncio.Event()
        self._sources = [
            RtspSource(
                reactor=LoopReactor(),
                url=url,
                stream=stream,
                on_unit=self._take,
                on_lost=lambda _: self._lost.set(),
                user_agent=USER_AGENT,
            )
            for url in urls
        ]

    @property
    def is_watched(self) -> bool:
        return bool(self._viewers)

    def join(self) -> Viewer:
        viewer = Viewer()
        for index, message in enumerate(self._since_key):
            viewer.put(message, is_key=index == 0)
        self._viewers.append(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        self._viewers.remove(viewer)

    async def run(self) -> None:
        """Connect and read until cancelled; a lost or unreachable camera is tried again."""
        try:
            while True:
                self._lost.clear()
                source = await self._connected()
                if source is not None:
                    source.join()
                    await self._watch_over(source)
                    self._since_key.clear()
                await self._clock.sleep(_RETRY_S)
        finally:
            for source in self._sources:
                source.close()

    async def _connected(self) -> RtspSource | None:
        """The first stream that plays; None when nothing answers, and viewers are told when every one is refused."""
        for source in self._sources:
            try:
                await _connect(source)
            except (RtspRefused, NoVideoTrack):
                continue
            except CameraUnreachable:
                return None
            return source
        for viewer in self._viewers:
            viewer.end()
        return None

    async def _watch_over(self, source: RtspSource) -> None:
        while not self._lost.is_set():
            try:
                await asyncio.wait_for(self._lost.wait(), _KEEP_ALIVE_S)
            except TimeoutError:
                source.keep_alive()

    def _take(self, unit: AccessUnit) -> None:
        """Pass a whole picture on; after a damaged one nothing until the next key picture."""
        self._is_broken = unit.is_damaged or (self._is_broken and not unit.is_key)
        if self._is_broken:
            return
        message = self._packed(unit)
        if unit.is_key:
            self._since_key.clear()
        if self._since_key or unit.is_key:
            self._since_key.append(message)
        if len(self._since_key) > _MOST_PENDING:
            self._since_key.clear()
        for viewer in self._viewers:
            viewer.put(message, is_key=unit.is_key)

    def _packed(self, unit: AccessUnit) -> bytes:
        self._number = (self._number + 1) & 0xFFFFFFFF
        arrived_ms = self._clock.now().utc_ns / 1e6
        return _HEADER.pack(_VERSION, unit.is_key, 0, self._number, unit.utc_ns / 1e6, arrived_ms) + unit.data


async def _connect(source: RtspSource) -> None:
    """The handshake blocks, hence a thread; when the last viewer leaves meanwhile, what it opened is closed."""
    connecting = asyncio.ensure_future(asyncio.to_thread(source.connect, timeout_s=_HANDSHAKE_S))
    try:
        await asyncio.shield(connecting)
    except asyncio.CancelledError:
        connecting.add_done_callback(lambda done: _hang_up(done, source))
        raise


def _hang_up(connecting: "asyncio.Future[None]", source: RtspSource) -> None:
    if connecting.exception() is None:
        source.close()


class Relay:
    """Cameras by stream, opened with the first viewer and closed after the last."""

    def __init__(self, *, rtsp_base: str, clock: Clock, watch: Callable[[VehicleId, float], None] | None) -> None:
        self._base = rtsp_base.rstrip("/")
        self._clock = clock
        self._watch = watch
        self._cameras: dict[StreamId, tuple[Camera, asyncio.Task[None]]] = {}

    def join(self, vehicle: VehicleId, spectrum: str) -> Viewer:
        stream = StreamId(f"{vehicle}/{spectrum}")
        if stream not in self._cameras:
            paths = LIVELIEST.get(spectrum, (spectrum,))
            urls = tuple(f"{self._base}/{vehicle}/{path}" for path in paths)
            camera = Camera(urls=urls, stream=stream, clock=self._clock)
            self._cameras[stream] = (camera, asyncio.create_task(camera.run(), name=f"camera {stream}"))
            if self._watch is not None:
                self._watch(vehicle, WATCHED_FPS)
        camera, _ = self._cameras[stream]
        return camera.join()

    async def leave(self, vehicle: VehicleId, spectrum: str, viewer: Viewer) -> None:
        stream = StreamId(f"{vehicle}/{spectrum}")
        camera, task = self._cameras[stream]
        camera.leave(viewer)
        if camera.is_watched:
            return
        del self._cameras[stream]
        if self._watch is not None:
            self._watch(vehicle, 0.0)
        await _cancelled(task)

    async def close(self) -> None:
        cameras, self._cameras = self._cameras, {}
        for _, task in cameras.values():
            await _cancelled(task)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
