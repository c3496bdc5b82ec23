"""Real people in real footage, through a real RTSP connection: the walkers of OpenCV's vtest.avi."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from perception.detectors.plain import open_plain_person_detector
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from perception.ingest.live import live_frames
from perception.model import Box
from perception.watch import save_annotated, watch
from sim.video.film import serve_file
from sim.video.live import LoopReactor
from sim.video.server import RtspServer
from tests.support.live_clock import LoopClock

FILM = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
WALKERS = {
    0: [(639, 241, 684, 323), (499, 155, 531, 234)],
}


@pytest.fixture(scope="module")
def street() -> Iterator[str]:
    """An RTSP address where the film plays over and over."""
    if not FILM.is_file():
        pytest.skip(f"{FILM} is not here; apt-get install opencv-doc")
    loop = asyncio.new_event_loop()
    server = RtspServer(LoopReactor(loop), LoopClock(loop))
    playing = loop.create_task(serve_file(server, LoopClock(loop), FILM, "/street"))
    thread = threading.Thread(target=loop.run_until_complete, args=(asyncio.wait([playing]),))
    thread.start()
    yield f"rtsp://127.0.0.1:{server.port}/street"
    loop.call_soon_threadsafe(playing.cancel)
    thread.join()
    server.close()
    loop.close()
