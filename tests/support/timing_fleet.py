"""A small fleet in four processes over real transports, to test time: copters, fleet link, mission executor, detector.

Copters (S) and fleet link (F) speak MAVLink 2 over UDP; F speaks JSON over local streams to the executor (M) and the
detector (D). Every process records its events with their ticks; what is compared is the digest of each record.
"""

import asyncio
import hashlib
import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import common as mav

from command.timing import TICK_S, Channel, Participant

UP, DOWN = 1000, 2000
F_M, M_F, F_D, D_F, F_W = 1, 2, 3, 4, 5
HOME_LAT_DEG, HOME_LON_DEG, M_PER_DEG = 35.49, 112.85, 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    folder: str
    copters: int = 3
    quantum_ticks: int = 5
    detector_latency_ticks: int = 125
    detector_spins: int = 0


def table(options: Options) -> list[Channel]:
    latency = options.quantum_ticks
    pairs = [(F_M, "F", "M"), (M_F, "M", "F"), (F_D, "F", "D"), (F_W, "F", "W")]
    for i in range(options.copters):
        pairs += [(UP + i, "S", "F"), (DOWN + i, "F", "S")]
    channels = [Channel(id=i, sender=sender, receiver=receiver, latency_ticks=latency) for i, sender, receiver in pairs]
    return [*channels, Channel(id=D_F, sender="D", receiver="F", latency_ticks=options.detector_latency_ticks)]


class Record:
    """Events with their simulated tick, and the digest of them all."""

    def __init__(self, party: Participant) -> None:
        self._party = party
        self.rows: list[str] = []

    def __call__(self, who: object, event: str) -> None:
        self.rows.append(f"{round(self._party.loop.time() / TICK_S)} {who} {event}")

    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.rows).encode()).hexdigest()[:16]


class Copters:
    """Point masses that lose a tenth of their commands, which exercises the time-outs."""

    def __init__(self, party: Participant, record: Record, count: int) -> None:
        self._party, self._record = party, record
        self._at = [[i * 5.0, 0.0, 0.0] for i in range(count)]
        self._goal = [list(at) for at in self._at]
        self._heard = [0] * count
        self._codecs = [mav.MAVLink(None, srcSystem=i + 1, srcComponent=1) for i in range(count)]
        for i in range(count):
            party.on(DOWN + i, self._listener(i))

    def _listener(self, i: int) -> Callable[[bytes], None]:
        return lambda data: self._command(i, data)

    def _command(self, i: int, data: bytes) -> None:
        message = self._codecs[i].decode(bytearray(data))
        if message.get_type() == "HEARTBEAT":
            return
        self._heard[i] += 1
        if hashlib.blake2b(f"{i}/{self._heard[i]}".encode(), digest_size=1).digest()[0] < 26:
            return self._record(i, "radio lost")
        self._goal[i] = [message.param5 * 30, message.param6 * 30, message.param7]
        self._record(i, f"goal {[round(x, 2) for x in self._goal[i]]}")
        self._send(i, mav.MAVLink_command_ack_message(message.command, 0))

    def _send(self, i: int, message: Any) -> None:
        codec = self._codecs[i]
        data = message.pack(codec)
        codec.seq = (codec.seq + 1) % 256
        self._party.send(UP + i, data)

    async def main(self) -> None:
        turn = 0
        while True:
            turn += 1
            await self._party.clock.sleep_until(turn * 20_000_000)
            for i, (at, goal) in enumerate(zip(self._at, self._goal, strict=True)):
                for axis in range(3):
                    at[axis] += max(-0.16, min(0.16, goal[axis] - at[axis]))
                if turn % 5 == i % 5:
                    self._report(i, *at)
            if turn % 50 == 0:
                self._record("all", hashlib.sha256(repr(self._at).encode()).hexdigest()[:12])

    def _report(self, i: int, x_m: float, y_m: float, z_m: float) -> None:
        lat, lon = HOME_LAT_DEG + x_m / M_PER_DEG, HOME_LON_DEG + y_m / M_PER_DEG
        boot_ms, lat_e7, lon_e7 = round(self._party.loop.time() * 1000), round(lat * 1e7), round(lon * 1e7)
        self._send(
            i, mav.MAVLink_global_position_int_message(boot_ms, lat_e7, lon_e7, 0, round(z_m * 1000), 0, 0, 0, 0)
        )


class FleetLink:
    """Bytes to state, state to missions at 5 Hz, commands down, heartbeats and detector frames at 1 Hz."""

    def __init__(self, party: Participant, record: Record, count: int) -> None:
        self._party, self._record, self._count = party, record, count
        self._state = [[0.0, 0.0, 0.0] for _ in range(count)]
        self._acks: list[int] = []
        self._codec = mav.MAVLink(None, srcSystem=255, srcComponent=190)
        for i in range(count):
            party.on(UP + i, self._listener(i))
        party.on(M_F, self._request)
        party.on(D_F, lambda data: record("detector", data.decode()))

    def _listener(self, i: int) -> Callable[[bytes], None]:
        return lambda data: self._fold(i, data)

    def _fold(self, i: int, data: bytes) -> None:
        message = self._codec.decode(bytearray(data))
        if message.get_type() == "COMMAND_ACK":
            self._record(i, f"ack {message.command}")
            self._acks.append(i)
        else:
            north_m = (message.lat / 1e7 - HOME_LAT_DEG) * M_PER_DEG
            east_m = (message.lon / 1e7 - HOME_LON_DEG) * M_PER_DEG
            self._state[i] = [round(north_m, 2), round(east_m, 2), message.relative_alt / 1000]

    def _request(self, data: bytes) -> None:
        i, x, y, z = json.loads(data)
        self._send(i, mav.MAVLink_command_long_message(i + 1, 1, 16, 0, 0, 0, 0, 0, x, y, z))

    def _send(self, i: int, message: Any) -> None:
        data = message.pack(self._codec)
        self._codec.seq = (self._codec.seq + 1) % 256
        self._party.send(DOWN + i, data)

    async def main(self) -> None:
        turn = 0
        while True:
            turn += 1
            await self._party.clock.sleep_until(turn * 200_000_000)
            acks, self._acks = self._acks, []
            self._party.send(F_M, json.dumps([self._state, acks]).encode())
            self._party.send(F_W, json.dumps(self._state).encode())
            if turn % 5 == 0:
                for i in range(self._count):
                    self._send(i, mav.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3))
                self._party.send(F_D, f"frame {turn // 5}".encode())


class Executor:
    """Four waypoints per copter; everything that can be lost is repeated."""

    def __init__(self, party: Participant, record: Record, count: int) -> None:
        self._party, self._record, self._count = party, record, count
        self._state: list[list[float]] = [[0.0] * 3 for _ in range(count)]
        self._acked: set[int] = set()
        self._fresh = asyncio.Event()
        party.on(F_M, self._fold)

    def _fold(self, data: bytes) -> None:
        self._state, acks = json.loads(data)
        self._acked.update(acks)
        self._fresh.set()
        self._fresh = asyncio.Event()

    async def _until(self, claim: Callable[[], bool]) -> None:
        while not claim():
            await self._fresh.wait()

    def _is_at(self, i: int, goal: tuple[float, float, float]) -> bool:
        return math.dist(self._state[i], goal) < 1.0

    async def _fly(self, i: int) -> None:
        for leg in range(4):
            north, east, up = math.cos(leg * 1.57 + i), math.sin(leg * 1.57 + i), 10.0 + leg
            self._acked.discard(i)
            while i not in self._acked:
                self._party.send(M_F, json.dumps([i, north, east, up]).encode())
                try:
                    async with asyncio.timeout(1.0):
                        await self._until(lambda: i in self._acked)
                except TimeoutError:
                    self._record(i, "again")
            await self._until(partial(self._is_at, i, (north * 30, east * 30, up)))
            self._record(i, f"waypoint {leg}")

    async def main(self) -> None:
        async with asyncio.TaskGroup() as group:
            for i in range(self._count):
                group.create_task(self._fly(i))
        self._record("all", "complete")


def spin(turns: int) -> None:
    """Stands for a network's work: processor time that simulated time must not notice."""
    data = b"frame"
    for _ in range(turns):
        data = hashlib.sha256(data).digest()


async def idle() -> None:
    """A service that only answers."""


def build(name: str, party: Participant, record: Record, options: Options) -> Any:
    if name == "S":
        return Copters(party, record, options.copters).main()
    if name == "F":
        return FleetLink(party, record, options.copters).main()
    if name == "M":
        return Executor(party, record, options.copters).main()
    if name == "W":
        party.on(F_W, lambda data: record("seen", data.decode()))
        return idle()

    def detect(data: bytes) -> None:
        spin(options.detector_spins)
        record("frame", data.decode())
        party.send(D_F, b"seen " + data)

    party.on(F_D, detect)
    return idle()


def bind(name: str, party: Participant, options: Options) -> None:
    links, folder, count = party.links, Path(options.folder), options.copters
    if name == "S":
        sockets = [links.udp(str(i)) for i in range(count)]
        peer = party.join()["F"]["copters"]
        for i, sock in enumerate(sockets):
            sock.add_peer(("127.0.0.1", peer), incoming=DOWN + i, outgoing=UP + i)
    elif name == "F":
        sock = links.udp("copters")
        links.stream(folder / "m", incoming=M_F, outgoing=F_M, is_listening=True)
        links.stream(folder / "d", incoming=D_F, outgoing=F_D, is_listening=True)
        links.stream(folder / "w", outgoing=F_W, is_listening=True)
        ports = party.join()["S"]
        for i in range(count):
            sock.add_peer(("127.0.0.1", ports[str(i)]), incoming=UP + i, outgoing=DOWN + i)
    else:
        incoming, outgoing = {"M": (F_M, M_F), "D": (F_D, D_F), "W": (F_W, None)}[name]
        links.stream(folder / name.lower(), incoming=incoming, outgoing=outgoing, is_listening=False)
        party.join()


def main(name: str, options: Options) -> None:
    folder = Path(options.folder)
    journal = None if name == "W" else folder / f"{name}.journal"
    party = Participant(name, table(options), control=folder / "time", journal=journal)
    record = Record(party)
    bind(name, party, options)
    party.run(build(name, party, record, options))
    (folder / f"{name}.rows").write_text("\n".join(record.rows))
    (folder / f"{name}.json").write_text(json.dumps({"digest": record.digest(), "rows": len(record.rows)}))


def arguments(name: str, options: Options) -> list[str]:
    return [sys.executable, "-m", "tests.support.timing_fleet", name, json.dumps(asdict(options))]


if __name__ == "__main__":
    main(sys.argv[1], Options(**json.loads(sys.argv[2])))
