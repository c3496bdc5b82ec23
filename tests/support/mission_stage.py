"""Puts a mission service, a scripted fleet and scripted eyes on one bus in virtual time, and plays the operator."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from missions.declared import FailsafeDemand
from missions.jobs import Planner
from missions.model import Approval, MissionProgress, Order, OrderVerb, Phase, Plan, SearchIntent
from missions.service import MissionService, Policy
from tests.support.recording_bus import RecordingBus
from tests.support.scripted_eyes import ScriptedEyes
from tests.support.scripted_fleet import ScriptedFleet
from tests.support.virtual_time import VirtualClock, VirtualLoop, run_virtually
from world.ids import OperatorId, VehicleId
from world.position import Enu, LocalFrame
from world.terrain import Terrain

PILOT = OperatorId("pilot")


@dataclass(slots=True)
class Stage:
    """One performance. `acts` run at their second of virtual time."""

    terrain: Terrain
    frame: LocalFrame
    intent: SearchIntent
    people: tuple[Enu, ...] = ()
    misses_every: int = 0
    auto_accept: bool = True
    covers_replans: bool = True
    planner: Planner | None = None
    demands: dict[VehicleId, FailsafeDemand] = field(default_factory=dict)
    acts: list[tuple[float, Callable[["Stage"], None]]] = field(default_factory=list)
    loop: VirtualLoop = field(default_factory=VirtualLoop)
    progresses: list[MissionProgress] = field(default_factory=list)
    clock: VirtualClock = field(init=False)
    bus: RecordingBus = field(init=False)
    fleet: ScriptedFleet = field(init=False)
    eyes: ScriptedEyes = field(init=False)
    service: MissionService = field(init=False)
    running: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.loop)
        self.bus = RecordingBus(self.loop, self.clock)
        self.fleet = ScriptedFleet(self.bus, self.clock, self.frame, self.terrain, self.intent.offers)
        self.eyes = ScriptedEyes(
            self.bus, self.clock, self.frame, self.terrain, self.fleet, self.people, misses_every=self.misses_every
        )
        self.service = self.new_service()
        self.bus.subscribe("mission/progress", self.progresses.append)
        self.bus.subscribe("mission/plan", self._approve_first)

    def new_service(self) -> MissionService:
        policy = Policy(auto_accept_confirmed=self.auto_accept)
        return MissionService(
            self.bus, self.clock, self.terrain, self.frame, policy=policy, planner=self.planner, demands=self.demands
        )

    def _approve_first(self, plan: Plan) -> None:
        if plan.revision == 0:
            now = self.clock.now()
            approval = Approval(plan=plan.id, digest=plan.digest, by=PILOT, at=now, covers_replans=self.covers_replans)
            self.bus.publish("mission/approval", approval)
            self.loop.call_later(1.0, self.order, OrderVerb.LAUNCH)

    def order(self, verb: OrderVerb, *vehicles: VehicleId) -> None:
        now = self.clock.now()
        order = Order(id=f"order-{now.mono_ns}-{verb}", verb=verb, by=PILOT, at=now, vehicles=vehicles)
        self.bus.publish("mission/order", order)

    def kill_service(self) -> None:
        assert self.running is not None
        self.running.cancel()
        self.bus.unsubscribe_owner(self.service)

    def restart(self) -> None:
        """Kill the service where it stands; a new one gets the record and goes on."""
        self.kill_service()
        self.service = self.new_service()
        self.service.restore(list(self.bus.record))
        self.running = self.loop.create_task(self.service.run())

    def play(self, until: Callable[["Stage"], bool], limit_s: float = 3000.0) -> "Stage":
        run_virtually(self.loop, self._play(until, limit_s))
        return self

    async def _play(self, until: Callable[["Stage"], bool], limit_s: float) -> None:
        helpers = [self.loop.create_task(part) for part in (self.fleet.run(), self.eyes.run())]
        self.running = self.loop.create_task(self.service.run())
        self.loop.call_later(2.0, self.bus.publish, "mission/intent", self.intent)
        for at_s, act in self.acts:
            self.loop.call_later(at_s, act, self)
        await self._happening(until, limit_s)
        for task in (*helpers, self.running):
            task.cancel()
        await asyncio.gather(*helpers, self.running, return_exceptions=True)

    async def _happening(self, until: Callable[["Stage"], bool], limit_s: float) -> None:
        """Until the claim holds when somebody tells his state, or the time is up; raises what ended the service."""
        over = asyncio.Event()
        for topic in ("mission/progress", "fleet/state"):
            self.bus.subscribe(topic, lambda _: over.set() if until(self) or self._has_ended() else None)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(limit_s):
                await over.wait()
        if self.running is not None and self._has_ended():
            self.running.result()

    def _has_ended(self) -> bool:
        return self.running is not None and self.running.done() and not self.running.cancelled()

    @property
    def last(self) -> MissionProgress:
        return self.progresses[-1]

    def plans(self) -> list[Plan]:
        return [value for topic, _, value in self.bus.record if isinstance(value, Plan)]


def is_over(stage: Stage) -> bool:
    return bool(stage.progresses) and stage.last.phase in (Phase.DONE, Phase.STOPPED, Phase.FAILED)
