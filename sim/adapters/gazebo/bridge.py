"""Our end of the lockstep: one datagram a step both ways, and camera pictures read in between."""

import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.adapters.gazebo.wire import IMAGE, Commands, ImageHeader, Step, decode_image, decode_step, encode_commands

Bytes = npt.NDArray[np.uint8]
_DATAGRAM_BYTES: Final = 65_536
_STREAM_BYTES: Final = 1 << 20


class GazeboSilent(TimeoutError):
    """Gazebo did not step in time: it has ended, or hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One exposure of a Gazebo camera, (h, w, 3) RGB. `t_ns` counts from when vehicles had come to rest."""

    header: ImageHeader
    t_ns: int
    rgb: Bytes


class Bridge:
    """Binds free loopback ports for the plugin to call. Blocks in `answer` while Gazebo computes, a fraction of a ms.

    Pictures are read while it waits: Gazebo may hold the step until a picture is out, so nobody may wait for the other.
    """

    def __init__(
        self, *, on_picture: Callable[[Picture], None] = lambda picture: None, timeout_s: float = 60.0,
        watch_s: float = 1.0, monotonic_s: Callable[[], float] = monotonic,
    ) -> None:
        self.began_ns: int | None = None
        """Gazebo's time when simulated time began; pictures from before are dropped."""
        self.watch: Callable[[], None] = lambda: None
        """Called every `watch_s` while Gazebo is silent; may raise."""
        self._on_picture, self._monotonic_s = on_picture, monotonic_s
        self._timeout_s, self._watch_s = timeout_s, watch_s
        self._link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._link.bind(("127.0.0.1", 0))
        self._link.setblocking(False)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._stream: socket.socket | None = None
        self._pixels = bytearray()
        self._peer: tuple[str, int] | None = None
        self._selector = selectors.DefaultSelector()
        for each in (self._link, self._listener):
            self._selector.register(each, selectors.EVENT_READ)

    @property
    def port(self) -> int:
        return int(self._link.getsockname()[1])

    @property
    def image_port(self) -> int:
        return int(self._listener.getsockname()[1])

    def first(self) -> Step:
        """Waits for Gazebo's first state. Raises GazeboSilent."""
        return self._wait(0)

    def answer(self, step: Step, commands: Commands) -> Step:
        """What the vehicles do in this step; returns the next state. Raises GazeboSilent."""
        assert self._peer is not None, "first() comes before answers"
        self._link.sendto(encode_commands(step, commands), self._peer)
        return self._wait(step.seq)

    def close(self) -> None:
        self._selector.close()
        for each in (self._link, self._listener, self._stream):
            if each is not None:
                each.close()

    def _wait(self, after: int) -> Step:
        """The next state; read at once when it is there, as it mostly is with many cores."""
        until = self._monotonic_s() + self._timeout_s
        while True:
            ready = self._selector.select(min(until - self._monotonic_s(), self._watch_s))
            if not ready:
                self.watch()
            for key, _ in ready:
                if key.fileobj is self._listener:
                    self._greet()
                elif key.fileobj is self._stream:
                    self._read_pictures()
                elif (step := self._read_step()) is not None and step.seq > after:
                    self._catch_up()
                    return step
            if self._monotonic_s() >= until:
                raise GazeboSilent(f"Gazebo did not step for {self._timeout_s:g} s: it has ended, or hangs")

    def _read_step(self) -> Step | None:
        try:
            data, peer = self._link.recvfrom(_DATAGRAM_BYTES)
        except BlockingIOError:
            return None
        step = decode_step(data)
        if step is not None:
            self._peer = peer
        return step

    def _catch_up(self) -> None:
        """Whatever Gazebo drew before this step it has sent before it: read it now, so that runs are alike."""
        while self._stream is not None and self._read_pictures():
            pass

    def _greet(self) -> None:
        self._stream, _ = self._listener.accept()
        self._stream.setblocking(False)
        self._selector.register(self._stream, selectors.EVENT_READ)

    def _read_pictures(self) -> bool:
        """False when there was nothing to read."""
        assert self._stream is not None
        try:
            data = self._stream.recv(_STREAM_BYTES)
        except BlockingIOError:
            return False
        except ConnectionError:
            data = b""
        if not data:
            self._hang_up()
            return False
        self._pixels += data
        self._take_pictures()
        return True

    def _take_pictures(self) -> None:
        while len(self._pixels) >= IMAGE.size:
            header = decode_image(bytes(self._pixels[: IMAGE.size]))
            if header is None:  # nothing after it can be found again
                self._hang_up()
                return
            end = IMAGE.size + header.size_bytes
            if len(self._pixels) < end:
                return
            flat = np.frombuffer(bytes(self._pixels[IMAGE.size : end]), np.uint8)
            del self._pixels[:end]
            rgb = flat.reshape(header.height_px, header.width_px, 3)
            if self.began_ns is not None:
                self._on_picture(Picture(header=header, t_ns=header.t_ns - self.began_ns, rgb=rgb))

    def _hang_up(self) -> None:
        assert self._stream is not None
        self._selector.unregister(self._stream)
        self._stream.close()
        self._stream = None
        self._pixels.clear()
