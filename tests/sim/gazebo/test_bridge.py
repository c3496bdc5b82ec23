"""Our end of the lockstep over real sockets: one answer a step, pictures read before the step that follows them."""

import socket
import struct
from collections.abc import Iterator

import numpy as np
import pytest

from sim.adapters.gazebo.bridge import Bridge, GazeboSilent, Picture
from sim.adapters.gazebo.wire import (
    COMMAND,
    COMMAND_ROW,
    HEADER,
    IMAGE,
    IMAGE_MAGIC,
    LINK_MAGIC,
    RGB8,
    STATE,
    STATE_ROW,
    VERSION,
)

TICK_NS = 4_000_000


class Peer:
    """The plugin's end, by hand."""

    def __init__(self, bridge: Bridge) -> None:
        self.link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.link.connect(("127.0.0.1", bridge.port))
        self.link.settimeout(5.0)
        self.images = socket.create_connection(("127.0.0.1", bridge.image_port))

    def tell(self, seq: int) -> None:
        rows = np.zeros(1, STATE_ROW)
        rows["position_m"] = (seq, 0, 0)
        self.link.send(HEADER.pack(LINK_MAGIC, VERSION, STATE, seq, seq * TICK_NS, 1, 0) + rows.tobytes())

    def show(self, t_ns: int, *, size: tuple[int, int] = (640, 480)) -> None:
        width, height = size
        count = 3 * width * height
        head = IMAGE.pack(IMAGE_MAGIC, VERSION, RGB8, 0, width, height, count, t_ns, 1, 2, 3, 1, 0, 0, 0)
        self.images.sendall(head + bytes([t_ns % 251]) * count)

    def close(self) -> None:
        self.link.close()
        self.images.close()


class Rig:
    """Both ends."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.bridge = Bridge(on_picture=self.pictures.append, timeout_s=5.0)
        self.peer = Peer(self.bridge)
        self.commands = np.zeros(1, COMMAND_ROW)


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    try:
        yield made
    finally:
        made.peer.close()
        made.bridge.close()


def test_each_step_gets_its_own_answer(rig: Rig) -> None:
    rig.peer.tell(1)
    step = rig.bridge.first()
    for seq in (2, 3):
        rig.peer.tell(seq)
        step = rig.bridge.answer(step, rig.commands)
        assert step.states["position_m"][0, 0] == seq
        answer = rig.peer.link.recv(4096)
        assert HEADER.unpack_from(answer)[:5] == (LINK_MAGIC, VERSION, COMMAND, seq - 1, (seq - 1) * TICK_NS)
        assert len(answer) == HEADER.size + COMMAND_ROW.itemsize


def test_foreign_and_stale_datagrams_are_passed_over(rig: Rig) -> None:
    rig.peer.link.send(b"hello")
    rig.peer.link.send(struct.pack("<I", LINK_MAGIC))
    rig.peer.tell(4)
    step = rig.bridge.first()
    assert step.seq == 4
    rig.peer.tell(4)
    rig.peer.tell(5)
    assert rig.bridge.answer(step, rig.commands).seq == 5


def test_what_was_drawn_before_a_step_is_read_before_it(rig: Rig) -> None:
    rig.peer.tell(1)
    step = rig.bridge.first()
    rig.bridge.began_ns = 3
    for number in range(4):
        rig.peer.show(number, size=(160, 120))
    rig.peer.tell(2)
    rig.bridge.answer(step, rig.commands)
    assert [picture.t_ns for picture in rig.pictures] == [-3, -2, -1, 0]
    assert [int(picture.rgb[0, 0, 0]) for picture in rig.pictures] == [0, 1, 2, 3]
    assert rig.pictures[0].rgb.shape == (120, 160, 3)


def test_a_garbled_picture_ends_pictures_and_not_the_flight(rig: Rig) -> None:
    rig.peer.tell(1)
    step = rig.bridge.first()
    rig.peer.images.sendall(b"\x01" * IMAGE.size)
    for seq in (2, 3):
        rig.peer.tell(seq)
        step = rig.bridge.answer(step, rig.commands)
    assert rig.pictures == []


def test_a_camera_that_hangs_up_does_not_end_the_flight(rig: Rig) -> None:
    rig.peer.tell(1)
    step = rig.bridge.first()
    rig.bridge.began_ns = 0
    rig.peer.show(1, size=(16, 16))
    rig.peer.images.close()
    rig.peer.tell(2)
    step = rig.bridge.answer(step, rig.commands)
    rig.peer.tell(3)
    assert rig.bridge.answer(step, rig.commands).seq == 3
    assert len(rig.pictures) == 1


def test_silence_is_named() -> None:
    bridge = Bridge(timeout_s=0.05)
    with pytest.raises(GazeboSilent, match=r"did not step for 0\.05 s"):
        bridge.first()
    bridge.close()


def test_a_watch_may_know_better_than_to_wait() -> None:
    class GoneError(Exception):
        pass

    def watch() -> None:
        raise GoneError

    bridge = Bridge(timeout_s=1000.0, watch_s=0.01)
    bridge.watch = watch
    with pytest.raises(GoneError):
        bridge.first()
    bridge.close()
