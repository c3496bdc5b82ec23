"""One camera over RTSP: a blocking handshake first, then reads whenever the reactor says there is something to read."""

import contextlib
import socket
from collections import deque
from collections.abc import Callable

from perception.ingest.dialogue import USER_AGENT, Dialogue, Step
from perception.ingest.framing import Framer, Packet, Reply
from perception.ingest.h264 import Depacketiser, Picture
from perception.ingest.rtp import MediaClock, parse_rtp, parse_sender_report
from perception.ingest.unit import AccessUnit, IngestCounters
from world.ids import StreamId
from world.reactor import Reactor

_READ_BYTES = 262_144
_RECEIVE_BUFFER_BYTES = 1 << 20
_MAX_HANDSHAKE_READS = 256
_MAX_UNDATED = 64
"""Pictures held until the first sender report dates them; older ones are dropped and counted."""


class CameraUnreachable(ConnectionError):
    """No connection, or no sensible answer in time."""


class RtspSource:
    """Calls `on_unit` for every access unit and `on_lost` once when the camera goes away."""

    def __init__(
        self,
        *,
        reactor: Reactor,
        url: str,
        stream: StreamId,
        on_unit: Callable[[AccessUnit], None],
        on_lost: Callable[[StreamId], None] | None = None,
        user_agent: str = USER_AGENT,
    ) -> None:
        """A camera may serve agents differently: the simulated one waits for the default agent, never for another."""
        self.stream = stream
        self._user_agent = user_agent
        self.url = url
        self.counters = IngestCounters()
        self._reactor = reactor
        self._on_unit = on_unit
        self._on_lost = on_lost
        self._socket: socket.socket | None = None
        self._is_attached = False

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    def connect(self, *, timeout_s: float = 5.0) -> None:
        """Handshake, blocking; `timeout_s` bounds every single read.

        Raises CameraUnreachable, RtspRefused, NoVideoTrack.
        """
        self._dialogue = Dialogue(self.url, user_agent=self._user_agent)
        self._framer = Framer(self.counters)
        self._undated: deque[Picture] = deque()
        self._early: list[Packet] = []
        try:
            sock = socket.create_connection((self._dialogue.host, self._dialogue.port), timeout_s)
        except ConnectionResetError as error:  # it had taken the connection, and was gone before we were told
            raise self._hung_up() from error
        except OSError as error:
            raise CameraUnreachable(f"no camera answers at {self.url}: {error}") from error
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
            self._shake_hands(sock)
        except BaseException:
            sock.close()
            raise
        self._socket = sock
        self.counters.connects += 1

    def join(self) -> None:
        """From now on the reactor says when to read."""
        assert self._socket is not None, "connect before joining"
        self._socket.setblocking(False)
        self._reactor.attach(self._socket, self._read)
        self._is_attached = True
        early, self._early = self._early, []
        self._take(early)

    def keep_alive(self) -> None:
        """Tell the camera that somebody still watches; call well within its session time-out (60 s by default)."""
        if self._socket is not None:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                self._socket.send(self._dialogue.keep_alive())

    def close(self) -> None:
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            self._socket.send(self._dialogue.tear_down())
        self._let_go()

    def _let_go(self) -> None:
        if self._socket is not None:
            if self._is_attached:
                self._reactor.detach(self._socket)
                self._is_attached = False
            self._socket.close()
            self._socket = None

    def _hung_up(self) -> CameraUnreachable:
        return CameraUnreachable(f"{self.url} hung up before {self._dialogue.step} was answered")

    def _shake_hands(self, sock: socket.socket) -> None:
        try:
            sock.sendall(self._dialogue.begin())
            for _ in range(_MAX_HANDSHAKE_READS):
                data = sock.recv(_READ_BYTES)
                if not data:
                    raise self._hung_up()
                for item in self._framer.feed(data):
                    if isinstance(item, Packet):
                        self._early.append(item)
                    elif (request := self._dialogue.answer(item)) is not None:
                        sock.sendall(request)
                if self._dialogue.step is Step.PLAYING:
                    break
            else:
                raise CameraUnreachable(f"{self.url} does not speak RTSP")
        except TimeoutError as error:
            raise CameraUnreachable(f"{self.url} did not answer {self._dialogue.step} in time") from error
        except (ConnectionResetError, ConnectionAbortedError, BrokenPipeError) as error:
            raise self._hung_up() from error
        track = self._dialogue.track
        assert track is not None
        self._clock = MediaClock(track.clock_hz)
        self._depacketiser = Depacketiser(self.counters, parameter_sets=track.parameter_sets)

    def _read(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(_READ_BYTES)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            if not data:
                self._let_go()
                if self._on_lost is not None:
                    self._on_lost(self.stream)
                return
            self._take(self._framer.feed(data))

    def _take(self, items: list[Packet] | list[Reply | Packet]) -> None:
        for item in items:
            if isinstance(item, Reply):
                continue
            if item.channel == 1:
                self._take_control(item.payload)
            elif (packet := parse_rtp(item.payload)) is None:
                self.counters.bad_packets += 1
            else:
                for picture in self._depacketiser.feed(packet):
                    self._take_picture(picture)

    def _take_control(self, payload: bytes) -> None:
        report = parse_sender_report(payload)
        if report is not None:
            self._clock.update(report)
            while self._undated:
                self._take_picture(self._undated.popleft())

    def _take_picture(self, picture: Picture) -> None:
        utc_ns = self._clock.utc_ns(picture.timestamp)
        if utc_ns is None:
            self._undated.append(picture)
            if len(self._undated) > _MAX_UNDATED:
                self._undated.popleft()
                self.counters.undated_units += 1
            return
        self.counters.units += 1
        self.counters.damaged_units += picture.is_damaged
        self._on_unit(
            AccessUnit(
                stream=self.stream,
                utc_ns=utc_ns,
                data=picture.data,
                is_key=picture.is_key,
                is_damaged=picture.is_damaged,
            )
        )
