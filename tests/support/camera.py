"""A camera that films a moving bar: H.264 over RTSP from a thread of its own, dated by this host's clock."""

import asyncio
import threading
from types import TracebackType

import numpy as np

from command.web.clock import WallClock
from sim.video.encoder import H264Encoder
from sim.video.live import LoopReactor
from sim.video.server import RtspServer

WIDTH_PX, HEIGHT_PX = 640, 512


class Camera:
    """`with Camera("/U01/rgb") as camera:` serves `camera.base`; a new client gets a key picture first."""

    def __init__(self, *paths: str, fps: float = 15.0) -> None:
        self._paths = paths
        self._fps = fps
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="camera")
        self._up = threading.Event()
        self._ends = asyncio.Event()
        self.port = 0
        self.pictures = 0

    @property
    def base(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}"

    def __enter__(self) -> "Camera":
        self._thread.start()
        assert self._up.wait(20), "the camera did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Hang up on everybody, as a camera that loses power."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ends.set)
            self._thread.join(20)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._film())
        finally:
            self._loop.close()

    async def _film(self) -> None:
        clock = WallClock()
        server = RtspServer(LoopReactor(self._loop), clock)
        encoders = {path: H264Encoder(WIDTH_PX, HEIGHT_PX, fps=round(self._fps)) for path in self._paths}
        for path in self._paths:
            server.mount(path, self._fps)
        self.port = server.port
        self._up.set()
        try:
            while not self._ends.is_set():
                for path, encoder in encoders.items():
                    utc_ns = clock.now().utc_ns
                    unit = encoder.encode(_bar(self.pictures), utc_ns, is_key=server.take_newcomer(path))
                    server.push(path, unit.data, utc_ns, unit.is_key)
                self.pictures += 1
                await clock.sleep(1 / self._fps)
        finally:
            server.close()


def _bar(number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """(height, width, 3): green ground, a white bar that walks right."""
    picture = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    picture[:] = (40, 120, 60)
    left = (number * 9) % (WIDTH_PX - 40)
    picture[:, left : left + 40] = 235
    return picture
