"""A running fleet with one simulated copter, shared on real sockets, for clients in processes of their own."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from command.timing.clock import LoopClock
from fleet.authority import Authority
from fleet.commands import Lease
from fleet.guard import LIMITS, Circle, Fence, Guard, GuardedVehicle, Site
from fleet.links.address import Address, LinkSpec
from fleet.links.open_links import OpenLinks, open_links
from fleet.model import VehicleKind, VehicleState
from fleet.roster import PathSpec, Roster, RosterEntry
from fleet.service import FleetConfig, FleetService
from fleet.share.desk import ShareDesk
from fleet.shares import ShareAct, ShareEvent, ShareOutcome, ShareRequest
from fleet.switchboard import Switchboard
from tests.support.fleet_bench import RecordingBus
from world.ids import OperatorId, VehicleId
from world.position import Geodetic, LocalFrame
from world.terrain import Terrain

ROOT = Path(__file__).parent.parent.parent
SPEED = 8.0
HOME = Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=900.0)
FENCE_M = 400.0
COPTER, ANNA, BEN, CHIEF = VehicleId("U01"), OperatorId("anna"), OperatorId("ben"), OperatorId("chief")


@dataclass(slots=True, kw_only=True)
class Shared:
    """What a test touches."""

    clock: LoopClock
    bus: RecordingBus
    service: FleetService
    guard: Guard
    authority: Authority

    def state(self) -> VehicleState:
        return self.service.session(COPTER).state(self.clock.now())

    def lease(self, holder: OperatorId, for_s: float = 600.0) -> None:
        lease = Lease(vehicle=COPTER, holder=holder, expires=self.clock.now().plus_s(for_s))
        self.authority.grant(lease, self.clock.now())

    async def open(self, *, guest: OperatorId = ANNA, by: OperatorId = CHIEF, port: int = 0, arms: bool = True,
                   act: ShareAct = ShareAct.OPEN) -> ShareEvent:
        """The share's first event."""
        known = len(self.events())
        self.bus.publish("fleet/share_request", ShareRequest(
            act=act, vehicle=COPTER, by=by, guest=guest, port=port, allows_arming=arms
        ))
        await self.until(lambda: len(self.events()) > known)
        return self.events()[known]

    def events(self, outcome: ShareOutcome | None = None) -> list[ShareEvent]:
        return [event for event in self.bus.of("fleet/share_event") if outcome in (None, event.outcome)]

    def held_back(self) -> str:
        return "\n".join(event.reason for event in self.events(ShareOutcome.HELD_BACK))

    async def until(self, is_so: Callable[[], bool], seconds: float = 30.0) -> None:
        by = self.clock.now().plus_s(seconds)
        while not is_so():
            assert self.clock.now().mono_ns < by.mono_ns, (self.state(), self.held_back())
            await self.clock.sleep(0.05)


def site() -> Site:
    heights = np.full((401, 401), 0.0, np.float32)
    terrain = Terrain(west_m=-2000.0, south_m=-2000.0, cell_m=10.0, heights_m=heights)
    fence = Fence(inclusion=Circle(centre=HOME, radius_m=FENCE_M))
    return Site(frame=LocalFrame(HOME), terrain=terrain, fence=fence)


@asynccontextmanager
async def shared_copter() -> AsyncIterator[Shared]:
    """Ready to arm; the lease is anna's."""
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop, epoch_utc_ns=time.time_ns() - round(loop.time() * 1e9))
    simulator = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.interop.serve_child", "1", "copter", str(SPEED), "42", cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert simulator.stdout is not None
    port = json.loads(await simulator.stdout.readline())["tcp_ports"][0]
    try:
        async with _fleet(clock, port) as shared:
            await shared.until(lambda: shared.state().is_ready)
            yield shared
    finally:
        simulator.send_signal(signal.SIGTERM)
        assert await simulator.wait() == 0


@asynccontextmanager
async def _fleet(clock: LoopClock, port: int) -> AsyncIterator[Shared]:
    spec = LinkSpec(name="sim", address=Address.parse(f"tcpout:127.0.0.1:{port}"))
    links: list[OpenLinks] = []
    bus, authority = RecordingBus(), Authority(commanders=[CHIEF])
    board = Switchboard(lambda link, peer, data: links[0].send(link, peer, data), [spec])
    guarded = {COPTER: GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER])}
    guard = Guard(send=board.carry, authority=authority, vehicles=guarded, site=site())
    entry = RosterEntry(vehicle=COPTER, kind=VehicleKind.COPTER, sysid=1, paths=(PathSpec(link="sim"),))
    service = FleetService(
        bus=bus, clock=clock, roster=Roster([entry]), guard=guard, board=board, authority=authority,
        config=FleetConfig(heartbeat_hz=SPEED),
    )
    desk = ShareDesk(bus=bus, clock=clock, service=service, guard=guard, board=board, authority=authority)
    links.append(await open_links([spec], clock, received=service.receive, changed=service.link_changed))
    shared = Shared(clock=clock, bus=bus, service=service, guard=guard, authority=authority)
    shared.lease(ANNA)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(work) for work in (service.run(), links[0].run(), desk.run())]
        yield shared
        for task in running:
            task.cancel()
