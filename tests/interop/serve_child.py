"""A simulator in a process of its own for third-party clients: prints its ports as JSON, serves until told to end."""

import asyncio
import json
import signal
import sys
import time

from command.timing.clock import LoopClock
from sim.serve import ServeOptions, Serving, serve
from sim.vehicles.spec import Kind


def announce(serving: Serving) -> None:
    print(json.dumps({"tcp_ports": serving.tcp_ports, "vehicles": serving.vehicles}), flush=True)


async def main(vehicles: int, kind: str, speed: float, warm_up_s: float) -> None:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))
    options = ServeOptions(
        vehicles=vehicles, kind=Kind(kind), udp_port=None, tcp_port=0, speed=speed, warm_up_s=warm_up_s,
    )
    task = asyncio.ensure_future(serve(options, clock, on_ready=announce))
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait([task])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
