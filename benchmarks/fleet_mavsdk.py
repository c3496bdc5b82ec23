"""`bench fleet`, MAVSDK's side: one instance, all vehicles on one port, the same streams, a speed for everybody.

Its hold is a mode of PX4, so the command is DO_CHANGE_SPEED, which it acknowledges without showing an effect.
"""

import json
import sys
import threading
import time
from typing import Any

from mavsdk import ComponentType, Configuration, Mavsdk
from mavsdk.plugins.action import Action
from mavsdk.plugins.telemetry import Telemetry

from benchmarks.machine import percentile

LOOK_HZ = 5.0
ACK_WITHIN_S = 20.0
CONNECT_WITHIN_S = 60.0
SPEED_M_S = 6.0


class Side:
    """What a script on MAVSDK keeps of each vehicle, fed by its callbacks in MAVSDK's own threads."""

    def __init__(self, port: int) -> None:
        self.sdk = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
        self.sdk.add_any_connection(f"udpin://127.0.0.1:{port}")
        self.telemetry: dict[int, Any] = {}
        self.actions: dict[int, Any] = {}
        self.heard: dict[int, float] = {}
        self.messages = 0

    def meet(self) -> None:
        """Subscribe to whoever is new."""
        for system in self.sdk.get_systems():
            number = system.get_system_id()
            if number in self.telemetry or not system.has_autopilot():
                continue
            self.telemetry[number] = telemetry = Telemetry(system)
            self.actions[number] = Action(system)
            for subscribe in (telemetry.subscribe_position, telemetry.subscribe_attitude_euler):
                subscribe(lambda *_, number=number: self._hear(number))
            self._ask(telemetry)

    def _hear(self, number: int) -> None:
        self.heard[number] = time.monotonic()
        self.messages += 1

    @staticmethod
    def _ask(telemetry: Any) -> None:
        for set_rate, rate_hz in (
            ("position", 4.0), ("attitude_euler", 4.0), ("battery", 0.5), ("gps_info", 0.5), ("health", 0.5),
            ("landed_state", 0.5), ("home", 0.2),
        ):
            request = getattr(telemetry, f"set_rate_{set_rate}_async")
            request(rate_hz, lambda *_: None)

    def connected(self) -> int:
        return sum([bool(each.health().is_global_position_ok) and each.position() is not None
                    for number, each in self.telemetry.items() if number in self.heard])


def main(vehicles: int, steady_s: int, port: int) -> dict[str, Any]:
    started = time.monotonic()
    side = Side(port)
    pause = threading.Event()
    while side.connected() < vehicles and time.monotonic() - started < CONNECT_WITHIN_S:
        side.meet()
        pause.wait(0.1)
    connect_all_s, connected = time.monotonic() - started, side.connected()
    side.messages, ages_ms = 0, list[float]()
    wall, cpu = time.monotonic(), time.process_time()
    for _ in range(round(steady_s * LOOK_HZ)):
        pause.wait(1.0 / LOOK_HZ)
        ages_ms += [1000.0 * (time.monotonic() - at) for at in side.heard.values()]
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    acked: dict[int, float] = {}
    begun = time.monotonic()
    for number, action in side.actions.items():
        action.set_current_speed_async(
            SPEED_M_S, lambda result, *_, number=number: acked.setdefault(number, time.monotonic())
        )
    while len(acked) < vehicles and time.monotonic() - begun < ACK_WITHIN_S:
        pause.wait(0.005)
    latencies_ms = [1000.0 * (at - begun) for at in acked.values()]
    return {
        "connected": connected, "connect_all_s": round(connect_all_s, 2), "cores": round(cpu / wall, 3),
        "updates_s": round(side.messages / wall), "state_age_p99_ms": round(percentile(ages_ms, 99), 1),
        "acks": len(acked), "ack_p50_ms": round(percentile(latencies_ms, 50), 1),
        "ack_p99_ms": round(percentile(latencies_ms, 99), 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))), flush=True)
