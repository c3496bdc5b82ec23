"""Parameters kept from an earlier connection, and what of them may be trusted after a reconnect. No I/O: bytes in, out.

PX4 proves a whole list by one number, `_HASH_CHECK`. ArduPilot has none: its list counts as unchanged when it is as
long as before and a sample of it, another one each time, has its old values. What was changed outside that sample
meanwhile is not noticed before the next full read.
"""

import hashlib
import json
import math
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fleet.drivers.mavlink.parameter import Parameter, as_float32

FORMAT = 1
SAMPLE = 24
HASH_NAME = "_HASH_CHECK"
_BY_THEMSELVES = re.compile(
    r"STAT_.*|BARO\d?_GND_PRESS|GND_ABS_PRESS|COMPASS_OFS\d?_[XYZ]|COMPASS_DEC|MOT_THST_HOVER|INS_GYR\d?OFFS_[XYZ]"
    r"|INS_GYR\d?_CALTEMP|(MIS|FENCE|RALLY)_TOTAL|BRD_SERIAL_NUM|LND_FLIGHT_T_(HI|LO)|COM_FLIGHT_UUID"
)
"""Parameters that an autopilot changes by itself: counters, what it learns, what it measures at each start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """Whose list it is: the board where it has a serial number, else the vehicle's name; and its firmware."""

    board: str
    firmware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedList:
    """One full read. `vehicle_hash` is PX4's own number; `digest` is ours."""

    parameters: tuple[Parameter, ...]
    vehicle_hash: int | None = None

    @property
    def digest(self) -> str:
        return digest_of(self.parameters)

    def sample(self, turn: int) -> tuple[str, ...]:
        """Names to compare after a reconnect: spread over the list, others at each turn."""
        steady = [each.name for each in self.parameters if not changes_by_itself(each.name)]
        step = max(1, math.ceil(len(steady) / SAMPLE))
        return tuple(steady[turn % step :: step])

    def restless(self) -> tuple[str, ...]:
        """Names whose kept value says nothing."""
        return tuple(each.name for each in self.parameters if changes_by_itself(each.name))

    def with_newer(self, newer: Mapping[str, Parameter]) -> "CachedList":
        fresh = tuple(newer.get(each.name, each) for each in self.parameters)
        return CachedList(parameters=fresh, vehicle_hash=self.vehicle_hash)


def changes_by_itself(name: str) -> bool:
    return _BY_THEMSELVES.fullmatch(name) is not None


def digest_of(parameters: Iterable[Parameter]) -> str:
    """Of names and values as 32-bit floats, whatever their order; without what changes by itself."""
    kept = sorted((each.name, _bits(each.value)) for each in parameters if not changes_by_itself(each.name))
    return hashlib.sha256(b"".join(name.encode() + b"=" + bits for name, bits in kept)).hexdigest()


def _bits(value: float) -> bytes:
    return struct.pack("<f", as_float32(value) if math.isfinite(value) else value)


class ParameterCache:
    """Lists by key. The composition keeps `to_bytes` wherever it likes and gives it back to `from_bytes`."""

    def __init__(self) -> None:
        self._lists: dict[CacheKey, CachedList] = {}

    def get(self, key: CacheKey) -> CachedList | None:
        return self._lists.get(key)

    def lists(self) -> list[tuple[CacheKey, CachedList]]:
        return list(self._lists.items())

    def put(self, key: CacheKey, read: CachedList) -> None:
        """One list a board: that of an older firmware is dropped."""
        for old in [each for each in self._lists if each.board == key.board]:
            del self._lists[old]
        self._lists[key] = read

    def to_bytes(self) -> bytes:
        rows = [_row(key, read) for key, read in self._lists.items()]
        return json.dumps({"format": FORMAT, "lists": rows}, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "ParameterCache":
        """What cannot be read, or was altered, is left out: the vehicle is then asked anew."""
        cache = cls()
        try:
            kept = json.loads(data)
            rows = kept["lists"] if kept["format"] == FORMAT else []
            for row in rows:
                key, read = _from_row(row)
                if read.digest == row["digest"]:
                    cache.put(key, read)
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
            return cls()
        return cache


def _row(key: CacheKey, read: CachedList) -> dict[str, Any]:
    values = [[each.name, each.value, int(each.kind), each.default] for each in read.parameters]
    return {
        "board": key.board, "firmware": key.firmware, "hash": read.vehicle_hash, "digest": read.digest,
        "parameters": values,
    }


def _from_row(row: Mapping[str, Any]) -> tuple[CacheKey, CachedList]:
    parameters = tuple(
        Parameter(
            name=str(name), value=float(value), kind=int(kind), default=None if default is None else float(default)
        )
        for name, value, kind, default in row["parameters"]
    )
    number = row["hash"]
    read = CachedList(parameters=parameters, vehicle_hash=None if number is None else int(number))
    return CacheKey(board=str(row["board"]), firmware=str(row["firmware"])), read
