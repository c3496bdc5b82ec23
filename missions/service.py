"""The mission service: hears the bus, plans, flies what is approved, and can be rebuilt from the record."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fleet.commands import Ack
from fleet.model import Alarm, FleetState, Severity, VehicleProfile
from missions.ahead import Foresight
from missions.alarms import Alarms
from missions.book import Book
from missions.commander import Commander
from missions.confirming import Confirmer
from missions.crew import Crew
from missions.declared import Declared, FailsafeDemand
from missions.desk import Desk, Gate
from missions.direct import commands_of
from missions.jobs import Planner, PlansAtOnce
from missions.lifecycle import MissionEvent, after, allows
from missions.marshal import Marshal
from missions.model import Approval, Order, OrderVerb, Phase, SearchIntent
from missions.pilot import Pilot
from missions.planning import Planning
from missions.progress import progress_of
from missions.stages import Facts, event_in
from missions.supervising import Supervisor
from missions.survey import Ground, Survey
from world.bus import Bus
from world.ids import MissionId, VehicleId
from world.position import LocalFrame
from world.terrain import Terrain
from world.time import Clock, Instant

TOPICS = (
    "mission/intent",
    "mission/plan",
    "mission/approval",
    "mission/order",
    "mission/find",
    "fleet/command",
    "fleet/ack",
    "fleet/profile",
    "perception/look",
    "perception/contact",
    "alarm",
)
"""Heard and folded. Own topics among them carry the record of an earlier run; live echoes change nothing."""
ENDED_ZH = {Phase.DONE: "已完成", Phase.STOPPED: "已中止", Phase.FAILED: "未能完成"}
TICK_S = 0.2
PROGRESS_EVERY_S = 0.5
ORDER_FRESH_S = 30.0
"""Given while nobody was there to carry it out, an order to move is not carried out later than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may happen without a person. Off for real incidents."""

    auto_accept_confirmed: bool = False


class MissionService:
    """One mission at a time. `run` never returns by itself; cancel it."""

    def __init__(
        self, bus: Bus, clock: Clock, terrain: Terrain, frame: LocalFrame, *, policy: Policy | None = None,
        planner: Planner | None = None, demands: Mapping[VehicleId, FailsafeDemand] | None = None,
    ) -> None:
        """`planner`: where plans are computed, here if nobody says. `demands`: of vehicles from whom less is asked."""
        self._bus = bus
        self._clock = clock
        self._terrain = terrain
        self._frame = frame
        self._policy = policy or Policy()
        self._book = Book(frame=frame)
        self._crew = Crew(clock, frame)
        self._commander = Commander(self._book, clock, self._publish)
        self._alarms = Alarms(self._book, clock, self._publish)
        self._planner = planner or PlansAtOnce(terrain, frame)
        self._declared = Declared(demands)
        self._planning = Planning(self._book, clock, self._planner, self._declared, self._alarms, self._publish)
        self._pilots: dict[VehicleId, Pilot] = {}
        self._supervisor: Supervisor | None = None
        self._confirmer: Confirmer | None = None
        self._marshal: Marshal | None = None
        self._gate = Gate()
        self._mission: MissionId | None = None
        self._phase = Phase.EMPTY
        self._carried_out: dict[str, Order] = {}
        self._reported: tuple[object, float] = ((), 0.0)
        bus.subscribe("fleet/state", self._on_state)
        for topic in TOPICS:
            bus.subscribe(topic, self._hearing(topic))

    @property
    def phase(self) -> Phase:
        return self._phase

    def restore(self, events: Iterable[tuple[str, Instant, object]]) -> None:
        """Fold a record of logged events, oldest first; what is in flight then goes on as soon as the fleet is
        heard."""
        for topic, at, value in events:
            self._fold(topic, at, value)
        orders = self._book.orders.values()
        self._carried_out.update({order.id: order for order in orders if self._book.has_done(order)})

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._tick(group)
                await self._clock.sleep(TICK_S)

    def _publish(self, topic: str, value: object) -> None:
        """To the record first, by the hub; folded here as well, so that nothing waits for the echo."""
        self._bus.publish(topic, value)
        self._book.apply(topic, self._clock.now(), value)

    def _hearing(self, topic: str) -> Callable[[Any], None]:
        def hear(value: object) -> None:
            self._fold(topic, self._clock.now(), value)
            if isinstance(value, Ack):
                self._commander.on_ack(value)
            elif isinstance(value, Approval):
                self._planning.check_approval()
            elif isinstance(value, Order) and self._crew.is_heard:
                self._carry_out(value)
            elif isinstance(value, SearchIntent):
                self._refuse_second(value)

        return hear

    def _fold(self, topic: str, at: Instant, value: object) -> None:
        self._book.apply(topic, at, value)
        if isinstance(value, VehicleProfile):
            self._declared.hear(value)
        elif isinstance(value, Alarm):
            self._planning.recall(value)

    def _on_state(self, state: FleetState) -> None:
        self._crew.on_state(state)

    def _refuse_second(self, intent: SearchIntent) -> None:
        current = self._book.intent
        if current is not None and current.id != intent.id:
            self._alarms.say(
                key=f"intent-refused/{intent.id}",
                severity=Severity.CAUTION,
                text=f"{intent.id} is not planned: mission {current.mission} is under way.",
                text_zh=f"任务 {current.mission} 正在执行，未规划新的搜索请求 {intent.id}。",
            )

    def _carry_out(self, order: Order) -> None:
        """Stop, hold and return go out at once, whatever else is going on."""
        if order.id in self._carried_out:
            return
        self._carried_out[order.id] = order
        for command in commands_of(order, self._clock.now()):
            self._publish("fleet/command", command)
        if self._supervisor is not None:
            self._supervisor.drop_ordered(order.verb, order.vehicles)
        if self._confirmer is not None:
            self._confirmer.on_order(order.verb, order.contact, order.by)

    def _tick(self, group: asyncio.TaskGroup) -> None:
        if not self._crew.is_heard:
            return
        now = self._clock.now()
        self._planning.tick()
        self._planning.check_approval()
        carried = self._book.carry_approval(now)
        if carried is not None:
            self._publish("mission/approval", carried)
        self._man(group)
        for order in [one for one in self._book.orders.values() if is_due(one, now)]:
            self._carry_out(order)
        if self._book.is_under_way and self._supervisor is not None and self._confirmer is not None:
            self._supervisor.tick(self._pilots)
            self._confirmer.tick(self._pilots)
            if self._marshal is not None:
                self._marshal.tick(self._pilots)
            self._open_gate(now)
        self._advance()
        self._report(now)

    def _man(self, group: asyncio.TaskGroup) -> None:
        """One pilot per vehicle of the launched plan, each a task of this service's group."""
        intent, plan = self._book.intent, self._book.flown
        if intent is None or plan is None or not self._book.is_under_way or self._mission == intent.mission:
            return
        self._mission = intent.mission
        self._gate = Gate()
        desk = Desk(
            book=self._book,
            crew=self._crew,
            clock=self._clock,
            commander=self._commander,
            alarms=self._alarms,
            gate=self._gate,
            frame=self._frame,
        )
        flying = {task.vehicle for task in plan.tasks}
        self._pilots = {offer.vehicle: Pilot(offer, desk) for offer in intent.offers if offer.vehicle in flying}
        ground = Ground.of(intent, plan, self._terrain, self._frame)
        survey = Survey(self._book, self._crew, self._frame, ground)
        parts = (self._book, self._crew, self._clock, self._frame, survey, self._alarms, self._publish)
        self._supervisor = Supervisor(*parts, planner=self._planner)
        self._confirmer = Confirmer(*parts, auto_accept=self._policy.auto_accept_confirmed)
        self._marshal = Marshal(
            book=self._book,
            clock=self._clock,
            foresight=Foresight(self._crew, self._clock, self._frame, ground),
            alarms=self._alarms,
            separation_m=intent.min_separation_m,
        )
        for vehicle in sorted(self._pilots):
            group.create_task(self._pilots[vehicle].run(), name=f"pilot of {vehicle}")

    def _open_gate(self, now: Instant) -> None:
        """Lanes count from the moment the last vehicle is prepared, or given up."""
        if self._gate.opened is not None:
            return
        starts = [
            pilot.told.started.plus_s(-pilot.task.start_delay_s)
            for _, pilot in sorted(self._pilots.items())
            if pilot.told.started is not None and pilot.task is not None
        ]
        if starts:
            self._gate.opened = min(starts)
        elif self._facts().is_prepared:
            self._gate.opened = now

    def _facts(self) -> Facts:
        return Facts.of(self._book, self._pilots)

    def _advance(self) -> None:
        while (event := event_in(self._phase, self._facts())) is not None and allows(self._phase, event):
            self._phase = after(self._phase, event)
            if event in (MissionEvent.ALL_DOWN, MissionEvent.NOBODY_LEFT, MissionEvent.ALL_STOPPED):
                self._end()

    def _end(self) -> None:
        intent = self._book.intent
        if intent is not None:
            self._alarms.say(
                key=f"mission-ended/{intent.mission}",
                severity=Severity.LOG,
                text=f"mission {intent.mission} is {self._phase}",
                text_zh=f"任务 {intent.mission} 结束：{ENDED_ZH[self._phase]}",
            )

    def _report(self, now: Instant) -> None:
        """At 2 Hz, and at once when a phase changes."""
        intent = self._book.intent
        if intent is None:
            return
        phases = (self._phase, *(pilot.phase for _, pilot in sorted(self._pilots.items())))
        now_s = now.mono_ns / 1e9
        if phases == self._reported[0] and now_s - self._reported[1] < PROGRESS_EVERY_S - TICK_S / 2:
            return
        self._reported = (phases, now_s)
        started = self._gate.opened
        self._bus.publish("mission/progress", progress_of(self._book, self._pilots, self._phase, now, started))


def is_due(order: Order, now: Instant) -> bool:
    """Nothing moves for the acceptance of a find: it never comes too late."""
    return order.verb is OrderVerb.ACCEPT_CONTACT or order.at.age_s(now) < ORDER_FRESH_S
