"""The simulator side of PX4's `simulator_mavlink`: one TCP server a machine, MAVLink 2, 4 ms a step.

PX4 connects as a client, says HEARTBEAT, asks for HIL_STATE_QUATERNION by SET_MESSAGE_INTERVAL, and takes its time from
HIL_SENSOR (id 0). Source: PX4 `src/modules/simulation/simulator_mavlink/SimulatorMavlink.cpp`, main of 2025; v1.13 to
v1.15 do the same.

- Until the first HIL_ACTUATOR_CONTROLS PX4 boots on our time: sensors flow at the pace of the clock.
- From then on, when the controls say lockstep (flags bit 0), a step waits for controls newer than those of the step
  before. If none come for NUDGE_S it goes on by itself: PX4 does not answer every sample while it loads parameters.
- Without the flag (a nolockstep build) sensors flow at the pace of the clock for good.
- GPS and truth go out before the sensors of the same step: HIL_SENSOR moves PX4's time and wakes its estimators.
- A connection that ends is a PX4 that ended: the machine is home at time 0 for the next one.
"""

import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import FrameSplitter
from fleet.wire.message import Message
from sim.adapters.bodies.flock import Flock
from sim.adapters.bodies.frames import CHANNELS
from sim.adapters.px4.sensors import Board, Site
from sim.serve import PortTaken
from sim.vehicles.spec import SensorSpec

FIRST_PORT: Final = 4560
STEP_NS: Final = 4_000_000
NUDGE_S: Final = 0.5
BEHIND_MOST_S: Final = 0.1
"""A machine whose brain was slow catches up by so much at most."""
HEARTBEAT_NS: Final = 1_000_000_000
_UNSENT_WAIT_S: Final = 0.02
_ARMED: Final = 128
_LOCKSTEP: Final = 1
_SET_MESSAGE_INTERVAL: Final = 511
_TRUTH_ID: Final = 115
_HEARD: Final = ("HEARTBEAT", "HIL_ACTUATOR_CONTROLS", "COMMAND_LONG")
_BEAT: Final = {"type": 0, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4}
"""A generic machine without an autopilot of its own (MAV_AUTOPILOT_INVALID)."""


@dataclass(slots=True, kw_only=True)
class Link:
    """One PX4, from its connection to its end."""

    stream: socket.socket
    splitter: FrameSplitter = field(default_factory=FrameSplitter)
    encoder: Encoder = field(default_factory=lambda: Encoder(1, 200))
    unsent: bytes = b""
    has_beaten: bool = False
    controls_us: int | None = None
    """PX4's time of the latest controls; None before the first."""
    is_lockstep: bool = False
    is_answered: bool = True
    is_armed: bool = False
    truth_every_ns: int | None = None
    sent_s: float = 0.0
    due_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Counters:
    """What came by one port."""

    steps: int = 0
    connections: int = 0
    refused: int = 0
    """Second connections while one lives."""
    repeated: int = 0
    """Controls no newer than those before."""
    nudges: int = 0


class HilServer:
    """`poll` serves whoever is due; `clock` gives monotonic seconds. Close it, or use it in a `with`."""

    def __init__(
        self, flock: Flock, site: Site, clock: Callable[[], float], *, speed: float | None = 1.0,
        host: str = "127.0.0.1", first_port: int = FIRST_PORT, sensors: SensorSpec | None = None,
    ) -> None:
        """`speed` times real time; None as fast as PX4 answers. `first_port` 0 takes free ones. Raises PortTaken."""
        self.flock = flock
        self.counters = [Counters() for _ in range(flock.crew.count)]
        self._clock, self._speed = clock, speed
        self._boards = [Board(flock, row, site, sensors or SensorSpec()) for row in range(flock.crew.count)]
        self._decoder = Decoder(_HEARD)
        self._links: list[Link | None] = [None] * flock.crew.count
        self._selector = selectors.DefaultSelector()
        self._doors: list[socket.socket] = []
        try:
            for row in range(flock.crew.count):
                self._open(row, host, first_port + row if first_port else 0)
        except OSError:
            self.close()
            raise

    @property
    def ports(self) -> tuple[int, ...]:
        return tuple(int(door.getsockname()[1]) for door in self._doors)

    def __enter__(self) -> "HilServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for row in range(len(self._doors)):
            self._hang_up(row)
        for door in self._doors:
            door.close()
        self._selector.close()

    def link(self, row: int) -> Link | None:
        return self._links[row]

    def poll(self, timeout_s: float) -> int:
        """Reads what has come, then steps every machine that may; waits at most so long. Returns how many stepped."""
        for key, _ in self._selector.select(self._wait_s(timeout_s)):
            row, is_door = key.data
            if is_door:
                self._accept(row)
            else:
                self._read(row)
        now_s, stepped = self._clock(), 0
        for row, link in enumerate(self._links):
            if link is not None and self._may_step(link, now_s):
                self._step(row, link, now_s)
                stepped += 1
        return stepped

    def _wait_s(self, timeout_s: float) -> float:
        """Until the first machine is due, which is at once where the next step does not wait for an answer."""
        now_s, wait_s = self._clock(), timeout_s
        for link in self._links:
            if link is not None and link.unsent:
                wait_s = min(wait_s, _UNSENT_WAIT_S)
            elif link is not None:
                due_s = link.due_s if link.is_answered else max(link.due_s, link.sent_s + NUDGE_S)
                wait_s = min(wait_s, max(due_s - now_s, 0.0))
        return wait_s

    def _may_step(self, link: Link, now_s: float) -> bool:
        if link.unsent:
            self._flush(link)
        if link.unsent or now_s < link.due_s:
            return False
        return link.is_answered or now_s - link.sent_s >= NUDGE_S

    def _step(self, row: int, link: Link, now_s: float) -> None:
        which = np.array([row], np.int64)
        self.flock.advance(which, np.array([STEP_NS], np.int64))
        noted = self.counters[row]
        noted.steps += 1
        noted.nudges += not link.is_answered
        self._flush(link, self._words(row, link))
        link.sent_s = now_s
        link.is_answered = not link.is_lockstep
        if self._speed is None and (link.is_lockstep or link.controls_us is None):
            link.due_s = now_s
        else:
            pace_s = STEP_NS * 1e-9 / (self._speed or 1.0)
            link.due_s = max(link.due_s, now_s - BEHIND_MOST_S) + pace_s

    def _words(self, row: int, link: Link) -> bytes:
        board, encode = self._boards[row], link.encoder.encode
        words = []
        if board.time_ns % HEARTBEAT_NS == STEP_NS:
            words.append(encode("HEARTBEAT", **_BEAT))
        position = board.gps()
        if position is not None:
            words.append(encode("HIL_GPS", **position))
        if link.truth_every_ns is not None and board.time_ns % link.truth_every_ns < STEP_NS:
            words.append(encode("HIL_STATE_QUATERNION", **board.truth()))
        words.append(encode("HIL_SENSOR", **board.sensor()))
        return b"".join(words)

    def _read(self, row: int) -> None:
        link = self._links[row]
        if link is None:
            return
        try:
            data = link.stream.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up(row)
            return
        for frame in link.splitter.feed(data):
            message = self._decoder.decode(frame)
            if message is not None:
                self._hear(row, link, message)

    def _hear(self, row: int, link: Link, message: Message) -> None:
        name = message.SPEC.name
        if name == "HEARTBEAT":
            link.has_beaten = True
        elif name == "COMMAND_LONG":
            if (message.command, message.param1) == (_SET_MESSAGE_INTERVAL, _TRUTH_ID):
                every_us = message.param2
                link.truth_every_ns = max(round(every_us) * 1000, STEP_NS) if 0.0 < every_us < 1e9 else None
        elif link.controls_us is not None and message.time_usec <= link.controls_us:
            self.counters[row].repeated += 1
        else:
            link.controls_us = message.time_usec
            link.is_answered = True
            link.is_lockstep = bool(message.flags & _LOCKSTEP)
            link.is_armed = bool(message.mode & _ARMED)
            outputs = np.array([message.controls[:CHANNELS]])
            self.flock.steer(np.array([row], np.int64), outputs if link.is_armed else np.full_like(outputs, np.nan))

    def _open(self, row: int, host: str, port: int) -> None:
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._doors.append(door)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
            door.listen(1)
        except OSError as reason:
            raise PortTaken(f"TCP port {port} on {host} cannot be used: {reason.strerror}") from reason
        door.setblocking(False)
        self._selector.register(door, selectors.EVENT_READ, (row, True))

    def _accept(self, row: int) -> None:
        try:
            stream, _ = self._doors[row].accept()
        except OSError:  # it has gone again
            return
        if self._links[row] is not None:
            self.counters[row].refused += 1
            stream.close()
            return
        stream.setblocking(False)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.flock.reset(np.array([row], np.int64))
        self._boards[row].reset()
        self._links[row] = Link(stream=stream, due_s=self._clock(), sent_s=self._clock())
        self._selector.register(stream, selectors.EVENT_READ, (row, False))
        self.counters[row].connections += 1

    def _flush(self, link: Link, more: bytes = b"") -> None:
        """Hands the kernel what it takes; the rest waits, and the machine with it."""
        data: Any = link.unsent + more
        try:
            sent = link.stream.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:  # its end is read next
            sent = len(data)
        link.unsent = data[sent:]

    def _hang_up(self, row: int) -> None:
        link = self._links[row]
        if link is not None:
            self._selector.unregister(link.stream)
            link.stream.close()
            self._links[row] = None
