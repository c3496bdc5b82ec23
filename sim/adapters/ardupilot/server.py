"""The physics side of ArduPilot's JSON interface: a UDP socket a machine; every packet moves its machine by a step.

The autopilot waits for the answer to each packet, so a machine stands still while its brain thinks: lockstep. What the
interface's readme asks for is done as follows.

- A packet with the next count, or a later one, advances by 1 / frame_rate; counts left out are noted.
- A packet repeated is the autopilot's cry for a lost answer (it comes a second after the first, `SIM_JSON.cpp`): it
  gets the same bytes again and nothing moves. One that comes sooner is a copy made on the way and gets nothing, or the
  autopilot would read answers one packet late from then on.
- Count 0 after a higher one, or a lower one from another port, is an autopilot started anew: its machine is put home
  and its clock begins at 0. A lower count from the same port is a packet that was overtaken: noted, not answered.
"""

import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.adapters.ardupilot.datagrams import ADDRESS, receive, send
from sim.adapters.ardupilot.wire import (
    AIRSPEED,
    LINE_LONGEST,
    LONGEST,
    RANGE,
    VANE,
    read_packets,
    write_lines,
)
from sim.adapters.bodies.columns import Model, Rows
from sim.adapters.bodies.flock import Flock
from sim.serve import PortTaken

FIRST_PORT: Final = 9002
PORT_STEP: Final = 10
"""ArduPilot's instance n sends to FIRST_PORT + PORT_STEP n."""
RESENDS_AFTER_S: Final = 0.5
"""The autopilot repeats itself 1 s after a packet without an answer; copies made on the way come at once."""
LONGEST_STEP_NS: Final = 50_000_000
"""Of a rate below 20 Hz: ArduPilot does not pace itself by steps of 0.1 s and more."""
_NO_FRAME: Final = -1
_EXTRAS: Final = {Model.COPTER: AIRSPEED | RANGE, Model.PLANE: AIRSPEED | RANGE, Model.BOAT: VANE}


@dataclass(slots=True, kw_only=True)
class Counters:
    """What came by one socket besides the packets that moved the machine."""

    foreign: int = 0
    """Datagrams that are no servo packets."""
    missed: int = 0
    repeated: int = 0
    """Answered again."""
    copied: int = 0
    """Repeated too soon to be a cry for an answer."""
    overtaken: int = 0
    restarts: int = 0


class JsonServer:
    """`poll` serves whoever has sent; `clock` gives monotonic seconds. Close it, or use it in a `with`."""

    def __init__(
        self, flock: Flock, clock: Callable[[], float], *, host: str = "127.0.0.1", first_port: int = FIRST_PORT,
    ) -> None:
        """Binds every socket; `first_port` 0 takes any free ones. Raises PortTaken."""
        count = flock.crew.count
        self.flock = flock
        self.counters = [Counters() for _ in range(count)]
        self.steps: Rows = np.zeros(count, np.int64)
        self.unsent: Rows = np.zeros(count, np.int64)
        """Answers that found nobody."""
        self._clock = clock
        self._last: Rows = np.full(count, _NO_FRAME, np.int64)
        self._answered_s = np.full(count, -np.inf)
        self._handles: Rows = np.zeros(count, np.int64)
        self._data = np.zeros((count, LONGEST), np.uint8)
        self._sizes: Rows = np.zeros(count, np.int64)
        self._sources = np.zeros((count, ADDRESS), np.uint8)
        self._peers = np.zeros((count, ADDRESS), np.uint8)
        self._lines = np.zeros((count, LINE_LONGEST), np.uint8)
        self._lengths: Rows = np.zeros(count, np.int64)
        self._extras = _EXTRAS.get(flock.model, 0)
        self._epoll = select.epoll()
        self._sockets: list[socket.socket] = []
        self._row_of: dict[int, int] = {}
        try:
            self._bind(host, first_port)
        except OSError:
            self.close()
            raise

    @property
    def ports(self) -> tuple[int, ...]:
        return tuple(int(each.getsockname()[1]) for each in self._sockets)

    def __enter__(self) -> "JsonServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._epoll.close()
        for each in self._sockets:
            each.close()

    def poll(self, timeout_s: float) -> int:
        """Answers everybody whose packet is there, one packet a machine; waits at most so long for the first."""
        ready = self._epoll.poll(timeout_s)
        if not ready:
            return 0
        asked = np.array([self._row_of[handle] for handle, _ in ready], np.int64)
        receive(self._handles, asked, self._data, self._sizes, self._sources)
        rows = asked[self._sizes[asked] >= 0]  # none came: a refusal of an earlier answer, the autopilot has gone
        packets = read_packets(self._data[rows], self._sizes[rows])
        moves = packets.is_good & (packets.count == self._last[rows] + 1)
        if not moves.all():
            for k in np.flatnonzero(~moves).tolist():
                moves[k] = self._judge(int(rows[k]), bool(packets.is_good[k]), int(packets.count[k]))
        moved = rows[moves]
        if len(moved):
            self._last[moved] = packets.count[moves]
            self._peers[moved] = self._sources[moved]
            self.flock.steer(moved, packets.pwm_us[moves])
            self.flock.advance(moved, np.minimum(1_000_000_000 // packets.rate_hz[moves], LONGEST_STEP_NS))
            write_lines(self.flock.bodies, moved, self._extras, self.flock.air, self._lines, self._lengths)
            self._answer(moved)
            self.steps[moved] += 1
        return len(moved)

    def _judge(self, row: int, is_good: bool, count: int) -> bool:
        """Whether a packet that is not simply the next one advances its machine; a repeated one is answered here."""
        noted, last = self.counters[row], int(self._last[row])
        is_same = bool((self._sources[row] == self._peers[row]).all())
        if not is_good:
            noted.foreign += 1
            return False
        if last == _NO_FRAME:
            return True
        if count > last:
            noted.missed += count - last - 1
            return True
        if count == last and is_same:
            if self._clock() - self._answered_s[row] < RESENDS_AFTER_S:
                noted.copied += 1
                return False
            noted.repeated += 1
            self._answer(np.array([row], np.int64))
            return False
        if count == 0 or not is_same:
            noted.restarts += 1
            self.flock.reset(np.array([row], np.int64))
            return True
        noted.overtaken += 1
        return False

    def _answer(self, rows: Rows) -> None:
        """With the line each has; whoever is not there any more, or whose buffer is full, will ask again."""
        send(self._handles, rows, self._lines, self._lengths, self._peers, self.unsent)
        self._answered_s[rows] = self._clock()

    def _bind(self, host: str, first_port: int) -> None:
        for row in range(self.flock.crew.count):
            port = first_port + PORT_STEP * row if first_port else 0
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._sockets.append(made)
            made.setblocking(False)
            try:
                made.bind((host, port))
            except OSError as reason:
                raise PortTaken(f"UDP port {port} on {host} cannot be used: {reason.strerror}") from reason
            self._handles[row] = made.fileno()
            self._row_of[made.fileno()] = row
            self._epoll.register(made.fileno(), select.EPOLLIN)
