"""One connected client: its socket, its session, and what happens when it reads too slowly."""

import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sim.video.rtsp import Request, RequestReader
from sim.video.session import Interleaved, Mounts, Session, SessionState, Unicast

_SEND_BUFFER: Final = 1 << 18
"""Bytes asked of the kernel for people's players: more would only make their pictures late."""
_LOSSLESS_BUFFER: Final = 4 << 20
"""The same for the detector: a burst of detection images never waits for a process that is busy."""
_MOST_WAITING: Final = 1 << 20
"""Bytes a slow viewer may owe before access units are dropped for it up to the next key frame."""
_CHUNK: Final = 65536
_UDP_TRIES: Final = 20


class LosslessViewerStalled(TimeoutError):
    """The one client that must get every picture stopped reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """One access unit ready to go: RTP packets, a sender report to go before them, and whether decoding may start."""

    packets: list[bytes]
    report: bytes | None
    is_key: bool


class Viewer:
    """Owns the client's sockets. `feed` and `send` never block, but for a lossless client in `send`."""

    def __init__(self, sock: socket.socket, peer: str, mounts: Mounts, name: str, *, lossless_timeout_s: float) -> None:
        self.socket, self._peer = sock, peer
        self.session = Session(mounts, name, self._open_udp)
        self.reader = RequestReader()
        self.dropped = 0
        self._waiting = bytearray()
        self._has_key = False
        self._udp: tuple[socket.socket, socket.socket] | None = None
        self._timeout_ms = round(1000 * lossless_timeout_s)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)

    def _open_udp(self) -> tuple[int, int]:
        """Opens the session's pair on the address that the client reached."""
        self._udp = _udp_pair(self.socket.getsockname()[0])
        rtp, rtcp = (sock.getsockname()[1] for sock in self._udp)
        return rtp, rtcp

    def read(self, on_play: Callable[["Viewer"], None]) -> bool:
        """Takes what has come and answers it; False when the connection is over."""
        self.flush()
        while True:
            try:
                data = self.socket.recv(_CHUNK)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            for request in self.reader.feed(data):
                self._answer(request, on_play)
            if self.reader.is_broken or self.session.state is SessionState.CLOSED:
                return False

    def _answer(self, request: Request, on_play: Callable[["Viewer"], None]) -> None:
        was, was_lossless = self.session.state, self.session.is_lossless
        self._write(self.session.answer(request))
        if self.session.is_lossless and not was_lossless:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LOSSLESS_BUFFER)
        if self.session.state is SessionState.PLAYING and was is not SessionState.PLAYING:
            self._has_key = False
            on_play(self)

    def send(self, burst: Burst) -> bool:
        """Whether the access unit went on its way; a slow viewer loses units until the next key frame.

        Raises LosslessViewerStalled, and OSError when the client is gone.
        """
        is_slow = len(self._waiting) > _MOST_WAITING and not self.session.is_lossless
        if is_slow or not (self._has_key or burst.is_key):
            self._has_key = False
            self.dropped += 1
            self.flush()
            return False
        self._has_key = True
        self._dispatch(burst)
        return True

    def send_report(self, report: bytes) -> None:
        """One RTCP packet on its own."""
        self._dispatch(Burst(packets=[], report=report, is_key=False))

    def _dispatch(self, burst: Burst) -> None:
        if isinstance(self.session.transport, Unicast):
            self._send_udp(burst, self.session.transport)
        elif isinstance(self.session.transport, Interleaved):
            self._send_tcp(burst, self.session.transport.channel)

    def close(self) -> None:
        self.socket.close()
        for sock in self._udp or ():
            sock.close()

    def _send_tcp(self, burst: Burst, channel: int) -> None:
        frames = [] if burst.report is None else [_frame(channel + 1, burst.report)]
        frames += [_frame(channel, packet) for packet in burst.packets]
        self._write(b"".join(frames))

    def _send_udp(self, burst: Burst, to: Unicast) -> None:
        if self._udp is None:
            return
        rtp, rtcp = self._udp
        try:
            if burst.report is not None:
                rtcp.sendto(burst.report, (self._peer, to.rtcp_port))
            for packet in burst.packets:
                rtp.sendto(packet, (self._peer, to.rtp_port))
        except BlockingIOError:
            self.dropped += 1
            self._has_key = False

    def _write(self, data: bytes) -> None:
        self._waiting += data
        self.flush()
        while self.session.is_lossless and self._waiting:
            poll = select.poll()
            poll.register(self.socket, select.POLLOUT)
            if not poll.poll(self._timeout_ms):
                raise LosslessViewerStalled(f"{self._peer} read nothing for {self._timeout_ms} ms")
            self.flush()

    def flush(self) -> None:
        """Sends what the kernel takes. Raises OSError when the client is gone."""
        try:
            while self._waiting:
                del self._waiting[: self.socket.send(self._waiting)]
        except BlockingIOError:
            return


def _frame(channel: int, packet: bytes) -> bytes:
    return b"$" + bytes((channel,)) + len(packet).to_bytes(2) + packet


def _udp_pair(address: str) -> tuple[socket.socket, socket.socket]:
    """Two sockets on an even port and the one above it (RFC 3550, 11). Raises OSError when none is free."""
    for _ in range(_UDP_TRIES):
        first, second = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        first.bind((address, 0))
        port = first.getsockname()[1]
        try:
            if port % 2 == 0:
                second.bind((address, port + 1))
                for sock in (first, second):
                    sock.setblocking(False)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LOSSLESS_BUFFER)
                return first, second
        except OSError:
            pass
        first.close()
        second.close()
    raise OSError("no pair of neighbouring UDP ports is free")
