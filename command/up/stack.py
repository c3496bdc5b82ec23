"""The whole of a running site in one process: hub and record, fleet, missions, direct orders, links."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from command.bus.codec import encode_frame
from command.bus.hub import Hub
from command.bus.stream_bus import StreamBus
from command.site.key_files import KeyFiles
from command.site.model import SiteConfig
from command.site.names import MISSION_EXECUTOR
from command.store.record import Record
from command.store.telemetry import Telemetry
from command.up.door import Door, Inside
from command.up.memory import KeptParameters, Memory, ToldLatch
from command.up.newest import Newest
from command.up.people import People
from command.up.teller import Teller
from fleet.adoption import Adoption
from fleet.authority import Authority
from fleet.guard import LIMITS, Guard, GuardedVehicle, Site
from fleet.links.open_links import OpenLinks, open_links
from fleet.links.signing_file import SigningFile
from fleet.model import UNANSWERED
from fleet.roster import Roster, RosterEntry
from fleet.service import FleetService
from fleet.share.desk import ShareDesk
from fleet.switchboard import Switchboard
from fleet.together.orders import GroupOrders
from fleet.together.together import Together
from missions.declared import FailsafeDemand
from missions.direct import commands_of
from missions.jobs import Planner
from missions.model import Order
from missions.service import MissionService
from world.time import Clock

SIGNING_TIMES = "signing_times.json"
"""In the record's folder: times of signatures, no secrets."""
KEYS_LOOKED_AT_S = 1.0
APPROVALS = "mission/approval"
"""Told to the fleet again after a restart. Commands of an earlier run are not given twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where everything is kept."""

    record: Record
    telemetry: Telemetry


class Stack:
    """Everything but the screen. `open` first, then `tasks` run until cancelled."""

    def __init__(
        self, site: SiteConfig, stores: Stores, clock: Clock, *,
        later: Callable[[Callable[[], None]], object], say: Callable[[str], None], planner: Planner | None = None,
    ) -> None:
        """`planner`: where plans are computed; None: here, while everything else waits. Raises SigningFileDamaged."""
        self._site, self._stores, self._clock = site, stores, clock
        self._say = say
        self._signing_file = SigningFile(site.record / SIGNING_TIMES)
        self._hub = Hub(stores.record, stores.telemetry, clock, later=later)
        self._own = self.bus("up")
        self._newest = Newest(self._own)
        self._teller = Teller(self._own, {spec.name: spec for spec in site.links}, say)
        self._authority = Authority(commanders=(*site.commanders, MISSION_EXECUTOR))
        self.links: OpenLinks | None = None
        self._fleet_bus = self.bus("fleet")
        self._guard, self._fleet = self._make_fleet()
        self._together_bus = self.bus("together")
        self._group_orders = self._make_group_orders()
        self._missions_bus = self.bus("missions")
        self._missions = MissionService(
            self._missions_bus, clock, site.survey.terrain, site.survey.frame, demands=site.failsafes,
            planner=planner,
        )
        self._direct_bus = self.bus("direct")
        self._direct_bus.subscribe("mission/order", self._send_at_once)

    def bus(self, port: str) -> StreamBus:
        bus = StreamBus(lambda frame: self._hub.receive(port, frame))
        self._hub.connect(port, bus.receive)
        return bus

    def _make_fleet(self) -> tuple[Guard, FleetService]:
        site = self._site
        board = Switchboard(self._transmit, site.links, memory=self._signing_file.of)
        survey = site.survey
        self._keys = KeyFiles(site.key_files, board, self._say)
        guard = Guard(
            send=board.carry,
            authority=self._authority,
            vehicles={
                entry.vehicle: _guarded(entry, site.failsafes[entry.vehicle]) for entry in site.entries
            },
            site=Site(frame=survey.frame, terrain=survey.terrain, fence=site.fence, landings=site.landings),
        )
        service = FleetService(
            bus=self._fleet_bus, clock=self._clock, roster=Roster(site.entries), guard=guard, board=board,
            authority=self._authority, parameters=KeptParameters(site.record / "parameters"), keys=self._keys,
        )
        self._shares = ShareDesk(
            bus=self._fleet_bus, clock=self._clock, service=service, guard=guard, board=board,
            authority=self._authority,
        )
        board.on_stranger = Adoption(service, guard, needs_failsafes=True).meet
        return guard, service

    def _make_group_orders(self) -> GroupOrders:
        frame, terrain = self._site.survey.frame, self._site.survey.terrain
        together = Together(
            bus=self._together_bus, clock=self._clock, authority=self._authority, frame=frame, terrain=terrain,
            state_of=lambda vehicle: self._fleet.session(vehicle).state(self._clock.now()),
            hand_over=self._fleet.submit, guard=ToldLatch(self._guard, self._together_bus.publish),
        )
        self._together = together
        return GroupOrders(together=together, bus=self._together_bus, clock=self._clock, frame=frame)

    def _transmit(self, link: str, peer: str, data: bytes) -> None:
        if self.links is not None:
            self.links.send(link, peer, data)

    def _link_changed(self, link: str, reason: str | None) -> None:
        self._fleet.link_changed(link, reason)
        self._teller.link_changed(link, reason)

    def _send_at_once(self, order: Order) -> None:
        """Stop, hold and return reach the fleet although the mission service be slow."""
        for command in commands_of(order, self._clock.now()):
            self._direct_bus.publish("fleet/command", command)

    async def open(self) -> OpenLinks:
        """Raises LinkRefused."""
        self.links = await open_links(
            self._site.links, self._clock, received=self._fleet.receive, changed=self._link_changed
        )
        return self.links

    def restore(self) -> int:
        """What an earlier run recorded, given to those who must know it; the number of events."""
        events = list(self._stores.record.events())
        self._missions.restore((event.topic, event.at, event.value()) for event in events)
        memory = Memory(self._authority)
        for event in events:
            memory.fold(event)
            if event.topic == APPROVALS:
                self._fleet_bus.receive(encode_frame(event.topic, event.payload))
        for vehicle, (by, at) in memory.stopped.items():
            self._guard.keep_stopped([vehicle], by)
            self._together.keep_stopped([vehicle], by, at)
        self._fleet.keep_holds(memory.held_by_radio)
        last = events[-1].seq if events else 0
        for bus in (self._own, self._fleet_bus, self._together_bus, self._missions_bus, self._direct_bus):
            bus.announce(after=last)
        return len(events)

    def door(self, path: Path, *, operator: str | None) -> Door:
        people = People(self._site, self._authority, self._own.publish)
        return Door(path, Inside(
            hub=self._hub, people=people, newest=self._newest, service=self._fleet, guard=self._guard,
            clock=self._clock, operator=operator,
        ))

    async def run_fleet(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fleet.run())
            tasks.create_task(self._group_orders.run())
            tasks.create_task(self._shares.run())
            tasks.create_task(self._watch_keys())

    async def _watch_keys(self) -> None:
        while True:
            self._keys.look()
            await self._clock.sleep_until(self._clock.now().plus_s(KEYS_LOOKED_AT_S).mono_ns)

    async def run_missions(self) -> None:
        await self._missions.run()

    def settle(self) -> bool:
        """False when the record stays without the last events."""
        self._signing_file.settle()
        return self._hub.settle()


def _guarded(entry: RosterEntry, demand: FailsafeDemand) -> GuardedVehicle:
    return GuardedVehicle(
        sysid=entry.sysid, limits=LIMITS[entry.kind], needs_failsafes=demand.is_needed,
        accepts_none=demand.accepts_none | UNANSWERED.get(entry.kind, frozenset()),
    )
