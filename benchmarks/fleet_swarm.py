"""The other end of `bench fleet`: simulated autopilots, each with a socket of its own, in a process of their own."""

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from command.timing.clock import LoopClock
from command.timing.heap import settle_heap
from sim.serve import ServeOptions, plain_terrain, specs_of
from sim.service import SimService
from world.ids import VehicleId
from world.position import LocalFrame

BOOTED_S = 120.0


class Swarm:
    """`vehicles` copters, ready to arm; vehicle i speaks to `ports[i // a_port]` with system id i % a_port + 1."""

    def __init__(self, clock: LoopClock, vehicles: int, ports: Sequence[int], a_port: int) -> None:
        self._loop = asyncio.get_running_loop()
        options = ServeOptions(vehicles=vehicles, booted_s=BOOTED_S)
        specs = [replace(spec, sysid=i % a_port + 1, camera=None) for i, spec in enumerate(specs_of(options))]
        self._sockets: dict[VehicleId, socket.socket] = {}
        self.service = SimService(
            clock=clock, specs=specs, terrain=plain_terrain(options.kind), frame=LocalFrame(options.origin), seed=1,
            send=self._send, weather=options.weather,
        )
        for i, spec in enumerate(specs):
            self._open(spec.id, ports[i // a_port])

    def _open(self, vehicle: VehicleId, port: int) -> None:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setblocking(False)
        opened.connect(("127.0.0.1", port))
        self._sockets[vehicle] = opened
        self._loop.add_reader(opened.fileno(), self._drain, vehicle, opened)

    def _send(self, vehicle: VehicleId, data: bytes) -> None:
        try:
            self._sockets[vehicle].send(data)
        except OSError:  # nobody listens yet, or no longer
            return

    def _drain(self, vehicle: VehicleId, opened: socket.socket) -> None:
        while True:
            try:
                data = opened.recv(65535)
            except OSError:
                return
            self.service.receive(vehicle, data)


async def main(vehicles: int, a_port: int, ports: Sequence[int]) -> None:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))
    swarm = Swarm(clock, vehicles, ports, a_port)
    flying = asyncio.ensure_future(swarm.service.run())
    loop.add_signal_handler(signal.SIGTERM, flying.cancel)
    print(json.dumps({"vehicles": vehicles}), flush=True)
    await asyncio.wait([flying])
    print(json.dumps({
        "cpu_s": time.process_time(), "flown_s": swarm.service.elapsed_s,
        "behind_s": round((clock.now().mono_ns - swarm.service.now().mono_ns) / 1e9, 3),
    }), flush=True)


if __name__ == "__main__":
    settle_heap()
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), [int(port) for port in sys.argv[3:]]))
