"""Brains for `bench json_backend`: a process of its own that holds copters in the air through real UDP packets.

As a program: `json_backend_peer FRAMES PORT...`. Each copter has its own socket, sends a servo packet, waits for the
line of JSON, and steers by every eighth one (50 Hz), so that the peer does not become the measure. Ends with one line.
"""

import json
import math
import select
import socket
import struct
import sys
import time
from typing import Any, Final

RATE_HZ: Final = 400
STEERS_EVERY: Final = 8
HEIGHT_M: Final = 10.0
RESEND_S: Final = 1.0
_PACKET: Final = struct.Struct("<HHI16H")
# roll, pitch and yaw shares of ArduPilot's quad X, motors 1 to 4
_SHARES: Final = ((-1.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, -1.0), (-1.0, -1.0, -1.0))


class Copter:
    """One brain: packet out, line in."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.count = 0
        self.pwm = [1500, 1500, 1500, 1500]
        self.down_m = 0.0
        self.tilt_rad = 0.0

    def send(self) -> None:
        self.socket.send(_PACKET.pack(18458, RATE_HZ, self.count, *self.pwm, *[0] * 12))

    def steer(self, line: bytes) -> None:
        """A plain controller: height, then level attitude against a slow drift home, heading held by its rate."""
        state: dict[str, Any] = json.loads(line)
        w, x, y, z = state["quaternion"]
        p, q, r = state["imu"]["gyro"]
        vn, ve, vd = state["velocity"]
        pn, pe, self.down_m = state["position"]
        yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
        ahead, right = pn * math.cos(yaw) + pe * math.sin(yaw), pe * math.cos(yaw) - pn * math.sin(yaw)
        ahead_m_s, right_m_s = vn * math.cos(yaw) + ve * math.sin(yaw), ve * math.cos(yaw) - vn * math.sin(yaw)
        roll, pitch = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)), math.asin(2 * (w * y - x * z))
        self.tilt_rad = math.hypot(roll, pitch)
        roll_asked = min(max(-0.05 * right - 0.12 * right_m_s, -0.3), 0.3)
        pitch_asked = min(max(0.05 * ahead + 0.12 * ahead_m_s, -0.3), 0.3)
        lift = 0.58 + min(max(0.06 * (self.down_m + HEIGHT_M) + 0.12 * vd, -0.15), 0.2)
        a, b, c = 0.35 * (roll_asked - roll) - 0.07 * p, 0.35 * (pitch_asked - pitch) - 0.07 * q, -0.2 * r
        self.pwm = [
            1000 + round(1000 * min(max(lift + i * a + j * b + k * c, 0.0), 1.0)) for i, j, k in _SHARES
        ]


def main(frames: int, ports: list[int]) -> None:
    epoll = select.epoll()
    by_handle: dict[int, Copter] = {}
    for port in ports:
        copter = Copter(port)
        by_handle[copter.socket.fileno()] = copter
        epoll.register(copter.socket.fileno(), select.EPOLLIN)
        copter.send()
    flying, resent, started = len(by_handle), 0, time.process_time()
    while flying:
        ready = epoll.poll(RESEND_S)
        for handle, _ in ready:
            copter = by_handle[handle]
            line = copter.socket.recv(1024)
            copter.count += 1
            if copter.count % STEERS_EVERY == 0:
                copter.steer(line)
            if copter.count < frames:
                copter.send()
            else:
                flying -= 1
        if not ready:
            resent += flying
            for copter in by_handle.values():
                if copter.count < frames:
                    copter.send()
    print(json.dumps({
        "cpu_s": time.process_time() - started, "resent": resent,
        "height_error_m": max(abs(copter.down_m + HEIGHT_M) for copter in by_handle.values()),
        "tilt_rad": max(copter.tilt_rad for copter in by_handle.values()),
    }))


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(port) for port in sys.argv[2:]])
