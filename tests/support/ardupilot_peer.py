"""A peer that speaks ArduPilot's JSON interface over a real UDP socket, and mixes outputs by ArduPilot's own tables.

The line is taken apart as `SIM_JSON.cpp` does it (texts looked for in order, numbers right behind), so that what it
would misread fails here, too. Mixer factors are those of `AP_MotorsMatrix::add_motor` and `AP_Motors6DOF`, not ours.
"""

import math
import re
import socket
import struct
from collections.abc import Callable, Sequence

from sim.adapters.ardupilot.server import JsonServer
from tests.support.brains import State

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_VECTOR = re.compile(rf"\[{_NUMBER},{_NUMBER},{_NUMBER}\]")
_QUATERNION = re.compile(rf"\[{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}\]")
_SCALAR = re.compile(_NUMBER)
_KEYS = (
    ("", "timestamp", _SCALAR), ("imu", "gyro", _VECTOR), ("imu", "accel_body", _VECTOR), ("", "position", _VECTOR),
    ("", "quaternion", _QUATERNION), ("", "velocity", _VECTOR), ("", "rng_1", _SCALAR),
    ("windvane", "direction", _SCALAR),
    ("windvane", "speed", _SCALAR), ("", "airspeed", _SCALAR),
)
REQUIRED = {"timestamp", "gyro", "accel_body", "position", "velocity", "quaternion"}
# angle from the nose clockwise, yaw factor: AP_MotorsMatrix.cpp, type X
QUAD_X = ((45, 1), (-135, 1), (-45, -1), (135, -1))
HEXA_X = ((90, -1), (-90, 1), (-30, -1), (150, 1), (30, 1), (-150, -1))
OCTO_X = ((22.5, -1), (-157.5, -1), (67.5, 1), (157.5, 1), (-22.5, 1), (-112.5, 1), (-67.5, -1), (112.5, -1))
# roll, pitch, yaw, throttle, forward, lateral: AP_Motors6DOF.cpp
VECTORED = (
    (0, 0, 1, 0, -1, 1), (0, 0, -1, 0, -1, -1), (0, 0, -1, 0, 1, 1), (0, 0, 1, 0, 1, -1), (1, 0, 0, -1, 0, 0),
    (-1, 0, 0, -1, 0, 0),
)
VECTORED_6DOF = (
    *VECTORED[:4], (1, -1, 0, -1, 0, 0), (-1, -1, 0, -1, 0, 0), (1, 1, 0, -1, 0, 0), (-1, 1, 0, -1, 0, 0),
)


def parse(line: str) -> dict[str, tuple[float, ...]]:
    """What ArduPilot would read of a line."""
    found: dict[str, tuple[float, ...]] = {}
    for section, key, shape in _KEYS:
        at = line.find(section)
        if at < 0:
            continue
        at = line.find(key, at + len(section) + 1)
        if at < 0:
            continue
        match = shape.match(line, at + len(key) + 2)
        assert match is not None, f"{key} cannot be read in {line}"
        found[key] = tuple(float(number) for number in match.groups())
    return found


def servo_packet(count: int, pwm_us: Sequence[int], *, rate_hz: int = 400, channels: int = 16) -> bytes:
    """struct servo_packet_16 or servo_packet_32 of SIM_JSON.h."""
    padded = [*pwm_us, *[0] * (channels - len(pwm_us))]
    return struct.pack(f"<HHI{channels}H", 18458 if channels == 16 else 29569, rate_hz, count, *padded)


def copter_mix(motors: Sequence[tuple[float, float]], inputs: tuple[float, float, float, float]) -> list[int]:
    """PWM of the motors: AP_MotorsMatrix, roll factor cos(angle + 90), pitch factor cos(angle)."""
    throttle, roll, pitch, yaw = inputs
    shares = [
        throttle + roll * math.cos(math.radians(angle + 90)) + pitch * math.cos(math.radians(angle)) + yaw * factor
        for angle, factor in motors
    ]
    return [1000 + round(1000 * min(max(share, 0.0), 1.0)) for share in shares]


def sub_mix(thrusters: Sequence[tuple[float, ...]], inputs: Sequence[float]) -> list[int]:
    shares = [sum(f * i for f, i in zip(factors, inputs, strict=True)) for factors in thrusters]
    return [1500 + round(400 * min(max(share, -1.0), 1.0)) for share in shares]


class Peer:
    """One autopilot: sends a packet, has the server polled, reads the answer. Everything in one thread, in lockstep."""

    def __init__(self, server: JsonServer, row: int = 0, *, rate_hz: int = 400) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5.0)
        self.server, self.rate_hz, self.count = server, rate_hz, 0
        self._target = ("127.0.0.1", server.ports[row])

    def close(self) -> None:
        self.socket.close()

    def send(self, pwm_us: Sequence[int], count: int | None = None, channels: int = 16) -> None:
        number = self.count if count is None else count
        self.socket.sendto(servo_packet(number, pwm_us, rate_hz=self.rate_hz, channels=channels), self._target)

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendto(data, self._target)

    def hear(self) -> dict[str, tuple[float, ...]]:
        """The next answer as ArduPilot reads it, which counts a frame then."""
        data = self.socket.recv(1024).decode("ascii")
        assert data[0] == data[-1] == "\n"
        assert data.count("\n") == 2
        found = parse(data[1:-1])
        assert found.keys() >= REQUIRED
        self.count += 1
        return found

    def is_silent(self) -> bool:
        """Nothing has come; what is sent on loopback is there when the sender goes on."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(1024)
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(5.0)
        return False

    def frame(self, pwm_us: Sequence[int]) -> dict[str, tuple[float, ...]]:
        self.send(pwm_us)
        assert self.server.poll(5.0) >= 1
        return self.hear()

    def fly(self, seconds: float, mind: Callable[[State], Sequence[int]], first: Sequence[int]) -> State:
        """A brain in lockstep for so long."""
        state = state_of(self.frame(first))
        for _ in range(round(seconds * self.rate_hz)):
            state = state_of(self.frame(mind(state)))
        return state


def state_of(found: dict[str, tuple[float, ...]]) -> State:
    n, e, d = found["position"]
    vn, ve, vd = found["velocity"]
    w, x, y, z = found["quaternion"]
    p, q, r = found["gyro"]
    return State(
        time_s=found["timestamp"][0], position=(n, e, d), velocity=(vn, ve, vd), quaternion=(w, x, y, z),
        rates=(p, q, r),
    )
