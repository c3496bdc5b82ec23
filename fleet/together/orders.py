"""`fleet/group_order` in, `fleet/group_acks` out: Together for everybody who is not in this process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from fleet.commands import Ack, AckResult, Verb
from fleet.group import GroupAcks, GroupOrder, GroupVerb
from fleet.together.conductor import AlreadyBusy
from fleet.together.convoy import End
from fleet.together.formation import SPEED_M_S, GoesNoWay, Shape
from fleet.together.halts import KillRefused
from fleet.together.slots import SlotsTooNear
from fleet.together.together import Together
from world.bus import Bus
from world.ids import CommandId, VehicleId
from world.position import LocalFrame
from world.records import replace
from world.time import Clock

REMEMBERED = 256
HALTS: Mapping[GroupVerb, Verb] = {
    GroupVerb.STOP: Verb.STOP, GroupVerb.HOLD: Verb.HOLD, GroupVerb.RETURN: Verb.RETURN, GroupVerb.LAND: Verb.LAND
}
AS_VERB: Mapping[GroupVerb, Verb] = {
    GroupVerb.TAKE_OFF_IN_LANES: Verb.TAKE_OFF, GroupVerb.LAND_IN_LANES: Verb.LAND,
    GroupVerb.RETURN_TOGETHER: Verb.RETURN, GroupVerb.FORM: Verb.GO_TO,
}
"""What an end of a manoeuvre is told as."""


class BadOrder(Exception):
    """An order without an argument that its verb needs, or by somebody who may not give it."""


Done = tuple[dict[VehicleId, Ack], dict[str, float]]


class GroupOrders:
    """Takes orders from the bus; `run` holds what is under way. An order that is repeated is answered, not run."""

    def __init__(self, *, together: Together, bus: Bus, clock: Clock, frame: LocalFrame) -> None:
        self._together, self._bus, self._clock, self._frame = together, bus, clock, frame
        self._ends: dict[CommandId, GroupAcks] = {}
        self._inbox: asyncio.Queue[GroupOrder] = asyncio.Queue()
        self._does: Mapping[GroupVerb, Callable[[GroupOrder], Awaitable[Done]]] = {
            **{verb: partial(self._halt, plain) for verb, plain in HALTS.items()},
            GroupVerb.RELEASE: self._release,
            GroupVerb.KILL: self._kill,
            GroupVerb.TAKE_OFF_IN_LANES: self._take_off,
            GroupVerb.LAND_IN_LANES: self._land,
            GroupVerb.RETURN_TOGETHER: self._return,
            GroupVerb.START_TOGETHER: self._start,
            GroupVerb.FORM: self._form,
        }
        bus.subscribe("fleet/group_order", self._on_order)

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._serve(await self._inbox.get()))

    def _on_order(self, order: GroupOrder) -> None:
        known = self._ends.get(order.id)
        if known is not None:
            self._bus.publish("fleet/group_acks", known)
            return
        self._keep(GroupAcks(id=order.id, at=self._clock.now(), acks={}, is_final=False))
        self._inbox.put_nowait(order)

    async def _serve(self, order: GroupOrder) -> None:
        reason, acks, figures = "", dict[VehicleId, Ack](), dict[str, float]()
        try:
            acks, figures = await self._does[order.verb](order)
        except (AlreadyBusy, BadOrder, GoesNoWay, KillRefused, SlotsTooNear) as refused:
            reason = str(refused)
        late = self._ends[order.id].late
        self._keep(GroupAcks(
            id=order.id, at=self._clock.now(), acks=acks, is_final=True, reason=reason, late=late, figures=figures
        ))

    def _keep(self, acks: GroupAcks) -> None:
        self._ends[acks.id] = acks
        while len(self._ends) > REMEMBERED:
            del self._ends[next(iter(self._ends))]
        self._bus.publish("fleet/group_acks", acks)

    def _late(self, order: GroupOrder, ack: Ack) -> None:
        known = self._ends.get(order.id)
        if known is not None:
            self._keep(replace(known, at=self._clock.now(), late=(*known.late, ack)))

    async def _halt(self, verb: Verb, order: GroupOrder) -> Done:
        late = partial(self._late, order)
        return await self._together.halt(verb, order.vehicles, order.issued_by, order.deadline, late), {}

    async def _release(self, order: GroupOrder) -> Done:
        fault = self._together.release(order.vehicles, order.issued_by)
        if fault is not None:
            raise BadOrder(fault)
        return {}, {}

    async def _kill(self, order: GroupOrder) -> Done:
        held_s = order.arguments.held_s
        return await self._together.kill(order.vehicles, order.issued_by, order.deadline, held_s=held_s), {}

    async def _take_off(self, order: GroupOrder) -> Done:
        digest, height_m = order.arguments.plan_digest, order.arguments.height_m
        ends = await self._together.take_off(
            order.vehicles, order.issued_by, digest, order.deadline, lowest_m=height_m
        )
        return self._acks(order, ends), {}

    async def _land(self, order: GroupOrder) -> Done:
        return self._acks(order, await self._together.land(order.vehicles, order.issued_by, order.deadline)), {}

    async def _return(self, order: GroupOrder) -> Done:
        ends = await self._together.return_together(order.vehicles, order.issued_by, order.deadline)
        return self._acks(order, ends), {}

    async def _start(self, order: GroupOrder) -> Done:
        starts = order.arguments.starts or self._clock.now()
        report = await self._together.start(
            order.vehicles, order.issued_by, order.arguments.plan_digest, starts, order.deadline
        )
        figures = {f"{vehicle}_after_ms": ms for vehicle, ms in report.after_ms.items()}
        return dict(report.acks), figures | ({} if report.spread_ms is None else {"spread_ms": report.spread_ms})

    async def _form(self, order: GroupOrder) -> Done:
        arguments = order.arguments
        if not arguments.slots or not arguments.anchor:
            raise BadOrder("a formation needs slots and an anchor")
        report = await self._together.form(Shape(
            slots=arguments.slots, anchors=tuple(self._frame.to_enu(at) for at in arguments.anchor),
            speed_m_s=arguments.speed_m_s or SPEED_M_S, turns=arguments.turns, on_loss=arguments.on_loss,
        ), order.vehicles, order.issued_by, order.deadline)
        return self._acks(order, report.ends), {"error_max_m": max(report.errors_m)} if report.errors_m else {}

    def _acks(self, order: GroupOrder, ends: Mapping[VehicleId, End]) -> dict[VehicleId, Ack]:
        return {
            vehicle: Ack(
                command=CommandId(f"{order.id}/{vehicle}"), vehicle=vehicle, verb=AS_VERB[order.verb],
                result=AckResult.ACCEPTED if end.is_done else end.result, reason=end.reason, at=self._clock.now(),
            )
            for vehicle, end in ends.items()
        }
