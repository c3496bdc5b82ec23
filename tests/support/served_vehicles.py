"""Simulated vehicles in a process of their own: prints their ports as one JSON line, serves until told to end.

As a program: `served_vehicles.py VEHICLES KIND SPEED UDP_PORT KEY_FILE` (0: no UDP, -: no key). They are ready to arm
at once; with a key they believe nobody without it, by TCP neither.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command.site.secrets import read_key
from command.timing.clock import LoopClock
from sim.serve import ServeOptions, Serving, serve
from sim.speak.keyholder import Kept
from sim.vehicles.spec import Kind

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def served(
    vehicles: int = 1, *, kind: str = "copter", speed: float = 4.0, udp_port: int = 0, key: Path | None = None
) -> Iterator[list[int]]:
    """TCP ports of the vehicles, in order of their system ids."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "tests.support.served_vehicles", str(vehicles), kind, str(speed), str(udp_port),
            str(key or "-"),
        ],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def announce(serving: Serving) -> None:
    print(json.dumps(serving.tcp_ports), flush=True)


async def main(vehicles: int, kind: str, speed: float, udp_port: int, key: str) -> None:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))
    options = ServeOptions(
        vehicles=vehicles, kind=Kind(kind), udp_port=udp_port or None, tcp_port=0, speed=speed, booted_s=100.0,
        signing=Kept(key=None if key == "-" else read_key(Path(key))),
    )
    task = asyncio.ensure_future(serve(options, clock, on_ready=announce))
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait([task])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
