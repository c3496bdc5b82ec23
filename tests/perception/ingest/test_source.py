"""The RTSP client against the simulated cameras' server, over real sockets."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from perception.ingest.decoder import H264Decoder
from perception.ingest.dialogue import RtspRefused
from perception.ingest.source import CameraUnreachable, RtspSource
from perception.ingest.unit import AccessUnit
from sim.video.encoder import H264Encoder, headers_for
from sim.video.live import LoopReactor
from sim.video.server import RtspServer
from tests.perception.fixtures import START_NS
from tests.perception.ingest.packets import interleaved, rtp, sender_report
from tests.support.clocks import StillClock
from world.ids import StreamId
from world.time import Instant

SIZE_PX = (64, 48)
DEADLINE_S = 10.0


class HandReactor:
    """Reads when the test says so."""

    def __init__(self) -> None:
        self.attached: dict[socket.socket, Callable[[], None]] = {}

    def attach(self, sock: socket.socket, on_readable: Callable[[], None]) -> None:
        self.attached[sock] = on_readable

    def detach(self, sock: socket.socket) -> None:
        del self.attached[sock]

    def turn(self) -> None:
        """Waits for the one socket and reads it."""
        ((sock, on_readable),) = self.attached.items()
        sock.settimeout(DEADLINE_S)
        sock.recv(1, socket.MSG_PEEK)
        sock.setblocking(False)
        on_readable()


class Receiver:
    def __init__(self, url: str) -> None:
        self.reactor, self.units, self.lost = HandReactor(), list[AccessUnit](), list[StreamId]()
        self.source = RtspSource(
            reactor=self.reactor,
            url=url,
            stream=StreamId("U01/rgb"),
            on_unit=self.units.append,
            on_lost=self.lost.append,
        )


class CameraThread:
    """The simulated camera server in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        clock = StillClock(Instant(mono_ns=0, utc_ns=START_NS))
        self.server = RtspServer(LoopReactor(self.loop), clock)
        self.server.mount("/U01/rgb", 10, sets=headers_for(*SIZE_PX))
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def push(self, data: bytes, utc_ns: int, is_key: bool) -> None:
        self.loop.call_soon_threadsafe(self.server.push, "/U01/rgb", data, utc_ns, is_key)

    def hang_up(self) -> None:
        self.loop.call_soon_threadsafe(self.server.close)

    def end(self) -> None:
        self.hang_up()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def camera() -> Iterator[CameraThread]:
    camera = CameraThread()
    yield camera
    camera.end()


def test_pictures_arrive_whole_with_their_capture_times(camera: CameraThread) -> None:
    receiver = Receiver(f"rtsp://127.0.0.1:{camera.server.port}/U01/rgb")
    receiver.source.connect()
    receiver.source.join()
    encoder, decoder = H264Encoder(*SIZE_PX), H264Decoder()
    times = [START_NS + number * 700_000_000 for number in range(12)]
    for number, utc_ns in enumerate(times):
        grey = np.full((SIZE_PX[1], SIZE_PX[0], 3), 20 * number, np.uint8)
        unit = encoder.encode(grey, utc_ns, is_key=number == 0)
        camera.push(unit.data, utc_ns, unit.is_key)
        while len(receiver.units) <= number:
            receiver.reactor.turn()
    assert max(abs(unit.utc_ns - utc_ns) for unit, utc_ns in zip(receiver.units, times, strict=True)) < 20_000
    frames = [frame for unit in receiver.units for frame in decoder.decode(unit)]
    assert [frame.utc_ns for frame in frames] == [unit.utc_ns for unit in receiver.units]
    assert [round(frame.bgr().mean() / 20) for frame in frames] == list(range(12))
    receiver.source.close()
    assert receiver.reactor.attached == {}


def test_a_camera_that_hangs_up_is_told_once(camera: CameraThread) -> None:
    receiver = Receiver(f"rtsp://127.0.0.1:{camera.server.port}/U01/rgb")
    receiver.source.connect()
    receiver.source.join()
    camera.hang_up()
    while not receiver.lost:
        receiver.reactor.turn()
    assert receiver.lost == ["U01/rgb"]
    assert not receiver.source.is_connected


def test_an_unknown_stream_is_refused_in_one_sentence(camera: CameraThread) -> None:
    receiver = Receiver(f"rtsp://127.0.0.1:{camera.server.port}/U99/rgb")
    with pytest.raises(RtspRefused, match="U99/rgb refused DESCRIBE: 404"):
        receiver.source.connect()


def test_nobody_there_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(CameraUnreachable, match="no camera answers at rtsp:"):
        Receiver(f"rtsp://127.0.0.1:{port}/U01/rgb").source.connect(timeout_s=2.0)


def test_a_camera_that_dies_before_it_answers_is_one_sentence() -> None:
    def die() -> None:
        conn = listener.accept()[0]
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        conn.close()  # with a reset, as the kernel does for a killed process

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=die)
        thread.start()
        with pytest.raises(CameraUnreachable, match="hung up before DESCRIBE was answered"):
            Receiver(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/U01/rgb").source.connect(timeout_s=2.0)
        thread.join(DEADLINE_S)


@contextmanager
def scripted_camera(after_play: list[bytes]) -> Iterator[int]:
    """Answers the handshake and then sends what it is told, whatever that is."""
    sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        sock, _ = listener.accept()
        with sock:
            for body in (sdp, "", ""):
                sock.recv(4096)
                head = f"RTSP/1.0 200 OK\r\nSession: 1\r\nContent-Length: {len(body)}\r\n\r\n"
                sock.sendall((head + body).encode())
            for data in after_play:
                sock.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


def test_garbage_between_packets_is_counted_and_disturbs_nothing() -> None:
    key = bytes([0x67, 1, 2]), bytes([0x68, 1]), bytes([0x65, 0x88, 7])
    packets = [rtp(number, 900, nal, is_last=number == 2) for number, nal in enumerate(key)]
    stream = [interleaved(sender_report(START_NS, 0), 1), b"\x00garbage\xff", *map(interleaved, packets)]
    with scripted_camera(stream) as port:
        receiver = Receiver(f"rtsp://127.0.0.1:{port}/any")
        receiver.source.connect()
        receiver.source.join()
        while not receiver.lost:
            receiver.reactor.turn()
    (unit,) = receiver.units
    assert unit.utc_ns == START_NS + 10_000_000
    assert unit.is_key
    assert receiver.source.counters.garbage_bytes == 9


def test_pictures_before_the_first_sender_report_wait_for_it() -> None:
    key = bytes([0x67, 1, 2]), bytes([0x65, 0x88, 7])
    packets = [rtp(number, 900, nal, is_last=number == 1) for number, nal in enumerate(key)]
    stream = [*map(interleaved, packets), interleaved(sender_report(START_NS, 900), 1)]
    with scripted_camera(stream) as port:
        receiver = Receiver(f"rtsp://127.0.0.1:{port}/any")
        receiver.source.connect()
        receiver.source.join()
        while not receiver.lost:
            receiver.reactor.turn()
    assert [unit.utc_ns for unit in receiver.units] == [START_NS]
