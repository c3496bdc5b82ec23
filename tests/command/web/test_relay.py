"""Pictures pass the relay whole and in order; a late viewer gets the newest, a damaged picture nobody."""

import asyncio
import struct
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from command.web.relay import Viewer
from tests.support.camera import Camera
from tests.support.screen import Screen

HEADER = struct.Struct("<BBHIdd")


def taken(viewer: Viewer, count: int) -> list[bytes]:
    async def take() -> list[bytes]:
        return [await asyncio.wait_for(viewer.take(), 1) for _ in range(count)]

    return asyncio.run(take())


def test_nothing_comes_before_a_key_picture() -> None:
    viewer = Viewer()
    viewer.put(b"delta", is_key=False)
    viewer.put(b"key", is_key=True)
    viewer.put(b"delta 2", is_key=False)
    assert taken(viewer, 2) == [b"key", b"delta 2"]


def test_a_late_viewer_skips_to_the_newest_key_picture() -> None:
    viewer = Viewer()
    for number in range(30):
        viewer.put(b"%d" % number, is_key=number % 10 == 0)
    assert taken(viewer, 10) == [b"%d" % number for number in range(20, 30)]
    assert viewer.skipped == 20


def test_a_viewer_that_takes_nothing_costs_a_bounded_store() -> None:
    viewer = Viewer()
    viewer.put(b"key", is_key=True)
    for _ in range(1000):
        viewer.put(b"delta", is_key=False)
    assert viewer.skipped == 120
    viewer.put(b"key 2", is_key=True)
    assert taken(viewer, 1) == [b"key 2"]


def test_access_units_arrive_unchanged_with_their_capture_time(tmp_path: Path) -> None:
    with Camera("/U01/rgb") as camera, Screen(tmp_path, rtsp_base=camera.base) as screen:
        screen.begin()
        address = f"ws://127.0.0.1:{screen.port}/ws/video/U01/rgb"
        headers = {"Cookie": screen.cookie}
        with connect(address, origin=Origin(screen.origin), additional_headers=headers, compression=None) as socket:
            messages = [socket.recv(timeout=10) for _ in range(10)]
        numbers = []
        for message in messages:
            assert isinstance(message, bytes)
            version, _, _, number, capture_ms, server_ms = HEADER.unpack_from(message)
            assert version == 1
            assert message[HEADER.size :].startswith((b"\0\0\0\1", b"\0\0\1"))
            assert 0 <= server_ms - capture_ms < 2000
            numbers.append(number)
        assert numbers == list(range(numbers[0], numbers[0] + 10))
        first = messages[0]
        assert isinstance(first, bytes)
        assert first[1] == 1


def test_the_smooth_view_is_played_where_a_camera_offers_one(tmp_path: Path) -> None:
    with Camera("/U01/live") as camera, Screen(tmp_path, rtsp_base=camera.base) as screen:
        screen.begin()
        with connect(
            f"ws://127.0.0.1:{screen.port}/ws/video/U01/rgb",
            origin=Origin(screen.origin),
            additional_headers={"Cookie": screen.cookie},
        ) as socket:
            assert isinstance(socket.recv(timeout=10), bytes)


def test_a_vehicle_without_this_camera_is_said_to_have_none(tmp_path: Path) -> None:
    with Camera("/U01/rgb") as camera, Screen(tmp_path, rtsp_base=camera.base) as screen:
        screen.begin()
        with connect(
            f"ws://127.0.0.1:{screen.port}/ws/video/G01/rgb",
            origin=Origin(screen.origin),
            additional_headers={"Cookie": screen.cookie},
        ) as socket:
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=10)
            assert socket.close_code == 4404


def test_an_unknown_camera_is_refused(tmp_path: Path) -> None:
    with Screen(tmp_path, rtsp_base="rtsp://127.0.0.1:1") as screen:
        screen.begin()
        for name in ("U99/rgb", "U01/xray"):
            address = f"ws://127.0.0.1:{screen.port}/ws/video/{name}"
            headers = {"Cookie": screen.cookie}
            with connect(address, origin=Origin(screen.origin), additional_headers=headers) as socket:
                with pytest.raises(ConnectionClosed):
                    socket.recv(timeout=10)
                assert socket.close_code == 4404
