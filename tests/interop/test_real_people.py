"""Real people in real footage through a real RTSP connection: the walkers of OpenCV's vtest.avi, found by `watch`."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from command.web.clock import WallClock
from perception.detectors.plain import open_plain_person_detector
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from perception.ingest.live import live_frames
from perception.ingest.source import CameraUnreachable
from perception.model import Box
from perception.watch import Watched, save_annotated, watch
from sim.video.encoder import AccessUnit, transcode
from sim.video.live import LoopReactor
from sim.video.server import RtspServer

FILM = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
WALKERS = {
    60: [(374, 203), (389, 220), (409, 222), (485, 246), (517, 244), (633, 286)],
    100: [(364, 236), (393, 218), (441, 217), (505, 184), (529, 186), (604, 196), (230, 79)],
}
"""Middles of all people, by eye, in two pictures of the film; one of them stands behind a lamp post."""
FIRST, LAST = 35, 104
MOST_PICTURES = 300


class Street:
    """Plays a piece of the film over and over, in a thread of its own, as a camera would."""

    def __init__(self) -> None:
        units = [unit for _, unit in zip(range(LAST), (unit for _, unit in transcode(FILM)), strict=False)]
        self._loop = asyncio.new_event_loop()
        self._server = RtspServer(LoopReactor(self._loop), WallClock())
        self._playing = self._loop.create_task(self._play(units))
        self._thread = threading.Thread(target=self._run)
        self.url = f"rtsp://127.0.0.1:{self._server.port}/street"

    async def _play(self, units: list[AccessUnit]) -> None:
        self._server.mount("/street", fps=10)
        clock = WallClock()
        while True:
            for unit in units:
                self._server.push("/street", unit.data, clock.now().utc_ns, unit.is_key)
                await clock.sleep(0.1)

    def _run(self) -> None:
        self._loop.run_until_complete(asyncio.wait([self._playing]))

    def __enter__(self) -> "Street":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._playing.cancel)
        self._thread.join()
        self._server.close()
        self._loop.close()


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    if not FILM.is_file():
        pytest.skip(f"{FILM} is not here: apt-get install opencv-doc")
    with Street() as playing:
        yield playing


@pytest.fixture(scope="module")
def cache() -> Path:
    try:
        ensure_nanodet(cache_folder())
    except WeightsUnavailable as error:
        pytest.skip(f"the detector's weights cannot be fetched: {error}")
    return cache_folder()


def thumbnails() -> dict[int, np.ndarray]:
    return {frame.number: thumbnail(frame.bgr) for frame, _ in zip(live_frames(str(FILM)), range(LAST), strict=False)}


def thumbnail(bgr: np.ndarray) -> np.ndarray:
    return cv2.resize(bgr, (96, 72), interpolation=cv2.INTER_AREA).astype(np.float32)


def pictures_of_film(street: Street, cache: Path) -> dict[int, Watched]:
    """What `watch` says of the labelled pictures, recognised by their content."""
    known, found = thumbnails(), dict[int, Watched]()
    for watched in watch(street.url, open_plain_person_detector(cache)):
        seen = thumbnail(watched.frame.bgr)
        number = min(known, key=lambda k: float(np.abs(known[k] - seen).mean()))
        if number in WALKERS and watched.frame.number > 20:
            found[number] = watched
        if len(found) == len(WALKERS) or watched.frame.number > MOST_PICTURES:
            break
    return found


def is_in(point: tuple[int, int], box: Box) -> bool:
    return box.left_px <= point[0] <= box.right_px and box.top_px <= point[1] <= box.bottom_px


def test_watch_finds_the_walkers(street: Street, cache: Path, tmp_path: Path) -> None:
    found = pictures_of_film(street, cache)
    assert sorted(found) == sorted(WALKERS)
    hits = sum(any(is_in(at, box) for box in found[n].people) for n, people in WALKERS.items() for at in people)
    boxes = [(number, box) for number, watched in found.items() for box in watched.people]
    right = sum(any(is_in(at, box) for at in WALKERS[number]) for number, box in boxes)
    assert hits >= 0.85 * sum(map(len, WALKERS.values()))
    assert right >= 0.9 * len(boxes)
    facts = found[60].facts()
    assert {"frame", "time_s", "people"} == set(facts)
    assert save_annotated(found[60], tmp_path).read_bytes().startswith(b"\x89PNG")


def test_no_camera_is_one_sentence() -> None:
    with pytest.raises(CameraUnreachable, match="no video could be opened at rtsp:"):
        next(live_frames("rtsp://127.0.0.1:9/none"))
