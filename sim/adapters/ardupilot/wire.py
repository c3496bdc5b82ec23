"""ArduPilot's JSON physics interface on the wire: binary servo packets in, one line of JSON out. No I/O.

Source: ArduPilot `libraries/SITL/SIM_JSON.h` (servo_packet_16, servo_packet_32, keytable), `SIM_JSON.cpp`
(parse_sensors, recv_fdm) and `libraries/SITL/examples/JSON/readme.md`, as stored of its master.
ArduPilot looks for keys as texts, in this order, and takes what follows `":`; so keys stand without spaces.
"""

import math
from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from sim.adapters.bodies.columns import ACCEL, ATT, GYRO, POS, SPEED, VEL, Bodies, Floats, Rows
from sim.adapters.bodies.frames import CHANNELS

Bytes = npt.NDArray[np.uint8]

MAGIC_16: Final = 18458
MAGIC_32: Final = 29569
LENGTHS: Final = {MAGIC_16: 40, MAGIC_32: 72}
LONGEST: Final = 72
LINE_LONGEST: Final = 512
AIRSPEED: Final = 1
RANGE: Final = 2
VANE: Final = 4
"""Which of the optional fields go into a line."""

RANGE_MOST_M: Final = 40.0

_TEXTS: Final = (
    b'\n{"timestamp":', b',"imu":{"gyro":[', b'],"accel_body":[', b']},"position":[', b'],"quaternion":[',
    b'],"velocity":[', b"]", b',"airspeed":', b',"rng_1":', b',"windvane":{"direction":', b',"speed":', b"}", b"}\n",
)
_TEXT: Final = np.frombuffer(b"".join(_TEXTS), np.uint8)
_ENDS: Final = np.cumsum([len(text) for text in _TEXTS])
@dataclass(frozen=True, slots=True, kw_only=True)
class ServoPackets:
    """Columns of k packets; where `is_good` is False the other columns mean nothing."""

    is_good: npt.NDArray[np.bool_]
    rate_hz: Rows
    count: Rows
    pwm_us: Floats
    """(k, CHANNELS) microseconds, 0 where an output is not driven; outputs beyond are left out."""


def read_packets(data: Bytes, lengths: Rows) -> ServoPackets:
    """(k, LONGEST) bytes and how many of them came. Little endian: magic, rate (Hz), count, microseconds."""
    words = data.view("<u2").astype(np.int64)
    magic, rate = words[:, 0], words[:, 1]
    is_16 = (magic == MAGIC_16) & (lengths == LENGTHS[MAGIC_16])
    is_32 = (magic == MAGIC_32) & (lengths == LENGTHS[MAGIC_32])
    return ServoPackets(
        is_good=(is_16 | is_32) & (rate > 0), rate_hz=rate, count=words[:, 2] | words[:, 3] << 16,
        pwm_us=words[:, 4 : 4 + CHANNELS].astype(float),
    )


@numba.njit(cache=True, error_model="numpy")
def _number(out: Bytes, at: int, value: float, decimals: int) -> int:
    """Fixed notation; returns where the next byte goes. Values stay below 9e9 and are numbers."""
    power = 10**decimals
    scaled = math.floor(min(abs(value), 9e9) * power + 0.5)
    if value < 0.0 and scaled > 0:
        out[at] = 45
        at += 1
    whole = scaled // power
    width = 1
    top = 10
    while whole >= top:
        top *= 10
        width += 1
    for k in range(width - 1, -1, -1):
        out[at + k] = 48 + whole % 10
        whole //= 10
    at += width
    out[at] = 46
    rest = scaled % power
    for k in range(decimals, 0, -1):
        out[at + k] = 48 + rest % 10
        rest //= 10
    return at + decimals + 1


@numba.njit(cache=True, error_model="numpy")
def _put(out: Bytes, at: int, piece: int, text: Bytes, ends: Rows) -> int:
    start = ends[piece - 1] if piece > 0 else 0
    for k in range(start, ends[piece]):
        out[at] = text[k]
        at += 1
    return at


@numba.njit(cache=True, error_model="numpy")
def _list(out: Bytes, at: int, values: Floats, decimals: int) -> int:
    for k in range(values.shape[0]):
        if k > 0:
            out[at] = 44
            at += 1
        at = _number(out, at, values[k], decimals)
    return at


@numba.njit(cache=True, error_model="numpy")
def _range_m(s: Floats) -> float:
    """Along the body's down axis to flat ground at home's height; at most RANGE_MOST_M."""
    cosine = 1.0 - 2.0 * (s[ATT + 1] ** 2 + s[ATT + 2] ** 2)
    sight: float = max(-s[POS + 2], 0.0) / max(cosine, 0.1)
    return min(sight, RANGE_MOST_M)


@numba.njit(cache=True, error_model="numpy")
def _vane(s: Floats, air: Floats) -> tuple[float, float]:
    """Where the apparent wind comes from, radians clockwise from the bow in [0, 2 pi), and its speed."""
    w, x, y, z = s[ATT], s[ATT + 1], s[ATT + 2], s[ATT + 3]
    yaw = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    north, east = s[VEL] - air[0], s[VEL + 1] - air[1]
    return (math.atan2(east, north) - yaw) % (2.0 * math.pi), math.sqrt(north * north + east * east)


@numba.njit(cache=True, error_model="numpy")
def _write(
    state: Floats, time_ns: Rows, rows: Rows, extras: int, air: Floats, out: Bytes, lengths: Rows, text: Bytes,
    ends: Rows,
) -> None:
    for i in rows:
        line, s = out[i], state[i]
        at = _number(line, _put(line, 0, 0, text, ends), time_ns[i] * 1e-9, 6)
        at = _list(line, _put(line, at, 1, text, ends), s[GYRO : GYRO + 3], 7)
        at = _list(line, _put(line, at, 2, text, ends), s[ACCEL : ACCEL + 3], 5)
        at = _list(line, _put(line, at, 3, text, ends), s[POS : POS + 3], 5)
        at = _list(line, _put(line, at, 4, text, ends), s[ATT : ATT + 4], 8)
        at = _put(line, _list(line, _put(line, at, 5, text, ends), s[VEL : VEL + 3], 5), 6, text, ends)
        if extras & 1:
            at = _number(line, _put(line, at, 7, text, ends), max(s[SPEED], 0.0), 3)
        if extras & 2:
            at = _number(line, _put(line, at, 8, text, ends), _range_m(s), 3)
        if extras & 4:
            direction, speed = _vane(s, air)
            at = _number(line, _put(line, at, 9, text, ends), direction, 5)
            at = _put(line, _number(line, _put(line, at, 10, text, ends), speed, 3), 11, text, ends)
        lengths[i] = _put(line, at, 12, text, ends)


def write_lines(bodies: Bodies, rows: Rows, extras: int, air: Floats, out: Bytes, lengths: Rows) -> None:
    """The lines of these rows into (n, LINE_LONGEST) bytes; `lengths` (n,) says how many. `air` is its NED velocity."""
    _write(bodies.state, bodies.time_ns, rows, extras, air, out, lengths, _TEXT, _ENDS)
