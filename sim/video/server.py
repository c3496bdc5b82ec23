"""The RTSP server: mounts, their viewers, and the sockets between, read through the composition's reactor."""

import socket
from dataclasses import dataclass
from functools import partial
from typing import Final

from sim.video.courier import Courier, pack, unpack
from sim.video.nal import NalType, ParameterSets, nal_type, parameter_sets, split_nals
from sim.video.rtp import Packetiser
from sim.video.session import MountFacts, SessionState
from sim.video.viewer import Burst, LosslessViewerStalled, Viewer
from world.reactor import Reactor
from world.time import NS_PER_S, Clock

_REPORT_EVERY_NS: Final = 2 * NS_PER_S
_BACKLOG: Final = 64


class MountTaken(ValueError):
    """Two streams with one path."""


class PortTaken(OSError):
    """The address cannot be listened on."""


@dataclass(slots=True, kw_only=True)
class Counters:
    """What happened since start."""

    garbage: int = 0
    dropped: int = 0
    pushed: int = 0


@dataclass(slots=True, kw_only=True)
class _Mount:
    path: str
    fps: float
    packetiser: Packetiser
    parameter_sets: ParameterSets | None
    reported_utc_ns: int | None = None
    has_newcomer: bool = False


class RtspServer:
    """Serves pushed access units to any number of clients over TCP or UDP.

    What a `courier` carries is owed to lossless clients (see `session.LOSSLESS_AGENT`): it says when to `transmit`.
    """

    def __init__(
        self,
        reactor: Reactor,
        clock: Clock,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        courier: Courier | None = None,
        lossless_timeout_s: float = 20.0,
    ) -> None:
        self._reactor, self._clock = reactor, clock
        self._courier = courier
        self._lossless_timeout_s = lossless_timeout_s
        self._mounts: dict[str, _Mount] = {}
        self._viewers: list[Viewer] = []
        self._served = 0
        self.counters = Counters()
        self._listener = _listen(host, port)
        reactor.attach(self._listener, self._accept)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def mount(self, path: str, fps: float, *, sets: ParameterSets | None = None) -> None:
        """Offers a stream such as `/U01/rgb`; `sets` let clients open it before the first picture."""
        if path in self._mounts:
            raise MountTaken(f"{path} is mounted already")
        self._mounts[path] = _Mount(path=path, fps=fps, packetiser=Packetiser(path), parameter_sets=sets)

    def push(self, path: str, au: bytes, utc_ns: int, is_key: bool) -> None:
        """One access unit with its capture time to everybody who plays the mount. Raises LosslessViewerStalled."""
        mount = self._mounts[path]
        nals = split_nals(au)
        mount.parameter_sets = parameter_sets(nals) or mount.parameter_sets
        if is_key and mount.parameter_sets and not any(nal_type(nal) == NalType.SPS for nal in nals):
            nals = [mount.parameter_sets.sps, mount.parameter_sets.pps, *nals]
        is_owed = self._is_owed(path)  # each with its own report: repeated, it is dated as it was the first time
        is_due = mount.reported_utc_ns is None or utc_ns - mount.reported_utc_ns >= _REPORT_EVERY_NS or is_owed
        report = mount.packetiser.sender_report(utc_ns) if is_due else None
        if is_due:
            mount.reported_utc_ns = utc_ns
        burst = Burst(packets=mount.packetiser.packets(nals, utc_ns), report=report, is_key=is_key)
        self.counters.pushed += 1
        for viewer in self._playing(path):
            if not (is_owed and viewer.session.is_lossless):
                self._send(viewer, burst)
        if self._courier and is_owed:
            self._courier.send(path, pack(burst))

    def transmit(self, path: str, unit: bytes) -> bool:
        """What the courier kept, to the lossless clients of a mount; False when there is none now."""
        viewers = [viewer for viewer in self._playing(path) if viewer.session.is_lossless]
        sent = [self._send(viewer, unpack(unit)) for viewer in viewers]
        return any(sent)

    def _is_owed(self, path: str) -> bool:
        return self._courier is not None and self._courier.carries(path)

    def is_watched(self, path: str) -> bool:
        """Whether anybody plays the mount, or will be told later: pictures that nobody sees need not be made."""
        return self._is_owed(path) or bool(self._playing(path))

    def take_newcomer(self, path: str) -> bool:
        """Whether somebody began to play the mount since this was last asked: the next picture must be a key."""
        mount = self._mounts[path]
        is_new, mount.has_newcomer = mount.has_newcomer, False
        return is_new

    def facts(self, path: str) -> MountFacts | None:
        mount = self._mounts.get(path)
        if mount is None:
            return None
        sets = mount.parameter_sets
        return MountFacts(path=path, fps=mount.fps, ssrc=mount.packetiser.ssrc, parameter_sets=sets)

    def close(self) -> None:
        self._reactor.detach(self._listener)
        self._listener.close()
        for viewer in list(self._viewers):
            self._drop(viewer)

    def _playing(self, path: str) -> list[Viewer]:
        is_playing = SessionState.PLAYING
        return [v for v in self._viewers if v.session.mount == path and v.session.state is is_playing]

    def _send(self, viewer: Viewer, burst: Burst) -> bool:
        try:
            is_sent = viewer.send(burst)
        except LosslessViewerStalled:
            self._drop(viewer)
            raise
        except OSError:
            self._drop(viewer)
            return False
        self.counters.dropped += not is_sent
        return is_sent

    def _accept(self) -> None:
        while True:
            try:
                sock, address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError:
                # The client left while it was waiting: nobody is owed anything.
                continue
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._served += 1
            name = f"{self._served:016x}"
            viewer = Viewer(sock, address[0], self, name, lossless_timeout_s=self._lossless_timeout_s)
            self._viewers.append(viewer)
            self._reactor.attach(sock, partial(self._read, viewer))

    def _read(self, viewer: Viewer) -> None:
        try:
            goes_on = viewer.read(self._started)
        except OSError:
            goes_on = False
        if not goes_on:
            self._drop(viewer)

    def _started(self, viewer: Viewer) -> None:
        """The clock mapping goes out at once: a client can date its very first picture."""
        path = viewer.session.mount
        if path is None:
            return
        mount = self._mounts[path]
        mount.has_newcomer = True
        viewer.send_report(mount.packetiser.sender_report(self._clock.now().utc_ns))
        if self._courier and self._is_owed(path) and viewer.session.is_lossless:
            self._courier.resume(path)

    def _drop(self, viewer: Viewer) -> None:
        if viewer in self._viewers:
            self._viewers.remove(viewer)
            self.counters.garbage += viewer.reader.garbage
            self._reactor.detach(viewer.socket)
            viewer.close()


def _listen(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as reason:
        sock.close()
        raise PortTaken(f"RTSP cannot listen on {host}:{port} ({reason.strerror}); choose another port") from reason
    sock.listen(_BACKLOG)
    sock.setblocking(False)
    return sock
