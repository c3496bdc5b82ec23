"""A site composed in this process over its folder, on real sockets: for what must be seen from inside, and again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command.bus.stream_bus import StreamBus
from command.site.model import SiteConfig
from command.site.reader import read_site
from command.store.record import Record
from command.store.telemetry import Telemetry
from command.survey import save_survey
from command.up.clock import SiteClock
from command.up.planner import PlannerProcess
from command.up.stack import Stack, Stores
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Autopilot, MavType, SystemState
from fleet.wire.frame import DatagramParser
from world.time import Clock

EPOCH_NS = 1_790_000_000 * 10**9
WITHIN_S = 60.0


class Machine(asyncio.DatagramProtocol):
    """A copter that says what it is told to, and notes when it hears the station."""

    def __init__(self) -> None:
        self.heard_s: list[float] = []
        self._news = asyncio.Event()
        self._encoder, self._parser, self._decoder = Encoder(sysid=1, compid=1), DatagramParser(), Decoder()
        self.transport: asyncio.DatagramTransport | None = None

    def says(self, mode: int, *, is_armed: bool = False, status: SystemState = SystemState.STANDBY) -> None:
        """One heartbeat. `mode`: ArduCopter's number."""
        assert self.transport is not None
        self.transport.sendto(self._encoder.encode(
            "HEARTBEAT", type=int(MavType.QUADROTOR), autopilot=int(Autopilot.ARDUPILOT),
            base_mode=209 if is_armed else 81, custom_mode=mode, system_status=int(status),
        ))

    def datagram_received(self, data: bytes, addr: object) -> None:
        for each in self._parser.parse(data):
            message = self._decoder.decode(each)
            if message is not None and message.SPEC.name == "HEARTBEAT":
                self.heard_s.append(asyncio.get_running_loop().time())
                self._news.set()

    async def hears(self, count: int) -> None:
        """So many heartbeats from now on."""
        wanted = len(self.heard_s) + count
        while len(self.heard_s) < wanted:
            self._news.clear()
            await self._news.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A running composition and somebody who listens to it."""

    stack: Stack
    record: Record
    machine: Machine
    people: StreamBus
    clock: Clock

    async def first(self, topic: str, fits: Callable[[Any], bool]) -> Any:
        """The first value from now on that fits."""
        found: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def hear(value: Any) -> None:
            if not found.done() and fits(value):
                found.set_result(value)

        self.people.subscribe(topic, hear)
        self.people.announce(after=2**62)
        async with asyncio.timeout(WITHIN_S):
            return await found


def folder_of(path: Path) -> SiteConfig:
    """The site, with its folder made as `taihang up` makes it."""
    site = read_site(path)
    site.record.mkdir(exist_ok=True)
    save_survey(site.record / "terrain.npz", site.survey)
    return site


@asynccontextmanager
async def composed(site: SiteConfig, *, planner: PlannerProcess | None = None) -> AsyncIterator[Composed]:
    """Its one UDP link is called udp. Ends as a killed process does: nothing is settled."""
    record, telemetry = Record(site.record / "events.db"), Telemetry(site.record / "telemetry.db")
    loop = asyncio.get_running_loop()
    last = max((event.at.mono_ns for event in record.events()), default=0)
    clock = SiteClock(loop, utc_ns=EPOCH_NS, not_before_ns=last + 1)
    stores = Stores(record=record, telemetry=telemetry)
    stack = Stack(site, stores, clock, later=loop.call_soon, say=lambda line: None, planner=planner)
    stack.restore()
    links = await stack.open()
    running = [links.run(), stack.run_fleet(), stack.run_missions(), *([] if planner is None else [planner.run()])]
    jobs = [loop.create_task(job) for job in running]
    port = links.port("udp")
    assert port is not None
    transport, machine = await loop.create_datagram_endpoint(Machine, remote_addr=("127.0.0.1", port))
    machine.transport = transport
    try:
        yield Composed(stack=stack, record=record, machine=machine, people=stack.bus("people"), clock=clock)
    finally:
        transport.close()
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        record.close()
        telemetry.close()
