"""Lets nothing old pass for new: states that were overtaken, repeated, or came by a slower path are dropped."""

from collections.abc import Callable
from typing import Any, Final

from fleet.wire.dialect import ardupilotmega, number_of
from fleet.wire.message import Message

REBOOTED_MS: Final = 10_000
"""A vehicle's clock that jumps back further has begun anew; less is a message that was overtaken."""
_HALF_RING: Final = 128
_SILENCE_NS: Final = 1_000_000_000
"""So many frames may be lost in a longer one that the ring of 256 numbers tells nothing."""

TIMED: Final = ("GLOBAL_POSITION_INT", "ATTITUDE", "ATTITUDE_QUATERNION", "GPS_RAW_INT")
"""Carry the vehicle's own time: the newest wins, whatever path it came by."""
UNTIMED: Final = ("HEARTBEAT", "SYS_STATUS", "EKF_STATUS_REPORT", "EXTENDED_SYS_STATE", "MISSION_CURRENT")
"""Carry none: order is known within a path only, so the primary path speaks, and others when it is silent."""


def _reader(name: str) -> Callable[[Any], int]:
    """Milliseconds of the vehicle's clock in a message."""
    fields = [field.name for field in ardupilotmega().spec(name).fields]
    position = fields.index("time_boot_ms" if "time_boot_ms" in fields else "time_usec")
    per_ms = 1 if "time_boot_ms" in fields else 1000
    return lambda message: int(message[position]) // per_ms


_READERS: Final = {number_of(name): _reader(name) for name in TIMED}
_UNTIMED: Final = frozenset(number_of(name) for name in UNTIMED)


class Freshness:
    """One vehicle's filter. `passes` is asked of each message of its autopilot."""

    __slots__ = ("_newest_ms", "_newest_number")

    def __init__(self) -> None:
        self._newest_ms: dict[int, int] = {}
        self._newest_number: dict[tuple[int, int], int] = {}

    def passes(self, msgid: int, message: Message, order: tuple[int, int], *, may_speak: bool) -> bool:
        """Whether a message is news.

        `order`: which path it came by, and its number there (`Order`). `may_speak`: that path is the primary one, or
        the primary is silent.
        """
        read = _READERS.get(msgid)
        if read is not None:
            return self._is_newest(msgid, read(message))
        if msgid not in _UNTIMED:
            return True
        path, number = order
        if not may_speak or number <= self._newest_number.get((path, msgid), -1):
            return False
        self._newest_number[path, msgid] = number
        return True

    def forget(self) -> None:
        """The vehicle was away for long: whatever it says next is news."""
        self._newest_ms.clear()
        self._newest_number.clear()

    def _is_newest(self, msgid: int, at_ms: int) -> bool:
        newest = self._newest_ms.get(msgid)
        if newest is not None and newest - REBOOTED_MS < at_ms <= newest and at_ms:
            return False
        self._newest_ms[msgid] = at_ms
        return True


class Order:
    """Numbers the frames of one component on one path without end, from their sequence numbers of eight bits."""

    __slots__ = ("_last_ns", "_number", "_seq")

    def __init__(self) -> None:
        self._seq = 0
        self._number = 0
        self._last_ns: int | None = None

    def number(self, seq: int, mono_ns: int) -> int:
        """Greater for later frames; after a silence the next frame is later whatever its number."""
        step = (seq - self._seq) & 0xFF
        is_behind = step >= _HALF_RING and self._last_ns is not None and mono_ns - self._last_ns < _SILENCE_NS
        if is_behind:
            return self._number + step - 256
        self._seq, self._last_ns = seq, mono_ns
        self._number += step
        return self._number
