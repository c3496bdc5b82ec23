"""What an autopilot writes down while it is armed, in ArduPilot's dataflash format (.BIN): bounded, once a second."""

import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sim.autopilot.arming import has_fix
from sim.autopilot.failsafes import used_mah, volts
from sim.engine.columns import TICKS_PER_S

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship

LONGEST_LOG: Final = 128 << 10
"""Bytes; some 25 minutes. Later ones are not written, as on a full card."""
MOST_BYTES: Final = 256 << 10
"""Of all logs of a vehicle: the oldest goes."""
BATTERY_EVERY: Final = 5
_HEAD: Final = b"\xa3\x95"
_FMT: Final = 128
_GPS_EPOCH_S: Final = 315_964_800
_LEAP_S: Final = 18
_WEEK_S: Final = 604_800


@dataclass(frozen=True, slots=True)
class _Kind:
    """One message: its number, its fields in ArduPilot's letters and their labels."""

    number: int
    name: str
    letters: str
    labels: str
    form: struct.Struct

    def pack(self, *values: float | bytes) -> bytes:
        return _HEAD + bytes([self.number]) + self.form.pack(*values)

    def described(self) -> bytes:
        length = self.form.size + 3
        body = struct.pack(
            "<BB4s16s64s", self.number, length, self.name.encode(), self.letters.encode(), self.labels.encode()
        )
        return _HEAD + bytes([_FMT]) + body


# letters: Q uint64, B uint8, I uint32, H uint16, f float, c int16 * 100, C uint16 * 100, L int32 degrees * 1e7,
# e int32 * 100, M flight mode, N 16 characters, Z 64 characters (DFReader.py, LogStructure.h)
FORMAT: Final = _Kind(_FMT, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns", struct.Struct("<BB4s16s64s"))
GPS: Final = _Kind(
    130, "GPS", "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U",
    struct.Struct("<QBBIHBhiiiffffB"),
)
ATTITUDE: Final = _Kind(131, "ATT", "QccC", "TimeUS,Roll,Pitch,Yaw", struct.Struct("<QhhH"))
MODE: Final = _Kind(132, "MODE", "QMBB", "TimeUS,Mode,ModeNum,Rsn", struct.Struct("<QBBB"))
TEXT: Final = _Kind(133, "MSG", "QZ", "TimeUS,Message", struct.Struct("<Q64s"))
PARAMETER: Final = _Kind(134, "PARM", "QNff", "TimeUS,Name,Value,Default", struct.Struct("<Q16sff"))
BATTERY: Final = _Kind(135, "BAT", "QBfff", "TimeUS,Inst,Volt,Curr,CurrTot", struct.Struct("<QBfff"))
_KINDS: Final = (FORMAT, GPS, ATTITUDE, MODE, TEXT, PARAMETER, BATTERY)


@dataclass(slots=True)
class Log:
    """One log. `utc_s` is 0 when the vehicle did not know the time."""

    number: int
    utc_s: int
    data: bytearray = field(default_factory=bytearray)

    @property
    def name(self) -> str:
        return f"{self.number:08d}.BIN"


class Logbook:
    """Begins a log at each arming. Call `tick` ten times a second, `text` for each status text."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self._open: Log | None = None
        self._next_tick = 0
        self._count = 0
        self._mode = -1

    def tick(self, ship: "Ship") -> None:
        if not ship.is_armed:
            self._open = None
            return
        log = self._open or self._begin(ship)
        if ship.mode != self._mode:
            self._mode = ship.mode
            self._write(log, MODE.pack(_time_us(ship), ship.mode, ship.mode, 0))
        if ship.tick_now >= self._next_tick:
            self._next_tick = ship.tick_now + TICKS_PER_S
            self._write_second(log, ship)

    def text(self, ship: "Ship", text: str) -> None:
        if self._open is not None:
            self._write(self._open, TEXT.pack(_time_us(ship), text.encode()[:64]))

    def parameter(self, ship: "Ship", name: str) -> None:
        """One was set."""
        if self._open is not None:
            self._write(self._open, _parameter(ship, name))

    def _begin(self, ship: "Ship") -> Log:
        number = self.logs[-1].number + 1 if self.logs else 1
        log = Log(number, ship.utc_ns // 1_000_000_000 if has_fix(ship) else 0)
        for kind in _KINDS:
            log.data += kind.described()
        log.data += TEXT.pack(_time_us(ship), ship.rules.firmware.encode()[:64])
        for name in ship.parameters.changed():
            log.data += _parameter(ship, name)
        while self.logs and sum(len(old.data) for old in self.logs) > MOST_BYTES - LONGEST_LOG:
            del self.logs[0]
        self.logs.append(log)
        self._open, self._next_tick, self._count, self._mode = log, ship.tick_now, 0, -1
        return log

    def _write_second(self, log: Log, ship: "Ship") -> None:
        e = ship.estimate
        self._write(log, _gps(ship))
        roll, pitch = math.degrees(e.roll_rad), math.degrees(e.pitch_rad)
        yaw = math.degrees(e.yaw_rad) % 360
        self._write(log, ATTITUDE.pack(_time_us(ship), round(roll * 100), round(pitch * 100), round(yaw * 100)))
        if self._count % BATTERY_EVERY == 0:
            amps = e.power_w / max(volts(ship), 1.0)
            self._write(log, BATTERY.pack(_time_us(ship), 0, volts(ship), amps, used_mah(ship)))
        self._count += 1

    def _write(self, log: Log, message: bytes) -> None:
        if len(log.data) + len(message) <= LONGEST_LOG:
            log.data += message


def _parameter(ship: "Ship", name: str) -> bytes:
    value, default = ship.parameters[name], ship.parameters.table.defaults[name]
    return PARAMETER.pack(_time_us(ship), name.encode(), value, default)


def _gps(ship: "Ship") -> bytes:
    e, fixed = ship.estimate, has_fix(ship)
    passed_s = ship.utc_ns / 1e9 - _GPS_EPOCH_S + _LEAP_S
    week, week_s = divmod(passed_s, _WEEK_S)
    height_m = ship.place.frame.origin.height_m + e.up_m
    course = math.degrees(math.atan2(e.east_m_s, e.north_m_s)) % 360
    return GPS.pack(
        _time_us(ship), 0, 3 if fixed else 1, int(week_s * 1000) if fixed else 0, int(week) if fixed else 0,
        14 if fixed else 3, 90, round(e.lat_deg * 1e7), round(e.lon_deg * 1e7), round(height_m * 100),
        math.hypot(e.east_m_s, e.north_m_s), course, -e.up_m_s, 0.0, 1,
    )


def _time_us(ship: "Ship") -> int:
    return ship.boot_ms * 1000
