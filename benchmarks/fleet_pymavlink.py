"""`bench fleet`, pymavlink's side: its own UDP reader, all vehicles on one port, the same streams, the same command."""

import json
import os
import sys
import time
from typing import Any

os.environ["MAVLINK20"] = "1"
os.environ["MAVLINK_DIALECT"] = "ardupilotmega"

from pymavlink import mavutil

from benchmarks.machine import RATES_HZ, percentile

BRAKE = 17
LOOK_HZ = 5.0
ACK_WITHIN_S = 10.0
_NEEDED = ("GLOBAL_POSITION_INT", "ATTITUDE", "SYS_STATUS", "EXTENDED_SYS_STATE", "HOME_POSITION")


class Reader:
    """A dictionary per vehicle of its newest messages, as scripts on pymavlink keep it."""

    def __init__(self, port: int) -> None:
        self.link: Any = mavutil.mavlink_connection(f"udpin:127.0.0.1:{port}", source_system=255)
        self.seen: dict[int, dict[str, Any]] = {}
        self.heard: dict[int, float] = {}
        self.acked: dict[int, float] = {}
        self.messages = 0

    def read(self, seconds: float) -> None:
        """Everything that comes in this time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            message = self.link.recv_match(blocking=True, timeout=max(0.001, until - time.monotonic()))
            if message is None:
                continue
            self.messages += 1
            sysid, name = message.get_srcSystem(), message.get_type()
            self.heard[sysid] = time.monotonic()
            if message.get_srcComponent() == 1:
                self.seen.setdefault(sysid, {})[name] = message
                if name == "HEARTBEAT" and message.custom_mode == BRAKE:
                    self.acked.setdefault(sysid, time.monotonic())
                if name == "COMMAND_ACK" and message.command == mavutil.mavlink.MAV_CMD_DO_SET_MODE:
                    self.command(sysid, mavutil.mavlink.MAV_CMD_REQUEST_MESSAGE, 0)

    def command(self, sysid: int, command: int, *params: float) -> None:
        self.link.mav.command_long_send(sysid, 1, command, 0, *params, *(0.0,) * (7 - len(params)))

    def beat(self) -> None:
        self.link.mav.heartbeat_send(6, 8, 0, 0, 4)

    def ask(self, sysid: int) -> None:
        for name, rate_hz in RATES_HZ.items():
            number = getattr(mavutil.mavlink, f"MAVLINK_MSG_ID_{name}")
            if rate_hz < 1.0:
                self.command(sysid, mavutil.mavlink.MAV_CMD_REQUEST_MESSAGE, number)
            self.command(sysid, mavutil.mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, number, 1e6 / rate_hz)

    def connected(self) -> int:
        return sum([all(name in seen for name in _NEEDED) for seen in self.seen.values()])


def main(vehicles: int, steady_s: int, port: int) -> dict[str, Any]:
    started = time.monotonic()
    reader = Reader(port)
    asked: dict[int, float] = {}
    while reader.connected() < vehicles:
        reader.read(0.1)
        for sysid in list(reader.seen):
            if time.monotonic() - asked.get(sysid, 0.0) > 3.0:
                asked[sysid] = time.monotonic()
                reader.ask(sysid)
    connect_all_s = time.monotonic() - started
    reader.messages, ages_ms = 0, list[float]()
    wall, cpu = time.monotonic(), time.process_time()
    for turn in range(round(steady_s * LOOK_HZ)):
        if turn % LOOK_HZ == 0:
            reader.beat()
        reader.read(1.0 / LOOK_HZ)
        ages_ms += [1000.0 * (time.monotonic() - at) for at in reader.heard.values()]
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    messages = reader.messages
    begun = time.monotonic()
    reader.acked.clear()
    for sysid in reader.seen:
        reader.command(sysid, mavutil.mavlink.MAV_CMD_DO_SET_MODE, 1, BRAKE)
    while len(reader.acked) < vehicles and time.monotonic() - begun < ACK_WITHIN_S:
        reader.read(0.005)
    latencies_ms = [1000.0 * (at - begun) for at in reader.acked.values()]
    return {
        "connect_all_s": round(connect_all_s, 2), "cores": round(cpu / wall, 3), "messages_s": round(messages / wall),
        "state_age_p99_ms": round(percentile(ages_ms, 99), 1), "acks_true": len(reader.acked),
        "ack_p50_ms": round(percentile(latencies_ms, 50), 1), "ack_p99_ms": round(percentile(latencies_ms, 99), 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
