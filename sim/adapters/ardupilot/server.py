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
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

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
        self._peers: list[Any] = [None] * count
        self._data = np.zeros((count, LONGEST), np.uint8)
        self._lines = np.zeros((count, LINE_LONGEST), np.uint8)
        self._line_views = [row.data for row in self._lines]
        self._lengths: Rows = np.zeros(count, np.int64)
        self._extras = _EXTRAS.get(flock.model, 0)
        self._epoll = select.epoll()
        self._sockets: list[socket.socket] = []
        self._take: dict[int, tuple[int, Callable[[], tuple[int, Any]]]] = {}
        self._give: list[Callable[[memoryview, Any], int]] = []
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
        rows, sources, sizes = self._receive(timeout_s)
        if not rows:
            return 0
        which = np.array(rows, np.int64)
        packets = read_packets(self._data[which], np.array(sizes, np.int64))
        moves = packets.is_good & (packets.count == self._last[which] + 1)
        if not moves.all():
            for k in np.flatnonzero(~moves).tolist():
                moves[k] = self._judge(rows[k], bool(packets.is_good[k]), int(packets.count[k]), sources[k])
        moved = which[moves]
        if len(moved):
            self._last[moved] = packets.count[moves]
            self.flock.steer(moved, packets.pwm_us[moves])
            self.flock.advance(moved, np.minimum(1_000_000_000 // packets.rate_hz[moves], LONGEST_STEP_NS))
            write_lines(self.flock.bodies, moved, self._extras, self.flock.air, self._lines, self._lengths)
            self.steps[moved] += 1
            self._answered_s[moved] = self._clock()
        for row, source, has_moved, length in zip(
            rows, sources, moves.tolist(), self._lengths[which].tolist(), strict=True
        ):
            if has_moved:
                self._peers[row] = source
                try:
                    self._give[row](self._line_views[row][:length], source)
                except OSError:  # nobody is there any more, or its buffer is full: it will ask again
                    self.unsent[row] += 1
        return len(moved)

    def _receive(self, timeout_s: float) -> tuple[list[int], list[Any], list[int]]:
        rows, sources, sizes = [], [], []
        for handle, _ in self._epoll.poll(timeout_s):
            row, take = self._take[handle]
            try:
                size, source = take()
            except OSError:  # a refusal of an earlier answer: the autopilot has gone
                self.unsent[row] += 1
                continue
            rows.append(row)
            sources.append(source)
            sizes.append(size)
        return rows, sources, sizes

    def _judge(self, row: int, is_good: bool, count: int, source: Any) -> bool:
        """Whether a packet that is not simply the next one advances its machine; a repeated one is answered here."""
        noted, last = self.counters[row], int(self._last[row])
        if not is_good:
            noted.foreign += 1
            return False
        if last == _NO_FRAME:
            return True
        if count > last:
            noted.missed += count - last - 1
            return True
        if count == last and source == self._peers[row]:
            if self._clock() - self._answered_s[row] < RESENDS_AFTER_S:
                noted.copied += 1
                return False
            noted.repeated += 1
            self._answered_s[row] = self._clock()
            self._repeat(row)
            return False
        if count == 0 or source != self._peers[row]:
            noted.restarts += 1
            self.flock.reset(np.array([row], np.int64))
            return True
        noted.overtaken += 1
        return False

    def _repeat(self, row: int) -> None:
        with suppress(OSError):
            self._give[row](self._line_views[row][: self._lengths[row]], self._peers[row])

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
            self._take[made.fileno()] = row, partial(made.recvfrom_into, self._data[row].data)
            self._give.append(made.sendto)
            self._epoll.register(made.fileno(), select.EPOLLIN)
