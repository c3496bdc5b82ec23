"""A peer that speaks PX4's simulator_mavlink over a real TCP socket, by pymavlink's own encoder and decoder."""

import math
import socket
from collections.abc import Callable, Sequence
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as reference

from sim.adapters.px4.server import HilServer
from tests.support.brains import State

ARMED = 128
LOCKSTEP = 1


class Px4:
    """Connects, says what PX4 says first, then answers every HIL_SENSOR with controls: lockstep in one thread."""

    def __init__(self, server: HilServer, row: int = 0) -> None:
        self.server = server
        self.socket = socket.create_connection(("127.0.0.1", server.ports[row]), timeout=5.0)
        self.mav = reference.MAVLink(None, 1, 1)
        self.mav.robust_parsing = True
        self.latest: dict[str, Any] = {}
        self.heard: list[Any] = []

    def close(self) -> None:
        self.socket.close()

    def greet(self) -> None:
        """As PX4's sending thread and its request_hil_state_quaternion."""
        self.send(reference.MAVLink_heartbeat_message(0, 12, 0, 0, 0, 3))
        self.send(reference.MAVLink_command_long_message(0, 0, 511, 0, 115, 5e3, 0, 0, 0, 0, 0))

    def send(self, *messages: Any) -> None:
        self.socket.sendall(b"".join(message.pack(self.mav) for message in messages))

    def controls(
        self, values: Sequence[float], *, at_us: int | None = None, flags: int = LOCKSTEP, mode: int = ARMED,
    ) -> Any:
        time_us = self.latest["HIL_SENSOR"].time_usec if at_us is None else at_us
        padded = [*values, *[0.0] * (16 - len(values))]
        return reference.MAVLink_hil_actuator_controls_message(time_us, padded, mode | 1, flags)

    def step(self) -> None:
        """Polls the server until a HIL_SENSOR newer than the latest one is here."""
        last = self.latest.get("HIL_SENSOR")
        while self.latest.get("HIL_SENSOR") is last:
            self.server.poll(5.0)
            self.read()

    def read(self) -> None:
        """What has come so far."""
        self.socket.setblocking(False)
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        finally:
            self.socket.settimeout(5.0)
        for message in self.mav.parse_buffer(data) or []:
            self.latest[message.get_type()] = message
            self.heard.append(message)

    def fly(self, seconds: float, mind: Callable[[State], Sequence[float]]) -> State:
        """From the first step on; the truth is what the brain steers by."""
        self.heard.clear()
        for _ in range(round(seconds * 250)):
            self.step()
            truth = self.latest.get("HIL_STATE_QUATERNION")
            self.send(self.controls(mind(state_of(truth)) if truth else [0.0] * 8))
        return state_of(self.latest["HIL_STATE_QUATERNION"])


def state_of(truth: Any) -> State:
    """In metres from 35.49 N 112.85 E, 900 m above the sea."""
    north = (truth.lat * 1e-7 - 35.49) * 110_954.0
    east = (truth.lon * 1e-7 - 112.85) * 111_320.0 * math.cos(math.radians(35.49)) * 1.0011
    return State(
        time_s=truth.time_usec * 1e-6, position=(north, east, 900.0 - truth.alt / 1000),
        velocity=(truth.vx / 100, truth.vy / 100, truth.vz / 100), quaternion=tuple(truth.attitude_quaternion),
        rates=(truth.rollspeed, truth.pitchspeed, truth.yawspeed),
    )


def copter_mix(rotors: Sequence[tuple[float, float, float]], inputs: tuple[float, float, float, float]) -> list[float]:
    """Rotors as PX4's parameters give them (CA_ROTORn_PX, _PY, _KM): roll -y, pitch x, yaw km, by their signs."""
    throttle, roll, pitch, yaw = inputs
    most = max(math.hypot(x, y) for x, y, _ in rotors)
    return [
        min(max(throttle - roll * y / most + pitch * x / most + yaw * math.copysign(1.0, km), 0.0), 1.0)
        for x, y, km in rotors
    ]
